"""A sample of the simulated day, in a minute's worth of work; ``make day`` is the whole."""

from collections import Counter
from collections.abc import Iterator

import pytest

from portal.domain.copies.states import CopyState
from portal.store.copies import CopyRow
from tests.budgets.day import emptiest, fullest, per
from tests.budgets.poison import POISONS, Effort, measure_effort
from tests.budgets.simulation import Simulation, running
from tests.telling import told


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    folder = tmp_path_factory.mktemp("budgets")
    with running(folder, invoice_pull_minutes=600) as simulation:
        simulation.settle()
        yield simulation


def test_a_run_uses_58_of_60_calls_a_minute_and_is_never_refused(simulation: Simulation) -> None:
    invoice_ids = simulation.invoices(118)
    simulation.clear()
    copies = simulation.ask(invoice_ids)
    simulation.work_off(copies)
    with simulation.session() as session:
        rows = session.query(CopyRow).filter(CopyRow.id.in_(copies))
        ended = [at for row in rows if (at := row.finished_at)]
    calls = simulation.calls()
    assert Counter(simulation.states(copies)) == {CopyState.COPIED: 118}
    assert emptiest(calls, ended) >= 58
    assert max(per(calls, "%H:%M").values()) <= 60
    productive = simulation.productive.backstage.calls.all()
    assert {call.status for call in (*calls, *productive)} <= {200, 201, 204}
    assert fullest(productive, 10) <= 100
    assert simulation.bugs == []


def test_invoices_of_a_known_customer_cost_one_call_each_and_one_look(simulation: Simulation) -> None:
    invoice_ids = simulation.invoices(20)
    simulation.clear()
    simulation.work_off(simulation.ask(invoice_ids))
    booked = [call.method for call in simulation.calls() if "salesentry" in call.path]
    assert booked == ["GET", *["POST"] * 20]
    productive = Counter(call.method for call in simulation.productive.backstage.calls.all())
    assert productive["PATCH"] == 20


def test_a_run_costs_less_than_a_tenth_more_than_its_copies(simulation: Simulation) -> None:
    invoice_ids = simulation.invoices(100)
    simulation.clear()
    simulation.work_off(simulation.ask(invoice_ids))
    booked = Counter(call.method for call in simulation.calls() if "salesentry" in call.path)
    assert booked["POST"] == 100
    assert booked.total() <= 110


def test_in_a_run_only_what_exact_holds_already_is_refused(simulation: Simulation) -> None:
    invoice_ids = simulation.invoices(24)
    by_hand = simulation.number_by_hand(invoice_ids[3:6])
    simulation.clear()
    copies = simulation.ask(invoice_ids)
    simulation.work_off(copies)
    refused = simulation.states(copies)[3:6]
    assert (refused, Counter(simulation.states(copies))) == (
        [CopyState.REFUSED] * 3,
        {CopyState.COPIED: 21, CopyState.REFUSED: 3},
    )
    with simulation.session() as session:
        rows = [session.get_one(CopyRow, each) for each in copies[3:6]]
        assert {row.cause for row in rows} == {"entry_stranger"}
        named = zip(rows, by_hand, strict=True)
        assert all(f"Entry {entry} in Exact" in told(row.trouble) for row, entry in named)
    assert Counter(call.method for call in simulation.calls() if "salesentry" in call.path) == {
        # Numbers with letters are asked for in small ones and in capitals, twenty a call.
        "GET": 2,
        "POST": 21,
    }


@pytest.mark.parametrize("poison", POISONS)
def test_a_poison_invoice_delays_nobody(simulation: Simulation, poison: str) -> None:
    assert measure_effort(simulation, 12, poison) == measure_effort(simulation, 12) == Effort(12, 0)


def test_a_person_does_not_wait_for_a_run(simulation: Simulation) -> None:
    *many, one = simulation.invoices(25)
    simulation.clear()
    run = simulation.ask(many)
    simulation.work_off(run[:8])
    began = simulation.now()
    (copy,) = simulation.ask([one], batch=False)
    simulation.work_off([copy])
    assert simulation.states([copy]) == [CopyState.COPIED]
    assert (simulation.now() - began).total_seconds() < 30
    simulation.work_off(run)
