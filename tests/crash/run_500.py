"""A run of 500 copies, the worker killed three times, Stop at 200: ``python -m tests.crash.run_500``."""

import argparse
import sys

from tests.journeys.desk import Desk
from tests.journeys.long_run import LongRun
from tests.journeys.world import running_world

MOST_CALLS = 1.1


def main() -> int:
    """Let it run, and tell the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=500)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--stop", type=int, default=200)
    given = parser.parse_args()

    with running_world() as world:
        for door in (world.exact, world.productive):
            door.post("limits", minute=10_000, day=100_000)
        desk = Desk(world)
        desk.sign_in()
        desk.connect()
        proof = LongRun(desk, given.invoices, kills=given.kills, stop_at=given.stop).prove()

    lines = [str(proof), *(f"wrong: {line}" for line in proof.wrong)]
    sys.stdout.write("\n".join(lines) + "\n")

    once = proof.entries == proof.wanted and proof.twice == 0 and proof.booked_after_stop == 0
    return 0 if once and not proof.wrong and proof.per_copy <= MOST_CALLS else 1


if __name__ == "__main__":
    sys.exit(main())
