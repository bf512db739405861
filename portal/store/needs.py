"""What invoices need before they can be copied: kept one by one, read in groups that one fix serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.copies.standing import STUCK, Standing
from portal.store.base import Base
from portal.store.invoice_tallies import LISTED
from portal.store.invoices import InvoiceRow
from portal.store.standings import in_scope
from portal.store.tallies import Tally

SHOWN = 5
# A subsidiary, a code and what the fix is about.
GroupKey = tuple[str, str, str]


class NeedRow(Base):
    """A problem of an invoice that was found beforehand."""

    # ``subject`` is "tax:<rate>", "service:<type>" or "company:<id>" where one fix serves for many.

    __tablename__ = "need"
    __table_args__ = (Index("ix_need_code", "code", "subject", "invoice_id"),)

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    subject: Mapped[str]
    field: Mapped[str]
    fix: Mapped[str]
    values: Mapped[dict[str, str]] = mapped_column(JSON)


# The needs of invoices that somebody must look at, for what counts them without looking at any.
KEPT_NEEDS = Tally(
    "need",
    NeedRow,
    keys={
        "subsidiary_id": InvoiceRow.subsidiary_id,
        "standing": InvoiceRow.standing,
        "code": NeedRow.code,
        "subject": NeedRow.subject,
    },
    sums={},
    where=(*LISTED, InvoiceRow.standing.in_(STUCK)),
    parent=(InvoiceRow, NeedRow.invoice_id),
)


@dataclass(frozen=True, slots=True)
class NeedGroup:
    """Invoices of a subsidiary that need the same, for one fix serves within one connection.

    ``values`` are those of the newest, ``amounts`` cents by currency.
    """

    subsidiary_id: str
    code: str
    subject: str
    field: str
    fix: str
    values: Mapping[str, str]
    count: int
    amounts: Mapping[str, int]
    newest: tuple[str, ...]


def needs_of_invoice(session: Session, invoice_id: str) -> Sequence[NeedRow]:
    """Return what one invoice needs, as the dialog would say it."""
    query = select(NeedRow).where(NeedRow.invoice_id == invoice_id)
    return session.scalars(query.order_by(NeedRow.position)).all()


def group_needs(
    session: Session,
    scope: Sequence[str] | None,
    since: date | None = None,
    until: date | None = None,
    *,
    standings: Sequence[Standing] = (Standing.NEEDS_YOU,),
) -> list[NeedGroup]:
    """Return what invoices need, the biggest group first. An invoice counts in each of its groups."""
    stuck = (InvoiceRow.standing.in_(standings), *in_scope(scope, since, until))
    amounts = _amounts(session, stuck)
    newest = _newest(session, stuck)

    groups = [_group(key, found, amounts[key]) for key, found in newest.items()]
    return sorted(groups, key=lambda group: (-group.count, group.code, group.subject, group.subsidiary_id))


def _amounts(
    session: Session, stuck: Sequence[ColumnElement[bool]]
) -> dict[GroupKey, dict[str, tuple[int, int]]]:
    """Return how many invoices each group has by currency, and their total."""
    # An invoice with two lines that need the same counts once.
    once = (
        select(
            InvoiceRow.subsidiary_id,
            NeedRow.code,
            NeedRow.subject,
            InvoiceRow.id,
            InvoiceRow.currency,
            InvoiceRow.amount_with_tax,
        )
        .join(InvoiceRow, InvoiceRow.id == NeedRow.invoice_id)
        .where(*stuck)
        .distinct()
        .subquery()
    )
    key = (once.c.subsidiary_id, once.c.code, once.c.subject)
    query = select(*key, once.c.currency, func.count(), func.sum(once.c.amount_with_tax))

    found: dict[GroupKey, dict[str, tuple[int, int]]] = {}
    for row in session.execute(query.group_by(*key, once.c.currency)):
        subsidiary_id, code, subject, currency, count, total = row
        found.setdefault((subsidiary_id, code, subject), {})[currency] = (count, int(total))

    return found


def _newest(session: Session, stuck: Sequence[ColumnElement[bool]]) -> dict[GroupKey, list[Any]]:
    """Return the newest needs of each group, one an invoice."""
    first = (
        select(
            NeedRow.invoice_id, NeedRow.code, NeedRow.subject, func.min(NeedRow.position).label("position")
        )
        .group_by(NeedRow.invoice_id, NeedRow.code, NeedRow.subject)
        .subquery()
    )
    rank = func.row_number().over(
        partition_by=(InvoiceRow.subsidiary_id, NeedRow.code, NeedRow.subject),
        order_by=(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc()),
    )
    ranked = (
        select(NeedRow, InvoiceRow.subsidiary_id, rank.label("rank"))
        .join(first, (first.c.invoice_id == NeedRow.invoice_id) & (first.c.position == NeedRow.position))
        .join(InvoiceRow, InvoiceRow.id == NeedRow.invoice_id)
        .where(*stuck)
        .subquery()
    )

    found: dict[GroupKey, list[Any]] = {}
    query = select(ranked).where(ranked.c.rank <= SHOWN).order_by(ranked.c.rank)
    for row in session.execute(query):
        found.setdefault((row.subsidiary_id, row.code, row.subject), []).append(row)

    return found


def _group(key: GroupKey, found: Sequence[Any], amounts: Mapping[str, tuple[int, int]]) -> NeedGroup:
    newest = found[0]
    return NeedGroup(
        subsidiary_id=key[0],
        code=key[1],
        subject=key[2],
        field=newest.field,
        fix=newest.fix,
        values=newest.values,
        count=sum(count for count, _ in amounts.values()),
        amounts={currency: total for currency, (_, total) in sorted(amounts.items())},
        newest=tuple(row.invoice_id for row in found),
    )
