"""``python -m tests.histories [COUNT] [SEED]``: random histories on every processor, and their totals."""

import os
import sys
import time
from dataclasses import fields
from multiprocessing import Pool

import click

from tests.histories.machine import Tally, run_histories

EACH, STEPS = 100, 12


def run_some(seed: int) -> Tally:
    """Run one share; a failure is told with the history that led to it."""
    before = run_histories(seed, EACH, steps=STEPS)
    made = Tally(**{one.name: getattr(before, one.name) for one in fields(Tally)})
    for one in fields(Tally):
        setattr(before, one.name, 0)
    return made


def main() -> None:
    """Run all of them and print the totals."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 10**9
    total = Tally()
    click.echo(f"seed: {first}")
    with Pool(os.cpu_count()) as pool:
        for made in pool.imap_unordered(run_some, range(first, first + -(-count // EACH))):
            for one in fields(Tally):
                setattr(total, one.name, getattr(total, one.name) + getattr(made, one.name))
    click.echo(f"histories: {total.histories}")
    click.echo(f"histories with a failed, empty or partial read: {total.with_faults}")
    click.echo(f"pulls: {total.pulls}, of which killed: {total.killed}")
    click.echo(f"reads that failed, were empty or partial: {total.spoilt_reads}")
    click.echo(f"removals: {total.removals}")
    click.echo(f"removals that came from a failed, empty or partial read: {total.false_removals}")
    click.echo(f"histories after which both sides differ and nobody is told: {total.unequal}")


if __name__ == "__main__":
    main()
