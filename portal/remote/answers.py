"""From a status to a failure, the same for every vendor."""

from datetime import datetime

from portal.domain.failed import Failed
from portal.domain.said import Said, said
from portal.remote.errors import (
    BadAnswerError,
    LostReplyError,
    MissingRightError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    Vendor,
)
from portal.remote.transport import Answer

_BY_STATUS: dict[int, type[RemoteError]] = {
    401: SignInLostError,
    403: MissingRightError,
    404: NotFoundError,
    408: LostReplyError,
    410: NotFoundError,
    429: RateLimitedError,
}


def error_of(
    answer: Answer, *, vendor: Vendor, words: str | Said | None, retry_at: datetime | None = None
) -> RemoteError | None:
    """Return what a status means, or None for a success. ``words`` are the vendor's own, if it gave any."""
    if answer.is_success:
        return None
    told = words or said(Failed.NO_REASON, status=answer.status)
    kind = _kind(answer.status, words)
    return kind(told, status=answer.status, retry_at=retry_at, vendor=vendor, reasonless=not words)


def _kind(status: int, words: str | Said | None) -> type[RemoteError]:
    if status < 400:
        return BadAnswerError
    if status >= 500 and not words:
        return TemporaryError
    return _BY_STATUS.get(status, RefusedError)
