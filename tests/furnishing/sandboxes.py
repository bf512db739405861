"""Both sandboxes in this process, on a clock that stands still."""

from typing import cast

from flask import Flask

from portal.sandbox.common.doors import Backstage
from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.exact.grants import Chain
from portal.sandbox.exact.state import ExactState
from portal.sandbox.productive.app import create_productive_app
from portal.sandbox.productive.state import Sandbox
from tests.furnishing.wires import StillClock

EXACT = "http://exact.sandbox"
PRODUCTIVE = "http://productive.sandbox"
DIVISION = 1001
TOKEN = "a-token"
MANY = 10**9


def without_limits(backstage: Backstage) -> None:
    """Put the limits out of the way, for they are tested elsewhere."""
    backstage.limits.minute = MANY
    backstage.limits.day = MANY


def an_exact(clock: StillClock) -> tuple[Flask, ExactState]:
    """Return Exact's sandbox on a clock that stands still. TOKEN is good for ever."""
    app = create_exact_app()
    state = cast(ExactState, app.extensions["sandbox"])
    state.clock = clock
    state.backstage.clock = clock
    state.reset()
    without_limits(state.backstage)
    state.grants.chains["finance"] = Chain("finance", "", 0, {TOKEN: 10.0**11})
    return app, state


def an_empty_productive(clock: StillClock) -> tuple[Flask, Sandbox]:
    """Return Productive's sandbox on such a clock, without invoices."""
    app = create_productive_app(seed=False)
    state = cast(Sandbox, app.extensions["sandbox"])
    state.backstage.clock = clock
    without_limits(state.backstage)
    return app, state
