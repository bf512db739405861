"""Measures every page of a portal beside the floor: time, queries, bytes, and how many times the floor."""

import cProfile
import gc
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.cli.bench.addresses import Address, each_kind_of_list, each_page, read_names
from portal.cli.bench.figures import say, seconds
from portal.cli.bench.floor import Floor
from portal.extensions import db

# The floor and a page take turns. A turn begins with a request that is not counted, for caches are cold then.
TURNS = 5
IN_A_TURN = 3
# What takes longer than this needs no more than one request a turn, and fewer turns, in seconds.
LONG = 0.1
ENOUGH = 2.0
FEWEST_TURNS = 2
# Begins and ends of transactions ask nothing.
NO_QUERIES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")
LIST = "/invoices"
DIALOG = "/invoices/<invoice_id>/copy"
# What a page may take: the list so many times the floor, others milliseconds.
LIST_TIMES = 6
SEARCH_TIMES = 5
DIALOG_LIMIT = 25
SCREEN_LIMIT = 20
SCREENS = {
    "/overview",
    "/mappings",
    "/payments",
    "/activity",
    "/reconciliation",
    "/reconciliation: one month",
    "/reconciliation: everything",
    "/invoices/<invoice_id>",
}
STEPS_SHOWN = 25


@dataclass(frozen=True)
class Measured:
    """What one page took, beside what the floor took in the same turns."""

    name: str
    status: int
    milliseconds: float
    floor: float
    queries: int
    kilobytes: float
    limit: float | None

    @property
    def times(self) -> float:
        """Return how many times the floor it took."""
        return self.milliseconds / self.floor

    @property
    def is_kept(self) -> bool:
        """Say whether it keeps its limit. What has none does."""
        return self.limit is None or self.milliseconds <= self.limit


@dataclass
class Side:
    """A portal and the floor on one database."""

    app: Flask
    client: FlaskClient
    floor: Floor

    def get(self, path: str) -> Any:
        """Ask the portal for a page."""
        return self.client.get(path)


def measure_all_pages(app: Flask, client: FlaskClient, title: str, *, profiled: bool = False) -> list[bool]:
    """Measure all pages, print them as one table and then what has a limit. Say which limits are kept."""
    with app.app_context():
        names = read_names(db.session(), datetime.now(UTC))
        url = db.engine.url.render_as_string(hide_password=False)

    floor = Floor(url)
    try:
        side = Side(app, client, floor)
        measured = [measure(side, address) for address in all_addresses(app, client, names)]
    finally:
        floor.close()

    show_table(title, measured)
    if profiled:
        show_profiles(client, measured, all_addresses(app, client, names))

    return [
        say(f"{title}, {each.name}", each.milliseconds, "ms", round(each.limit, 2))
        for each in measured
        if each.limit is not None
    ]


def all_addresses(app: Flask, client: FlaskClient, names: dict[str, str]) -> Iterator[Address]:
    """Yield the pages of the map of routes, then the list and the books as people look at them."""
    yield from each_page(app, names)
    yield Address("/reconciliation: one month", f"/reconciliation?period={names['month']}")
    yield Address("/reconciliation: everything", "/reconciliation?period=all")
    yield from each_kind_of_list(app, client)


def measure(side: Side, address: Address) -> Measured:
    """Measure one page in turns with the floor."""
    side.get(address.path)
    with counted(side.app) as queries:
        began = time.perf_counter()
        answer = side.get(address.path)
        first = time.perf_counter() - began

    turns = max(FEWEST_TURNS, min(TURNS, round(ENOUGH / first)))
    floors, taken = take_turns([side.floor.get, partial(side.get, address.path)], turns, is_long=first > LONG)
    return Measured(
        name=address.name,
        status=answer.status_code,
        milliseconds=median(taken),
        floor=median(floors),
        queries=len(queries),
        kilobytes=len(answer.data) / 1000,
        limit=limit_of(side, address, median(floors)),
    )


def take_turns(
    works: Sequence[Callable[[], object]], turns: int, *, is_long: bool = False
) -> list[list[float]]:
    """Return the milliseconds of several things that take turns. The last one of them may be ``is_long``."""
    times: list[list[float]] = [[] for _ in works]
    gc.collect()
    for _ in range(turns):
        for work, taken in zip(works, times, strict=True):
            if is_long and work is works[-1]:
                taken.append(seconds(work) * 1000)
            else:
                work()
                taken += [seconds(work) * 1000 for _ in range(IN_A_TURN)]
    return times


def limit_of(side: Side, address: Address, floor: float) -> float | None:
    """Return the milliseconds that a page may take, None where nothing is said of it."""
    if address.words:
        return searched_floor(side.floor, address.words) + SEARCH_TIMES * floor
    if address.name == LIST or address.name.startswith("list: "):
        return LIST_TIMES * floor
    if address.name == DIALOG:
        return DIALOG_LIMIT
    return SCREEN_LIMIT if address.name in SCREENS else None


def searched_floor(floor: Floor, words: str) -> float:
    """Return what the better one of the floor's searches takes for these words."""
    kinds: list[Callable[[], object]] = [partial(floor.get, words)]
    if floor.is_sqlite:
        kinds.append(partial(floor.get, words, indexed=True))
    return min(median(times) for times in take_turns(kinds, FEWEST_TURNS))


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements of a block, but those that begin and end transactions."""
    queries: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(NO_QUERIES):
            queries.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(engine, "before_cursor_execute", note)


def show_table(title: str, measured: Sequence[Measured]) -> None:
    """Print all pages as one table."""
    width = max(len(each.name) for each in measured)
    floor = median(each.floor for each in measured)
    click.echo(
        f"\n{title}: the floor takes {floor:.2f} ms ({time.strftime('%H:%M')}, load {os.getloadavg()[0]:.1f})"
    )
    click.echo(f"{'page':{width}}  status       ms  x floor  queries       kB  limit ms")
    for each in measured:
        limit = "" if each.limit is None else f"{each.limit:.1f}{'' if each.is_kept else '  OVER'}"
        click.echo(
            f"{each.name:{width}}  {each.status:6}  {each.milliseconds:7.1f}  {each.times:7.1f}  "
            f"{each.queries:7}  {each.kilobytes:7.1f}  {limit}".rstrip()
        )


def show_profiles(client: FlaskClient, measured: Sequence[Measured], addresses: Iterator[Address]) -> None:
    """Print where the time goes on pages that are over their limit."""
    over = {each.name for each in measured if not each.is_kept}
    for address in addresses:
        if address.name in over:
            click.echo(f"\nProfile of {address.name}")
            profile = cProfile.Profile()
            profile.runcall(client.get, address.path)
            stats = pstats.Stats(profile, stream=sys.stdout)
            stats.sort_stats("tottime").print_stats(STEPS_SHOWN)
