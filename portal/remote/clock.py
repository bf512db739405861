"""The remote's clock: ages and resets are measured by the ``Date`` header, not by our own."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# A clock that is farther off than this tells no time.
FARTHEST = timedelta(days=1000)
# A wait of a year is as good as one without an end.
LONGEST = 366 * 86_400


def utc_now() -> datetime:
    """Return our own time."""
    return datetime.now(UTC)


def read_header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header whatever its case, None without one."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)


def read_remote_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the time in the ``Date`` header, or None without one.

    Where a server put its own before, the last one counts.
    """
    told = (read_header(headers, "Date") or "").split(", ")
    return _read_date(told[-1])


def read_retry_after(headers: Mapping[str, str], name: str = "Retry-After") -> timedelta | None:
    """Return how long an answer asks to wait, in seconds or until a date, or None where it does not say.

    Who heeds it bounds it, for a header can say anything.
    """
    told = (read_header(headers, name) or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", told):
        return timedelta(seconds=min(math.ceil(float(told[:300])), LONGEST))

    moment = _read_date(told)
    if moment is None:
        return None

    return max(moment - (read_remote_time(headers) or utc_now()), timedelta())


def _read_date(told: str) -> datetime | None:
    try:
        return parsedate_to_datetime(told).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


class RemoteClock:
    """How far a remote's clock is ahead of ours, learned from its answers."""

    def __init__(self, local: Callable[[], datetime] = utc_now) -> None:
        self.local = local
        self.ahead = timedelta()
        self._heard = False

    def learn(self, headers: Mapping[str, str], *, is_good: bool = True) -> None:
        """Compare the ``Date`` header, where there is one, with our own time.

        A good answer without one, or with one of another age, ends what an earlier answer taught.
        """
        remote = read_remote_time(headers)
        ahead = remote - self.local() if remote else None

        if ahead is not None and abs(ahead) <= FARTHEST:
            self.ahead = ahead
            self._heard = True
        elif is_good:
            self.ahead = timedelta()
            self._heard = False

    def suppose(self, ahead: timedelta) -> None:
        """Go by what another process learned, until the remote answers this one."""
        if not self._heard:
            self.ahead = ahead

    def now(self) -> datetime:
        """Return the remote's time.

        Before the first answer it is our own, or what was supposed.
        """
        return self.local() + self.ahead

    def to_local(self, moment: datetime) -> datetime:
        """Turn a moment on the remote's clock into ours."""
        return moment - self.ahead
