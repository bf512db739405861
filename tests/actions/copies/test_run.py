"""Long runs: in order, read ahead, at Exact's pace, and never in anybody's way."""

from datetime import timedelta

from sqlalchemy import select

from portal.actions.copies.run import run_copies
from portal.actions.engine.jobs import Job
from portal.actions.house.sweep import sweep
from portal.domain.copies.states import CopyState
from portal.domain.said import as_written
from portal.remote.errors import HeldBackError, RefusedError, SignInLostError, TemporaryError
from portal.remote.pace import Opening
from portal.store.copies import CopyRow, due_copies
from tests.actions.office import Office, some_invoice
from tests.telling import told


def never() -> bool:
    return False


def a_run(office: Office, how_many: int) -> list[CopyRow]:
    """Ask for copies that nobody waits for."""
    made = []
    for number in range(how_many):
        invoice_id = str(1000 + number)
        office.add(some_invoice(id=invoice_id, number=f"2026-{1000 + number}"))
        made.append(office.wish(invoice_id=invoice_id))
        made[-1].batch = True
        office.pass_time(0.001)
    office.session.commit()
    return made


def states(office: Office) -> list[str]:
    return list(office.session.scalars(select(CopyRow.state).order_by(CopyRow.requested_at)))


def run(office: Office) -> None:
    run_copies(office.session, office.desk, office.connection_id, others_wait=never)


def test_a_run_books_everything_and_reads_fifty_invoices_at_once(office: Office) -> None:
    a_run(office, 60)
    run(office)
    assert states(office) == [CopyState.COPIED] * 60
    # One look for forty numbers.
    assert (office.ledger.count("find_held"), office.ledger.count("create_entry")) == (2, 60)
    assert len(office.ledger.calls) == 62
    assert office.billing.count("read_invoices") == 2
    assert office.billing.count("mark_exported") == 60


def test_what_was_read_is_used_for_less_than_a_minute(office: Office) -> None:
    a_run(office, 4)
    office.ledger.on_call = lambda _name: office.pass_time(20)
    run(office)
    assert states(office) == [CopyState.COPIED] * 4
    assert office.billing.count("read_invoices") == 2


def test_an_invoice_that_is_gone_ends_only_its_own_copy(office: Office) -> None:
    a_run(office, 3)
    del office.billing.invoices["1001"]
    run(office)
    assert states(office) == [CopyState.COPIED, CopyState.REFUSED, CopyState.COPIED]
    assert office.billing.count("read_invoices") == 1


def test_a_refused_copy_delays_nobody(office: Office) -> None:
    a_run(office, 3)
    office.ledger.fail("create_entry", RefusedError("Nee", status=500))
    began = office.now
    run(office)
    assert states(office) == [CopyState.REFUSED, CopyState.COPIED, CopyState.COPIED]
    assert office.now == began


def test_a_used_up_minute_is_waited_for_before_anything_is_read(office: Office) -> None:
    a_run(office, 1)
    office.ledger.opening = Opening(office.now + timedelta(seconds=40), as_written("The minute is used up."))
    began = office.now
    read_at = []
    office.billing.on_call = lambda _name: read_at.append(office.now)
    run(office)
    assert states(office) == [CopyState.COPIED]
    assert min(read_at) >= began + timedelta(seconds=40)


def test_a_used_up_day_lets_all_wait_with_the_reason_and_marks_go_on(office: Office) -> None:
    first, *rest = a_run(office, 3)
    office.billing.fail("mark_exported", TemporaryError("502"))
    office.perform(first.id)
    office.pass_time(60)
    tomorrow = office.now + timedelta(hours=6)
    office.ledger.opening = Opening(tomorrow, as_written("The calls allowed per day are used up."))
    run(office)
    office.session.expire_all()
    assert [(one.state, one.next_try_at, told(one.trouble)) for one in rest] == [
        (CopyState.WAITING, tomorrow, "The calls allowed per day are used up.")
    ] * 2
    assert office.billing.count("read_invoices") == 1
    assert office.billing.invoices["1000"].exported
    assert due_copies(office.session, office.now) == []
    assert len(due_copies(office.session, tomorrow)) == 2


def test_a_lost_sign_in_lets_all_wait_without_reading(office: Office) -> None:
    waiting = a_run(office, 3)
    lost = office.desk

    def ledger(_id: int) -> object:
        raise SignInLostError("Connect again.")

    object.__setattr__(lost, "ledger", ledger)
    run_copies(office.session, lost, office.connection_id, others_wait=never)
    office.session.expire_all()
    assert {(one.state, one.cause, told(one.trouble)) for one in waiting} == {
        (CopyState.WAITING, "sign-in lost", "“Connect again.”")
    }
    assert office.billing.calls == []


def test_a_run_makes_room_for_others(office: Office) -> None:
    a_run(office, 3)
    looks = iter([False, False, True])
    run_copies(office.session, office.desk, office.connection_id, others_wait=lambda: next(looks, True))
    assert states(office)[-1] == CopyState.WAITING
    run(office)
    assert states(office) == [CopyState.COPIED] * 3


def test_the_sweep_starts_runs_and_leaves_watched_copies_to_themselves(office: Office) -> None:
    a_run(office, 3)
    watched = office.wish()
    office.nudge.woken.clear()
    assert sweep(office.session, office.nudge, now=office.now) == 3
    runs = [(Job.RUN_COPIES, f"{office.connection_id}/{number}") for number in (1, 2)]
    assert office.nudge.woken == [(Job.COPY, watched.id), *runs]


def test_a_wish_that_nobody_watches_any_more_joins_the_run(office: Office) -> None:
    office.wish()
    office.pass_time(601)
    office.nudge.woken.clear()
    sweep(office.session, office.nudge, now=office.now)
    assert office.nudge.woken == [(Job.RUN_COPIES, f"{office.connection_id}/1")]


def test_a_single_copy_waits_for_the_minute_and_not_for_the_day(office: Office) -> None:
    office.ledger.opening = Opening(office.now + timedelta(seconds=30), as_written("The minute is used up."))
    began = office.now
    assert office.copied().state == CopyState.COPIED
    assert office.now == began + timedelta(seconds=30)
    office.ledger.opening = Opening(office.now + timedelta(hours=1), as_written("The day is used up."))
    office.add(some_invoice(id="106", number="2026-0106"))
    copy = office.copied(invoice_id="106")
    assert (copy.state, told(copy.trouble), copy.next_try_at) == (
        CopyState.WAITING,
        "The day is used up.",
        office.ledger.opening.at,
    )
    assert office.billing.count("read_invoices") == 1


def test_a_lane_that_is_busy_puts_one_copy_off(office: Office) -> None:
    a_run(office, 2)
    office.ledger.fail("create_entry", HeldBackError("busy", retry_at=office.now + timedelta(seconds=10)))
    run(office)
    assert states(office) == [CopyState.WAITING, CopyState.COPIED]
