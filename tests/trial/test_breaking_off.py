"""Broken off at any point, and repeated: nothing is left behind, and nothing of others is touched."""

from contextlib import suppress

import pytest

from portal.actions.connections.disconnect import disconnect
from portal.actions.trial import perform
from portal.actions.trial.perform import remove_leftovers
from portal.actions.trial.request import break_off, nudge_trials
from portal.actions.trial.steps import STEPS, Step
from portal.actions.trial.turn import KEPT_FOR_REMOVING, MOST_CALLS, Turn
from portal.domain.failed import Failed
from portal.domain.said import said
from portal.domain.trial.verdicts import Verdict
from portal.sandbox.common.faults import Fault
from portal.store.trials import TrialRow, TrialState
from tests.furnishing.wires import KilledError
from tests.trial.bench import Bench

LATER = 30
QUIET_OVER = 361
# Every so many moments: a commit, or just before or after a call.
ONE_IN = 29
MOMENTS = 460


@pytest.fixture
def bench() -> Bench:
    """A connected portal beside both sandboxes."""
    made = Bench()
    made.sign_in()
    return made


def others(bench: Bench) -> int:
    """How much there is in Exact besides."""
    return sum(len(bench.world.books[name]) for name in ("SalesEntries", "SalesEntryLines", "Accounts"))


def run_and_clean(bench: Bench, trial_id: str) -> None:
    """Let another worker take it up, and the sweep remove what could not be looked up at once."""
    bench.world.restart()
    bench.world.clock.advance(LATER)
    again = bench.world.session.get_one(TrialRow, trial_id)
    bench.go_on(again)
    bench.world.clock.advance(QUIET_OVER)
    bench.nudge.woken.clear()
    nudge_trials(bench.world.session, bench.nudge, quiet=360, now=bench.now)
    for job, subject in bench.nudge.woken:
        assert job == "jobs.trials.remove_leftovers"
        remove_leftovers(bench.world.session, bench.desk, int(subject))


@pytest.mark.parametrize("moment", range(0, MOMENTS, ONE_IN))
def test_a_killed_worker_leaves_nothing_behind(bench: Bench, moment: int) -> None:
    before = others(bench)
    trial = bench.request(invoice_number=bench.new_invoice())
    trial_id = trial.id
    bench.world.mortal.left = moment
    with suppress(KilledError):
        bench.go_on(trial)
    run_and_clean(bench, trial_id)
    assert (bench.left(), bench.intended()) == ([], [])
    assert others(bench) == before


def test_after_a_killed_worker_the_next_trial_sees_everything(bench: Bench) -> None:
    trial_id = bench.request().id
    bench.world.mortal.left = MOMENTS // 2
    with pytest.raises(KilledError):
        perform.perform_trial(bench.world.session, bench.desk, trial_id)
    run_and_clean(bench, trial_id)
    assert bench.failed(bench.whole_trial()) == {}
    assert bench.left() == []


@pytest.mark.parametrize("step", [step.code for step in STEPS])
def test_a_trial_that_a_person_breaks_off_removes_what_it_made(
    bench: Bench, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = others(bench)
    trial = bench.request()
    take = perform._take

    def stop_in(turn: Turn, each: Step) -> None:
        if each.code == step:
            break_off(bench.world.session, bench.nudge, trial, by="Anna", now=bench.now)
        take(turn, each)

    monkeypatch.setattr(perform, "_take", stop_in)
    bench.go_on(trial)
    ended = TrialState.ENDED if step == STEPS[-1].code else TrialState.BROKEN_OFF
    assert trial.state == ended
    assert (bench.left(), bench.intended(), others(bench)) == ([], [], before)


WRITES = [(method, path) for method in ("POST", "DELETE") for path in ("Entries", "EntryLines", "Accounts")]


@pytest.mark.parametrize("what", ["drop-after", "drop-before", "truncate", "status:503"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "payments"), ("PATCH", "payments"), ("DELETE", "payments"), ("PATCH", "invoices")],
)
def test_lost_answers_of_productive_leave_nothing_behind(
    bench: Bench, method: str, path: str, what: str
) -> None:
    number = bench.new_invoice()
    bench.world.productive.backstage.faults.add(Fault(method=method, path=path, times=1, do=what))
    trial_id = bench.request(invoice_number=number).id
    perform.perform_trial(bench.world.session, bench.desk, trial_id)
    run_and_clean(bench, trial_id)
    assert (bench.left(), bench.intended()) == ([], [])


@pytest.mark.parametrize("what", ["drop-after", "drop-before", "truncate", "status:503"])
@pytest.mark.parametrize(("method", "path"), [*WRITES, ("PUT", "EntryLines")])
def test_lost_answers_leave_nothing_behind(bench: Bench, method: str, path: str, what: str) -> None:
    before = others(bench)
    bench.world.exact.backstage.faults.add(Fault(method=method, path=path, times=1, do=what))
    trial = bench.request()
    trial_id = trial.id
    bench.go_on(trial)
    run_and_clean(bench, trial_id)
    assert (bench.left(), bench.intended(), others(bench)) == ([], [], before)


def test_an_entry_that_is_paid_is_left_and_said_and_removed_later(bench: Bench) -> None:
    trial = bench.request(with_receipt=True)
    bench.go_on(trial)
    assert trial.live
    matching = bench.receive("same-row")
    bench.answer(trial, matched=True)
    bench.go_on(trial)
    assert trial.state == TrialState.ENDED
    assert trial.trouble
    assert len(bench.intended()) == 2, "the entry, and the customer that it is of"
    bench.take_back(matching)
    remove_leftovers(bench.world.session, bench.desk, bench.world.connection_id)
    assert (bench.left(), bench.intended()) == ([], [])


def test_a_trial_waits_for_its_answer_and_may_be_asked_again(bench: Bench) -> None:
    trial = bench.request(with_receipt=True)
    bench.go_on(trial)
    calls = trial.calls
    bench.go_on(trial)
    assert (trial.state.value, trial.calls) == ("asking", calls)
    bench.answer(trial, matched=False)
    bench.go_on(trial)
    assert trial.state == TrialState.ENDED
    assert bench.verdicts(trial)["receipt-split"] == Verdict.NOT_SEEN
    assert bench.left() == []


def test_a_trial_that_has_spent_its_calls_ends_and_removes_what_it_made(bench: Bench) -> None:
    before = others(bench)
    trial = bench.request()
    trial.calls = MOST_CALLS - KEPT_FOR_REMOVING - 14
    bench.world.session.commit()
    bench.go_on(trial)
    assert (trial.state, trial.trouble) == (TrialState.BROKEN_OFF, said(Failed.TRIAL_SPENT))
    assert trial.calls <= MOST_CALLS == 80
    assert (bench.left(), bench.intended(), others(bench)) == ([], [], before)


@pytest.mark.parametrize("path", ["Entries", "Accounts"])
def test_what_only_seems_to_be_gone_is_not_forgotten(bench: Bench, path: str) -> None:
    before = others(bench)
    bench.world.exact.backstage.faults.add(Fault(method="DELETE", path=path, times=1, do="status:404"))
    trial = bench.request()
    bench.go_on(trial)
    assert len(bench.intended()) == len(set(bench.left()))
    bench.clean_up()
    assert (bench.left(), bench.intended(), others(bench)) == ([], [], before)


@pytest.mark.parametrize("moment", range(300, MOMENTS, 16))
def test_a_connection_that_ends_in_the_middle_leaves_nothing_in_productive(bench: Bench, moment: int) -> None:
    world = bench.world
    trial_id = bench.request(invoice_number=bench.new_invoice()).id
    world.mortal.left = moment
    with suppress(KilledError):
        perform.perform_trial(world.session, bench.desk, trial_id)
    world.restart()
    disconnect(world.session, world.connection_id, actor="Anna", now=bench.now)
    world.exact.backstage.calls.clear()
    run_and_clean(bench, trial_id)
    assert not world.session.get_one(TrialRow, trial_id).is_under_way
    tables = world.productive.tables
    assert [each.note for each in tables.payments.values() if "trial" in str(each.note)] == []
    assert [each.export_id for each in tables.invoices.values() if "TRIAL" in str(each.export_id)] == []
    assert bench.calls() == 0
