"""What invoices need before they can be copied: kept one by one, read in groups that one fix serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Row, Select, Subquery, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.sales_entry import problem_code
from portal.domain.copies.standing import STUCK, Standing
from portal.domain.said import Said, read_values
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


def need_said(code: str, values: Mapping[str, Any]) -> Said:
    """Return what a kept need says. An older one may lack a value."""
    return Said(problem_code(code), read_values(values))


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
class NeedingInvoice:
    """One of the invoices that need the same."""

    id: str
    number: str
    customer: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class NeedGroup:
    """Invoices of a subsidiary that need the same, for one fix serves within one connection.

    ``values`` are those of the newest, ``amounts`` cents by currency, ``invoices`` the newest of them.
    """

    subsidiary_id: str
    code: str
    subject: str
    field: str
    fix: str
    values: Mapping[str, str]
    count: int
    amounts: Mapping[str, int]
    invoices: tuple[NeedingInvoice, ...]

    @property
    def newest(self) -> tuple[str, ...]:
        """The ids of the newest of them."""
        return tuple(one.id for one in self.invoices)


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
    ranked = rank_needs(scope, since, until, standings=standings)
    return in_groups(session.execute(select(ranked).order_by(ranked.c.rank)).all())


def rank_needs(
    scope: Sequence[str] | None,
    since: date | None = None,
    until: date | None = None,
    *,
    standings: Sequence[Standing] = (Standing.NEEDS_YOU,),
) -> Subquery:
    """Choose the newest needs of each group, beside how many there are and their total by currency."""
    once = _once(standings, in_scope(scope, since, until)).subquery()
    group = (once.c.subsidiary_id, once.c.code, once.c.subject)
    newest = (once.c.invoiced_on.desc(), once.c.invoice_id.desc())
    money = (*group, once.c.currency)

    ranked = (
        select(
            once,
            func.row_number().over(partition_by=group, order_by=newest).label("rank"),
            func.row_number().over(partition_by=money, order_by=newest).label("money_rank"),
            func.count().over(partition_by=money).label("count"),
            func.sum(once.c.amount).over(partition_by=money).label("total"),
        )
        .where(once.c.repetition == 1)
        .subquery()
    )
    return select(ranked).where(or_(ranked.c.rank <= SHOWN, ranked.c.money_rank == 1)).subquery()


def _once(standings: Sequence[Standing], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Choose the needs of these invoices. One with two lines that need the same counts once."""
    same = (NeedRow.invoice_id, NeedRow.code, NeedRow.subject)
    repetition = func.row_number().over(partition_by=same, order_by=NeedRow.position).label("repetition")
    columns = (
        InvoiceRow.subsidiary_id,
        InvoiceRow.number,
        InvoiceRow.company_name,
        InvoiceRow.currency,
        InvoiceRow.invoiced_on,
        InvoiceRow.amount_with_tax.label("amount"),
    )
    query = select(NeedRow, *columns, repetition).join(InvoiceRow, InvoiceRow.id == NeedRow.invoice_id)
    return query.where(InvoiceRow.standing.in_(standings), *conditions)


def in_groups(rows: Sequence[Row[Any]]) -> list[NeedGroup]:
    """Put the rows of ranked needs into their groups, the biggest first."""
    found: dict[GroupKey, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(group_key(row), []).append(row)

    groups = [_group(key, each) for key, each in found.items()]
    return sorted(groups, key=lambda group: (-group.count, group.code, group.subject, group.subsidiary_id))


def group_key(row: Row[Any]) -> GroupKey:
    """Return the group of a ranked need."""
    return row.subsidiary_id, row.code, row.subject


def _group(key: GroupKey, rows: Sequence[Row[Any]]) -> NeedGroup:
    newest = rows[0]
    by_currency = {row.currency: row for row in rows if row.money_rank == 1}
    return NeedGroup(
        subsidiary_id=key[0],
        code=key[1],
        subject=key[2],
        field=newest.field,
        fix=newest.fix,
        values=newest.values,
        count=sum(row._mapping["count"] for row in by_currency.values()),
        amounts={currency: int(row.total) for currency, row in sorted(by_currency.items())},
        invoices=tuple(
            NeedingInvoice(row.invoice_id, row.number or "", row.company_name, row.amount, row.currency)
            for row in rows
            if row.rank <= SHOWN
        ),
    )
