"""Breaks the portal on purpose, so that every run of the harness shows that it would see it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from jobs import copies
from portal.actions.copies import perform as perform_copy
from portal.actions.engine import attempts
from portal.remote import transport
from tests.crash.points import NOT_SENT, UNREAD
from tests.crash.recover import settle
from tests.crash.runs import Run, Tally, each_intent, kill_once, pass_through, stop_once
from tests.crash.stories import STORIES
from tests.crash.world import World

BOOKING = "POST SalesEntries"


@contextmanager
def without_probe() -> Iterator[None]:
    """Send again after a crash without asking Exact first."""
    with patch.object(perform_copy, "resolve_attempts", lambda *_given, **_more: True):
        yield


@contextmanager
def without_intent() -> Iterator[None]:
    """Call first and write the attempt down after it, so that a crash in between leaves no trace."""
    real = attempts.attempt

    def attempt(session: Any, row: Any, call: Callable[[], Any], **more: Any) -> Any:
        session.commit()
        answer = call()
        return real(session, row, lambda: answer, **more)

    callers = [each for each in list(sys.modules.values()) if getattr(each, "attempt", None) is real]
    with ExitStack() as stack:
        for module in callers:
            if module is not attempts:
                stack.enter_context(patch.object(module, "attempt", attempt))
        yield


@contextmanager
def without_sweep() -> Iterator[None]:
    """Leave what the queue forgot."""
    with patch.object(copies, "sweep_rows", lambda *_given, **_more: 0):
        yield


@contextmanager
def without_lease_check() -> Iterator[None]:
    """Send without asking whether another took over meanwhile."""
    with patch.object(transport, "check_lease", lambda: None):
        yield


def each_breakage(world: World) -> Iterator[tuple[str, Callable[[], AbstractContextManager[None]], Run]]:
    """What is broken, how, and the run that must show it."""
    yield "no probe", without_probe, (kill_once, f"{BOOKING}: {UNREAD}")
    yield "no intent", without_intent, (kill_once, f"{BOOKING}: {UNREAD}")
    yield "no sweep", without_sweep, (kill_once, f"{BOOKING}: {NOT_SENT}")
    intent = next(each_intent(pass_through(world, STORIES[0])))
    yield "no lease check", without_lease_check, (stop_once, intent)


def break_on_purpose(world: World) -> Iterator[Tally]:
    """Strike a copy once under each breakage; a tally that finds nothing fails the whole run."""
    for name, broken, (strike, point) in each_breakage(world):
        tally = Tally(f"broken on purpose, {name}", point, broken=True)
        (subject,) = STORIES[0].prepare(world, 1)
        with broken():
            strike(world, STORIES[0], subject, tally)
        settle(world)
        yield tally
