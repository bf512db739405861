"""Against the sandbox all assumptions hold. Turned to another reading, a trial finds exactly that one."""

import pytest

from portal.domain.assumptions import ASSUMPTIONS, BY_CODE, Feature, System
from portal.domain.trial.verdicts import Verdict, say_seen
from portal.sandbox.exact.readings import READINGS as OF_EXACT
from portal.sandbox.productive.readings import READINGS as OF_PRODUCTIVE
from portal.store.trials import kept_off, verdicts_of
from tests.trial.bench import UNTRIED, Bench

EXACT = {each.code for each in ASSUMPTIONS if each.system == System.EXACT}


PRODUCTIVE = {each.code for each in ASSUMPTIONS if each.system == System.PRODUCTIVE}


@pytest.fixture
def bench() -> Bench:
    """A connected portal beside both sandboxes."""
    made = Bench()
    made.sign_in()
    return made


def test_every_assumption_has_another_reading_or_says_why_it_is_not_tried() -> None:
    assert set(OF_EXACT) == EXACT - UNTRIED
    assert set(OF_PRODUCTIVE) == PRODUCTIVE - UNTRIED


def test_against_the_sandbox_all_that_is_tried_holds(bench: Bench) -> None:
    number = bench.new_invoice()
    bench.world.exact.backstage.calls.clear()
    trial = bench.whole_trial(invoice=number)
    verdicts = bench.verdicts(trial)
    assert set(verdicts) == set(BY_CODE)
    unseen = {code for code, verdict in verdicts.items() if verdict != Verdict.HOLDS}
    assert unseen == UNTRIED, bench.failed(trial)
    assert (bench.left(), bench.intended()) == ([], [])
    assert trial.calls == bench.calls() <= 80
    assert trial.errors == 0


@pytest.mark.parametrize("code", sorted(OF_EXACT))
def test_a_trial_finds_exactly_the_reading_that_exact_is_turned_to(bench: Bench, code: str) -> None:
    bench.world.exact.backstage.readings.on.add(code)
    # What its token answer tells is read when a person signs in.
    bench.sign_in()
    bench.world.exact.backstage.calls.clear()
    trial = bench.whole_trial()
    assert set(bench.failed(trial)) == {code}
    assert bench.calls() <= 80
    bench.world.exact.backstage.readings.clear()
    bench.world.clock.advance(361)
    bench.clean_up()
    assert (bench.left(), bench.intended()) == ([], [])


@pytest.mark.parametrize("code", sorted(OF_PRODUCTIVE))
def test_a_trial_finds_exactly_the_reading_that_productive_is_turned_to(bench: Bench, code: str) -> None:
    number = bench.new_invoice()
    bench.world.productive.backstage.readings.on.add(code)
    trial = bench.whole_trial(invoice=number)
    assert set(bench.failed(trial)) == {code}
    bench.world.productive.backstage.readings.clear()
    bench.clean_up()
    assert (bench.left(), bench.intended()) == ([], [])


def test_a_later_trial_that_sees_it_hold_puts_the_feature_on_again(bench: Bench) -> None:
    readings = bench.world.exact.backstage.readings
    readings.on.add("notes-kept")
    bench.whole_trial()
    assert kept_off(bench.world.connection(), Feature.COPYING)
    readings.clear()
    bench.whole_trial()
    assert not kept_off(bench.world.connection(), Feature.COPYING)


def test_a_trial_that_does_not_get_so_far_leaves_what_failed_off(bench: Bench) -> None:
    bench.world.exact.backstage.readings.on.add("notes-kept")
    bench.whole_trial()
    bench.world.exact.backstage.readings.clear()
    bench.world.exact.missing_scopes.add("crm.accounts")
    trial = bench.whole_trial()
    bench.world.exact.missing_scopes.clear()
    assert bench.verdicts(trial)["notes-kept"] == Verdict.NOT_SEEN
    assert kept_off(bench.world.connection(), Feature.COPYING)


UNFIT: dict[str, dict[str, object]] = {
    "not marked as sent": {"sent_on": None},
    "credit note": {"invoice_type_id": 2},
    "exported already": {"exported": True, "export_id": "other"},
}


@pytest.mark.parametrize("said", UNFIT)
def test_an_invoice_that_a_trial_must_not_touch_stays_as_it_is(bench: Bench, said: str) -> None:
    number = bench.new_invoice()
    tables = bench.world.productive.tables
    invoice = next(each for each in tables.invoices.values() if each.number == number)
    for name, value in UNFIT[said].items():
        setattr(invoice, name, value)
    trial = bench.whole_trial(invoice=number)
    row = verdicts_of(bench.world.session, trial.id)["payment-made"]
    assert said in say_seen(row.observation())
    assert invoice.payments == []
    assert bench.failed(trial) == {}


@pytest.mark.parametrize("split", ["same-row", "delete-insert", "matched-new"])
def test_each_way_in_which_a_receipt_splits_a_term_is_taken(bench: Bench, split: str) -> None:
    trial = bench.whole_trial(split=split)
    assert bench.failed(trial) == {}
    assert bench.verdicts(trial)["receipt-split"] == Verdict.HOLDS
    assert bench.left() == []
