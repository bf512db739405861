"""From a status to a failure."""

import pytest

from portal.remote.answers import error_of
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


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (302, None, BadAnswerError),
        (400, "no", RefusedError),
        (401, None, SignInLostError),
        (403, "no", MissingRightError),
        (404, None, NotFoundError),
        (408, None, LostReplyError),
        (409, None, RefusedError),
        (410, None, NotFoundError),
        (429, None, RateLimitedError),
        (500, "no", RefusedError),
        (500, None, TemporaryError),
        (503, None, TemporaryError),
    ],
)
def test_each_status_has_its_class(status: int, words: str | None, kind: type[RemoteError]) -> None:
    error = error_of(Answer(status, {}, b"", ""), vendor=Vendor.EXACT, words=words)
    assert type(error) is kind
    assert error.status == status
    assert error.text == (words or f"The answer was {status} without a reason.")
    assert error.reasonless is (words is None)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_failure(status: int) -> None:
    assert error_of(Answer(status, {}, b"", ""), vendor=Vendor.EXACT, words=None) is None


def test_words_that_fill_pages_are_cut() -> None:
    error = error_of(Answer(400, {}, b"", ""), vendor=Vendor.EXACT, words="no " * 100_000)
    assert error is not None
    assert error.text.startswith("no no")
    assert len(error.text) <= 1000
