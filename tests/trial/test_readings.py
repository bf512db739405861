"""Against the sandbox all assumptions hold; turned to another reading, a trial finds exactly that one."""

import pytest

from portal.domain.trial.assumptions import ASSUMPTIONS, BY_CODE, System
from portal.domain.trial.verdicts import Verdict
from portal.sandbox.exact.readings import READINGS as OF_EXACT
from tests.trial.bench import UNTRIED, Bench

EXACT = {each.code for each in ASSUMPTIONS if each.system == System.EXACT}


@pytest.fixture
def bench() -> Bench:
    """A connected portal beside both sandboxes."""
    return Bench()


def test_every_assumption_about_exact_has_another_reading_or_says_why_it_is_not_tried() -> None:
    assert set(OF_EXACT) == EXACT - UNTRIED


def test_against_the_sandbox_all_that_is_tried_holds(bench: Bench) -> None:
    bench.sign_in()
    bench.world.exact.backstage.calls.clear()
    trial = bench.whole_trial()
    verdicts = bench.verdicts(trial)
    assert set(verdicts) == set(BY_CODE)
    unseen = {code for code in EXACT if verdicts[code] != Verdict.HOLDS}
    assert unseen == UNTRIED & EXACT, bench.failed(trial)
    assert (bench.left(), bench.intended()) == ([], [])
    assert trial.calls == bench.calls() <= 80
    assert trial.errors == 0


@pytest.mark.parametrize("code", sorted(OF_EXACT))
def test_a_trial_finds_exactly_the_reading_that_exact_is_turned_to(bench: Bench, code: str) -> None:
    bench.world.exact.backstage.readings.on.add(code)
    bench.sign_in()
    bench.world.exact.backstage.calls.clear()
    trial = bench.whole_trial()
    assert set(bench.failed(trial)) == {code}
    assert bench.calls() <= 80
    bench.world.exact.backstage.readings.clear()
    bench.world.clock.advance(361)
    bench.whole_trial()
    assert (bench.left(), bench.intended()) == ([], [])


@pytest.mark.parametrize("split", ["same-row", "delete-insert", "matched-new"])
def test_each_way_in_which_a_receipt_splits_a_term_is_taken(bench: Bench, split: str) -> None:
    bench.sign_in()
    trial = bench.whole_trial(split=split)
    assert bench.failed(trial) == {}
    assert bench.verdicts(trial)["receipt-split"] == Verdict.HOLDS
    assert bench.left() == []
