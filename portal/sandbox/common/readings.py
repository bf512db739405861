"""Other readings of what nobody has confirmed: each may be switched on, so that a client notices it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, jsonify

from portal.sandbox.common.asked import BackDoorError, read_body, read_text


@dataclass
class Readings:
    """The readings of one service by name, with what each means, and which are on."""

    known: Mapping[str, str] = field(default_factory=dict)
    on: set[str] = field(default_factory=set)

    def __contains__(self, name: object) -> bool:
        """Whether a reading is on."""
        return name in self.on

    def clear(self) -> None:
        """Switch all off."""
        self.on.clear()


def add_reading_doors(doors: Blueprint, readings: Readings) -> None:
    """Add ``GET``, ``POST {"name"}`` and ``DELETE`` of readings."""

    @doors.get("/readings")
    def show_readings() -> Response:
        return jsonify(known=dict(readings.known), on=sorted(readings.on))

    @doors.post("/readings")
    def switch_reading() -> Response:
        name = read_text(read_body("name"), "name")
        if name not in readings.known:
            raise BackDoorError(f"name must be one of {', '.join(readings.known)}.")

        readings.on.add(name)
        return show_readings()

    @doors.delete("/readings")
    def clear_readings() -> Response:
        readings.clear()
        return show_readings()
