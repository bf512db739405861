"""The one state of an invoice that a row shows, and what is known beforehand about copying it."""

from enum import StrEnum


class Readiness(StrEnum):
    """What a look beforehand found about copying an invoice that is not copied."""

    UNSURE = "not looked at yet"
    READY = "ready"
    NEEDS_YOU = "needs you"
    # Its copy is asked for, and held because others like it failed alike.
    HELD = "held"
    EARLIER = "before the start"
    UNCONNECTED = "not connected"


class Standing(StrEnum):
    """Where an invoice stands between Productive and Exact."""

    READY = "ready"
    NEEDS_YOU = "needs you"
    UNSURE = "not looked at yet"
    COPYING = "copying"
    REFUSED = "refused"
    DIFFERENT = "copied with a difference"
    CHANGED = "changed since copied"
    COPIED = "copied"
    ELSEWHERE = "copied elsewhere"
    EXCLUDED = "do not copy"
    EARLIER = "before the start"
    UNCONNECTED = "not connected"


# A person has something to do before these can be copied.
STUCK = (Standing.NEEDS_YOU, Standing.REFUSED)
