"""Random drops over every write: the call fails before, during or after its effect, and all is there once."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.crash.recover import settle
from tests.crash.runs import Tally
from tests.crash.stories import PULL, STORIES
from tests.crash.subjects import judge
from tests.crash.world import World
from tests.journeys.world import Door

# Slow is what a client gave up on and which takes effect all the same; it costs real seconds, so it is rare.
KINDS = ("drop-before", "drop-after", "truncate", "garbage", "status:500", "status:502", "status:503")
SLOW = "slow"
SLOW_SECONDS = 1.4
ONE_IN = 40
WRITES = ("POST", "PUT", "PATCH", "DELETE")
API = {"exact": "/api/v1/", "productive": "/api/v2/"}


@dataclass(frozen=True)
class Drop:
    """One or two faults for the writes of a story."""

    story: int
    service: str
    faults: tuple[str, ...]
    method: str


def each_drop(seed: int, how_many: int) -> Iterator[Drop]:
    """Choose story, service, write and faults; the same seed chooses the same."""
    dice = random.Random(seed)
    for number in range(how_many):
        service = dice.choice(("exact", "productive"))
        faults = tuple(dice.choice(KINDS) for _ in range(dice.choice((1, 1, 1, 2))))
        if number % ONE_IN == 1:
            faults = (SLOW,)
        methods = WRITES if service == "exact" else ("POST", "PATCH", "DELETE")
        yield Drop(number % len(STORIES), service, faults, dice.choice(("*", *methods)))


def drop_randomly(world: World, how_many: int, seed: int) -> Iterator[Tally]:
    """Make the drops; one tally for each story."""
    tallies = {at: Tally(story.name, "random drops") for at, story in enumerate(STORIES)}
    for drop in each_drop(seed, how_many):
        drop_once(world, drop, tallies[drop.story])
    yield from (tally for tally in tallies.values() if tally.runs)


def drop_once(world: World, drop: Drop, tally: Tally) -> None:
    """One story whose writes fail as chosen; the portal goes on until it rests."""
    story = STORIES[drop.story]
    (subject,) = story.prepare(world, 1)
    job = story.begin(world, subject)
    doors = {"exact": world.street.exact, "productive": world.street.productive}
    spoil(doors[drop.service], drop)
    world.run(*job)
    if SLOW in drop.faults:
        ask_once_too_early(world)
    settled = settle(world, first=job if job[0] == PULL else None)
    for door in doors.values():
        door.delete("faults")
    verdict = judge(world, subject)
    if not verdict.is_clean:
        verdict.wrong.append(str(drop))
    tally.add(verdict, settled=settled)


def spoil(door: Door, drop: Drop) -> None:
    """Let the writes go wrong: each fault once for the method that was chosen, or for any."""
    methods = (drop.method,) if drop.method != "*" else WRITES[:1]
    for fault in drop.faults:
        for method in methods:
            door.fail(method, API[drop.service], fault, seconds=SLOW_SECONDS)


def ask_once_too_early(world: World) -> None:
    """Ask while the request still runs, then wait for its effect, as the quiet time does."""
    world.pass_time(25)
    world.run("jobs.copies.sweep")
    for job, subject in world.take_nudges():
        world.run(job, subject)
    time.sleep(0.05)
    world.wait_until_idle()
