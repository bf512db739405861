"""The back doors that both sandboxes have, as a Flask blueprint under ``/_sandbox``.

``POST reset``, ``GET calls``, ``GET|POST|DELETE faults``, ``GET|POST|DELETE readings``, ``GET|POST clock``,
``GET|POST limits``. A service
adds its own to a blueprint of its own. Raising ``BackDoorError`` there becomes 400 with
``{"error": sentence}``.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from portal.sandbox.common.asked import (
    BackDoorError,
    read_body,
    read_count,
    read_number,
    read_text,
)
from portal.sandbox.common.calls import CallLog
from portal.sandbox.common.clock import Clock
from portal.sandbox.common.faults import Fault, Faults, is_kind_of_fault
from portal.sandbox.common.limits import Limits
from portal.sandbox.common.readings import Readings, add_reading_doors

PREFIX = "/_sandbox"


@dataclass
class Backstage:
    """What both sandboxes keep beside their data."""

    clock: Clock
    limits: Limits
    calls: CallLog = field(default_factory=CallLog)
    faults: Faults = field(default_factory=Faults)
    readings: Readings = field(default_factory=Readings)

    def reset(self) -> float:
        """Clear all that was set here. Returns the seconds that the clock went back."""
        self.faults.clear()
        self.readings.clear()
        self.calls.clear()
        self.limits.reset()
        return self.clock.reset()


def show_refusal(error: BackDoorError) -> tuple[Response, int]:
    """What a back door answers when it cannot do what it was asked for."""
    return jsonify(error=error.sentence), error.status


def refuse_in_sentences(app: Flask, answer_elsewhere: Callable[[HTTPException], ResponseReturnValue]) -> None:
    """Let every ``BackDoorError`` become JSON with a sentence, and what Flask itself refuses the same.

    Outside the back doors ``answer_elsewhere`` says what Flask's refusals look like.
    """

    def answer(error: HTTPException) -> ResponseReturnValue:
        if request.path.startswith(PREFIX):
            return jsonify(error=f"{error.name}."), error.code or 500
        return answer_elsewhere(error)

    app.register_error_handler(BackDoorError, show_refusal)
    app.register_error_handler(HTTPException, answer)


def common_doors(backstage: Backstage, reset: Callable[[], None]) -> Blueprint:
    """The shared back doors. ``reset`` restores the service's own data and calls ``backstage.reset``."""
    doors = Blueprint("common_doors", __name__, url_prefix=PREFIX)

    @doors.post("/reset")
    def reset_all() -> Response:
        reset()
        return jsonify(ok=True)

    @doors.get("/calls")
    def show_calls() -> Response:
        return jsonify([call.as_json() for call in backstage.calls.all()])

    @doors.delete("/calls")
    def clear_calls() -> Response:
        backstage.calls.clear()
        return jsonify(ok=True)

    _add_fault_doors(doors, backstage)
    add_reading_doors(doors, backstage.readings)
    _add_clock_doors(doors, backstage)

    return doors


def _add_fault_doors(doors: Blueprint, backstage: Backstage) -> None:
    @doors.post("/faults")
    def add_fault() -> Response:
        backstage.faults.add(_read_fault())
        return jsonify(ok=True)

    @doors.get("/faults")
    def show_faults() -> Response:
        return jsonify([asdict(fault) for fault in backstage.faults.all()])

    @doors.delete("/faults")
    def clear_faults() -> Response:
        backstage.faults.clear()
        return jsonify(ok=True)


def _read_fault() -> Fault:
    body = read_body("method", "path", "times", "do", "seconds", "body", "applied")
    do = read_text(body, "do")

    if not is_kind_of_fault(do):
        raise BackDoorError(
            "do must be drop-before, drop-after, twice, slow, truncate, garbage or status:NNN."
        )

    applied = body.get("applied")
    return Fault(
        method=read_text(body, "method", "*").upper(),
        path=read_text(body, "path", "/"),
        times=read_count(body, "times", 1),
        do=do,
        seconds=read_number(body, "seconds", 40.0),
        body=str(body.get("body") or ""),
        applied=applied if isinstance(applied, bool) else None,
    )


def _add_clock_doors(doors: Blueprint, backstage: Backstage) -> None:
    @doors.post("/clock")
    def advance_clock() -> Response:
        backstage.clock.advance(read_number(read_body("advance"), "advance"))
        return show_clock()

    @doors.get("/clock")
    def show_clock() -> Response:
        return jsonify(now=backstage.clock.now().isoformat(), offset=backstage.clock.offset)

    @doors.post("/limits")
    def change_limits() -> Response:
        body = read_body("minute", "day")
        backstage.limits.minute = read_count(body, "minute", backstage.limits.minute)
        backstage.limits.day = read_count(body, "day", backstage.limits.day)
        return show_limits()

    @doors.get("/limits")
    def show_limits() -> Response:
        return jsonify(minute=backstage.limits.minute, day=backstage.limits.day)
