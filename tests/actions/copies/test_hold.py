"""Three alike failures hold what is like them; one tries, the rest follow. A fault of ours never loops."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.catalogue import pull_catalogue
from portal.actions.connections.disconnect import disconnect
from portal.actions.connections.mapping import Change, set_mappings
from portal.actions.connections.remapped import look_at_held
from portal.actions.copies.note_fault import MOST_FAULTS, note_fault
from portal.actions.copies.perform import MOST_BEGUN, perform_copy
from portal.actions.copies.retry import retry_copy
from portal.actions.copies.retry_cause import retry_cause
from portal.actions.copies.wake import wake_copies
from portal.actions.engine.jobs import Job
from portal.domain.booking.catalogue import LedgerAccount
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.states import CopyState
from portal.remote.errors import (
    LostReplyError,
    MissingRightError,
    RefusedError,
    RemoteError,
    UnreachableError,
)
from portal.store.catalogue import keep_catalogue
from portal.store.copies import CopyRow, due_copies
from portal.store.holds import HoldRow, holds_of
from portal.store.mappings import ServiceTypeRow
from tests.actions.office import Office, some_invoice
from tests.fakes import OTHER_REVENUE, some_guid
from tests.telling import told

CLOSED = RefusedError("Periode is afgesloten", status=500)


def copies(office: Office, how_many: int, *, first: int = 1000, month: int = 3) -> list[CopyRow]:
    """Ask for copies and perform each."""
    made = []
    for number in range(first, first + how_many):
        office.pass_time(1)
        office.add(some_invoice(id=str(number), number=f"2026-{number}"))
        choices = replace(office.choices(), booking_date=f"2026-{month:02}-02")
        made.append(office.copied(choices, invoice_id=str(number)))
    return made


def three_alike(office: Office, error: RemoteError = CLOSED) -> list[CopyRow]:
    office.ledger.fail("create_entry", error, times=3)
    return copies(office, 3)


def held(office: Office) -> Sequence[CopyRow]:
    office.session.expire_all()
    return office.session.scalars(select(CopyRow).where(CopyRow.hold_id.is_not(None))).all()


def holds(office: Office) -> Sequence[HoldRow]:
    return holds_of(office.session, office.connection_id)


@pytest.mark.parametrize("reasonless", [True, False])
def test_whether_a_reason_was_given_is_kept_with_the_refused_the_hold_and_the_held(
    office: Office, reasonless: bool
) -> None:
    refused = three_alike(office, RefusedError("Told.", status=400, reasonless=reasonless))
    [held_copy] = copies(office, 1, first=2000)
    assert held_copy.hold_id is not None
    assert {copy.reasonless for copy in (*refused, held_copy)} == {reasonless}
    assert [hold.reasonless for hold in holds(office)] == [reasonless]


def test_after_three_alike_failures_copies_like_them_are_held_unsent(office: Office) -> None:
    assert [copy.state for copy in three_alike(office)] == [CopyState.REFUSED] * 3
    reads = office.billing.count("read_invoices")
    [fourth] = copies(office, 1, first=2000)
    assert (fourth.state, fourth.cause, fourth.remote_text) == (
        CopyState.WAITING,
        "RefusedError",
        CLOSED.text,
    )
    assert "Retry" in told(fourth.trouble)
    assert office.ledger.count("create_entry") == 3
    assert office.billing.count("read_invoices") == reads
    office.pass_time(100_000)
    assert due_copies(office.session, office.now) == []


def test_copies_that_do_not_share_what_failed_go_on(office: Office) -> None:
    three_alike(office)
    [other] = copies(office, 1, first=2000, month=4)
    assert other.state == CopyState.COPIED


def test_three_poisons_among_many_hold_nobody(office: Office) -> None:
    for number in (1000, 2000, 3000):
        office.ledger.fail("create_entry", CLOSED)
        copies(office, 2, first=number)
    assert holds(office) == []


def test_other_words_are_another_cause(office: Office) -> None:
    for words in ("Eén", "Twee", "Drie"):
        office.ledger.fail("create_entry", RefusedError(words, status=500))
    copies(office, 3)
    assert holds(office) == []


def test_what_fails_alike_in_another_month_gets_a_hold_of_its_own(office: Office) -> None:
    three_alike(office)
    copies(office, 1, first=1500, month=5)
    office.ledger.fail("create_entry", CLOSED, times=3)
    copies(office, 4, first=2000, month=4)
    assert office.ledger.count("create_entry") == 7
    assert len(holds(office)) == 2


def test_retry_of_a_cause_lets_one_try_and_the_rest_follow_its_success(office: Office) -> None:
    refused = three_alike(office)
    waiting = copies(office, 2, first=2000)
    office.nudge.woken.clear()
    retried = retry_cause(
        office.session,
        office.nudge,
        [copy.id for copy in (*refused, *waiting)],
        requested_by="Bo",
        now=office.now,
    )
    assert (retried.tried, retried.following, retried.problems) == (1, 4, ())
    [(job, probe)] = office.nudge.woken
    assert job == Job.COPY
    assert due_copies(office.session, office.now) == [probe]
    assert office.perform(probe).state == CopyState.COPIED
    assert (held(office), holds(office)) == ([], [])
    for copy_id in due_copies(office.session, office.now):
        assert office.perform(copy_id).state == CopyState.COPIED
    assert office.ledger.count("create_entry") == 3 + 5


def map_design(office: Office, target: str) -> None:
    """Map the service type of all lines anew, and let the worker look at what is held."""
    if office.session.get(ServiceTypeRow, "design") is None:
        office.session.add(ServiceTypeRow(id="design", name="Design"))

    change = Change(
        office.connection_id,
        MappingKind.SERVICE,
        [MappingKey(MappingKind.SERVICE, "design")],
        "Bo",
        office.now,
    )
    set_mappings(office.session, office.nudge, change, target)
    look_at_held(office.session, office.connection_id, now=office.now)


def test_a_wish_that_a_worker_was_quicker_with_is_not_held_afterwards(
    office: Office, session_factory: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = three_alike(office)
    account = LedgerAccount(some_guid(), "8020", "Revenue hosting", 110, "W", False, 0)
    offer = replace(office.ledger.catalogue, accounts=(*office.ledger.catalogue.accounts, account))
    keep_catalogue(office.session, office.connection_id, offer, office.now)
    map_design(office, account.id)

    def retry_and_run(session: Session, *args: Any, **how: Any) -> CopyRow | tuple[Problem, ...]:
        made = retry_copy(session, *args, **how)
        assert isinstance(made, CopyRow)
        with session_factory() as worker:
            perform_copy(worker, office.desk, made.id)
        return made

    monkeypatch.setattr("portal.actions.copies.retry_cause.retry_copy", retry_and_run)
    ids = [copy.id for copy in refused]
    retry_cause(office.session, office.nudge, ids, requested_by="Bo", now=office.now)
    office.session.expire_all()
    assert held(office) == []
    assert len(office.ledger.entries) == 3


def test_a_try_that_fails_alike_leaves_the_rest_held(office: Office) -> None:
    refused = three_alike(office)
    copies(office, 2, first=2000)
    office.ledger.fail("create_entry", CLOSED)
    ids = [copy.id for copy in refused]
    retry_cause(office.session, office.nudge, ids, requested_by="Bo", now=office.now)
    probe = office.nudge.woken[-1][1]
    assert office.perform(probe).state == CopyState.REFUSED
    assert len(held(office)) == 4
    assert office.ledger.count("create_entry") == 4
    assert holds(office)[0].probe_id is None
    held_ids = [copy.id for copy in held(office)]
    again = retry_cause(office.session, office.nudge, held_ids, requested_by="Bo", now=office.now)
    assert (again.tried, again.following) == (1, 3)


def test_only_one_is_tried_at_a_time(office: Office) -> None:
    three_alike(office)
    first, second = copies(office, 2, first=2000)
    assert office.retry(first.id) is first
    answer = office.retry(second.id)
    assert isinstance(answer, tuple)
    office.ledger.fail("create_entry", UnreachableError("no"))
    assert office.perform(first.id).state == CopyState.WAITING
    assert [copy.id for copy in held(office)] == [second.id]
    office.pass_time(60)
    office.perform(first.id)
    assert held(office) == []


def test_few_failures_are_simply_tried_again_and_many_by_a_run(office: Office) -> None:
    refused = []
    for number in range(5):
        office.ledger.fail("create_entry", RefusedError("Nee", status=500))
        refused += copies(office, 2, first=1000 + 10 * number)[:1]
    office.nudge.woken.clear()
    ids = [copy.id for copy in refused]
    two = retry_cause(office.session, office.nudge, ids[:2], requested_by="Bo", now=office.now)
    assert (two.tried, [job for job, _ in office.nudge.woken]) == (2, [Job.COPY, Job.COPY])
    office.nudge.woken.clear()
    copies(office, 1, first=5000)
    rest = retry_cause(office.session, office.nudge, ids, requested_by="Bo", now=office.now)
    assert rest.tried == 5
    assert office.nudge.woken[-1] == (Job.RUN_COPIES, f"{office.connection_id}/1")


def test_what_cannot_succeed_is_said_and_not_tried(office: Office) -> None:
    copy = office.wish()
    del office.billing.invoices["105"]
    office.perform(copy.id)
    office.row().fingerprint = "another"
    office.session.commit()
    retried = retry_cause(office.session, office.nudge, [copy.id], requested_by="Bo", now=office.now)
    assert retried.tried == 0
    assert "changed in Productive" in told(retried.problems[0])


def test_a_changed_mapping_frees_what_no_longer_shares_the_trait(office: Office) -> None:
    three_alike(office)
    [copy] = copies(office, 1, first=2000)
    map_design(office, OTHER_REVENUE)
    assert held(office) == []
    assert office.perform(copy.id).cause == "cost_center_missing"
    assert office.ledger.count("create_entry") == 3


def test_a_refreshed_catalogue_lets_one_try(office: Office) -> None:
    three_alike(office)
    first, second = copies(office, 2, first=2000)
    office.session.commit()
    pull_catalogue(office.session, office.ledger, office.connection_id, now=office.now)
    assert [copy.id for copy in held(office)] == [second.id]
    assert office.perform(first.id).state == CopyState.COPIED
    assert office.perform(second.id).state == CopyState.COPIED


def test_a_refreshed_catalogue_ends_a_hold_that_holds_nobody(office: Office) -> None:
    three_alike(office)
    pull_catalogue(office.session, office.ledger, office.connection_id, now=office.now)
    assert holds(office) == []


def test_a_missing_right_holds_everything_until_somebody_signs_in_again(office: Office) -> None:
    three_alike(office, MissingRightError("Forbidden - Application Scope Violated.", status=403))
    [other] = copies(office, 1, first=2000, month=4)
    assert (other.state, other.cause) == (CopyState.WAITING, "MissingRightError")
    pull_catalogue(office.session, office.ledger, office.connection_id, now=office.now)
    assert len(held(office)) == 1
    office.connection().grant_id = None
    wake_copies(office.session, 0, office.now)
    assert len(held(office)) == 1


def test_an_update_that_was_begun_is_never_held(office: Office) -> None:
    [copy] = copies(office, 1, first=900)
    copy.plan = {"steps": []}
    copy.plan_step = 1
    assert copy.hold_id is None


def test_disconnecting_ends_what_was_held(office: Office) -> None:
    three_alike(office)
    [copy] = copies(office, 1, first=2000)
    disconnect(office.session, office.connection_id, actor="Bo", now=office.now)
    assert (held(office), holds(office)) == ([], [])
    assert office.perform(copy.id).cause == "disconnected"


def a_bug() -> KeyError:
    try:
        raise KeyError("secret words")
    except KeyError as bug:
        return bug


def fail_with_a_bug(office: Office, copy: CopyRow, times: int) -> None:
    """Perform a copy, as the job does, until its work ended in a bug so many times; probes come between."""
    office.ledger.on_call = stumble
    number = 0
    while number < times:
        try:
            office.perform(copy.id)
        except KeyError as bug:
            number += 1
            note_fault(office.session, copy.id, bug, f"REF{number}", now=office.now)
        office.pass_time(400)
    office.ledger.on_call = lambda _name: None


def stumble(name: str) -> None:
    if name == "create_entry":
        raise KeyError("secret words")


def test_a_fault_of_ours_is_tried_a_few_times_and_then_held_with_its_reference(office: Office) -> None:
    copy = office.wish()
    fail_with_a_bug(office, copy, 1)
    assert copy.hold_id is None
    assert due_copies(office.session, office.now) == [copy.id]
    fail_with_a_bug(office, copy, MOST_FAULTS - 1)
    assert (copy.cause, copy.remote_text) == ("fault", "KeyError in stumble")
    assert "REF2" in told(copy.trouble)
    assert "secret" not in f"{copy.trouble}{copy.remote_text}"
    assert due_copies(office.session, office.now) == []


def test_a_held_fault_is_asked_for_before_it_is_tried_again(office: Office) -> None:
    copy = office.wish()
    fail_with_a_bug(office, copy, MOST_FAULTS)
    assert copy.state == CopyState.UNCERTAIN
    office.retry(copy.id)
    for _probe in range(2):
        office.pass_time(400)
        office.perform(copy.id)
    assert (copy.state, holds(office)) == (CopyState.COPIED, [])
    assert len(office.ledger.entries) == 1


def test_a_bug_after_the_booking_ends_in_an_adoption(office: Office) -> None:
    copy = office.wish()
    office.ledger.fail("create_entry", LostReplyError("-"), after=True)
    office.perform(copy.id)
    note_fault(office.session, copy.id, a_bug(), "REF", now=office.now)
    office.pass_time(20)
    assert office.perform(copy.id).state == CopyState.COPIED


def test_a_worker_that_dies_again_and_again_is_a_fault_of_ours(office: Office) -> None:
    copy = office.wish()
    copy.begun = MOST_BEGUN
    office.session.commit()
    office.perform(copy.id)
    assert (copy.cause, copy.state) == ("fault", CopyState.WAITING)
    assert office.ledger.calls == []
    assert office.retried(copy.id).state == CopyState.COPIED


def test_an_orderly_end_does_not_count(office: Office) -> None:
    copy = office.wish()
    office.ledger.fail("create_entry", UnreachableError("no"))
    office.perform(copy.id)
    office.session.refresh(copy)
    assert copy.begun == 0


def test_exacts_own_block_is_waited_for(office: Office) -> None:
    blocked = MissingRightError("Forbidden - too many errors, this API key is blocked", status=403)
    office.ledger.fail("create_entry", blocked)
    copy = office.copied()
    assert (copy.state, copy.cause, copy.next_try_at) == (
        CopyState.WAITING,
        "blocked",
        office.now + timedelta(hours=1),
    )
