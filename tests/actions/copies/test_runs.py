"""Runs: many copies at once, that may be killed, stopped and gone on with, each ending once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from portal.actions.copies.request import add_wish
from portal.actions.copies.run import run_copies
from portal.actions.copies.run_again import retry_of_run
from portal.actions.copies.run_begin import Begun, begin_run
from portal.actions.copies.run_draft import plan_copies
from portal.actions.copies.run_settle import settle_runs
from portal.actions.copies.run_stop import go_on, stop_run
from portal.actions.copies.run_wishes import find_unmade, make_wishes
from portal.actions.engine.jobs import Job
from portal.domain.booking.mapping import MappingKind
from portal.domain.copies.failures import Cause
from portal.domain.copies.runs import ItemState, Progress, RunState
from portal.domain.copies.states import CopyState
from portal.remote.errors import RateLimitedError, RefusedError
from portal.store.catalogue import keep_catalogue
from portal.store.copies import CopyRow
from portal.store.invoices import NOT_COPIED, InvoiceRow
from portal.store.mappings import MappingRow
from portal.store.runs import RunItemRow, RunRow, list_items, read_progress
from tests.actions.office import Killed, Office, some_invoice
from tests.fakes import OTHER_REVENUE
from tests.furnishing.events import events_of


def never() -> bool:
    return False


def seen_of(office: Office, ids: list[str]) -> dict[str, str]:
    """Look at what would be booked, as the page does."""
    rows = [office.row(each) for each in ids]
    plans = plan_copies(office.session, rows, now=office.now, today=office.now.date())
    assert all(each.is_ready for each in plans), [each.problems for each in plans]
    office.session.commit()
    return {each.row.id: each.seen for each in plans}


def some(office: Office, how_many: int) -> list[str]:
    ids = [str(1000 + at) for at in range(how_many)]
    for each in ids:
        office.add(some_invoice(id=each, number=f"2026-{each}"))
    office.connection().default_journal = "70"
    office.session.commit()
    return ids


def begin(office: Office, seen: Mapping[str, str]) -> Begun:
    return begin_run(
        office.session,
        office.nudge,
        seen,
        requested_by="Anna",
        now=office.now,
        today=office.now.date(),
    )


def begun(office: Office, how_many: int) -> str:
    run_id = begin(office, seen_of(office, some(office, how_many))).run_id
    assert run_id
    return run_id


def make(office: Office, run_id: str) -> None:
    make_wishes(office.session, office.nudge, run_id, clock=lambda: office.now)


def work(office: Office) -> None:
    run_copies(office.session, office.desk, office.connection_id, others_wait=never)


def progress(office: Office, run_id: str) -> Progress:
    found = read_progress(office.session, run_id, office.now)
    office.session.commit()
    return found


def run_of(office: Office, run_id: str) -> RunRow:
    found = office.session.get_one(RunRow, run_id, populate_existing=True)
    office.session.commit()
    return found


def states(office: Office, run_id: str) -> list[ItemState]:
    items = list_items(office.session, run_id, list(ItemState), office.now, most=1000)
    office.session.commit()
    return [each.state for each in items]


def test_a_run_books_every_invoice_once_in_the_order_of_its_items(office: Office) -> None:
    run_id = begun(office, 25)
    assert (Job.MAKE_WISHES, run_id) in office.nudge.woken
    assert progress(office, run_id).count(ItemState.TO_COME) == 25

    make(office, run_id)
    assert (Job.RUN_COPIES, f"{office.connection_id}/1") in office.nudge.woken

    work(office)
    run = run_of(office, run_id)
    assert (run.state, run.needing) == (RunState.DONE, 0)
    assert run.finished_at is not None
    assert progress(office, run_id).booked == 25
    refs = [entry.your_ref for entry in office.ledger.entries.values()]
    assert refs == [f"2026-{1000 + at}" for at in range(25)]


def test_a_run_says_how_much_was_booked(office: Office) -> None:
    run_id = begun(office, 3)
    make(office, run_id)
    work(office)
    assert progress(office, run_id).amounts(ItemState.COPIED) == {"EUR": 3 * 12100}


def test_wishes_that_were_broken_off_are_made_once_each(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = begun(office, 50)
    left = 30

    def die(*args: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Killed
        add_wish(*args)

    monkeypatch.setattr("portal.actions.copies.run_wishes.add_wish", die)
    with pytest.raises(Killed):
        make(office, run_id)

    monkeypatch.undo()
    office.session.rollback()
    assert find_unmade(office.session) == [run_id]
    make(office, run_id)
    make(office, run_id)
    assert find_unmade(office.session) == []
    assert len(office.session.scalars(select(CopyRow)).all()) == 50
    work(office)
    assert len(office.ledger.entries) == 50


def test_an_invoice_that_changed_between_page_and_click_is_left_out_and_named(office: Office) -> None:
    seen = seen_of(office, some(office, 3))
    office.add(some_invoice(id="1001", number="2026-1001", amount=20000, amount_with_tax=24200))
    begun = begin(office, seen)
    assert [each.row.id for each in begun.left_out] == ["1001"]
    assert begun.run_id is not None
    assert run_of(office, begun.run_id).total == 2


def test_an_invoice_that_somebody_copied_between_page_and_click_is_left_out(office: Office) -> None:
    seen = seen_of(office, some(office, 2))
    office.copied(invoice_id="1000")
    begun = begin(office, seen)
    assert [(each.row.id, each.problem and each.problem.code) for each in begun.left_out] == [
        ("1000", "already_copied")
    ]


def test_where_something_else_would_be_booked_the_person_is_asked_again(office: Office) -> None:
    seen = seen_of(office, some(office, 2))
    remap(office)
    begun = begin(office, seen)
    assert begun.run_id is None
    assert [row.id for row in begun.otherwise] == ["1000", "1001"]


def remap(office: Office) -> None:
    """Map what is billed to another ledger account."""
    accounts = tuple(replace(each, cost_center=0) for each in office.ledger.catalogue.accounts)
    catalogue = replace(office.ledger.catalogue, accounts=accounts)
    keep_catalogue(office.session, office.connection_id, catalogue, office.now)
    for row in office.session.scalars(select(MappingRow).where(MappingRow.kind == MappingKind.SERVICE)):
        row.target = OTHER_REVENUE
    office.connection().default_ledger = OTHER_REVENUE
    office.session.commit()


def test_what_would_be_booked_otherwise_than_shown_needs_somebody(office: Office) -> None:
    run_id = begun(office, 2)
    remap(office)
    make(office, run_id)
    assert states(office, run_id) == [ItemState.NEEDS_YOU] * 2
    item = office.session.get_one(RunItemRow, (run_id, "1000"))
    assert item.cause == Cause.BOOKING_CHANGED
    run = run_of(office, run_id)
    assert (run.state, run.needing) == (RunState.DONE, 2)


def test_an_invoice_that_changed_after_the_click_needs_somebody_and_the_rest_goes_on(office: Office) -> None:
    run_id = begun(office, 3)
    office.add(some_invoice(id="1001", number="2026-1001", amount=20000, amount_with_tax=24200))
    make(office, run_id)
    work(office)
    assert states(office, run_id) == [ItemState.COPIED, ItemState.NEEDS_YOU, ItemState.COPIED]
    assert office.session.get_one(RunItemRow, (run_id, "1001")).cause == Cause.INVOICE_CHANGED


def test_what_somebody_else_copied_meanwhile_is_not_copied_again(office: Office) -> None:
    run_id = begun(office, 2)
    office.copied(invoice_id="1000")
    make(office, run_id)
    work(office)
    assert states(office, run_id) == [ItemState.ALREADY, ItemState.COPIED]
    assert len(office.ledger.entries) == 2


def test_stop_leaves_what_was_not_sent_as_it_was(office: Office) -> None:
    run_id = begun(office, 30)
    make(office, run_id)
    first = office.session.scalars(select(CopyRow).order_by(CopyRow.requested_at)).first()
    assert first is not None
    office.perform(first.id)

    stop_run(office.session, run_id, by="Bo", now=office.now)
    assert states(office, run_id) == [ItemState.COPIED] + [ItemState.STOPPED] * 29
    assert [row.id for row in office.session.scalars(select(CopyRow))] == [first.id]
    left = office.row("1005")
    assert (left.copy_state, left.latest_copy_id) == (NOT_COPIED, None)
    run = run_of(office, run_id)
    assert (run.state, run.stopped_by, run.finished_at is not None) == (RunState.STOPPED, "Bo", True)
    assert "not sent" in [each.kind for each in events_of(office.session, "1005")]

    work(office)
    assert len(office.ledger.entries) == 1


def test_stop_before_the_wishes_are_made_makes_none(office: Office) -> None:
    run_id = begun(office, 5)
    stop_run(office.session, run_id, by="Bo", now=office.now)
    make(office, run_id)
    assert office.session.scalars(select(CopyRow)).all() == []
    assert states(office, run_id) == [ItemState.STOPPED] * 5


def test_what_a_worker_sends_at_the_moment_of_stop_ends(office: Office) -> None:
    run_id = begun(office, 3)
    make(office, run_id)
    first = office.session.scalars(select(CopyRow.id).order_by(CopyRow.requested_at)).first()
    assert first is not None
    office.session.commit()

    seen: list[list[ItemState]] = []

    def stop(name: str) -> None:
        if name == "create_entry":
            stop_run(office.session, run_id, by="Bo", now=office.now)
            seen.append(states(office, run_id))

    office.ledger.on_call = stop
    office.perform(first)
    work(office)
    assert seen == [[ItemState.UNDER_WAY, ItemState.STOPPED, ItemState.STOPPED]]
    assert states(office, run_id) == [ItemState.COPIED, ItemState.STOPPED, ItemState.STOPPED]
    assert run_of(office, run_id).finished_at is not None


def test_what_was_sent_without_an_answer_at_the_moment_of_stop_ends(office: Office) -> None:
    run_id = begun(office, 2)
    make(office, run_id)
    office.ledger.fail("create_entry", after=True)
    first = office.session.scalars(select(CopyRow.id).order_by(CopyRow.requested_at)).first()
    assert first is not None
    office.perform(first)
    stop_run(office.session, run_id, by="Bo", now=office.now)
    assert states(office, run_id) == [ItemState.UNDER_WAY, ItemState.STOPPED]
    office.go_on(first)
    assert states(office, run_id) == [ItemState.COPIED, ItemState.STOPPED]
    assert len(office.ledger.entries) == 1


def test_what_was_tried_without_effect_is_not_tried_again_after_stop(office: Office) -> None:
    run_id = begun(office, 2)
    make(office, run_id)
    office.ledger.fail("create_entry", RateLimitedError("Busy.", status=429))
    first = office.session.scalars(select(CopyRow.id).order_by(CopyRow.requested_at)).first()
    assert first is not None
    office.perform(first)
    assert office.copy(first).state == CopyState.WAITING

    stop_run(office.session, run_id, by="Bo", now=office.now)
    assert states(office, run_id) == [ItemState.STOPPED] * 2
    office.go_on(first)
    assert len(office.ledger.entries) == 0

    go_on(office.session, office.nudge, run_id, by="Bo", now=office.now)
    make(office, run_id)
    work(office)
    assert states(office, run_id) == [ItemState.COPIED] * 2
    assert len(office.ledger.entries) == 2


def test_what_is_tried_again_and_stopped_is_booked_once_the_run_goes_on(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    office.ledger.fail("create_entry", RefusedError("Nee.", status=500))
    work(office)
    assert states(office, run_id) == [ItemState.NEEDS_YOU]

    cause = Cause.REFUSED
    retry_of_run(office.session, office.nudge, run_id, cause=cause, words="Nee.", by="Bo", now=office.now)
    stop_run(office.session, run_id, by="Bo", now=office.now)
    assert states(office, run_id) == [ItemState.STOPPED]

    go_on(office.session, office.nudge, run_id, by="Bo", now=office.now)
    make(office, run_id)
    work(office)
    assert states(office, run_id) == [ItemState.COPIED]
    assert len(office.ledger.entries) == 1


def test_what_somebody_tried_in_vain_while_a_run_stood_still_is_not_called_copied(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    stop_run(office.session, run_id, by="Bo", now=office.now)
    (invoice_id,) = office.session.scalars(select(RunItemRow.invoice_id))
    office.ledger.fail("create_entry", RefusedError("Nee.", status=500))
    office.perform(office.wish(invoice_id=invoice_id).id)

    go_on(office.session, office.nudge, run_id, by="Bo", now=office.now)
    make(office, run_id)
    work(office)
    assert states(office, run_id) == [ItemState.NEEDS_YOU]
    assert office.ledger.entries == {}


def test_a_stopped_run_goes_on_and_books_the_rest_once(office: Office) -> None:
    run_id = begun(office, 25)
    make(office, run_id)
    for copy_id in list(office.session.scalars(select(CopyRow.id).order_by(CopyRow.requested_at)))[:10]:
        office.perform(copy_id)
    stop_run(office.session, run_id, by="Bo", now=office.now)

    go_on(office.session, office.nudge, run_id, by="Bo", now=office.now)
    assert progress(office, run_id).count(ItemState.TO_COME) == 15
    make(office, run_id)
    work(office)
    assert progress(office, run_id).booked == 25
    assert len(office.ledger.entries) == 25
    assert run_of(office, run_id).state == RunState.DONE


def test_what_was_copied_by_hand_after_stop_is_not_copied_again(office: Office) -> None:
    run_id = begun(office, 2)
    stop_run(office.session, run_id, by="Bo", now=office.now)
    office.copied(invoice_id="1000")
    go_on(office.session, office.nudge, run_id, by="Bo", now=office.now)
    make(office, run_id)
    work(office)
    assert states(office, run_id) == [ItemState.ALREADY, ItemState.COPIED]
    assert len(office.ledger.entries) == 2


def test_a_killed_worker_leaves_a_run_that_ends_right(office: Office) -> None:
    run_id = begun(office, 6)
    make(office, run_id)
    for after in (False, True):
        with office.killed("create_entry", after=after, nth=2):
            work(office)
        office.session.rollback()
        assert progress(office, run_id).booked in (len(office.ledger.entries), len(office.ledger.entries) - 1)

    for _turn in range(8):
        office.pass_time(400)
        work(office)
    assert states(office, run_id) == [ItemState.COPIED] * 6
    assert len(office.ledger.entries) == 6


def test_twenty_failures_of_one_cause_are_tried_again_in_one_action(office: Office) -> None:
    run_id = begun(office, 20)
    make(office, run_id)
    office.ledger.fail("create_entry", RefusedError("De periode is afgesloten.", status=500), times=20)
    work(office)
    # After three alike the others are held unsent.
    assert progress(office, run_id).needing == 20
    assert office.ledger.count("create_entry") == 3
    run = run_of(office, run_id)
    assert (run.state, run.needing) == (RunState.DONE, 20)

    office.ledger.forgive()
    retry_of_run(
        office.session,
        office.nudge,
        run_id,
        cause=Cause.REFUSED,
        words="De periode is afgesloten.",
        by="Bo",
        now=office.now,
    )
    work(office)
    office.pass_time(1)
    work(office)
    assert progress(office, run_id).booked == 20
    assert len(office.ledger.entries) == 20
    run = run_of(office, run_id)
    assert (run.state, run.needing) == (RunState.DONE, 0)


def test_what_needed_somebody_and_was_copied_by_hand_needs_nobody(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    office.ledger.fail("create_entry", RefusedError("Nee", status=500))
    work(office)
    assert run_of(office, run_id).needing == 1

    office.copied(invoice_id="1000")
    settle_runs(office.session, now=office.now)
    assert states(office, run_id) == [ItemState.ALREADY]
    assert run_of(office, run_id).needing == 0


def test_an_invoice_undone_after_the_run_counts_as_booked_by_it(office: Office) -> None:
    run_id = begun(office, 1)
    make(office, run_id)
    work(office)
    copy = office.session.scalars(select(CopyRow)).one()
    copy.state = CopyState.UNDONE
    office.session.commit()
    assert states(office, run_id) == [ItemState.COPIED]


def test_a_copied_invoice_is_never_taken_into_a_run(office: Office) -> None:
    some(office, 1)
    office.copied(invoice_id="1000")
    rows = [office.row("1000")]
    plan = plan_copies(office.session, rows, now=office.now, today=office.now.date())[0]
    assert [each.code for each in plan.problems] == ["already_copied"]


def test_two_clicks_make_two_runs_of_which_one_copies(office: Office) -> None:
    seen = seen_of(office, some(office, 3))
    one = begin(office, seen).run_id or ""
    other = begin(office, seen).run_id or ""
    make(office, one)
    make(office, other)
    work(office)
    assert len(office.ledger.entries) == 3
    assert states(office, one) == [ItemState.COPIED] * 3
    assert states(office, other) == [ItemState.ALREADY] * 3
    settle_runs(office.session, now=office.now)
    assert run_of(office, other).state == RunState.DONE


def test_the_fingerprint_of_an_invoice_is_what_makes_it_another(office: Office) -> None:
    seen = seen_of(office, some(office, 1))
    row: InvoiceRow = office.row("1000")
    changed = replace(row.invoice(), amount_unpaid=1)
    office.add(changed)
    assert seen_of(office, ["1000"]) == seen
