"""What a renewal that failed teaches about a sign-in."""

from datetime import datetime, timedelta

from portal.domain.connections.grant_health import cause_of_end
from portal.domain.connections.states import GrantState, SignInCause
from portal.domain.failed import Failed
from portal.domain.said import said
from portal.remote.errors import (
    MisconfiguredError,
    NotRenewedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TooEarlyError,
)
from portal.remote.tokens import MARGIN, RENEWABLE_AFTER
from portal.store.grants import GrantRow

NOTHING_DONE = 503
# Seconds until the next try; few enough refusals that Exact does not block the app (10 in an hour).
SOON = 15
RIDDLE = 120
LATER = 600
# The second try follows at once: "Old refresh token used" tells whether the first took effect.
AFTER_NO_ANSWER = (0, 60, 300, LATER)

OF_LOST = {
    SignInCause.RENEWAL_LOST: Failed.RENEWAL_LOST,
    SignInCause.EXPIRED: Failed.SIGN_IN_EXPIRED,
    SignInCause.ENDED: Failed.SIGN_IN_ENDED,
}


def learn_from(error: RemoteError, grant: GrantRow, *, unknown: int, age: float, now: datetime) -> None:
    """Change a live sign-in by a renewal that failed. Only Exact's own word ends it."""
    if isinstance(error, SignInLostError):
        return grant.lose(cause_of_end(error.text), error.said)
    if isinstance(error, TooEarlyError):
        return grant.wait_until(now + timedelta(seconds=_until_renewable(age)))

    is_silent = error.may_have_happened and error.status != NOTHING_DONE
    grant.unknown_outcomes = unknown + is_silent
    again_at = now + timedelta(seconds=_wait_after(error, grant.unknown_outcomes if is_silent else 0))
    return grant.fail(_cause_of(error), error.said, now=now, again_at=max(error.retry_at or now, again_at))


def _until_renewable(age: float) -> float:
    """Return how many seconds to let a token be that Exact calls too young."""
    left = RENEWABLE_AFTER + MARGIN - max(age, 0)
    return left if left > 0 else RIDDLE


def _cause_of(error: RemoteError) -> SignInCause:
    if isinstance(error, MisconfiguredError):
        return SignInCause.APP_REFUSED
    return SignInCause.RENEWAL_REFUSED if isinstance(error, RefusedError) else SignInCause.NO_ANSWER


def _wait_after(error: RemoteError, silent: int) -> int:
    """Return how many seconds to wait. ``silent`` counts the tries that got no answer."""
    if silent:
        return AFTER_NO_ANSWER[min(silent, len(AFTER_NO_ANSWER)) - 1]
    return LATER if isinstance(error, MisconfiguredError | RefusedError) else SOON


def cannot_renew(row: GrantRow) -> RemoteError:
    """Return the error for who needs a token while none can be had."""
    words = row.trouble or said(Failed.TOO_YOUNG)
    if row.state == GrantState.LOST:
        return SignInLostError(said(OF_LOST[row.cause or SignInCause.ENDED], words=words))

    if row.cause == SignInCause.APP_REFUSED:
        told = said(Failed.APP_REFUSED, words=words, locale=row.locale)
        return MisconfiguredError(told, retry_at=row.next_renewal_at)

    code = Failed.RENEWAL_REFUSED if row.cause == SignInCause.RENEWAL_REFUSED else Failed.NOT_RENEWED
    return NotRenewedError(said(code, words=words), retry_at=row.next_renewal_at)
