"""How a sign-in at Exact is doing, told from what its renewals met, and when it would lapse."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.connections.states import SignInCause

# Exact's documentation says 30 days from issue, and that every renewal begins them anew.
REFRESH_LIFE = timedelta(days=30)
WARN_AHEAD = timedelta(days=10)
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class GrantHealth:
    """How a sign-in is doing. Its cause is None while all is well."""

    cause: SignInCause | None
    # Whether people must be told.
    warns: bool
    lost: bool
    lapses_at: datetime


def cause_of_end(words: str) -> SignInCause:
    """Name why a sign-in ended, from Exact's own words."""
    # https://github.com/picqer/exact-php-client/issues/644
    # https://github.com/websmurf/laravel-exact-online/issues/22
    told = words.lower()
    if "old refresh token" in told:
        return SignInCause.RENEWAL_LOST
    return SignInCause.EXPIRED if "refresh token expired" in told else SignInCause.ENDED


def health_of(
    *,
    lost: bool,
    cause: SignInCause | None,
    obtained_at: datetime,
    failing_since: datetime | None,
    now: datetime,
) -> GrantHealth:
    """Judge how a sign-in is doing."""
    # No answer is waited for. What a person can mend is said at once.
    lapses_at = obtained_at + REFRESH_LIFE
    if lost:
        return GrantHealth(cause or SignInCause.ENDED, True, True, lapses_at)

    lapses_soon = lapses_at - now <= WARN_AHEAD
    if cause in (None, SignInCause.NO_ANSWER) and lapses_soon:
        return GrantHealth(SignInCause.LAPSES, True, False, lapses_at)

    silent_for_long = failing_since is not None and now - failing_since >= PATIENCE
    warns = cause is not None and (cause != SignInCause.NO_ANSWER or silent_for_long)
    return GrantHealth(cause, warns, False, lapses_at)
