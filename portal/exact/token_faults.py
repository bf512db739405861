"""What the token endpoint's refusals mean: told by its words, for its statuses vary."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.domain.failed import Failed
from portal.domain.said import said
from portal.exact.limits import read_asked_wait, read_retry_at
from portal.remote.clock import read_header
from portal.remote.errors import (
    BadAnswerError,
    LostReplyError,
    MisconfiguredError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    TooEarlyError,
)
from portal.remote.transport import Answer

LONGEST_WAIT = timedelta(minutes=10)
# What OAuth 2 (RFC 6749, 5.2) calls an app that is unknown, has another secret, or may not do this.
APP_WORDS = ("invalid_client", "unauthorized_client")


def token_fault_of(answer: Answer, now: datetime) -> RemoteError | None:
    """Return the failure that an answer stands for, or None for a success. ``now`` is on our clock."""
    status = answer.status
    if answer.is_success:
        return None

    if status == 429:
        return RateLimitedError(
            said(Failed.SIGN_INS_LIMITED),
            status=status,
            retry_at=read_retry_at(answer.headers, now),
        )

    words = _read_words(answer)
    if "not expired" in words.lower():
        return TooEarlyError(words, status=status)

    kind = _kind(status, words.lower())
    asked = read_asked_wait(answer.headers, status)
    # Without a sign-in everything stands, so it is tried again soon whatever the answer asks for.
    retry_at = None if asked is None else now + min(asked, LONGEST_WAIT)

    told = words or said(Failed.NO_REASON, status=status)
    return kind(told, status=status, retry_at=retry_at, reasonless=not words)


def _kind(status: int, words: str) -> type[RemoteError]:
    """Only words that speak of the token or the grant end a sign-in, only those about the app blame it."""
    if status >= 500:
        return TemporaryError
    if status == 408:
        return LostReplyError
    if status < 400:
        return BadAnswerError
    if "refresh token" in words or words.startswith("invalid_grant"):
        return SignInLostError

    return MisconfiguredError if words.startswith(APP_WORDS) else RefusedError


def _read_words(answer: Answer) -> str:
    """Join what the body and the ``Reason`` header say. A page of HTML says nothing."""
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        body = None

    told = body if isinstance(body, Mapping) else {}
    words = [told.get("error"), told.get("error_description")]
    if not any(words):
        words = [read_header(answer.headers, "Reason")]

    return ": ".join(word for word in words if isinstance(word, str) and word)
