"""Where invoices stand: counted with their amounts, by one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.domain.copies.standing import Standing
from portal.store.invoices import InvoiceRow


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
    query = (
        select(InvoiceRow.standing, InvoiceRow.currency, func.count(), func.sum(InvoiceRow.amount_with_tax))
        .where(*in_scope(subsidiaries, since, until))
        .group_by(InvoiceRow.standing, InvoiceRow.currency)
    )

    counts = dict.fromkeys(Standing, 0)
    amounts: dict[Standing, dict[str, int]] = {standing: {} for standing in Standing}
    for standing, currency, count, total in session.execute(query):
        counts[standing] += count
        amounts[standing][currency] = int(total)

    return {standing: Tally(counts[standing], amounts[standing]) for standing in Standing}
