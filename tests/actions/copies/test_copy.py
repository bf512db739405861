"""Copying: booked once, whatever fails, and every end a person can read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.perform import perform_copy
from portal.actions.copies.request import Wish, request_copy
from portal.actions.house.sweep import sweep
from portal.domain.booking.mapping import Choices
from portal.domain.connections.states import ConnectionState, NumberSource
from portal.domain.copies.states import AttemptState, CopyAction, CopyState
from portal.domain.ids import tag_of
from portal.domain.said import as_written
from portal.remote.errors import (
    HeldBackError,
    LostReplyError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    UnreachableError,
)
from portal.remote.pace import Opening
from portal.store.copies import AttemptRow, CopyRow, due_copies
from tests.actions.office import Office, some_invoice, two_lines
from tests.telling import told

MAYBE: list[RemoteError] = [LostReplyError("gone"), TemporaryError("502", status=502)]


def test_a_mapped_invoice_is_booked_once_by_a_look_and_one_post(office: Office) -> None:
    copy = office.copied()
    assert (copy.state, copy.gross_booked, office.row().copy_state) == (
        CopyState.COPIED,
        12100,
        CopyState.COPIED,
    )
    assert office.ledger.calls == ["find_held", "create_entry"]
    assert office.attempts(copy.id) == [("entry", "done"), ("mark", "done")]
    marked = office.billing.invoices["105"]
    assert (marked.exported, marked.export_id, marked.export_url) == (True, copy.entry_id, copy.entry_url)


def test_every_line_carries_the_marker(office: Office) -> None:
    copy = office.copied()
    [entry] = office.ledger.entries.values()
    assert [line.notes for line in entry.lines] == [tag_of(copy.marker)]


def test_two_clicks_are_one_wish(office: Office) -> None:
    first = office.wish()
    second = office.wish()
    assert first.id == second.id
    office.perform(first.id)
    office.perform(second.id)
    assert office.ledger.count("create_entry") == 1


def test_a_second_tab_that_submits_later_gets_the_finished_copy(office: Office) -> None:
    seen = Wish(office.choices(), office.row().fingerprint, None)
    copy = office.copied()
    again = request_copy(office.session, office.nudge, "105", wish=seen, requested_by="Anna", now=office.now)
    assert isinstance(again, CopyRow)
    assert again.id == copy.id


def test_create_new_books_a_second_entry(office: Office) -> None:
    first = office.copied()
    second = office.copied()
    assert first.id != second.id
    assert office.row().latest_copy_id == second.id
    assert len(office.ledger.entries) == 2


@pytest.mark.parametrize("error", MAYBE)
def test_a_lost_reply_after_the_effect_is_adopted(office: Office, error: RemoteError) -> None:
    office.ledger.fail("create_entry", error, after=True)
    copy = office.copied()
    assert (copy.state, copy.next_try_at) == (CopyState.UNCERTAIN, office.now + timedelta(seconds=10))
    office.pass_time(11)
    copy = office.perform(copy.id)
    assert copy.state == CopyState.COPIED
    assert office.ledger.count("create_entry") == 1
    assert office.attempts(copy.id)[0] == ("entry", "done")


@pytest.mark.parametrize("error", MAYBE)
def test_a_lost_request_is_sent_again_only_after_the_quiet_time(office: Office, error: RemoteError) -> None:
    office.ledger.fail("create_entry", error)
    copy = office.copied()
    for seconds in (10, 50, 299):
        office.pass_time(seconds)
        copy = office.perform(copy.id)
        assert (copy.state, office.ledger.count("create_entry")) == (CopyState.UNCERTAIN, 1)
    office.pass_time(2)
    copy = office.perform(copy.id)
    assert (copy.state, office.ledger.count("create_entry"), office.ledger.count("find_entries")) == (
        CopyState.COPIED,
        2,
        3,
    )


def test_while_uncertain_nothing_else_is_begun(office: Office) -> None:
    office.ledger.fail("create_entry")
    copy = office.copied()
    assert office.wish().id == copy.id
    assert office.wish(action=CopyAction.UPDATE).id == copy.id


def test_several_found_entries_are_reported_and_never_guessed(office: Office) -> None:
    office.ledger.fail("create_entry", after=True)
    copy = office.copied()
    [entry] = office.ledger.entries.values()
    office.ledger.entries["twin"] = replace(entry, id="twin")
    office.pass_time(400)
    copy = office.perform(copy.id)
    assert copy.state == CopyState.UNCERTAIN
    assert "2 entries" in told(copy.trouble)
    del office.ledger.entries["twin"]
    assert office.retried(copy.id).state == CopyState.COPIED


def test_a_worker_that_died_after_its_intent_is_taken_over_by_a_probe(office: Office) -> None:
    copy = office.wish()

    office.ledger.fail("create_entry", LostReplyError("-"), after=True)
    office.perform(copy.id)
    office.session.execute(update(AttemptRow).values(state=AttemptState.INTENDED, finished_at=None))
    office.session.execute(update(CopyRow).values(state="sending", next_try_at=None))
    office.session.commit()
    office.pass_time(30)
    copy = office.perform(copy.id)
    assert (copy.state, office.ledger.count("create_entry")) == (CopyState.COPIED, 1)


@pytest.mark.parametrize("error", [UnreachableError("no"), RateLimitedError("slow"), HeldBackError("later")])
def test_what_never_left_is_tried_again(office: Office, error: RemoteError) -> None:
    office.ledger.fail("create_entry", error)
    copy = office.copied()
    assert copy.state == CopyState.WAITING
    assert due_copies(office.session, office.now) == []
    office.pass_time(10)
    assert sweep(office.session, office.nudge, now=office.now) == 1
    assert office.perform(copy.id).state == CopyState.COPIED
    assert office.ledger.count("find_entries") == 0


def test_a_retry_waits_until_the_remote_said(office: Office) -> None:
    later = office.now + timedelta(minutes=7)
    office.ledger.fail("create_entry", RateLimitedError("slow", retry_at=later))
    assert office.copied().next_try_at == later


def test_a_lost_sign_in_waits_for_a_person(office: Office) -> None:
    office.ledger.fail("create_entry", SignInLostError("Connect again."))
    copy = office.copied()
    assert (copy.state, copy.cause, told(copy.trouble)) == (
        CopyState.WAITING,
        "sign-in lost",
        "“Connect again.”",
    )


def test_a_refusal_keeps_exacts_own_words(office: Office) -> None:
    office.ledger.fail("create_entry", RefusedError("Periode is afgesloten", status=500))
    copy = office.copied()
    assert (copy.state, copy.remote_text, office.row().copy_state) == (
        CopyState.REFUSED,
        "Periode is afgesloten",
        CopyState.REFUSED,
    )
    assert office.retried(copy.id).state == CopyState.COPIED


def test_a_refused_second_copy_leaves_the_first_as_the_latest(office: Office) -> None:
    first = office.copied()
    office.ledger.fail("create_entry", RefusedError("nee"))
    assert office.copied().state == CopyState.REFUSED
    assert (office.row().latest_copy_id, office.row().copy_state) == (first.id, CopyState.COPIED)


def test_only_a_refused_copy_can_be_retried(office: Office) -> None:
    copy = office.copied()
    answer = office.retry(copy.id)
    assert isinstance(answer, tuple)


def test_a_changed_invoice_stops_the_copy(office: Office) -> None:
    copy = office.wish()
    office.billing.invoices["105"] = some_invoice(lines=two_lines())
    copy = office.perform(copy.id)
    assert (copy.state, copy.cause, office.ledger.calls) == (CopyState.REFUSED, "invoice changed", [])


@pytest.mark.parametrize("gone", [{}, {"105": some_invoice(deleted=True)}])
def test_a_deleted_invoice_stops_the_copy(office: Office, gone: dict[str, object]) -> None:
    copy = office.wish()
    office.billing.invoices = gone  # type: ignore[assignment]
    copy = office.perform(copy.id)
    assert (copy.state, copy.cause, office.ledger.calls) == (CopyState.REFUSED, "invoice deleted", [])


def test_an_unseen_change_is_said_in_the_dialog(office: Office) -> None:
    wish = Wish(office.choices(), "another", None)
    answer = request_copy(office.session, office.nudge, "105", wish=wish, requested_by="A", now=office.now)
    assert isinstance(answer, tuple)
    assert [problem.code for problem in answer] == ["changed"]


def test_problems_stop_the_wish_before_anything_is_recorded(office: Office) -> None:
    answer = office.wish(Choices(customer_id="nobody", journal="20"))
    assert isinstance(answer, tuple)
    assert answer
    assert office.session.query(CopyRow).count() == 0


def test_a_new_customer_is_created_once_and_linked(office: Office) -> None:
    copy = office.copied(office.new_choices())
    assert office.ledger.calls == ["find_held", "create_customer", "create_entry"]
    [entry] = office.ledger.entries.values()
    customer, _stamp, remarks = office.ledger.customers[entry.customer_id]
    assert (customer.name, remarks) == ("Nieuwe Klant B.V.", tag_of(copy.marker))


def test_a_customer_whose_reply_was_lost_is_found_again(office: Office) -> None:
    office.ledger.fail("create_customer", after=True)
    copy = office.copied(office.new_choices())
    assert copy.state == CopyState.UNCERTAIN
    office.pass_time(11)
    assert office.perform(copy.id).state == CopyState.COPIED
    assert office.ledger.count("create_customer") == 1
    assert len(office.ledger.customers) == 2


def test_a_failed_mark_is_retried_and_never_repeats_the_copy(office: Office) -> None:
    office.billing.fail("mark_exported", TemporaryError("502"), times=2)
    copy = office.copied()
    assert (copy.state, copy.mark_due) == (CopyState.COPIED, True)
    for _turn in range(3):
        office.pass_time(60)
        copy = office.perform(copy.id)
    assert (copy.mark_due, office.billing.invoices["105"].exported) == (False, True)
    assert office.ledger.count("create_entry") == 1


def test_exacts_number_is_written_back_while_the_invoice_is_not_sent(office: Office) -> None:
    office.connection().number_source = NumberSource.EXACT
    office.session.commit()
    copy = office.copied()
    assert office.billing.invoices["105"].number == copy.entry_number


def test_a_sent_invoice_keeps_its_number(office: Office) -> None:
    office.connection().number_source = NumberSource.EXACT
    office.session.commit()
    office.add(some_invoice(sent_on=date(2026, 3, 3)))
    office.copied()
    assert office.billing.invoices["105"].number == "2026-0042"
    assert office.billing.count("set_number") == 0


def test_a_difference_is_said_and_not_retried(office: Office) -> None:
    office.ledger.vat_drift = 1
    copy = office.copied()
    assert (copy.state, copy.cause) == (CopyState.DIFFERENT, "difference")
    assert "121.01" in told(copy.trouble)
    assert "121.00" in told(copy.trouble)


def test_an_entry_that_productive_names_is_adopted_after_a_restore(office: Office) -> None:
    copy = office.copied()
    entry_id = copy.entry_id
    office.session.query(AttemptRow).delete()
    office.session.query(CopyRow).delete()
    office.row().latest_copy_id = None
    office.row().copy_state = "not copied"
    office.session.commit()
    again = office.copied()
    assert (again.state, again.entry_id, office.ledger.count("create_entry")) == (
        CopyState.COPIED,
        entry_id,
        1,
    )


def test_an_update_changes_only_what_differs(office: Office) -> None:
    copy = office.copied()
    office.add(some_invoice(lines=two_lines(), subject="Website and more"))
    updated = office.copied(action=CopyAction.UPDATE)
    assert (updated.state, updated.entry_id, updated.gross_booked) == (CopyState.COPIED, copy.entry_id, 18150)
    assert office.ledger.count("create_entry") == 1
    [entry] = office.ledger.entries.values()
    assert [line.amount for line in entry.lines] == [10000, 5000]


@pytest.mark.parametrize("call", ["change_entry", "create_line", "delete_line", "read_entry"])
@pytest.mark.parametrize("after", [False, True])
def test_an_update_that_broke_off_is_finished_not_restarted(office: Office, call: str, after: bool) -> None:
    office.add(some_invoice(lines=two_lines()))
    office.copied()
    changed = (replace(two_lines()[0], amount=9000, amount_tax=1890), replace(two_lines()[1], id="3"))
    office.add(
        some_invoice(lines=(*changed, replace(changed[1], id="4", description="Third")), subject="Anew")
    )
    office.ledger.fail(call, LostReplyError("gone"), after=after)
    copy = office.copied(action=CopyAction.UPDATE)
    for _turn in range(6):
        office.pass_time(400)
        copy = office.perform(copy.id)
    assert (copy.state, copy.gross_booked) == (CopyState.COPIED, copy.gross_sent)
    [entry] = office.ledger.entries.values()
    assert sum(line.amount + line.vat_amount for line in entry.lines) == office.row().amount_with_tax
    assert len(entry.lines) == 3


def test_an_entry_deleted_in_exact_is_said_at_the_update(office: Office) -> None:
    office.copied()
    office.ledger.entries.clear()
    office.add(some_invoice(subject="Anew"))
    copy = office.copied(action=CopyAction.UPDATE)
    assert (copy.state, copy.cause) == (CopyState.REFUSED, "entry deleted")


def test_a_copy_held_by_another_worker_is_left_alone(office: Office) -> None:
    copy = office.wish()
    copy.lease_owner = "other"
    copy.lease_until = office.now + timedelta(seconds=20)
    office.session.commit()
    assert office.perform(copy.id).state == CopyState.WAITING
    assert office.ledger.calls == []


def test_a_worker_that_was_overtaken_writes_nothing_more(
    office: Office, session_factory: sessionmaker[Session]
) -> None:
    copy = office.wish()

    def overtake(name: str) -> None:
        with session_factory.begin() as other:
            other.execute(update(CopyRow).values(lease_owner="other"))

    office.billing.on_call = overtake
    perform_copy(office.session, office.desk, copy.id)
    assert office.ledger.calls == []


@pytest.mark.parametrize(
    "moment", ["sleep", "read_invoices", "find_held", "create_customer", "create_entry", "mark_exported"]
)
def test_a_worker_that_was_overtaken_leaves_the_copy_as_the_other_has_it(
    office: Office, session_factory: sessionmaker[Session], moment: str
) -> None:
    copy = office.wish(office.new_choices())
    left: list[Row[Any]] = []

    def overtake(name: str) -> None:
        if name != moment or left:
            return
        with session_factory.begin() as other:
            other.execute(update(CopyRow).values(lease_owner="other", fence=CopyRow.fence + 1))
            left.append(other.execute(select(CopyRow.__table__)).one())

    def sleep(seconds: float) -> None:
        office.pass_time(seconds)
        overtake("sleep")

    office.billing.on_call = overtake
    office.ledger.on_call = overtake
    office.ledger.opening = Opening(office.now + timedelta(seconds=30), as_written("The minute is used up."))
    perform_copy(office.session, replace(office.desk, sleep=sleep), copy.id)
    with session_factory() as other:
        assert [other.execute(select(CopyRow.__table__)).one()] == left


def test_a_past_that_never_was_is_not_due(office: Office) -> None:
    office.copied()
    assert due_copies(office.session, datetime(2030, 1, 1, tzinfo=UTC)) == []


def test_an_update_that_was_begun_is_finished_though_the_invoice_changed_meanwhile(office: Office) -> None:
    office.copied()
    office.add(some_invoice(lines=two_lines(), subject="Anew"))
    office.ledger.fail("create_line", UnreachableError("no"))
    copy = office.copied(action=CopyAction.UPDATE)
    assert copy.state == CopyState.WAITING
    office.billing.invoices["105"] = some_invoice(lines=two_lines(second=7000), subject="Anew")
    office.pass_time(60)
    copy = office.perform(copy.id)
    assert (copy.state, copy.gross_booked) == (CopyState.COPIED, 18150)


def test_a_copy_of_a_disconnected_subsidiary_is_refused_with_the_reason(office: Office) -> None:
    copy = office.wish()
    office.connection().state = ConnectionState.DISCONNECTED
    office.session.commit()
    copy = office.perform(copy.id)
    assert (copy.state, copy.cause, office.ledger.calls) == (CopyState.REFUSED, "disconnected", [])
