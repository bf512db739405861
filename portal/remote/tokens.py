"""A token pair and the rule of its age; where it is kept and who may renew it is decided elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.remote.errors import BadAnswerError

RENEWABLE_AFTER = 570
# The remote's clock is known by a header of whole seconds, and one is never to be early.
MARGIN = 2


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the one-use token that renews it; ``obtained_at`` on the remote's clock.

    ``ahead`` is how far that clock was ahead of ours, for processes that have not heard from it yet.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    obtained_at: datetime
    expires_in: int
    ahead: timedelta = timedelta()


def may_renew(age: float) -> bool:
    """Say whether a token of this age (seconds) may be renewed; earlier is refused."""
    return age >= RENEWABLE_AFTER + MARGIN


def read_pair(answer: Mapping[str, object], obtained_at: datetime) -> TokenPair:
    """Read a token answer, whose ``expires_in`` may be text; raise BadAnswerError if something is missing."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    seconds = str(answer.get("expires_in", ""))
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        raise BadAnswerError("The token answer lacks a token.")
    if not seconds.isdecimal():
        raise BadAnswerError("The token answer does not say how long it is valid.")
    return TokenPair(access, refresh, obtained_at, int(seconds))
