"""A run books what a person saw in its sum, and nothing more once it was stopped."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.actions.copies.perform import perform_copy
from portal.actions.copies.retry import retry_copy
from portal.actions.copies.run_again import retry_of_run
from portal.actions.copies.run_settle import settle_runs
from portal.actions.copies.run_stop import go_on, stop_run
from portal.actions.copies.turn import hold_copy
from portal.domain.copies.failures import Cause, may_retry
from portal.domain.copies.runs import ItemState, RunState
from portal.domain.copies.standing import Standing
from portal.domain.copies.states import CopyState
from portal.remote.errors import (
    HeldBackError,
    LostReplyError,
    NotRenewedError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    UnreachableError,
)
from portal.store.copies import CopyRow
from portal.store.invoices import ELSEWHERE, NOT_COPIED
from tests.actions.copies.test_runs import (
    begun,
    make,
    progress,
    remap,
    run_of,
    states,
    work,
)
from tests.actions.office import Office, some_invoice


def first_copy(office: Office) -> str:
    found = office.session.scalars(select(CopyRow.id).order_by(CopyRow.requested_at)).first()
    office.session.commit()
    assert found is not None
    return found


def rename_in_productive(office: Office) -> None:
    """Give the last invoice another number in Productive, by which its entry is found."""
    office.billing.invoices["1002"] = replace(office.billing.invoices["1002"], number="2026-9999")


# What changes after the wishes were made.
CHANGES: dict[str, Callable[[Office], None]] = {
    "another ledger account": remap,
    "another number": rename_in_productive,
}


@pytest.mark.parametrize("kind", list(CHANGES))
def test_what_would_be_booked_otherwise_after_the_wish_needs_somebody(office: Office, kind: str) -> None:
    run_id = begun(office, 3)
    make(office, run_id)
    office.perform(first_copy(office))
    CHANGES[kind](office)

    work(office)

    last = office.copy(office.row("1002").latest_copy_id or "")
    assert (last.state, last.cause) == (CopyState.REFUSED, Cause.BOOKING_CHANGED)
    assert states(office, run_id)[2] == ItemState.NEEDS_YOU
    assert not may_retry(last.cause or "")
    assert all(entry.your_ref != "2026-9999" for entry in office.ledger.entries.values())


def test_what_is_as_it_was_shown_is_booked_beside_what_is_not(office: Office) -> None:
    run_id = begun(office, 3)
    make(office, run_id)
    rename_in_productive(office)

    work(office)

    assert states(office, run_id) == [ItemState.COPIED, ItemState.COPIED, ItemState.NEEDS_YOU]
    assert len(office.ledger.entries) == 2


def test_a_mapping_that_is_changed_back_books_what_was_shown(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    before = office.connection().default_ledger
    office.connection().default_ledger = "another"
    office.session.commit()
    office.connection().default_ledger = before
    office.session.commit()

    work(office)

    assert states(office, run_id) == [ItemState.COPIED]


def test_what_was_tried_and_is_not_there_is_compared_before_it_is_sent_again(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    office.ledger.fail("create_entry", LostReplyError("gone"))
    copy_id = first_copy(office)
    office.perform(copy_id)
    remap(office)

    copy = office.go_on(copy_id)

    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.BOOKING_CHANGED)
    assert office.ledger.entries == {}


# What puts a copy off that a worker held when somebody stopped its run.
PUT_OFF: tuple[RemoteError, ...] = (
    RateLimitedError("429", status=429),
    HeldBackError("no calls left today"),
    UnreachableError("no route"),
    SignInLostError("consent again"),
    NotRenewedError("token server is down"),
)


def named(error: RemoteError) -> str:
    return type(error).__name__


@pytest.mark.parametrize("error", PUT_OFF, ids=named)
@pytest.mark.parametrize("call", ["find_held", "create_entry"])
def test_what_a_worker_held_at_stop_and_was_put_off_is_not_sent_later(
    office: Office, error: RemoteError, call: str
) -> None:
    run_id = begun(office, 2)
    make(office, run_id)
    copy_id = first_copy(office)
    stopped: list[str] = []

    def stop(name: str) -> None:
        if name == call and not stopped:
            stopped.append(name)
            stop_run(office.session, run_id, by="Bo", now=office.now)

    office.ledger.on_call = stop
    office.ledger.fail(call, error)
    perform_copy(office.session, office.desk, copy_id)
    assert stopped

    assert states(office, run_id) == [ItemState.STOPPED] * 2
    assert run_of(office, run_id).finished_at is not None
    office.pass_time(4000)
    work(office)
    assert office.ledger.entries == {}

    go_on(office.session, office.nudge, run_id, by="Bo", now=office.now)
    make(office, run_id)
    work(office)
    assert states(office, run_id) == [ItemState.COPIED] * 2
    assert len(office.ledger.entries) == 2


def test_a_worker_that_died_before_it_sent_leaves_nothing_to_be_sent_after_stop(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    copy_id = first_copy(office)
    with office.killed("find_held"):
        office.perform(copy_id)
    office.session.rollback()
    stop_run(office.session, run_id, by="Bo", now=office.now)

    office.pass_time(400)
    work(office)
    settle_runs(office.session, now=office.now)

    assert office.ledger.entries == {}
    assert states(office, run_id) == [ItemState.STOPPED]
    assert run_of(office, run_id).finished_at is not None


def test_what_is_in_doubt_at_stop_and_is_not_in_exact_is_not_sent_again(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    copy_id = first_copy(office)
    office.ledger.fail("create_entry", LostReplyError("gone"))
    office.perform(copy_id)
    stop_run(office.session, run_id, by="Bo", now=office.now)
    assert states(office, run_id) == [ItemState.UNDER_WAY]

    copy = office.go_on(copy_id)

    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.STOPPED)
    assert states(office, run_id) == [ItemState.STOPPED]
    assert office.ledger.entries == {}


def test_the_look_of_every_minute_takes_back_what_a_stopped_run_left(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    copy_id = first_copy(office)
    with hold_copy(office.session, office.desk, copy_id):
        stop_run(office.session, run_id, by="Bo", now=office.now)
    assert run_of(office, run_id).finished_at is None

    settle_runs(office.session, now=office.now)

    assert run_of(office, run_id).finished_at is not None
    assert office.session.get(CopyRow, copy_id) is None
    assert office.row("1000").copy_state == NOT_COPIED


@pytest.mark.parametrize("by_cause", [True, False])
def test_what_is_tried_again_of_a_stopped_run_is_sent(office: Office, by_cause: bool) -> None:
    run_id = begun(office, 2)
    make(office, run_id)
    office.ledger.fail("create_entry", RefusedError("Nee.", status=500))
    copy_id = first_copy(office)
    office.perform(copy_id)
    stop_run(office.session, run_id, by="Bo", now=office.now)
    assert states(office, run_id) == [ItemState.NEEDS_YOU, ItemState.STOPPED]

    if by_cause:
        cause = Cause.REFUSED
        retry_of_run(office.session, office.nudge, run_id, cause=cause, words="Nee.", by="Bo", now=office.now)
    else:
        retry_copy(office.session, office.nudge, copy_id, requested_by="Bo", now=office.now)
    work(office)

    assert states(office, run_id) == [ItemState.COPIED, ItemState.STOPPED]
    assert run_of(office, run_id).state == RunState.DONE
    assert progress(office, run_id).stopped == 1


def test_an_invoice_that_another_link_exported_while_it_waited_is_shown_so_after_stop(
    office: Office,
) -> None:
    run_id = begun(office, 2)
    make(office, run_id)
    office.add(some_invoice(id="1001", number="2026-1001", exported=True, export_id="theirs"))

    stop_run(office.session, run_id, by="Bo", now=office.now)

    row = office.row("1001")
    office.session.refresh(row)
    assert (row.copy_state, row.standing) == (ELSEWHERE, Standing.ELSEWHERE)
    assert office.row("1000").copy_state == NOT_COPIED
