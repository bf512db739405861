"""Undo: the entry is deleted once, where that is allowed; then the invoice can be copied anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.cut_over import link_existing
from portal.actions.copies.request import Wish, request_copy
from portal.actions.copies.undo import read_undoing, request_undo
from portal.actions.engine.gate import close_copying
from portal.domain.booking.mapping import Choices
from portal.domain.connections.states import ConnectionState, NumberSource, PaymentsMode
from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.payments.states import PaymentState
from portal.remote.errors import (
    LostReplyError,
    MissingRightError,
    NotFoundError,
    RefusedError,
    RemoteError,
    UnreachableError,
)
from portal.store.concerns import Concern
from portal.store.copies import CopyRow, due_copies
from portal.store.invoices import ELSEWHERE, NOT_COPIED
from tests.actions.copies.concerned import concerned
from tests.actions.copies.undoing import Undoer, an_undoer, whatever_passes
from tests.actions.office import some_invoice, two_lines
from tests.furnishing.events import events_of
from tests.telling import told

PAID_ON = date(2026, 3, 9)


@pytest.fixture
def office(session_factory: sessionmaker[Session]) -> Iterator[Undoer]:
    with session_factory() as session:
        yield an_undoer(session)


def kinds(office: Undoer) -> list[str]:
    found = [event.kind for event in events_of(office.session, "105")]
    office.session.commit()
    return found


def test_a_copy_is_undone_and_the_invoice_copied_anew(office: Undoer) -> None:
    first = office.copied()
    undo = office.undone()
    assert (undo.state, undo.undoes, undo.in_flight, undo.mark_due) == (
        CopyState.UNDONE,
        first.entry_id,
        None,
        False,
    )
    assert (office.copy(first.id).state, office.copy(first.id).ending) == (CopyState.UNDONE, Ending.DELETED)
    assert (office.row().copy_state, office.row().latest_copy_id) == (CopyState.UNDONE, undo.id)
    assert (office.ledger.entries, office.billing.invoices["105"].exported) == ({}, False)
    assert (office.row().exported, office.row().export_id) == (False, None)
    again = office.again()
    assert (again.state, office.row().copy_state, len(office.ledger.entries)) == (
        CopyState.COPIED,
        CopyState.COPIED,
        1,
    )
    assert office.billing.invoices["105"].export_id == again.entry_id
    assert kinds(office)[:3] == ["copied", "copy requested", "undone"]


def test_each_step_is_an_attempt_with_what_was_deleted(office: Undoer) -> None:
    office.copied()
    undo = office.undone()
    assert office.attempts(undo.id) == [("delete entry", "done"), ("unmark", "done")]
    assert office.ledger.calls[-3:] == ["read_entry", "read_terms", "delete_entry"]


def test_an_update_and_the_copy_that_it_changed_are_undone_together(office: Undoer) -> None:
    first = office.copied()
    office.add(some_invoice(lines=two_lines()))
    second = office.copied(action=CopyAction.UPDATE)
    office.undone()
    assert (office.copy(first.id).state, office.copy(second.id).state) == (CopyState.UNDONE, CopyState.UNDONE)
    assert office.ledger.entries == {}


def test_two_clicks_are_one_wish(office: Undoer) -> None:
    office.copied()
    wish = office.ask()
    again = office.ask()
    assert again.id == wish.id
    office.perform(wish.id)
    office.perform(wish.id)
    assert office.ask().id == wish.id
    assert office.ledger.count("delete_entry") == 1


def test_a_page_that_was_opened_before_another_copy_undoes_nothing(office: Undoer) -> None:
    first = office.copied()
    seen = Wish(Choices(), "", first.id, CopyAction.UNDO)
    office.again()
    answer = request_undo(office.session, office.nudge, "105", wish=seen, requested_by="a", now=office.now)
    assert isinstance(answer, tuple)
    assert [problem.code for problem in answer] == ["undo_stale"]


def test_what_is_not_in_exact_cannot_be_undone(office: Undoer) -> None:
    wish = Wish(Choices(), "", None, CopyAction.UNDO)
    answer = request_undo(office.session, office.nudge, "105", wish=wish, requested_by="a", now=office.now)
    assert isinstance(answer, tuple)
    assert [problem.code for problem in answer] == ["nothing_to_undo"]
    assert read_undoing(office.session, office.ledger, office.row(), Choices()) is None


def test_nothing_is_undone_while_copying_is_closed_after_a_restore(office: Undoer) -> None:
    office.copied()
    close_copying(office.session, now=office.now)
    assert [problem.code for problem in office.ask()] == ["copying_closed"]


def test_while_it_is_undone_nothing_else_begins(office: Undoer) -> None:
    office.copied()
    undo = office.ask()
    assert office.row().copy_state == CopyState.WAITING
    assert office.wish().id == office.wish(action=CopyAction.UPDATE).id == undo.id


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda entry: replace(entry, status=50), "entry_processed"),
        (lambda entry: replace(entry, entry_date=date(2019, 1, 1)), "period_missing"),
        (lambda entry: replace(entry, description="Changed by hand"), "entry_changed"),
        (lambda entry: replace(entry, lines=(replace(entry.lines[0], amount=1),)), "entry_changed"),
        (lambda entry: replace(entry, lines=(replace(entry.lines[0], notes=""),)), "entry_not_ours"),
    ],
)
def test_an_entry_that_is_no_longer_what_was_shown_stays(office: Undoer, make: Any, cause: str) -> None:
    entry_id = office.copied().entry_id or ""
    wish = office.ask()
    office.ledger.entries[entry_id] = make(office.ledger.entries[entry_id])
    undo = office.perform(wish.id)
    assert (undo.state, undo.cause, office.row().copy_state) == (CopyState.REFUSED, cause, CopyState.COPIED)
    assert (office.ledger.count("delete_entry"), list(office.ledger.entries)) == (0, [entry_id])


def test_closed_books_keep_the_entry(office: Undoer) -> None:
    office.copied()
    office.connection().books_closed_until = date(2026, 3, 2)
    undo = office.undone()
    assert (undo.state, undo.cause) == (CopyState.REFUSED, "entry_closed")


@pytest.mark.parametrize("pulled", [False, True])
def test_a_paid_entry_stays_whether_the_mirror_knows_it_or_not(office: Undoer, pulled: bool) -> None:
    entry_id = office.an_entry()
    office.ledger.receive(entry_id, 5000, PAID_ON)
    if pulled:
        office.switch_on(PaymentsMode.FROM_NOW)
        office.pull()
    undo = office.undone()
    assert (undo.cause, list(office.ledger.entries)) == ("entry_paid", [entry_id])
    if pulled:
        office.unmatch(entry_id)
        assert office.undone().cause == "entry_paid_before"
        office.pull()
        assert office.undone().state == CopyState.UNDONE


def test_an_entry_in_collection_stays(office: Undoer) -> None:
    office.copied()
    [term] = office.ledger.terms.values()
    office.ledger.terms[term.id] = replace(term, status=30)
    assert office.undone().cause == "entry_in_collection"


def test_a_payment_of_ours_in_productive_keeps_the_entry_until_it_is_gone(office: Undoer) -> None:
    entry_id = office.an_entry()
    office.ledger.receive(entry_id, 12100, PAID_ON)
    office.pull()
    assert office.one().state == PaymentState.MADE
    office.unmatch(entry_id)
    assert [problem.code for problem in office.ask()] == ["payment_kept"]
    office.pull()
    assert office.undone().state == CopyState.UNDONE


def test_a_payment_that_came_after_the_click_keeps_the_entry(office: Undoer) -> None:
    entry_id = office.an_entry()
    wish = office.ask()
    office.ledger.receive(entry_id, 12100, PAID_ON)
    office.pull()
    office.unmatch(entry_id)
    office.billing.fail("delete_payment", UnreachableError("no"))
    office.pull()
    assert office.one().state == "due"
    assert office.perform(wish.id).cause == "payment_kept"
    assert office.row().copy_state == CopyState.COPIED


def test_an_entry_that_somebody_deleted_in_exact_only_tidies_up(office: Undoer) -> None:
    first = office.copied()
    office.ledger.delete_entry(first.entry_id or "")
    undo = office.undone()
    assert (undo.state, office.row().copy_state, office.ledger.count("delete_entry")) == (
        CopyState.UNDONE,
        CopyState.UNDONE,
        1,
    )
    assert not office.billing.invoices["105"].exported


def test_exacts_refusal_is_told_in_its_own_words_and_may_be_tried_again(office: Undoer) -> None:
    office.copied()
    office.ledger.fail("delete_entry", RefusedError("Periode is afgesloten", status=500))
    undo = office.undone()
    assert (undo.state, undo.remote_text, office.row().copy_state) == (
        CopyState.REFUSED,
        "Periode is afgesloten",
        CopyState.COPIED,
    )
    assert office.retried(undo.id).state == CopyState.UNDONE


# Where it may break off

CALLS = ("read_entry", "read_terms", "delete_entry", "read_invoices", "unmark_exported")


@whatever_passes
@pytest.mark.parametrize("call", CALLS)
def test_it_is_finished_whatever_fails(office: Undoer, call: str, error: RemoteError, after: bool) -> None:
    office.copied()
    remote = office.ledger if hasattr(office.ledger, call) else office.billing
    remote.fail(call, error, after=after)
    undo = office.go_on(office.undone().id)
    assert (undo.state, undo.mark_due, office.row().copy_state) == (CopyState.UNDONE, False, CopyState.UNDONE)
    assert (office.ledger.entries, office.billing.invoices["105"].exported) == ({}, False)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_a_killed_worker_is_taken_over(office: Undoer, call: str, after: bool) -> None:
    office.copied()
    wish = office.ask()
    with office.killed(call, after=after):
        office.perform(wish.id)
    undo = office.go_on(wish.id)
    assert (undo.state, undo.mark_due, office.row().copy_state) == (CopyState.UNDONE, False, CopyState.UNDONE)
    assert (office.ledger.entries, office.billing.invoices["105"].exported) == ({}, False)
    assert office.again().state == CopyState.COPIED
    assert len(office.ledger.entries) == 1


def test_a_lost_deletion_is_asked_for_before_it_is_repeated(office: Undoer) -> None:
    office.copied()
    office.ledger.fail("delete_entry", LostReplyError("gone"))
    undo = office.undone()
    assert (undo.state, office.row().copy_state) == (CopyState.UNCERTAIN, CopyState.UNCERTAIN)
    assert "whether it deleted the entry" in told(undo.trouble)
    for seconds in (11, 60):
        office.pass_time(seconds)
        assert office.perform(undo.id).state == CopyState.UNCERTAIN
    assert office.ledger.count("delete_entry") == 1
    office.pass_time(360)
    assert office.perform(undo.id).state == CopyState.UNDONE
    assert office.attempts(undo.id)[:2] == [("delete entry", "unsent"), ("delete entry", "done")]


def test_a_deletion_that_took_effect_is_found_and_not_repeated(office: Undoer) -> None:
    office.copied()
    office.ledger.fail("delete_entry", LostReplyError("gone"), after=True)
    undo = office.undone()
    office.pass_time(11)
    assert office.perform(undo.id).state == CopyState.UNDONE
    assert office.ledger.count("delete_entry") == 1


def test_a_worker_that_dies_while_older_entries_are_asked_for_leaves_it_to_the_next(office: Undoer) -> None:
    office.copied()
    older = office.again()
    newest = office.again()
    wish = office.ask()
    with office.killed("read_entry", nth=2):
        office.perform(wish.id)
    assert newest.entry_id in office.ledger.entries
    assert office.perform(wish.id).state == CopyState.UNDONE
    assert office.row().latest_copy_id == older.id


def test_a_right_that_is_lost_after_the_deletion_never_calls_it_refused(office: Undoer) -> None:
    office.copied()
    older = office.again()
    office.again()
    office.ledger.fail("delete_entry", LostReplyError("gone"), after=True)
    undo = office.undone()
    office.pass_time(11)
    office.ledger.fail("read_entry", MissingRightError("No right.", status=403))
    assert office.perform(undo.id).state == CopyState.UNCERTAIN
    office.pass_time(900)
    assert office.perform(undo.id).state == CopyState.UNDONE
    assert office.row().latest_copy_id == older.id


# Productive's mark


def test_a_failing_mark_is_taken_off_later_by_itself(office: Undoer) -> None:
    office.copied()
    office.billing.fail("unmark_exported", UnreachableError("no"))
    undo = office.undone()
    assert (undo.state, undo.mark_due, told(undo.mark_trouble)) == (CopyState.UNDONE, True, "“no”")
    office.pass_time(60)
    assert due_copies(office.session, office.now) == [undo.id]
    undo = office.perform(undo.id)
    assert (undo.mark_due, undo.mark_trouble) == (False, None)
    assert not office.billing.invoices["105"].exported


def test_a_mark_that_a_killed_worker_left_open_is_closed_when_it_is_made_again(office: Undoer) -> None:
    wish = office.wish()
    with office.killed("mark_exported", after=True):
        office.perform(wish.id)
    office.perform(wish.id)
    assert office.attempts(wish.id)[-2:] == [("mark", "unknown"), ("mark", "done")]


def test_a_mark_found_taken_off_closes_the_try_that_did_it(office: Undoer) -> None:
    office.copied()
    office.billing.fail("unmark_exported", LostReplyError("gone"), after=True)
    undo = office.go_on(office.undone().id)
    assert office.attempts(undo.id) == [("delete entry", "done"), ("unmark", "done")]


def test_a_late_unmark_leaves_the_mark_of_a_newer_copy(office: Undoer) -> None:
    office.copied()
    office.billing.fail("unmark_exported", UnreachableError("no"))
    undo = office.undone()
    again = office.again()
    undo = office.go_on(undo.id)
    assert (undo.mark_due, office.billing.count("unmark_exported")) == (False, 1)
    assert office.billing.invoices["105"].export_id == again.entry_id


def test_a_new_copys_mark_waits_for_an_unmark_that_may_still_run(office: Undoer) -> None:
    office.copied()
    office.billing.fail("unmark_exported", LostReplyError("gone"))
    office.undone()
    again = office.copied()
    assert (again.state, again.mark_due, office.billing.count("mark_exported")) == (CopyState.COPIED, True, 1)
    again = office.go_on(again.id)
    assert (again.mark_due, office.billing.invoices["105"].export_id) == (False, again.entry_id)


def test_a_mark_that_was_still_due_is_never_set_for_a_deleted_entry(office: Undoer) -> None:
    office.billing.fail("mark_exported", UnreachableError("no"))
    first = office.copied()
    undo = office.undone()
    office.go_on(first.id)
    assert (undo.state, office.copy(first.id).mark_due) == (CopyState.UNDONE, False)
    assert (office.billing.count("mark_exported"), office.billing.count("unmark_exported")) == (1, 0)


def test_the_mark_of_another_link_stays(office: Undoer) -> None:
    office.copied()
    office.billing.mark_exported("105", export_id="elsewhere", url="")
    undo = office.undone()
    assert (undo.mark_due, office.billing.count("unmark_exported")) == (False, 0)
    assert office.billing.invoices["105"].export_id == "elsewhere"


@pytest.mark.parametrize("error", [RefusedError("Locked."), NotFoundError("gone", status=404)])
def test_what_productive_refuses_is_told(office: Undoer, error: RemoteError) -> None:
    office.copied()
    office.billing.fail("unmark_exported", error)
    undo = office.undone()
    assert (undo.state, undo.mark_due, bool(undo.mark_trouble)) == (CopyState.UNDONE, False, True)
    assert concerned(office.session, Concern.STILL_MARKED) == [undo.id]


def test_an_invoice_that_was_deleted_in_productive_can_be_undone(office: Undoer) -> None:
    office.copied()
    del office.billing.invoices["105"]
    undo = office.undone()
    assert (undo.state, undo.mark_due, office.ledger.entries) == (CopyState.UNDONE, False, {})


def test_exacts_number_stays_in_productive_and_is_said(office: Undoer) -> None:
    office.connection().number_source = NumberSource.EXACT
    office.session.commit()
    first = office.copied()
    undoing = read_undoing(office.session, office.ledger, office.row(), Choices())
    assert undoing is not None
    assert undoing.number_kept == first.entry_number
    office.undone()
    office.add(office.billing.invoices["105"])
    office.copied()
    assert office.billing.invoices["105"].number == first.entry_number
    assert office.billing.count("set_number") == 1


# Several entries of one invoice


def test_after_the_newest_the_next_older_entry_counts_again(office: Undoer) -> None:
    first = office.copied()
    second = office.again()
    undoing = read_undoing(office.session, office.ledger, office.row(), Choices())
    assert undoing is not None
    assert (undoing.copy.id, [copy.id for copy in undoing.older]) == (second.id, [first.id])
    undo = office.undone()
    row = office.row()
    assert (undo.state, undo.mark_due) == (CopyState.UNDONE, False)
    assert (row.copy_state, row.latest_copy_id) == (CopyState.COPIED, first.id)
    assert list(office.ledger.entries) == [first.entry_id]
    assert "counts again" in kinds(office)
    office.go_on(first.id)
    assert office.billing.invoices["105"].export_id == first.entry_id
    assert office.undone().state == CopyState.UNDONE
    assert (office.row().copy_state, office.ledger.entries) == (CopyState.UNDONE, {})


def test_an_older_entry_that_is_gone_in_exact_does_not_count(office: Undoer) -> None:
    first = office.copied()
    second = office.again()
    third = office.again()
    office.ledger.delete_entry(second.entry_id or "")
    undo = office.undone()
    assert (undo.state, office.row().latest_copy_id) == (CopyState.UNDONE, first.id)
    assert (office.copy(second.id).state, told(office.copy(second.id).trouble)) == (
        CopyState.UNDONE,
        "The entry was deleted in Exact.",
    )
    assert third.entry_id not in office.ledger.entries


def test_an_older_copy_that_counts_again_says_when_the_invoice_changed_since(office: Undoer) -> None:
    office.copied()
    office.add(some_invoice(lines=two_lines()))
    office.again()
    office.undone()
    assert office.row().changed_since_copied is True


def test_payments_follow_the_older_entry_that_counts_again(office: Undoer) -> None:
    older = office.an_entry()
    office.again()
    office.ledger.receive(older, 12100, PAID_ON)
    office.pull()
    assert (office.paid(), office.findings()) == ([], ["older copy"])
    assert office.undone().state == CopyState.UNDONE
    office.pull()
    assert (office.paid(), office.findings()) == ([(12100, PAID_ON, False)], [])


def test_an_older_entry_in_another_division_is_not_asked_for(office: Undoer) -> None:
    first = office.copied()
    second = office.again()
    other = replace_connection(office)
    office.session.execute(update(CopyRow).where(CopyRow.id == first.id).values(connection_id=other))
    office.session.commit()
    undo = office.undone()
    assert (undo.state, office.row().latest_copy_id) == (CopyState.UNDONE, first.id)
    assert second.entry_id not in office.ledger.entries
    assert [problem.code for problem in office.ask()] == ["nothing_to_undo"]


def replace_connection(office: Undoer) -> int:
    """Add a connection of another division that is no longer live."""
    old = type(office.connection())(
        subsidiary_id="1",
        locale="NL",
        created_at=office.now,
        state=ConnectionState.DISCONNECTED,
        division=102,
    )
    office.session.add(old)
    office.session.commit()
    return old.id


# An entry that somebody else booked


def linked(office: Undoer, *, exported: bool) -> CopyRow:
    """Link an entry that carries no marker of ours."""
    entry = office.ledger.entries[office.copied().entry_id or ""]
    office.undone()
    strange = replace(entry, lines=(replace(entry.lines[0], notes=""),))
    office.ledger.entries[entry.id] = strange
    office.ledger.add_term(strange)
    if exported:
        office.billing.mark_exported("105", export_id=entry.id, url="")
    office.add(office.billing.invoices["105"])
    other = replace(strange, id="0b5cbb60-7c1f-4fb3-8a5f-5d1c3ec1c9ab")
    office.ledger.entries = {other.id: other}
    copy = link_existing(office.session, office.ledger, "105", other.id, actor="Anna", now=office.now)
    return office.perform(copy.id)


@pytest.mark.parametrize("exported", [False, True])
def test_a_linked_entry_is_let_go_of_and_stays_in_exact(office: Undoer, exported: bool) -> None:
    copy = linked(office, exported=exported)
    undoing = read_undoing(office.session, office.ledger, office.row(), Choices())
    assert undoing
    assert (undoing.may_unlink, undoing.credit) == (True, None)
    wish = office.undone(CopyAction.UNLINK)
    assert (wish.state, office.copy(copy.id).ending) == (CopyState.UNDONE, Ending.UNLINKED)
    assert (list(office.ledger.entries), office.ledger.count("delete_entry")) == ([copy.entry_id], 1)
    assert office.row().copy_state == (ELSEWHERE if exported else CopyState.UNDONE)
    assert office.billing.invoices["105"].exported is exported
    again = link_existing(
        office.session, office.ledger, "105", copy.entry_id or "", actor="Anna", now=office.now
    )
    assert office.row().latest_copy_id == again.id


def test_a_linked_entry_is_not_let_go_of_while_a_payment_stands_on_it(office: Undoer) -> None:
    copy = linked(office, exported=False)
    office.billing.invoices["105"] = replace(office.billing.invoices["105"], sent_on=PAID_ON)
    office.add(office.billing.invoices["105"])
    office.ledger.add_term(office.ledger.entries[copy.entry_id or ""])
    office.ledger.receive(copy.entry_id or "", 12100, PAID_ON)
    office.pull()
    assert [problem.code for problem in office.ask(CopyAction.UNLINK)] == ["payment_kept"]


def test_a_dialog_opened_before_the_undo_shows_what_became_of_it(office: Undoer) -> None:
    first = office.copied()
    seen = Wish(office.choices(), office.row().fingerprint, first.id, CopyAction.UPDATE)
    undo = office.undone()
    answer = request_copy(office.session, office.nudge, "105", wish=seen, requested_by="a", now=office.now)
    assert isinstance(answer, CopyRow)
    assert answer.id == undo.id


def test_a_disconnected_subsidiary_undoes_nothing(office: Undoer) -> None:
    office.copied()
    wish = office.ask()
    office.connection().state = ConnectionState.DISCONNECTED
    office.session.commit()
    undo = office.perform(wish.id)
    assert (undo.state, undo.cause, told(undo.trouble)) == (
        CopyState.REFUSED,
        "disconnected",
        "Exact was disconnected before this was undone. Connect again, then undo.",
    )
    assert office.row().copy_state != NOT_COPIED
