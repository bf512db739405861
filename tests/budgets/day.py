"""A simulated day: more copies than Exact's day takes, a person every hour, payments all the time.

``python -m tests.budgets.day`` (``make day``) prints the figures and fails if one of them is missed. Before
the day it copies a thousand invoices, and a hundred with and without a poison among them.
"""

import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

from portal.domain.copies.states import CopyState
from portal.domain.payments.states import PaymentState
from portal.sandbox.common.calls import Call
from portal.store.copies import CopyRow
from portal.store.payments import PaymentRow
from tests.budgets.poison import POISONS, measure_effort
from tests.budgets.simulation import Simulation, midnight_after, running

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
COPIES = 5_000
PERSONS = 24
PAID = "919.60"
PULLS = "sync/Cashflow/PaymentTerms"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and its limit; ``is_met`` says whether it holds."""

    name: str
    value: float
    limit: str
    is_met: bool

    def __str__(self) -> str:
        """Print it as ``make bench`` prints its own."""
        return f"{self.name}: {self.value:g} ({self.limit}){'' if self.is_met else '  MISSED'}"


def at_least(name: str, value: float, least: float) -> Figure:
    """Return a figure that must not be smaller."""
    return Figure(name, value, f"at least {least:g}", value >= least)


def at_most(name: str, value: float, most: float) -> Figure:
    """Return a figure that must not be greater."""
    return Figure(name, value, f"at most {most:g}", value <= most)


def live_a_day(simulation: Simulation, *, copies: int, length: timedelta = DAY) -> list[Figure]:
    """Ask for copies at midnight, live until all are made, and measure."""
    watched: list[str] = []
    simulation.sleep((midnight_after(simulation.now()) - simulation.now()).total_seconds())
    invoice_ids = simulation.invoices(copies + PERSONS)
    batch = simulation.ask(invoice_ids[:copies])
    simulation.clear()
    began = simulation.now()
    for hour, invoice_id in enumerate(invoice_ids[copies:]):
        at = began + timedelta(minutes=20, seconds=7) + hour * length / PERSONS
        simulation.agenda.append((at, partial(ask_as_person, simulation, invoice_id, watched)))
        simulation.agenda.append((at + 13 * MINUTE, partial(receive_last, simulation, watched)))
    simulation.work(lambda: simulation.now() >= began + length and is_done(simulation))
    return measure(simulation, batch, watched, began)


def ask_as_person(simulation: Simulation, invoice_id: str, watched: list[str]) -> None:
    """Ask for a copy and wait for it."""
    watched.extend(simulation.ask([invoice_id], batch=False))


def receive_last(simulation: Simulation, watched: list[str]) -> None:
    """Let the person's customer pay."""
    simulation.receive(watched[-1], PAID)


def is_done(simulation: Simulation) -> bool:
    """Say whether nothing waits any more."""
    with simulation.session() as session:
        left = session.query(CopyRow).filter(CopyRow.in_flight.is_not(None)).count()
        paid = session.query(PaymentRow).filter(PaymentRow.state == PaymentState.MADE).count()
    return not left and paid == PERSONS


def measure(
    simulation: Simulation, batch: Sequence[str], watched: Sequence[str], began: datetime
) -> list[Figure]:
    """Take the figures from the call logs of both sandboxes and from the portal's rows."""
    exact = [call for call in simulation.exact.backstage.calls.all() if call.path.startswith("/api/v1")]
    productive = simulation.productive.backstage.calls.all()
    with simulation.session() as session:
        rows = {row.id: row for row in session.query(CopyRow)}
        paid = session.query(PaymentRow).filter(PaymentRow.state == PaymentState.MADE).count()
    ended = [at for each in batch if (at := rows[each].finished_at)]
    waits = [(rows[each].finished_at or began + 9 * DAY) - rows[each].requested_at for each in watched]
    pulls = [call.time for call in exact if PULLS in call.path]
    return [
        at_most("answers 429", sum(call.status == 429 for call in (*exact, *productive)), 0),
        at_least("calls in the emptiest full minute while copies waited", emptiest(exact, ended), 58),
        at_most("calls in the fullest minute", max(per(exact, "%F %H:%M").values()), 60),
        at_most("calls on the fullest day", max(per(exact, "%F").values()), 5_000),
        at_most("calls of Productive in the fullest 10 s", fullest(productive, 10), 100),
        at_most("calls of Productive in the fullest half hour", fullest(productive, 1800), 4_000),
        at_most("longest time between payment pulls, minutes", longest(pulls) / MINUTE, 11),
        at_least("payments made", paid, PERSONS),
        at_most("longest wait of a person, seconds", max(waits).total_seconds(), 75),
        at_least(
            "copies made", sum(row.state == CopyState.COPIED for row in rows.values()), len(batch) + PERSONS
        ),
        at_most("entries beyond one per copy", posts(exact) - len(rows), 0),
        at_most("jobs that failed", len(simulation.bugs), 0),
    ]


def per(calls: Iterable[Call], what: str) -> Counter[str]:
    """Count calls by minute or day."""
    return Counter(call.time.strftime(what) for call in calls)


def posts(calls: Iterable[Call]) -> int:
    """Count the entries that were booked."""
    return sum(call.method == "POST" and call.status == 201 for call in calls)


def emptiest(calls: Iterable[Call], ended: Sequence[datetime]) -> int:
    """Return the fewest calls in a minute that began and ended while copies of the run waited."""
    counts = per(calls, "%F %H:%M")
    least = []
    for day in sorted({at.date() for at in ended}):
        times = sorted(at for at in ended if at.date() == day)
        minute = whole(times[0]) + MINUTE
        last = whole(times[-1])
        while minute < last:
            least.append(counts[minute.strftime("%F %H:%M")])
            minute += MINUTE
    return min(least, default=0)


def whole(moment: datetime) -> datetime:
    """Return the minute of a moment."""
    return moment.replace(second=0, microsecond=0)


def fullest(calls: Iterable[Call], seconds: int) -> int:
    """Return the most calls in any span of some seconds."""
    times = [call.time.timestamp() for call in calls]
    most = 0
    first = 0
    for at, time in enumerate(times):
        while times[first] <= time - seconds:
            first += 1
        most = max(most, at - first + 1)
    return most


def longest(times: Sequence[datetime]) -> timedelta:
    """Return the longest time between two moments."""
    return max((later - earlier for earlier, later in pairwise(times)), default=9 * DAY)


def copy_a_thousand(simulation: Simulation, how_many: int = 1_000) -> Figure:
    """Copy invoices of a known customer and count all calls of Exact meanwhile, payment pulls included."""
    invoice_ids = simulation.invoices(how_many)
    simulation.clear()
    simulation.work_off(simulation.ask(invoice_ids))
    # One call a copy, one look for twenty of them, and the pulls meanwhile.
    return at_most(f"calls for {how_many} copies", len(simulation.calls()), how_many * 1.1)


def poison_a_hundred(simulation: Simulation, how_many: int = 99) -> list[Figure]:
    """Compare what copies took with a poison among them to what they took without."""
    plain = measure_effort(simulation, how_many)
    figures = []
    for poison in POISONS:
        effort = measure_effort(simulation, how_many, poison)
        more = effort.writes - plain.writes + effort.minutes - plain.minutes
        figures.append(at_most(f"more calls or minutes for {how_many} beside a poison ({poison})", more, 0))
        simulation.bugs.clear()
    return figures


def main(copies: int = COPIES) -> int:
    """Live a day, print the figures as they come, say how many are missed."""
    logging.disable(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), invoice_pull_minutes=240) as simulation,
    ):
        figures = [copy_a_thousand(simulation), *poison_a_hundred(simulation)]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), invoice_pull_minutes=240) as simulation,
    ):
        figures += live_a_day(simulation, copies=copies)
    for figure in figures:
        print(figure)  # noqa: T201
    return sum(not figure.is_met for figure in figures)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
