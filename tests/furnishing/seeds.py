"""Ids of the sandbox that come again: what failed fails again with the seed of its run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random, randrange
from unittest.mock import patch
from uuid import UUID

VARIABLE = "PORTAL_TEST_SEED"


def the_seed() -> str:
    """Return the seed of this run, which is another each time and the same in all its processes."""
    return os.environ.setdefault(VARIABLE, str(randrange(10**6)))


@contextmanager
def sandbox_ids(test: str) -> Iterator[None]:
    """Let the sandbox in this process take the ids of the run's seed and a test."""
    dice = Random(f"{the_seed()} {test}")

    def next_id() -> UUID:
        return UUID(int=dice.getrandbits(128), version=4)

    with patch("portal.sandbox.exact.store.uuid4", next_id):
        yield
