"""What a month of the books holds, line by line: its invoices, payments and differences."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from portal.domain.books.sign_off import PLACES, Line, LineKind, Place
from portal.domain.books.states import Part
from portal.domain.payments.states import GOING, PaymentState
from portal.domain.periods import Period
from portal.store.connections import ConnectionRow
from portal.store.differences import is_difference
from portal.store.invoices import ELSEWHERE, EXCLUDED, InvoiceRow
from portal.store.month_figures import within
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow

Scope = tuple[str, ...] | None
LEFT_OUT = (ELSEWHERE, EXCLUDED)
# All that a difference is spelled by, and nothing else of the row.
_DIFFERENCE: tuple[Any, ...] = (
    ComparedRow.key,
    ComparedRow.subsidiary_id,
    ComparedRow.invoice_id,
    ComparedRow.number,
    ComparedRow.customer,
    ComparedRow.part,
    ComparedRow.codes,
    ComparedRow.currency,
    ComparedRow.ours,
    ComparedRow.their_currency,
    ComparedRow.theirs,
    ComparedRow.entry_id,
)


def _of_month(scope: Scope, period: Period) -> list[ColumnElement[bool]]:
    days = [ComparedRow.day >= period.first, ComparedRow.day <= period.last]
    return [*days, *within(scope, ComparedRow.subsidiary_id)]


def _currency_of(row: Row[Any]) -> str:
    return str(row.their_currency if row.part == Part.THEIRS or row.ours is None else row.currency)


def _difference_of(row: Row[Any]) -> int:
    """Return Exact minus Productive, as it counts in this month."""
    ours = 0 if row.part == Part.THEIRS else row.ours or 0
    theirs = 0 if row.part == Part.OURS else row.theirs or 0
    return int(theirs - ours)


def lines_of(session: Session, subsidiary_id: str, period: Period) -> list[Line]:
    """Return what a month of a subsidiary holds: its invoices, its payments and its differences."""
    return [
        *_invoice_lines(session, subsidiary_id, period),
        *_payment_lines(session, subsidiary_id, period),
        *_difference_lines(session, subsidiary_id, period),
    ]


def _invoice_lines(session: Session, subsidiary_id: str, period: Period) -> Iterator[Line]:
    columns = (
        InvoiceRow.id,
        InvoiceRow.number,
        InvoiceRow.company_name,
        InvoiceRow.currency,
        InvoiceRow.amount_with_tax,
        InvoiceRow.fingerprint,
        InvoiceRow.copy_state,
        InvoiceRow.latest_copy_id,
    )
    query = select(*columns).where(
        InvoiceRow.subsidiary_id == subsidiary_id,
        InvoiceRow.invoiced_on >= period.first,
        InvoiceRow.invoiced_on <= period.last,
        InvoiceRow.deleted.is_(False),
        InvoiceRow.sample.is_(False),
    )

    for row in session.execute(query):
        place = place_of(row.copy_state)
        yield Line(
            LineKind.INVOICE,
            row.id,
            row.number or "",
            row.company_name,
            row.currency,
            row.amount_with_tax,
            place,
            row.fingerprint,
            (row.latest_copy_id or "") if place is Place.INSIDE else "",
        )


def place_of(copy_state: str) -> Place:
    """Say where an invoice in this state stands."""
    if copy_state in LEFT_OUT:
        return Place.LEFT_OUT
    return PLACES.get(copy_state, Place.OUTSIDE)


def _payment_lines(session: Session, subsidiary_id: str, period: Period) -> Iterator[Line]:
    connections = select(ConnectionRow.id).where(ConnectionRow.subsidiary_id == subsidiary_id)
    columns = (PaymentRow.id, PaymentRow.invoice_id, PaymentRow.currency, PaymentRow.amount, PaymentRow.state)
    query = (
        select(*columns, InvoiceRow.number, InvoiceRow.company_name)
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .where(
            PaymentRow.connection_id.in_(connections),
            PaymentRow.paid_on >= period.first,
            PaymentRow.paid_on <= period.last,
            PaymentRow.state != PaymentState.REMOVED,
        )
    )

    for row in session.execute(query):
        yield Line(
            LineKind.PAYMENT,
            row.id,
            row.number or "",
            row.company_name,
            row.currency,
            row.amount,
            PaymentState.DUE if row.state in GOING else row.state,
            "",
            row.invoice_id,
        )


def _difference_lines(session: Session, subsidiary_id: str, period: Period) -> Iterator[Line]:
    query = select(*_DIFFERENCE).where(*_of_month((subsidiary_id,), period), is_difference())
    for row in session.execute(query):
        yield Line(
            LineKind.DIFFERENCE,
            row.key,
            row.number,
            row.customer,
            _currency_of(row),
            _difference_of(row),
            row.codes.strip(","),
            row.entry_id or "",
            row.invoice_id or "",
        )
