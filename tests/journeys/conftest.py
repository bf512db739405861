"""One demo per test process; every test makes invoices of its own in it."""

from collections.abc import Iterator

import pytest

from tests.journeys.desk import Desk
from tests.journeys.world import World, running_world


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The running demo, with calls enough for all stories: what a used up limit means is told elsewhere."""
    with running_world() as world:
        world.exact.post("limits", minute=10_000, day=100_000)
        yield world


@pytest.fixture(scope="session")
def connected(world: World) -> Desk:
    """A desk whose first subsidiary is connected."""
    desk = Desk(world)
    desk.sign_in()
    desk.connect()
    return desk


@pytest.fixture
def desk(connected: Desk) -> Desk:
    """The connected desk, and nothing going wrong yet."""
    for door in (connected.exact, connected.productive):
        door.delete("faults")
    return connected
