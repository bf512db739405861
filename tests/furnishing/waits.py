"""Waiting for a state: tests look again and again, and never wait for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

# So long may a busy machine take. Nothing takes it where the state comes.
LONG = 120.0
# A look often costs what it waits for a processor: it is rarer the longer nothing comes.
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.4
RARER = 1.3
T = TypeVar("T")


def until(look: Callable[[], T | None], what: str, seconds: float = LONG) -> T:
    """Look until there is something, and fail with a name for what never came."""
    give_up = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while not (found := look()):
        assert time.monotonic() < give_up, f"{what} did not come within {seconds:.0f} s"
        time.sleep(pause)
        pause = min(pause * RARER, LONGEST_PAUSE)
    return found
