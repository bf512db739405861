"""Calls per minute and day, and the budget of errors."""

from dataclasses import dataclass, field

from portal.sandbox.common.limits import Limits, Windows
from portal.sandbox.exact.errors import PlainError

_HOUR = 3600.0
_ALLOWED_ERRORS = 10
_COUNTED = (400, 401, 403, 404)


class RateLimits:
    """60 a minute and 5,000 a day per app and division. Windows begin at whole minutes and at 00:00 UTC."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._minutes = Windows(60)
        self._days = Windows(86_400)

    def count(self, division: int, now: float) -> dict[str, str]:
        """Count one call and give the headers of its answer. Over a limit it is refused with 429.

        The refusal has no body, no Retry-After and only the headers of the limit that was hit.
        """
        if self._days.used(division, now) >= self._limits.day:
            raise PlainError(429, headers=self._day_headers(division, now))
        if self._minutes.used(division, now) >= self._limits.minute:
            raise PlainError(429, headers=self._minute_headers(division, now))

        self._days.add(division, now)
        self._minutes.add(division, now)
        return self._day_headers(division, now) | self._minute_headers(division, now)

    def clear(self) -> None:
        """Forget all calls."""
        self._minutes.clear()
        self._days.clear()

    def _day_headers(self, division: int, now: float) -> dict[str, str]:
        return _headers("", self._limits.day, self._days, division, now)

    def _minute_headers(self, division: int, now: float) -> dict[str, str]:
        return _headers("Minutely-", self._limits.minute, self._minutes, division, now)


@dataclass
class ErrorBudget:
    """More than 10 errors per user, division and endpoint within an hour block that endpoint for an hour.

    [L] How the block answers is not known. 403 is taken, as it is itself an error and does not look like
    something that passes soon. Calls during the block count too, so it lasts
    longer for a client that goes on.
    """

    _errors: dict[tuple[str, int, str], list[float]] = field(default_factory=dict)
    _blocked: dict[tuple[str, int, str], float] = field(default_factory=dict)

    def check(self, user: str, division: int, endpoint: str, now: float) -> None:
        """Refuse a call to an endpoint that is blocked."""
        key = (user, division, endpoint)
        if now < self._blocked.get(key, 0.0):
            raise PlainError(403, "Forbidden - too many errors, this API key is blocked for this endpoint.")

    def note(self, user: str, division: int, endpoint: str, status: int, now: float) -> None:
        """Count an answer if it is an error."""
        if status not in _COUNTED:
            return

        key = (user, division, endpoint)
        recent = [moment for moment in self._errors.get(key, []) if moment > now - _HOUR]
        self._errors[key] = [*recent, now]
        if len(recent) + 1 > _ALLOWED_ERRORS:
            self._blocked[key] = now + _HOUR

    def clear(self) -> None:
        """Forgive everything."""
        self._errors.clear()
        self._blocked.clear()


def _headers(kind: str, limit: int, windows: Windows, division: int, now: float) -> dict[str, str]:
    left = max(0, limit - windows.used(division, now))
    return {
        f"X-RateLimit-{kind}Limit": str(limit),
        f"X-RateLimit-{kind}Remaining": str(left),
        f"X-RateLimit-{kind}Reset": str(int(windows.ends(now) * 1000)),
    }
