"""``python -m tests.histories [COUNT] [SEED]``: random histories on every processor, and their totals."""

import os
import sys
import time
import traceback
from dataclasses import fields
from multiprocessing import Pool

import click
from hypothesis.errors import FlakyFailure

from tests.histories.ids import numbers
from tests.histories.machine import Tally, run_histories, tally

EACH = 100
STEPS = 12


def run_some(seed: int) -> tuple[Tally, str]:
    """Run one share until its end or a failure; returns what it came to, and the history that failed."""
    failed = ""
    try:
        run_histories(seed, EACH, steps=STEPS, shortens=False)
    except (AssertionError, FlakyFailure):
        failed = f"seed {seed}\n{traceback.format_exc()}"
    made = Tally(**{one.name: getattr(tally, one.name) for one in fields(Tally)})
    for one in fields(Tally):
        setattr(tally, one.name, 0)
    return made, failed


def main() -> None:
    """Run all of them and print the totals."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 10**9
    total = Tally()
    failures = 0
    click.echo(f"seed: {first}")
    with Pool(os.cpu_count(), numbers.seed, (first,)) as pool:
        for made, failed in pool.imap_unordered(run_some, range(first, first + -(-count // EACH))):
            if failed:
                click.echo(failed)
                failures += 1
            for one in fields(Tally):
                setattr(total, one.name, getattr(total, one.name) + getattr(made, one.name))
    click.echo(f"histories: {total.histories}")
    click.echo(f"histories with a failed, empty or partial read: {total.with_faults}")
    click.echo(f"pulls: {total.pulls}, of which killed: {total.killed}")
    click.echo(f"reads that failed, were empty or partial: {total.spoilt_reads}")
    click.echo(f"removals: {total.removals}")
    click.echo(f"removals that came from a failed, empty or partial read: {total.false_removals}")
    click.echo(f"histories after which both sides differ and nobody is told: {total.unequal}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
