"""What is suggested for what nobody decided yet, kept so that no page has to weigh it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import JSON, ColumnElement, ForeignKey, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.suggest import Because, Reason
from portal.domain.copies.needs import UNDECIDED
from portal.store.base import Base, Word
from portal.store.connections import ConnectionRow
from portal.store.invoices import InvoiceRow
from portal.store.needs import KEPT_NEEDS

ALIKE = Because(Reason.FIT_EQUALLY)
COMPANY = "company"
MAPPED = ("tax", "service")


class ProposalRow(Base):
    """What was suggested for a subject of needs when it was weighed last."""

    # ``made_of`` is the invoice of a company that was weighed. Without names nothing fits.

    __tablename__ = "proposal"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    names: Mapped[list[str]] = mapped_column(JSON)
    targets: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[Reason] = mapped_column(Word(Reason))
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    is_doubtful: Mapped[bool] = mapped_column(default=False)
    made_of: Mapped[str] = mapped_column(default="")


@dataclass(frozen=True, slots=True)
class Proposed:
    """One target that fits better than all others, several that fit alike, or none."""

    subject: str
    names: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    because: Because = ALIKE
    is_doubtful: bool = False
    made_of: str = ""

    @property
    def target(self) -> str:
        """The one that is suggested, empty where a person must choose."""
        return self.targets[0] if len(self.targets) == 1 else ""


class Undecided(NamedTuple):
    """A mapping or a company that keeps invoices of a connection from being copied."""

    connection_id: int
    subject: str


def undecided_mappings(session: Session) -> list[Undecided]:
    """Return the tax rates and service types that nobody mapped and that invoices wait for."""
    return _undecided(session, or_(*(KEPT_NEEDS.c.subject.startswith(f"{kind}:") for kind in MAPPED)))


def unweighed_companies(session: Session, most: int) -> list[Undecided]:
    """Return the companies that the most invoices wait for and of which nothing is kept."""
    known = (ProposalRow.connection_id == ConnectionRow.id, ProposalRow.subject == KEPT_NEEDS.c.subject)
    is_company = KEPT_NEEDS.c.subject.startswith(f"{COMPANY}:")
    return _undecided(session, and_(is_company, ~select(ProposalRow.subject).where(*known).exists()), most)


def _undecided(session: Session, condition: ColumnElement[bool], most: int | None = None) -> list[Undecided]:
    kept = KEPT_NEEDS.c
    query = (
        select(ConnectionRow.id, kept.subject)
        .select_from(KEPT_NEEDS.table)
        .join(ConnectionRow, ConnectionRow.live_subsidiary == kept.subsidiary_id)
        .where(kept.code.in_(UNDECIDED), condition)
        .group_by(ConnectionRow.id, kept.subject)
        .having(func.sum(kept.rows) > 0)
        .order_by(func.sum(kept.rows).desc(), ConnectionRow.id, kept.subject)
        .limit(most)
    )
    return [Undecided(*row) for row in session.execute(query)]


def forget_outdated(session: Session, invoice_ids: Collection[str]) -> None:
    """Forget which customers are suggested for the companies of invoices that changed. Commits nothing."""
    if not invoice_ids:
        return

    query = (
        select(ProposalRow, InvoiceRow.company_id)
        .join(ConnectionRow, ConnectionRow.id == ProposalRow.connection_id)
        .join(
            InvoiceRow,
            and_(
                InvoiceRow.subsidiary_id == ConnectionRow.subsidiary_id,
                ProposalRow.subject == f"{COMPANY}:" + InvoiceRow.company_id,
            ),
        )
        .where(InvoiceRow.id.in_(invoice_ids))
    )
    kept = {row.subject: (row, company_id) for row, company_id in session.execute(query)}
    for row, company_id in kept.values():
        connection = session.get_one(ConnectionRow, row.connection_id)
        if newest_contents(session, connection, [company_id]).get(company_id) != row.made_of:
            session.delete(row)


def newest_contents(session: Session, connection: ConnectionRow, companies: Sequence[str]) -> dict[str, str]:
    """Return what the newest invoice of each company is made of."""
    newest = (InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    place = func.row_number().over(partition_by=InvoiceRow.company_id, order_by=newest).label("place")
    mine = (InvoiceRow.subsidiary_id == connection.subsidiary_id, InvoiceRow.company_id.in_(companies))
    ranked = select(InvoiceRow.company_id, InvoiceRow.fingerprint, place).where(*mine).subquery()
    query = select(ranked.c.company_id, ranked.c.fingerprint).where(ranked.c.place == 1)
    return {row.company_id: row.fingerprint for row in session.execute(query)}


def find_proposals(
    session: Session, connection_id: int, subjects: Collection[str]
) -> Mapping[str, ProposalRow]:
    """Return what is kept of some subjects."""
    mine = (ProposalRow.connection_id == connection_id, ProposalRow.subject.in_(subjects))
    return {row.subject: row for row in session.scalars(select(ProposalRow).where(*mine))}


def keep_proposals(session: Session, connection_id: int, proposed: Iterable[Proposed]) -> None:
    """Keep what is suggested, where it is another than before. Commits nothing."""
    every = list(proposed)
    known = find_proposals(session, connection_id, [one.subject for one in every])
    for one in every:
        row = known.get(one.subject)
        if row is None:
            session.add(_row_of(connection_id, one))
        elif proposed_of(row) != one:
            row.names = list(one.names)
            row.targets = list(one.targets)
            row.reason = one.because.reason
            row.values = dict(one.because.values)
            row.is_doubtful = one.is_doubtful
            row.made_of = one.made_of


def _row_of(connection_id: int, one: Proposed) -> ProposalRow:
    return ProposalRow(
        connection_id=connection_id,
        subject=one.subject,
        names=list(one.names),
        targets=list(one.targets),
        reason=one.because.reason,
        values=dict(one.because.values),
        is_doubtful=one.is_doubtful,
        made_of=one.made_of,
    )


def proposed_of(row: ProposalRow) -> Proposed:
    """Return what a row keeps."""
    because = Because(row.reason, tuple(row.values.items()))
    return Proposed(row.subject, tuple(row.names), tuple(row.targets), because, row.is_doubtful, row.made_of)


def forget_proposals(session: Session, connection_ids: Iterable[int] | None = None) -> None:
    """Forget what was suggested in some connections, or in all. Commits nothing."""
    query = delete(ProposalRow)
    if connection_ids is not None:
        query = query.where(ProposalRow.connection_id.in_(list(connection_ids)))
    session.execute(query.execution_options(synchronize_session=False))


def forget_mapping_proposals(session: Session, still: Collection[Undecided]) -> None:
    """Forget what was suggested for mappings that nobody waits for any more. Commits nothing."""
    of_mappings = or_(*(ProposalRow.subject.startswith(f"{kind}:") for kind in MAPPED))
    columns = (ProposalRow.connection_id, ProposalRow.subject)
    for connection_id, subject in session.execute(select(*columns).where(of_mappings)).all():
        if Undecided(connection_id, subject) not in still:
            gone = (ProposalRow.connection_id == connection_id, ProposalRow.subject == subject)
            session.execute(delete(ProposalRow).where(*gone).execution_options(synchronize_session=False))
