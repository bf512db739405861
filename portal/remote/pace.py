"""How fast a remote may be called: what is left of its limits, and what we keep back. Pure values."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

COUNTED = frozenset({400, 401, 403, 404})
MOST_ERRORS = 5
ERROR_SPAN = timedelta(hours=1)


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: calls per ``length`` seconds. None means unknown, which is never none left.

    ``keep_for_people`` calls are kept from batch work, ``keep_for_pulls`` from all but payment pulls;
    neither keeps more than a tenth of the limit.
    """

    name: str
    length: int
    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    keep_for_people: int = 0
    keep_for_pulls: int = 0

    def left(self, now: datetime) -> int | None:
        """Return how many calls are left, None where that is unknown."""
        over = self.resets_at is None or now >= self.resets_at
        return self.limit if over else self.remaining

    def opens_at(self, now: datetime, *, interactive: bool, pull: bool) -> datetime:
        """Return when a call may go: now, or at the reset."""
        left = self.left(now)
        kept = self._kept(0 if interactive else self.keep_for_people)
        kept += self._kept(0 if pull else self.keep_for_pulls)
        if left is None or left > kept or self.resets_at is None:
            return now
        return self.resets_at

    def _kept(self, wished: int) -> int:
        return min(wished, (self.limit or 0) // 10)

    def spend(self, now: datetime) -> "Window":
        """Count one call."""
        left = self.left(now)
        if left is None:
            return self
        return msgspec.structs.replace(self, remaining=left - 1, resets_at=self._reset_after(now))

    def _reset_after(self, now: datetime) -> datetime:
        if self.resets_at is None:
            return now + timedelta(seconds=self.length)
        spans = max(0, math.floor((now - self.resets_at).total_seconds() / self.length) + 1)
        return self.resets_at + timedelta(seconds=self.length) * spans

    def learn(self, told: "Told") -> "Window":
        """Take over what the remote said."""
        return msgspec.structs.replace(
            self,
            limit=self.limit if told.limit is None else told.limit,
            remaining=told.remaining,
            resets_at=told.resets_at,
        )


class Told(msgspec.Struct, frozen=True):
    """What an answer's headers say about one window; ``resets_at`` on our clock."""

    name: str
    limit: int | None
    remaining: int
    resets_at: datetime


Reader = Callable[[Mapping[str, str], int, datetime], Sequence[Told]]
"""Reads a vendor's headers: (headers, status, our time) → what they say."""


class Opening(msgspec.Struct, frozen=True):
    """When the next call may go, and in words why not now."""

    at: datetime
    why: str


class Pace(msgspec.Struct, frozen=True):
    """All windows of one lane, and the recent errors by endpoint; JSON through msgspec."""

    windows: tuple[Window, ...] = ()
    errors: dict[str, tuple[datetime, ...]] = {}

    def opening(self, now: datetime, *, endpoint: str, interactive: bool, pull: bool) -> Opening:
        """Return when the next call to an endpoint may go."""
        openings = [
            Opening(
                window.opens_at(now, interactive=interactive, pull=pull),
                f"The calls allowed per {window.name} are used up.",
            )
            for window in self.windows
        ]
        openings.append(
            Opening(
                self._circuit_opens_at(now, endpoint),
                f"{endpoint} refused {MOST_ERRORS} calls within an hour; more would block it.",
            )
        )
        return max(openings, key=lambda opening: opening.at)

    def _circuit_opens_at(self, now: datetime, endpoint: str) -> datetime:
        recent = self._recent(now, endpoint)
        return now if len(recent) < MOST_ERRORS else recent[-MOST_ERRORS] + ERROR_SPAN

    def _recent(self, now: datetime, endpoint: str) -> tuple[datetime, ...]:
        return tuple(at for at in self.errors.get(endpoint, ()) if at > now - ERROR_SPAN)

    def spend(self, now: datetime) -> "Pace":
        """Count one call in every window."""
        return Pace(tuple(window.spend(now) for window in self.windows), self.errors)

    def learn(self, told: Sequence[Told], status: int, endpoint: str, now: datetime) -> "Pace":
        """Take over what an answer said, and remember a refusal."""
        by_name = {each.name: each for each in told}
        windows = tuple(
            window.learn(by_name[window.name]) if window.name in by_name else window
            for window in self.windows
        )
        if status not in COUNTED:
            return Pace(windows, self.errors)
        recent = {name: kept for name in self.errors if (kept := self._recent(now, name))}
        return Pace(windows, recent | {endpoint: (*recent.get(endpoint, ()), now)})


class Lane(Protocol):
    """One request at a time to one division, at its pace."""

    def turn(
        self, *, endpoint: str, interactive: bool = False, pull: bool = False
    ) -> AbstractContextManager[None]:
        """Wait for the lane; raise HeldBackError with ``retry_at`` when the budget says no."""

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        """Take over what an answer's headers and status say; ``now`` on our clock."""
