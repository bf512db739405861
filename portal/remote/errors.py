"""The tree of remote failures. Each class says whether trying again helps.

RemoteError
├── UnreachableError           no connection was made: nothing happened, try again
├── LostReplyError             sent, no usable answer: it may have happened, ask before repeating
├── RateLimitedError           refused before work (429), with the time of the next try
├── TemporaryError             5xx without the vendor's own error body
├── RefusedError               the vendor said no in its own words, a person must change something
│   ├── NotFoundError          404, or already gone
│   └── MissingRightError      403: scope, right or licence
├── SignInLostError            the grant or token no longer works, a person must consent again
├── NotRenewedError            the token could not be renewed just now, nothing was sent, try again
├── MisconfiguredError         our own settings are wrong, the operator mends them, then it goes on by itself
├── BadAnswerError             a 2xx with a body that is not what the vendor documents
├── TooEarlyError              a token was to be renewed before its time, the present one still works
└── HeldBackError              our own budget or circuit says wait, nothing was sent
"""

from datetime import datetime
from enum import StrEnum

from portal.domain.characters import clean
from portal.domain.failed import Failed
from portal.domain.said import Quoted, Said, said
from portal.domain.text import cut
from portal.sentences.voice import in_source_language

MOST_WORDS = 1000


class Vendor(StrEnum):
    """Whose system a failure is of."""

    EXACT = "exact"
    PRODUCTIVE = "productive"


class RemoteError(Exception):
    """A call to another system that did not give a usable answer."""

    helps_to_retry = False
    may_have_happened = False

    def __init__(
        self,
        told: str | Said,
        *,
        status: int | None = None,
        retry_at: datetime | None = None,
        vendor: Vendor | None = None,
        reasonless: bool = False,
    ) -> None:
        # A text is the other system's own words. What the portal itself says has a code.
        text = told if isinstance(told, str) else in_source_language(told)
        self.text = cut(clean(text), MOST_WORDS)
        self.said = self._say(self.text) if isinstance(told, str) else told
        super().__init__(self.text)
        self.status = status
        self.retry_at = retry_at
        self.vendor = vendor
        # The vendor gave no words, so ``text`` is the portal's own.
        self.reasonless = reasonless

    def _say(self, words: str) -> Said:
        """Say it to people, who read it in their own language."""
        return said(Failed.WORDS, words=Quoted(words))


class UnreachableError(RemoteError):
    """No connection was made, so nothing happened."""

    helps_to_retry = True


class LostReplyError(RemoteError):
    """The request went out and no usable answer came. It may have taken effect."""

    helps_to_retry = True
    may_have_happened = True


class RateLimitedError(RemoteError):
    """Refused before any work was done. ``retry_at`` says when to come back."""

    helps_to_retry = True


class TemporaryError(LostReplyError):
    """The vendor failed without words of its own. A write may have taken effect."""


class RefusedError(RemoteError):
    """The vendor said no in its own words. Trying again cannot help."""


class NotFoundError(RefusedError):
    """What was asked for is not, or no longer, there."""


class MissingRightError(RefusedError):
    """The app or the user lacks a right."""


class SignInLostError(RemoteError):
    """The grant or token no longer works. A person must connect again."""


class NotRenewedError(RemoteError):
    """The token could not be renewed just now, so nothing was sent."""

    helps_to_retry = True


class MisconfiguredError(RemoteError):
    """Our own settings are wrong. Nothing is lost, and it goes on by itself once they are mended."""

    helps_to_retry = True


class BadAnswerError(LostReplyError):
    """A success whose body is not what the vendor documents. A write may have taken effect."""

    def _say(self, _words: str) -> Said:
        # What exactly is wrong with the body is for the log.
        return said(Failed.BAD_ANSWER)


class HeldBackError(RemoteError):
    """Our own budget or circuit says wait, so nothing was sent."""

    helps_to_retry = True


class TooEarlyError(RemoteError):
    """A token was to be renewed before its time: no failure, the present one still works."""

    helps_to_retry = True


# No sign-in works now: a person mends that, or the sign-in server answers again.
SIGNED_OUT = (SignInLostError, NotRenewedError, MisconfiguredError)
