"""What the token endpoint's refusals mean: told by its words, for its statuses vary."""

import json
from collections.abc import Mapping
from datetime import datetime

from portal.exact.limits import read_retry_at
from portal.remote.clock import read_header
from portal.remote.errors import (
    BadAnswerError,
    LostReplyError,
    RateLimitedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    TooEarlyError,
)
from portal.remote.transport import Answer


def token_fault_of(answer: Answer, now: datetime) -> RemoteError | None:
    """Return the failure an answer stands for, None for a success; ``now`` on our clock."""
    status = answer.status
    if answer.is_success:
        return None
    if status == 429:
        return RateLimitedError(
            "Exact allows no more sign-in calls for now.",
            status=status,
            retry_at=read_retry_at(answer.headers, now),
        )
    words = _read_words(answer)
    if "not expired" in words.lower():
        return TooEarlyError(words, status=status)
    return _kind(status)(words or f"The answer was {status} without a reason.", status=status)


def _kind(status: int) -> type[RemoteError]:
    if status >= 500:
        return TemporaryError
    if status == 408:
        return LostReplyError
    return SignInLostError if status >= 400 else BadAnswerError


def _read_words(answer: Answer) -> str:
    """Join what the body and the ``Reason`` header say; a page of HTML says nothing."""
    try:
        body = json.loads(answer.text)
    except (ValueError, RecursionError):
        body = None
    told = body if isinstance(body, Mapping) else {}
    words = [told.get("error"), told.get("error_description")]
    if not any(words):
        words = [read_header(answer.headers, "Reason")]
    return ": ".join(word for word in words if isinstance(word, str) and word)
