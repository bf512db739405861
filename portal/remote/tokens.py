"""A token pair and the rules of its age; where it is kept and who may renew it is decided elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from portal.remote.errors import BadAnswerError

RENEWABLE_AFTER = 570
SPARE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the one-use token that renews it; ``obtained_at`` on the remote's clock."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    obtained_at: datetime
    expires_in: int

    def age(self, now: datetime) -> float:
        """Return the age in seconds; ``now`` on the remote's clock."""
        return (now - self.obtained_at).total_seconds()


def may_renew(age: float) -> bool:
    """Say whether a token of this age (seconds) may be renewed; earlier is refused."""
    return age >= RENEWABLE_AFTER


def must_renew(age: float, expires_in: int = 600) -> bool:
    """Say whether a token of this age must be renewed before it is used."""
    return may_renew(age) and age >= expires_in - SPARE_SECONDS


def read_pair(answer: Mapping[str, object], obtained_at: datetime) -> TokenPair:
    """Read a token answer, whose ``expires_in`` may be text; raise BadAnswerError if something is missing."""
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    seconds = str(answer.get("expires_in", ""))
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        raise BadAnswerError("The token answer lacks a token.")
    if not seconds.isdecimal():
        raise BadAnswerError("The token answer does not say how long it is valid.")
    return TokenPair(access, refresh, obtained_at, int(seconds))


class TokenStore(Protocol):
    """Gives the access token of one grant; renews it under a lease that all processes share."""

    def access_token(self, now: datetime) -> str:
        """Return a token that works now, renewed if it must be; ``now`` on the remote's clock."""

    def renew_after_expired(self) -> str:
        """Return a new token after the remote called the present one expired, whatever its age here."""
