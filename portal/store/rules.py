"""Rules of connections, and the invoices that they would copy now."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.connections.states import ConnectionState
from portal.domain.copies.rules import Candidate, Terms
from portal.domain.copies.runs import ItemState
from portal.domain.copies.standing import Standing
from portal.store.base import Base, Instant, Large
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import NOT_COPIED, InvoiceRow
from portal.store.runs import RunItemRow, RunRow
from portal.store.use_tallies import COMPANIES

# No person reads through a longer list.
MOST_COMPANIES = 500


class RuleRow(Base):
    """What a connection copies by itself. ``companies`` is None for all."""

    __tablename__ = "rule"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), unique=True)
    since: Mapped[date]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(Instant)
    on: Mapped[bool] = mapped_column(default=False)
    most: Mapped[Large | None] = mapped_column(default=None)
    companies: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)

    def change(self, terms: Terms, *, by: str, at: datetime) -> None:
        """Copy something else. It is off until somebody has seen what that is."""
        self.since = terms.since
        self.most = terms.most
        self.companies = None if terms.companies is None else sorted(terms.companies)
        self.switch(False, by=by, at=at)

    def switch(self, on: bool, *, by: str, at: datetime) -> None:
        """Be switched on or off."""
        self.on = on
        self.changed_by = by
        self.changed_at = at

    def terms(self, currency: str) -> Terms:
        """Return what it copies, in the currency of its division."""
        return Terms(self.since, self.most, currency, self.companies)


def find_rule(session: Session, connection_id: int, *, lock: bool = False) -> RuleRow | None:
    """Find the rule of a connection."""
    query = select(RuleRow).where(RuleRow.connection_id == connection_id)
    return session.scalar(query.with_for_update() if lock else query)


def rules_at_work(session: Session) -> Sequence[RuleRow]:
    """Return the rules that are on, of live connections."""
    return session.scalars(
        select(RuleRow)
        .join(ConnectionRow, ConnectionRow.id == RuleRow.connection_id)
        .where(RuleRow.on.is_(True), ConnectionRow.state == ConnectionState.LIVE)
        .order_by(RuleRow.id)
    ).all()


def switch_off_every_rule(session: Session) -> None:
    """Switch every rule off, as on a restored database. Commits nothing."""
    session.execute(
        update(RuleRow)
        .where(RuleRow.on.is_(True))
        .values(on=False)
        .execution_options(synchronize_session="fetch")
    )


def untouched(session: Session, connection: ConnectionRow) -> list[Candidate]:
    """Return the ready invoices that were never copied, and that no rule has tried as they are."""
    copied = select(CopyRow.id).where(CopyRow.invoice_id == InvoiceRow.id)
    tried = (
        select(RunItemRow.run_id)
        .join(RunRow, RunRow.id == RunItemRow.run_id)
        .where(
            RunItemRow.invoice_id == InvoiceRow.id,
            or_(
                and_(RunItemRow.fingerprint == InvoiceRow.fingerprint, RunRow.rule_id.is_not(None)),
                RunItemRow.outcome == ItemState.STOPPED,
            ),
        )
    )
    # What was undone, refused or stopped is left to a person.
    query = select(
        InvoiceRow.id,
        InvoiceRow.company_id,
        InvoiceRow.invoiced_on,
        InvoiceRow.amount_with_tax,
        InvoiceRow.currency,
    ).where(
        InvoiceRow.standing == Standing.READY,
        InvoiceRow.copy_state == NOT_COPIED,
        InvoiceRow.latest_copy_id.is_(None),
        InvoiceRow.subsidiary_id == connection.subsidiary_id,
        InvoiceRow.deleted.is_(False),
        InvoiceRow.sample.is_(False),
        ~copied.exists(),
        ~tried.exists(),
    )

    order = (InvoiceRow.invoiced_on, InvoiceRow.number, InvoiceRow.id)
    return [Candidate(*row) for row in session.execute(query.order_by(*order))]


def companies_of(session: Session, subsidiary_id: str) -> list[tuple[str, str]]:
    """Return the companies that have invoices of a subsidiary, by name."""
    name = func.max(COMPANIES.c.company_name)
    query = (
        select(COMPANIES.c.company_id, name)
        .where(COMPANIES.c.subsidiary_id == subsidiary_id)
        .group_by(COMPANIES.c.company_id)
        .having(func.sum(COMPANIES.c["rows"]) > 0)
        .order_by(name, COMPANIES.c.company_id)
        .limit(MOST_COMPANIES)
    )
    return [(company_id, company) for company_id, company in session.execute(query)]


def covered(session: Session, connection: ConnectionRow, terms: Terms) -> list[Candidate]:
    """Return the invoices that a rule of these terms would copy now, in the order of their entries."""
    return [each for each in untouched(session, connection) if terms.cover(each)]
