"""What a renewal that failed teaches about a sign-in."""

from datetime import datetime, timedelta

from portal.domain.connections.grant_health import cause_of_end
from portal.domain.connections.states import GrantState, SignInCause
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

APP_TEXT = (
    "Exact does not accept this portal's app registration: {words}. The operator corrects "
    "EXACT_{locale}_CLIENT_ID and EXACT_{locale}_CLIENT_SECRET and restarts the portal; the sign-in is kept."
)
REFUSED_TEXT = "Exact does not renew the sign-in: {words}. It is tried again; if it lasts, sign in again."
NO_ANSWER_TEXT = "The sign-in at Exact could not be renewed: {words}. It is tried again."
LOST_TEXTS = {
    SignInCause.RENEWAL_LOST: (
        "The sign-in at Exact was used up ({words}): a reply was lost, a backup was restored, or the same "
        "user signed in for another portal. Sign in again; everything is kept."
    ),
    SignInCause.EXPIRED: "The sign-in at Exact lapsed ({words}). Sign in again; everything is kept.",
    SignInCause.ENDED: "Exact no longer accepts the sign-in ({words}). Sign in again; everything is kept.",
}


def learn_from(error: RemoteError, grant: GrantRow, *, unknown: int, age: float, now: datetime) -> None:
    """Change a live sign-in by a renewal that failed. Only Exact's own word ends it."""
    if isinstance(error, SignInLostError):
        return grant.lose(cause_of_end(error.text), error.text)
    if isinstance(error, TooEarlyError):
        return grant.wait_until(now + timedelta(seconds=_until_renewable(age)))

    is_silent = error.may_have_happened and error.status != NOTHING_DONE
    grant.unknown_outcomes = unknown + is_silent
    again_at = now + timedelta(seconds=_wait_after(error, grant.unknown_outcomes if is_silent else 0))
    return grant.fail(_cause_of(error), error.text, now=now, again_at=max(error.retry_at or now, again_at))


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
    words = (row.trouble or "Exact calls the token too young").rstrip(".")
    if row.state == GrantState.LOST:
        return SignInLostError(LOST_TEXTS[row.cause or SignInCause.ENDED].format(words=words))

    if row.cause == SignInCause.APP_REFUSED:
        text = APP_TEXT.format(words=words, locale=row.locale)
        return MisconfiguredError(text, retry_at=row.next_renewal_at)

    text = REFUSED_TEXT if row.cause == SignInCause.RENEWAL_REFUSED else NO_ANSWER_TEXT
    return NotRenewedError(text.format(words=words), retry_at=row.next_renewal_at)
