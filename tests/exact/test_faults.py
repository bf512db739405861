"""What Exact's refusals mean."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from portal.exact.faults import fault_of, find_words, says_expired
from portal.remote.errors import (
    MissingRightError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
)
from portal.remote.transport import Answer
from tests.exact.wire import refusal

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
SCOPE = "Forbidden - Application Scope Violated. Cannot read 'organization.administration' scope."
HTML = "<!DOCTYPE html><html><body>Service unavailable</body></html>"


def an_answer(status: int, body: object = "", **headers: str) -> Answer:
    raw = body if isinstance(body, str) else json.dumps(body)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, told, raw.encode(), "https://x.test")


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (an_answer(400, refusal("Verplicht: Dagboek")), RefusedError, "Verplicht: Dagboek"),
        (
            an_answer(500, refusal("Verplicht: A", "", "Verplicht: B")),
            RefusedError,
            "Verplicht: A\nVerplicht: B",
        ),
        (an_answer(500, refusal("")), TemporaryError, "without a reason"),
        (an_answer(500, ""), TemporaryError, "500"),
        (an_answer(500, "oops"), TemporaryError, "500"),
        (an_answer(503, HTML), TemporaryError, "503"),
        (an_answer(500, '{"error": {"mess'), TemporaryError, "500"),
        (an_answer(500, {"error": "x"}), TemporaryError, "500"),
        (an_answer(403, SCOPE), MissingRightError, "organization.administration"),
        (an_answer(403, refusal("Geen rechten")), MissingRightError, "Geen rechten"),
        (an_answer(403, HTML), MissingRightError, "without a reason"),
        (an_answer(403, "x" * 400), MissingRightError, "without a reason"),
        (an_answer(403, "", Reason="Forbidden: no division"), MissingRightError, "no division"),
        (an_answer(404), NotFoundError, "404"),
        (an_answer(410), NotFoundError, "410"),
        (an_answer(401), SignInLostError, "no longer accepts the sign-in"),
        (an_answer(401, "", WWW_Authenticate="Bearer"), SignInLostError, "no longer accepts the sign-in"),
        (an_answer(401, "", WWW_Authenticate="bearer"), SignInLostError, "no longer accepts the sign-in"),
        (
            an_answer(401, "", WWW_Authenticate='Bearer realm="Exact"'),
            SignInLostError,
            "no longer accepts the sign-in",
        ),
        (
            an_answer(401, "", WWW_Authenticate='Bearer realm="x", error="invalid_token"'),
            SignInLostError,
            "no longer accepts the sign-in",
        ),
        (
            an_answer(
                401,
                "",
                WWW_Authenticate='Bearer error="invalid_token", error_description="The token was revoked"',
            ),
            SignInLostError,
            "The token was revoked",
        ),
        (
            an_answer(401, "", WWW_Authenticate="access token expired"),
            SignInLostError,
            "access token expired",
        ),
        (
            an_answer(401, "", WWW_Authenticate="Bearer error=%22message%20expired%22"),
            SignInLostError,
            "message expired",
        ),
        (an_answer(429), RateLimitedError, "429"),
    ],
)
def test_each_refusal_has_its_class_and_exacts_words(
    answer: Answer, kind: type[RemoteError], text: str
) -> None:
    fault = fault_of(answer, NOW)
    assert type(fault) is kind
    assert text in str(fault)


def test_a_success_is_no_fault() -> None:
    assert fault_of(an_answer(204), NOW) is None
    assert find_words(an_answer(200, "[" * 100_000)) is None


def test_a_limit_says_when_to_come_back() -> None:
    fault = fault_of(an_answer(429), NOW)
    assert fault is not None
    assert fault.retry_at == NOW + timedelta(seconds=61)


def test_an_expired_token_is_told_apart() -> None:
    assert says_expired(an_answer(401, "", WWW_Authenticate="access%20token%20expired"))
    assert says_expired(an_answer(401, "The access token expired"))
    assert not says_expired(an_answer(401))
    assert not says_expired(an_answer(400, "expired"))
