"""Who may give what: nobody gives a reach that they do not have."""

from collections.abc import Collection

Reach = Collection[str] | None
"""The ids of the subsidiaries that somebody may see. None for all, of today and later."""


def covers(own: Reach, other: Reach) -> bool:
    """Say whether one reach holds all of another."""
    if own is None:
        return True
    return other is not None and set(other) <= set(own)
