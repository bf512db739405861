"""How fast a remote may be called: what is left of its limits, and what we keep back. Pure values."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from portal.domain.failed import Failed
from portal.domain.said import Said, said

COUNTED = frozenset({400, 401, 403, 404})
ERROR_SPAN = timedelta(hours=1)
# What an answer asks for by Retry-After, of no window; nothing asks for longer than this with reason.
PAUSE = "pause"
LONGEST_PAUSE = timedelta(hours=1)
# Our clock and the remote's differ by whole seconds, and one is never to be early.
GRACE = timedelta(seconds=2)


class _Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of calls per ``length`` seconds, and what of it is kept.

    ``keep_for_people`` calls are kept from batch work, ``keep_for_pulls`` from all but payment pulls.
    Neither keeps more than a tenth of the limit.
    """

    name: str
    length: int
    limit: int | None = None
    keep_for_people: int = 0
    keep_for_pulls: int = 0

    def kept(self, now: datetime, *, interactive: bool, pull: bool) -> int:
        """Return how many calls are kept from this kind of caller."""
        most = (self.limit or 0) // 10
        people = 0 if interactive or pull else min(self.keep_for_people, most)
        pulls = 0 if pull else min(self.keep_for_pulls, most)
        return people + math.ceil(pulls * self.to_come(now))

    def to_come(self, now: datetime) -> float:  # noqa: ARG002 - a limit without an end is always whole
        """Return the share of the window that is still to come, for pulls come evenly over it."""
        return 1.0


class Window(_Limit, frozen=True, kw_only=True, tag=True):
    """A limit whose windows the remote tells. None means unknown, which is never none left."""

    remaining: int | None = None
    resets_at: datetime | None = None

    def left(self, now: datetime) -> int | None:
        """Return how many calls are left, None where that is unknown."""
        return self.limit if self.renews_at(now) is None else self.remaining

    def to_come(self, now: datetime) -> float:
        """Return the share of the window that is still to come."""
        resets_at = self.renews_at(now)
        if resets_at is None:
            return 1.0
        return min((resets_at - now).total_seconds() / self.length, 1.0)

    def renews_at(self, now: datetime) -> datetime | None:
        """Return when all of it is there again, None where it is.

        A reset farther away than the window is long was told wrongly, or our own clock was put back.
        """
        if self.resets_at is None or not now < self.resets_at <= now + self._span() + GRACE:
            return None
        return self.resets_at

    def opens_at(self, now: datetime, *, interactive: bool, pull: bool) -> datetime:
        """Return when a call may go: now, or at the reset."""
        left = self.left(now)
        kept = self.kept(now, interactive=interactive, pull=pull)
        resets_at = self.renews_at(now)
        if left is None or left > kept or resets_at is None:
            return now
        return resets_at

    def _span(self) -> timedelta:
        return timedelta(seconds=self.length)

    def spend(self, now: datetime) -> "Window":
        """Count one call."""
        left = self.left(now)
        if left is None:
            return self
        return msgspec.structs.replace(self, remaining=left - 1, resets_at=self._reset_after(now))

    def _reset_after(self, now: datetime) -> datetime:
        if self.resets_at is None or (self.resets_at > now and self.renews_at(now) is None):
            return now + self._span()
        spans = max(0, math.floor((now - self.resets_at).total_seconds() / self.length) + 1)
        return self.resets_at + timedelta(seconds=self.length) * spans

    def learn(self, told: "Told", now: datetime) -> "Window":
        """Take over what the remote said, but no reset later than the window is long."""
        limit = self.limit if told.limit is None else told.limit
        return msgspec.structs.replace(
            self,
            limit=limit,
            remaining=told.remaining if limit is None else min(told.remaining, limit),
            resets_at=min(told.resets_at, now + self._span()),
        )

    def reopen(self) -> "Window":
        """Go on after a good answer, which tells the window itself where it says anything."""
        return self


class Rolling(_Limit, frozen=True, kw_only=True, tag=True):
    """A limit that holds in any ``length`` seconds, for the remote does not say when its windows begin.

    Calls are counted by slices of time. ``used`` pairs a slice (counted since 1970) with its calls. Any
    window of that length touches at most ``slices`` + 1 of them.
    """

    slices: int = 10
    used: tuple[tuple[int, int], ...] = ()
    closed_until: datetime | None = None

    def left(self, now: datetime) -> int | None:
        """Return how many calls are left, none while the remote asked to wait."""
        if self.limit is None or self._closed(now):
            return None if self.limit is None else 0
        return self.limit - sum(count for _, count in self._recent(now))

    def renews_at(self, now: datetime) -> datetime | None:
        """Return when all of it is there again, None where it is."""
        ends = [self._ends(part) for part, _ in self._recent(now)]
        return max([*ends, *filter(None, [self._closed(now)])], default=None)

    def opens_at(self, now: datetime, *, interactive: bool, pull: bool) -> datetime:
        """Return when a call may go: now, or when enough of the earlier ones are long enough ago."""
        if self.limit is None:
            return now

        free = self.limit - sum(count for _, count in self._recent(now))
        opens = now
        kept = self.kept(now, interactive=interactive, pull=pull)

        for part, count in self._recent(now):
            if free > kept:
                break
            free = free + count
            opens = self._ends(part)

        return max(opens, self._closed(now) or now)

    def spend(self, now: datetime) -> "Rolling":
        """Count one call."""
        counts = dict(self._recent(now))
        here = self._slice(now)
        counts[here] = counts.get(here, 0) + 1
        return msgspec.structs.replace(self, used=tuple(sorted(counts.items())))

    def learn(self, told: "Told", now: datetime) -> "Rolling":
        """Stay closed until the remote takes calls again, but no longer than the window is."""
        return msgspec.structs.replace(self, closed_until=min(told.resets_at, now + self._span()))

    def reopen(self) -> "Rolling":
        """Go on after a good answer, whatever an earlier one asked for."""
        return msgspec.structs.replace(self, closed_until=None)

    def _closed(self, now: datetime) -> datetime | None:
        """Return until when the remote asked to wait, None where that is over or was told wrongly."""
        until = self.closed_until
        return until if until and now < until <= now + self._span() + GRACE else None

    def _span(self) -> timedelta:
        return timedelta(seconds=self.length)

    def _recent(self, now: datetime) -> list[tuple[int, int]]:
        first = self._slice(now) - self.slices
        return [(part, count) for part, count in self.used if part >= first]

    def _slice(self, now: datetime) -> int:
        return math.floor(now.timestamp() * self.slices / self.length)

    def _ends(self, part: int) -> datetime:
        """Return when a slice no longer counts."""
        return datetime.fromtimestamp((part + self.slices + 1) * self.length / self.slices, UTC)


class Told(msgspec.Struct, frozen=True):
    """What the headers of an answer say about one window. ``resets_at`` is on our clock."""

    name: str
    limit: int | None
    remaining: int
    resets_at: datetime


Reader = Callable[[Mapping[str, str], int, datetime], Sequence[Told]]
"""Reads a vendor's headers: (headers, status, our time) → what they say."""


class Opening(msgspec.Struct, frozen=True):
    """When the next call may go, and why not now."""

    at: datetime
    why: Said


_OF_WINDOW = {"day": Failed.USED_UP_TODAY, "minute": Failed.USED_UP_THIS_MINUTE}


def _used_up(window: str) -> Said:
    code = _OF_WINDOW.get(window)
    return said(code) if code else said(Failed.USED_UP, window=window)


class Pace(msgspec.Struct, frozen=True):
    """All limits of one lane, and the recent errors by endpoint, as JSON through msgspec.

    ``most_errors`` within an hour hold an endpoint back, lest the remote blocks it. 0 stands for never.
    ``paused_until`` is what an answer asked for besides the windows, until the next good one.
    """

    windows: tuple[Window | Rolling, ...] = ()
    errors: dict[str, tuple[datetime, ...]] = {}
    most_errors: int = 0
    paused_until: datetime | None = None

    def opening(self, now: datetime, *, endpoint: str, interactive: bool, pull: bool) -> Opening:
        """Return when the next call to an endpoint may go."""
        openings = [
            Opening(
                window.opens_at(now, interactive=interactive, pull=pull),
                _used_up(window.name),
            )
            for window in self.windows
        ]

        openings.append(
            Opening(
                self.circuits(now).get(endpoint, now),
                said(Failed.ALMOST_BLOCKED, endpoint=endpoint, count=self.most_errors),
            )
        )
        if self.paused_until and now < self.paused_until <= now + LONGEST_PAUSE + GRACE:
            openings.append(Opening(self.paused_until, said(Failed.ASKED_TO_WAIT)))

        return max(openings, key=lambda opening: opening.at)

    def circuits(self, now: datetime) -> dict[str, datetime]:
        """Return the endpoints that are held back after too many errors, and until when."""
        most = self.most_errors
        recent = {endpoint: self._recent(now, endpoint) for endpoint in self.errors if most}
        return {name: each[-most] + ERROR_SPAN for name, each in recent.items() if len(each) >= most}

    def _recent(self, now: datetime, endpoint: str) -> tuple[datetime, ...]:
        return tuple(at for at in self.errors.get(endpoint, ()) if now - ERROR_SPAN < at <= now + GRACE)

    def spend(self, now: datetime) -> "Pace":
        """Count one call in every window."""
        return msgspec.structs.replace(self, windows=tuple(window.spend(now) for window in self.windows))

    def learn(self, told: Sequence[Told], status: int, endpoint: str, now: datetime) -> "Pace":
        """Take over what an answer said, and remember a refusal. A good one ends what others asked for."""
        by_name = {each.name: each for each in told}
        is_good = 200 <= status < 300
        kept = tuple(window.reopen() for window in self.windows) if is_good else self.windows
        windows = tuple(
            window.learn(by_name[window.name], now) if window.name in by_name else window for window in kept
        )
        paused_until = None if is_good else self.paused_until
        if PAUSE in by_name:
            paused_until = min(by_name[PAUSE].resets_at, now + LONGEST_PAUSE)

        errors = self.errors
        if self.most_errors and status in COUNTED:
            errors = {name: recent for name in errors if (recent := self._recent(now, name))}
            errors = errors | {endpoint: (*errors.get(endpoint, ()), now)}

        return Pace(windows, errors, self.most_errors, paused_until)


class Lane(Protocol):
    """One request at a time to one division, at its pace."""

    def turn(
        self, *, endpoint: str, interactive: bool = False, pull: bool = False
    ) -> AbstractContextManager[None]:
        """Wait for the lane. Raise HeldBackError with ``retry_at`` when the budget says no."""

    def peek(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Opening:
        """Say when a call may go by the pace alone. It waits for nothing and takes nothing."""

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        """Take over what the headers and the status of an answer say. ``now`` is on our clock."""
