"""The credit entry: what can no longer be deleted is turned once, to the cent, and never taken for money."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.strangers import set_aside
from portal.actions.copies.undo import read_undoing
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.ids import tag_of
from portal.remote.errors import LostReplyError, RefusedError, RemoteError
from portal.store.concerns import Concern
from portal.store.copies import CopyRow
from tests.actions.copies.concerned import concerned
from tests.actions.copies.undoing import Undoer, an_undoer, whatever_passes
from tests.actions.office import some_invoice, two_lines
from tests.telling import told

PAID_ON = date(2026, 3, 9)
MATCHED_ON = date(2026, 3, 11)


@pytest.fixture
def office(session_factory: sessionmaker[Session]) -> Iterator[Undoer]:
    with session_factory() as session:
        office = an_undoer(session)
        office.connection().credit_journal = "71"
        session.commit()
        yield office


def processed(office: Undoer) -> CopyRow:
    """Copy the invoice, and let Exact process its entry."""
    office.add(some_invoice(lines=two_lines(), sent_on=date(2026, 3, 2)))
    copy = office.copied()
    entry = office.ledger.entries[copy.entry_id or ""]
    office.ledger.entries[entry.id] = replace(entry, status=50)
    return copy


def both(office: Undoer, copy: CopyRow, credit: CopyRow) -> tuple[BookedEntry, BookedEntry]:
    entries = office.ledger.entries
    return entries[copy.entry_id or ""], entries[credit.entry_id or ""]


def test_the_credit_entry_turns_every_line(office: Undoer) -> None:
    copy = processed(office)
    credit = office.undone(CopyAction.CREDIT)
    entry, turned = both(office, copy, credit)
    assert (credit.state, credit.gross_booked, turned.gross) == (CopyState.UNDONE, -entry.gross, -entry.gross)
    assert [(line.ledger_id, line.vat_code, line.amount, line.vat_amount) for line in turned.lines] == [
        (line.ledger_id, line.vat_code, -line.amount, -line.vat_amount) for line in entry.lines
    ]
    assert {line.notes for line in turned.lines} == {tag_of(credit.marker)}
    assert (turned.journal, turned.entry_date, turned.customer_id) == (
        "71",
        date(2026, 3, 10),
        entry.customer_id,
    )
    assert (turned.your_ref, turned.description) == (
        entry.your_ref,
        f"Credit {entry.entry_number} 2026-0042 Website",
    )


def test_the_copy_counts_as_undone_and_the_invoice_can_be_copied_anew(office: Undoer) -> None:
    copy = processed(office)
    credit = office.undone(CopyAction.CREDIT)
    assert (office.copy(copy.id).state, office.copy(copy.id).ending) == (CopyState.UNDONE, Ending.CREDITED)
    assert (office.row().copy_state, office.row().latest_copy_id) == (CopyState.UNDONE, credit.id)
    assert office.billing.invoices["105"].exported is False
    assert office.attempts(credit.id) == [("credit entry", "done"), ("unmark", "done")]
    again = office.again()
    assert (again.state, len(office.ledger.entries)) == (CopyState.COPIED, 3)
    assert office.billing.invoices["105"].export_id == again.entry_id


def test_the_page_says_why_and_shows_the_credit(office: Undoer) -> None:
    copy = processed(office)
    undoing = read_undoing(office.session, office.ledger, office.row(), Choices(booking_date="2026-03-10"))
    assert undoing
    assert undoing.refusal
    assert undoing.credit
    assert undoing.credit.entry
    assert (undoing.refusal.code, undoing.credit.entry.gross) == (
        "entry_processed",
        -(copy.gross_booked or 0),
    )


@pytest.mark.parametrize("journal", ["70", "71"])
def test_a_copied_credit_note_is_turned_in_a_sales_journal(office: Undoer, journal: str) -> None:
    lines = (replace(two_lines()[0], amount=-10000, amount_tax=-2100),)
    office.add(some_invoice(kind=2, lines=lines, amount=-10000, amount_tax=-2100, amount_with_tax=-12100))
    copy = office.copied(office.choices(journal=journal, confirmed=("journal_for_sales",)))
    credit = office.undone(CopyAction.CREDIT)
    entry, turned = both(office, copy, credit)
    assert (entry.gross, entry.journal.strip()) == (-12100, journal)
    assert (turned.gross, turned.journal.strip()) == (12100, "70")


@pytest.mark.parametrize(
    ("choices", "change", "code"),
    [
        ({"journal": "72"}, {}, "journal_blocked"),
        ({"journal": "20"}, {}, "journal_type"),
        ({"journal": "99"}, {}, "journal_unknown"),
        ({}, {"books_closed_until": date(2026, 3, 10)}, "books_closed"),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_booked(
    office: Undoer, choices: dict[str, str], change: dict[str, Any], code: str
) -> None:
    processed(office)
    for name, value in change.items():
        setattr(office.connection(), name, value)
    credit = office.undone(CopyAction.CREDIT, **choices)
    assert (credit.state, credit.cause, office.row().copy_state) == (
        CopyState.REFUSED,
        code,
        CopyState.COPIED,
    )
    assert len(office.ledger.entries) == 1


def test_foreign_currency_is_turned_at_the_entrys_own_rate(office: Undoer) -> None:
    copy = processed(office)
    entry = office.ledger.entries[copy.entry_id or ""]
    office.ledger.entries[entry.id] = replace(entry, currency="USD", rate=Decimal("0.91"))
    undoing = read_undoing(office.session, office.ledger, office.row(), Choices(booking_date="2026-03-10"))
    assert undoing
    assert undoing.credit
    assert undoing.credit.entry
    assert (undoing.credit.entry.currency, undoing.credit.entry.rate) == ("USD", Decimal("0.91"))


def test_an_entry_that_changed_or_went_meanwhile_is_not_credited(office: Undoer) -> None:
    copy = processed(office)
    wish = office.ask(CopyAction.CREDIT)
    entry = office.ledger.entries[copy.entry_id or ""]
    office.ledger.entries[entry.id] = replace(entry, gross=entry.gross + 1)
    assert office.perform(wish.id).cause == "entry_changed"
    wish = office.ask(CopyAction.CREDIT)
    office.ledger.delete_entry(entry.id)
    assert office.perform(wish.id).cause == "entry deleted"
    assert office.undone().state == CopyState.UNDONE


def test_a_difference_in_the_total_is_said(office: Undoer) -> None:
    copy = processed(office)
    office.ledger.vat_drift = 1
    credit = office.undone(CopyAction.CREDIT)
    assert (credit.state, credit.cause, office.copy(copy.id).state) == (
        CopyState.UNDONE,
        "difference",
        CopyState.UNDONE,
    )
    assert "Correct credit entry" in told(credit.trouble)
    assert concerned(office.session, Concern.DIFFERENT) == [credit.id]


def test_two_clicks_and_a_later_one_book_one_credit(office: Undoer) -> None:
    processed(office)
    wish = office.ask(CopyAction.CREDIT)
    again = office.ask(CopyAction.CREDIT)
    office.perform(wish.id)
    office.perform(again.id)
    assert office.ask(CopyAction.CREDIT).id == wish.id
    assert len(office.ledger.entries) == 2


# Where it may break off

CALLS = ("read_entry", "find_held", "create_entry", "read_invoices", "unmark_exported")


@whatever_passes
@pytest.mark.parametrize("call", CALLS)
def test_one_credit_is_booked_whatever_fails(
    office: Undoer, call: str, error: RemoteError, after: bool
) -> None:
    copy = processed(office)
    remote = office.ledger if hasattr(office.ledger, call) else office.billing
    remote.fail(call, error, after=after)
    credit = office.go_on(office.undone(CopyAction.CREDIT).id)
    assert (credit.state, credit.mark_due, office.copy(copy.id).state) == (
        CopyState.UNDONE,
        False,
        CopyState.UNDONE,
    )
    assert (len(office.ledger.entries), office.billing.invoices["105"].exported) == (2, False)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_a_killed_worker_is_taken_over(office: Undoer, call: str, after: bool) -> None:
    processed(office)
    wish = office.ask(CopyAction.CREDIT)
    with office.killed(call, after=after):
        office.perform(wish.id)
    credit = office.go_on(wish.id)
    assert (credit.state, credit.mark_due, office.row().copy_state) == (
        CopyState.UNDONE,
        False,
        CopyState.UNDONE,
    )
    assert len(office.ledger.entries) == 2


def test_a_worker_that_dies_while_older_entries_are_asked_for_leaves_it_to_the_next(office: Undoer) -> None:
    older = office.copied()
    office.pass_time(60)
    processed(office)
    wish = office.ask(CopyAction.CREDIT)
    with office.killed("read_entry", nth=2):
        office.perform(wish.id)
    credit = office.go_on(wish.id)
    assert (credit.state, office.row().latest_copy_id, len(office.ledger.entries)) == (
        CopyState.UNDONE,
        older.id,
        3,
    )


def test_a_lost_credit_is_asked_for_and_adopted(office: Undoer) -> None:
    processed(office)
    office.ledger.fail("create_entry", LostReplyError("gone"), after=True)
    credit = office.undone(CopyAction.CREDIT)
    assert credit.state == CopyState.UNCERTAIN
    office.pass_time(11)
    credit = office.perform(credit.id)
    assert (credit.state, office.ledger.count("create_entry")) == (CopyState.UNDONE, 2)


@pytest.mark.parametrize("part", [1, 2, 10])
def test_a_credit_that_a_bookkeeper_booked_is_not_booked_again_unless_it_is_another_one(
    office: Undoer, part: int
) -> None:
    copy = processed(office)
    entry = office.ledger.entries[copy.entry_id or ""]
    office.ledger.entries["x"] = replace(
        entry, id="x", entry_number=555, journal="71", gross=-entry.gross // part, lines=()
    )
    credit = office.undone(CopyAction.CREDIT)
    assert (credit.state, credit.cause, len(office.ledger.entries)) == (
        CopyState.REFUSED,
        "credit_by_hand",
        2,
    )
    assert "Entry 555 in Exact carries the same number" in told(credit.trouble)
    set_aside(office.session, "105", ["x"], actor="Anna", now=office.now)
    credit = office.undone(CopyAction.CREDIT)
    assert (credit.state, len(office.ledger.entries)) == (CopyState.UNDONE, 3)


def test_a_credit_that_a_restored_backup_forgot_is_not_booked_again(office: Undoer) -> None:
    copy = processed(office)
    entry = office.ledger.entries[copy.entry_id or ""]
    line = replace(entry.lines[0], notes="[ABCDEFGH]")
    office.ledger.entries["x"] = replace(entry, id="x", gross=-entry.gross, lines=(line,))
    credit = office.undone(CopyAction.CREDIT)
    assert (credit.state, credit.cause, len(office.ledger.entries)) == (CopyState.REFUSED, "credit_exists", 2)


def test_a_refused_credit_may_be_tried_again(office: Undoer) -> None:
    processed(office)
    office.ledger.fail("create_entry", RefusedError("Periode is afgesloten", status=500))
    credit = office.undone(CopyAction.CREDIT)
    assert (credit.state, credit.remote_text) == (CopyState.REFUSED, "Periode is afgesloten")
    assert office.retried(credit.id).state == CopyState.UNDONE
    assert len(office.ledger.entries) == 2


# Payments


def match_credit(office: Undoer, copy: CopyRow, credit: CopyRow, amount: int) -> None:
    """Match the credit entry with the open part of the entry, as a bookkeeper does."""
    office.ledger.receive(copy.entry_id or "", amount, MATCHED_ON)
    office.ledger.receive(credit.entry_id or "", -amount, MATCHED_ON)


def test_the_match_with_our_credit_is_no_money(office: Undoer) -> None:
    copy = processed(office)
    credit = office.undone(CopyAction.CREDIT)
    match_credit(office, copy, credit, copy.gross_booked or 0)
    office.pull()
    assert (office.paid(), office.findings()) == ([], [])


def test_money_that_came_before_the_credit_stays_and_is_followed(office: Undoer) -> None:
    copy = processed(office)
    office.ledger.receive(copy.entry_id or "", 5000, PAID_ON)
    office.pull()
    assert office.paid() == [(5000, PAID_ON, False)]
    credit = office.undone(CopyAction.CREDIT)
    assert credit.state == CopyState.UNDONE
    match_credit(office, copy, credit, (copy.gross_booked or 0) - 5000)
    office.pull()
    assert (office.paid(), office.findings()) == ([(5000, PAID_ON, False)], [])
    paid = next(one for one in office.ledger.terms.values() if one.last_payment_on == PAID_ON)
    office.ledger.terms[paid.id] = replace(
        paid, timestamp=office.ledger.tick(), status=20, last_payment_on=None, ended_on=None
    )
    office.pull()
    assert office.paid() == []


def test_money_on_a_credited_entry_is_a_finding_once_the_invoice_is_copied_anew(office: Undoer) -> None:
    copy = processed(office)
    office.ledger.receive(copy.entry_id or "", 5000, PAID_ON)
    office.pull()
    credit = office.undone(CopyAction.CREDIT)
    match_credit(office, copy, credit, (copy.gross_booked or 0) - 5000)
    office.again()
    office.pull()
    assert (office.paid(), office.findings()) == ([(5000, PAID_ON, False)], ["older copy"])


def test_an_older_entry_counts_again_after_a_credit_too(office: Undoer) -> None:
    older = office.copied()
    office.pass_time(60)
    processed(office)
    credit = office.undone(CopyAction.CREDIT)
    assert (credit.state, credit.mark_due) == (CopyState.UNDONE, False)
    assert (office.row().copy_state, office.row().latest_copy_id) == (CopyState.COPIED, older.id)
