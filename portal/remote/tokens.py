"""A token pair and the rule of its age. Where it is kept and who may renew it is decided elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.remote.errors import BadAnswerError

RENEWABLE_AFTER = 570
# How long Exact's access tokens are valid, and what no answer can mean.
USUAL_SECONDS = 600
MOST_SECONDS = 86_400
# The remote's clock is known by a header of whole seconds, and one is never to be early.
MARGIN = 2


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token, and the one-use token that renews it.

    ``obtained_at`` is on the remote's clock. ``ahead`` is how far that clock was ahead of ours, for
    processes that have not heard from it yet.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    obtained_at: datetime
    expires_in: int
    ahead: timedelta = timedelta()


def may_renew(age: float) -> bool:
    """Say whether a token of this age (seconds) may be renewed. Exact refuses it earlier."""
    return age >= RENEWABLE_AFTER + MARGIN


def read_pair(
    answer: Mapping[str, object], obtained_at: datetime, *, former_refresh: str | None = None
) -> TokenPair:
    """Read a token answer. Raise BadAnswerError where a token is missing.

    A renewal that gives no new refresh token leaves the former one valid (RFC 6749, 6).
    """
    access = answer.get("access_token")
    refresh = answer.get("refresh_token") or former_refresh
    if not (isinstance(access, str) and _can_be_sent(access) and isinstance(refresh, str) and refresh):
        raise BadAnswerError("The token answer lacks a token.")
    return TokenPair(access, refresh, obtained_at, read_seconds(answer.get("expires_in")))


def _can_be_sent(access: str) -> bool:
    """Say whether a header can carry a token (RFC 6750, 2.1)."""
    return access.strip() != "" and access.isascii() and access.isprintable()


def read_seconds(told: object) -> int:
    """Return how long a token is valid. What cannot be so is the usual time, for that loses no token."""
    text = str(told).strip() if isinstance(told, str | int | float) and not isinstance(told, bool) else ""
    try:
        seconds = float(text)
    except ValueError:
        return USUAL_SECONDS
    return int(seconds) if 1 <= seconds <= MOST_SECONDS else USUAL_SECONDS
