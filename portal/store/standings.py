"""Where invoices stand: counted with their amounts, by one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from portal.domain.copies.standing import Standing
from portal.domain.periods import month_of
from portal.store.invoice_tallies import BY_MONTH, BY_STANDING
from portal.store.invoices import InvoiceRow
from portal.store.tallies import add_up

Counted = tuple[Standing, str, int, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many invoices stand alike, and their totals in cents by currency."""

    count: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)


def in_scope(
    subsidiaries: Sequence[str] | None, since: date | None = None, until: date | None = None
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a look at some subsidiaries (None for all) and some days, both included."""
    conditions: list[ColumnElement[bool]] = [InvoiceRow.deleted.is_(False), InvoiceRow.sample.is_(False)]
    if subsidiaries is not None:
        conditions.append(InvoiceRow.subsidiary_id.in_(subsidiaries))

    if since is not None:
        conditions.append(InvoiceRow.invoiced_on >= since)

    if until is not None:
        conditions.append(InvoiceRow.invoiced_on <= until)

    return tuple(conditions)


def stands(*standings: Standing) -> ColumnElement[bool]:
    """Say in SQL that an invoice stands in one of these ways."""
    return InvoiceRow.standing.in_(standings)


def count_standings(
    session: Session,
    subsidiaries: Sequence[str] | None,
    since: date | None = None,
    until: date | None = None,
) -> Mapping[Standing, Tally]:
    """Count invoices by where they stand. Every standing has a tally, nothing counted where there is none."""
    query: Select[*Counted] | None = _kept(subsidiaries, since, until)
    if query is None:
        query = (
            select(
                InvoiceRow.standing,
                InvoiceRow.currency,
                func.count(),
                func.sum(InvoiceRow.amount_with_tax),
            )
            .where(*in_scope(subsidiaries, since, until))
            .group_by(InvoiceRow.standing, InvoiceRow.currency)
        )

    counts = dict.fromkeys(Standing, 0)
    amounts: dict[Standing, dict[str, int]] = {standing: {} for standing in Standing}
    for standing, currency, count, total in session.execute(query):
        counts[standing] += count
        amounts[standing][currency] = int(total)

    return {standing: Tally(counts[standing], amounts[standing]) for standing in Standing}


def _kept(
    subsidiaries: Sequence[str] | None, since: date | None, until: date | None
) -> Select[*Counted] | None:
    """Return the query of what is kept of whole months, or of all days. None for other days."""
    tally = BY_STANDING if since is None and until is None else BY_MONTH
    conditions = [] if subsidiaries is None else [tally.c.subsidiary_id.in_(subsidiaries)]

    if since is not None:
        if since.day != 1:
            return None
        conditions.append(BY_MONTH.c.month >= month_of(since))

    if until is not None:
        if (until + timedelta(days=1)).day != 1:
            return None
        conditions.append(BY_MONTH.c.month <= month_of(until))

    kept = tally.c
    query: Select[*Counted] = select(
        kept.standing, kept.currency, add_up(kept.rows), add_up(kept.total)
    ).where(*conditions)
    return query.group_by(kept.standing, kept.currency).having(func.sum(kept.rows) != 0)
