"""``python -m tests.crash``: the long run on both databases; ``--sample`` is what ``make test`` takes of it.

One process for each database does the runs; this one starts them, prints the table and the two totals, and
ends with 1 if anything was there twice, lost, not at rest, or never tried.
"""

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from tests.crash.breakages import break_on_purpose
from tests.crash.clicks import click_at_once
from tests.crash.drops import drop_randomly
from tests.crash.report import as_table, totals
from tests.crash.runs import Tally, each_run, pass_through, strike_story
from tests.crash.stories import STORIES
from tests.crash.street import open_street
from tests.crash.world import World, build_world
from tests.furnishing.databases import start_postgres


class Plan(msgspec.Struct, frozen=True):
    """How much is done: runs at one point in so many, and at the others, drops, rounds of clicks."""

    runs: int = 25
    one_in: int = 5
    others: int = 1
    drops: int = 500
    clicks: int = 5
    seed: int = 1
    only: str = ""


SAMPLE = Plan(runs=1, one_in=24, others=0, drops=10, clicks=1)


def do_runs(world: World, plan: Plan) -> Iterator[Tally]:
    """Everything that a plan asks for, on one database."""
    yield from break_on_purpose(world)
    number = plan.seed
    for story in STORIES:
        if plan.only not in story.name:
            continue
        runs = list(each_run(pass_through(world, story)))
        times = [plan.others if at % plan.one_in else plan.runs for at in range(number, number + len(runs))]
        number += len(runs)
        yield from strike_story(world, story, zip(runs, times, strict=True), sum(times))
    if plan.clicks:
        yield click_at_once(world, plan.clicks)
    yield from drop_randomly(world, plan.drops, plan.seed)
    yield no_entry_was_empty(world)


def no_entry_was_empty(world: World) -> Tally:
    """Whether Exact held an entry without lines after any write."""
    empty = world.street.exact.get("watch")["empty"]
    found = Tally("Exact", "entries without lines at any time", runs=1, converged=int(not empty))
    found.lost = len(empty)
    found.notes = list(empty)
    return found


def work_on(database_url: str, plan: Plan, out: Path) -> None:
    """Do the runs on one database, and write a line for each tally."""
    logging.disable(logging.WARNING)
    with open_street() as street, out.open("wb") as told:
        world = build_world(database_url, street, timeout=1)
        for tally in do_runs(world, plan):
            told.write(msgspec.json.encode(tally) + b"\n")
            told.flush()


def run_both(databases: Mapping[str, str], plan: Plan) -> dict[str, list[Tally]]:
    """Work on each database in a process of its own, the last one in this; read what they found."""
    found: dict[str, list[Tally]] = {}
    with tempfile.TemporaryDirectory(prefix="crash") as folder:
        files = {name: Path(folder) / f"{name}.jsonl" for name in databases}
        *others, here = databases
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.crash", *_given(databases[name], plan, files[name])]
            )
            for name in others
        ]
        work_on(databases[here], plan, files[here])
        codes = [process.wait() for process in processes]
        for name, path in files.items():
            found[name] = [msgspec.json.decode(line, type=Tally) for line in path.read_bytes().splitlines()]
    if any(codes):
        raise SystemExit("A process of the runs ended with an error; see above.")
    return found


def _given(url: str, plan: Plan, out: Path) -> list[str]:
    return ["--work-on", url, "--plan", msgspec.json.encode(plan).decode(), "--out", str(out)]


def main(given: Sequence[str] | None = None) -> int:
    """Read the arguments, run, print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--sample", action="store_true", help="a few points, drops and clicks")
    parser.add_argument("--database", help="only on this database, by its URL")
    parser.add_argument("--work-on", help=argparse.SUPPRESS)
    parser.add_argument("--plan", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    for name, meaning in (
        ("runs", "runs at each point"),
        ("one-in", "do these at one point in so many"),
        ("others", "runs at each of the other points"),
        ("drops", "random drops on each database"),
        ("clicks", "rounds of clicks"),
        ("seed", "of the random drops and of the choice of points"),
    ):
        parser.add_argument(f"--{name}", type=int, help=meaning)
    parser.add_argument("--only", help="only stories whose name has this in it")
    asked = parser.parse_args(given)
    if asked.work_on:
        work_on(asked.work_on, msgspec.json.decode(asked.plan, type=Plan), asked.out)
        return 0
    chosen = {
        name: getattr(asked, name) for name in Plan.__struct_fields__ if getattr(asked, name) is not None
    }
    return run_and_report(
        msgspec.structs.replace(SAMPLE if asked.sample else Plan(), **chosen), asked.database
    )


def run_and_report(plan: Plan, database: str | None) -> int:
    """Run on both databases, or on the given one; print what came of it."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crash")))
        databases = {"given": database} if database else {"sqlite": f"sqlite:///{folder}/portal.sqlite"}
        if not database:
            databases["postgres"] = stack.enter_context(start_postgres(folder))
        found = run_both(databases, plan)
    print(as_table(found))  # noqa: T201
    print(f"{time.monotonic() - began:.0f} s")  # noqa: T201
    duplicates, lost, is_clean = totals(found)
    print(f"duplicates: {duplicates}\nlost: {lost}")  # noqa: T201
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
