"""Rows that comparisons are made of: to write one notes what it makes stale, whoever writes it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.payments.states import PaymentReason, PaymentState
from portal.store.comparing import Copied
from portal.store.connections import ConnectionRow
from portal.store.copies import COMPARED, CopyRow
from portal.store.entries import AcceptedRow, EntryRow
from portal.store.feeds import PaymentFeedRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.stale import Compared, StaleRow
from portal.store.terms import TermRow
from tests.actions.office import Office, an_office
from tests.fakes import NOW

CHANGES: dict[str, tuple[type[Any], Callable[[Any], None], set[tuple[str, str]]]] = {
    "an invoice's amount": (InvoiceRow, lambda row: setattr(row, "amount", 5), {("invoice", "105")}),
    "the entry of a copy": (CopyRow, lambda row: setattr(row, "entry_id", "e"), {("invoice", "105")}),
    "the state of a copy": (CopyRow, lambda row: setattr(row, "state", "refused"), {("invoice", "105")}),
    "the customer of a copy": (CopyRow, lambda row: setattr(row, "customer_id", "c"), set()),
    "the tries of a copy": (CopyRow, lambda row: setattr(row, "tries", 3), set()),
    "who holds a copy": (CopyRow, CopyRow.let_go, set()),
    "the day a connection copies from": (
        ConnectionRow,
        lambda row: setattr(row, "copy_from", row.created_at.date()),
        {("subsidiary", "1")},
    ),
    "whether payments are on": (
        PaymentFeedRow,
        lambda row: setattr(row, "on", not row.on),
        {("subsidiary", "1")},
    ),
    "how far payments are read": (PaymentFeedRow, lambda row: setattr(row, "term_cursor", 77), set()),
    "the journal of a connection": (ConnectionRow, lambda row: setattr(row, "default_journal", "71"), set()),
}


@pytest.fixture
def office(session_factory: sessionmaker[Session]) -> Iterator[Office]:
    """An office with one invoice, not copied yet."""
    with session_factory() as session:
        yield an_office(session)


def notes(session: Session) -> set[tuple[str, str]]:
    return {(kind, subject) for kind, subject in session.execute(select(StaleRow.kind, StaleRow.subject))}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_noted_where_a_comparison_shows_it(office: Office, what: str) -> None:
    rows, change, expected = CHANGES[what]
    office.copied()
    office.session.execute(delete(StaleRow))
    office.session.commit()
    change(office.session.scalars(select(rows)).first())
    office.session.commit()
    assert notes(office.session) == expected


def test_what_is_written_without_a_change_notes_nothing(office: Office) -> None:
    office.copied()
    office.session.execute(delete(StaleRow))
    row = office.row()
    row.amount = row.amount
    office.session.commit()
    assert notes(office.session) == set()


def test_a_new_copy_is_noted(office: Office) -> None:
    office.session.execute(delete(StaleRow))
    office.session.commit()
    office.wish()
    assert notes(office.session) == {("invoice", "105")}


def test_every_column_that_a_comparison_reads_of_a_copy_is_named_beside_it() -> None:
    assert set(Copied._fields) - {"id"} <= set(COMPARED) <= set(inspect(CopyRow).columns.keys())


def test_the_rows_that_comparisons_are_made_of_say_so() -> None:
    said = {mapper.class_ for mapper in CopyRow.registry.mappers if issubclass(mapper.class_, Compared)}
    assert said == {
        CopyRow,
        ConnectionRow,
        EntryRow,
        AcceptedRow,
        InvoiceRow,
        PaymentFeedRow,
        PaymentRow,
        TermRow,
    }


def test_a_payment_names_the_month_it_is_paid_in_and_the_one_it_was(office: Office) -> None:
    session = office.session
    payment = a_payment(office.copied())
    session.add(payment)
    session.commit()
    session.execute(delete(StaleRow))

    payment.tries = 4
    session.commit()
    assert notes(session) == set()

    payment.paid_on = date(2026, 4, 1)
    session.commit()
    assert notes(session) == {("month", "2026-03"), ("month", "2026-04")}


def a_payment(copy: CopyRow) -> PaymentRow:
    return PaymentRow(
        id="p",
        connection_id=copy.connection_id,
        invoice_id="105",
        copy_id=copy.id,
        term_id="t",
        amount=100,
        currency="EUR",
        paid_on=date(2026, 3, 31),
        written_off=False,
        marker="ABCDEFGH",
        state=PaymentState.DUE,
        reason=PaymentReason.SETTLED,
        created_at=NOW,
        changed_at=NOW,
    )
