"""Calls to Exact: token, lane, paging."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from portal.exact.client import ExactClient
from portal.remote.errors import (
    BadAnswerError,
    HeldBackError,
    LostReplyError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    TooEarlyError,
    UnreachableError,
)
from portal.remote.odd import OddValueError
from tests.exact.wire import (
    BASE,
    ENTRY_ID,
    LINE_ID,
    MARKER,
    NOW,
    ROOT,
    a_client,
    a_list,
    a_new_customer,
    a_sales_entry,
    an_account_row,
    an_entry_row,
    answer,
    calls,
    query,
    refusal,
)

pytestmark = pytest.mark.usefixtures("wire")
EXPIRED = {"WWW-Authenticate": "Bearer error_description=%22access%20token%20expired%22"}


def bearer(at: int) -> str:
    return str(responses.calls[at].request.headers["Authorization"])


def test_every_call_asks_for_json_with_the_token() -> None:
    answer("GET", "crm/Accounts", a_list())
    a_client().find_customers("X")
    assert responses.calls[0].request.headers["Accept"] == "application/json"
    assert bearer(0) == "Bearer token-1"


def test_pages_are_followed_one_after_the_other() -> None:
    answer("GET", "crm/Accounts", a_list(an_account_row(), link="../crm/Accounts?$skiptoken=1"))
    answer("GET", "crm/Accounts", a_list(link=f"{ROOT}/crm/Accounts?$skiptoken=2"))
    answer("GET", "crm/Accounts", {"d": [an_account_row(ID=LINE_ID)]})
    assert len(a_client().find_customers("X")) == 2
    assert query(1)["$skiptoken"] == "1"
    assert query(2)["$skiptoken"] == "2"


def test_a_page_at_another_site_is_not_fetched() -> None:
    answer("GET", "crm/Accounts", a_list(an_account_row(), link="https://evil.test/x"))
    with pytest.raises(BadAnswerError):
        a_client().find_customers("X")
    assert len(responses.calls) == 1


@pytest.mark.parametrize(
    ("method", "path", "good", "ask"),
    [
        ("GET", "crm/Accounts", a_list(), lambda client: client.find_customers("X")),
        (
            "POST",
            "salesentry/SalesEntries",
            {"d": an_entry_row()},
            lambda client: client.create_entry(a_sales_entry(), marker=MARKER),
        ),
    ],
)
def test_an_expired_token_is_renewed_and_the_call_repeated_once(
    method: str, path: str, good: object, ask: Callable[[ExactClient], object]
) -> None:
    answer(method, path, status=401, headers=EXPIRED)
    answer(method, path, good)
    ask(a_client(on_expired=lambda: "token-2"))
    assert [bearer(0), bearer(1)] == ["Bearer token-1", "Bearer token-2"]


def test_a_renewed_token_that_is_refused_too_is_a_lost_sign_in() -> None:
    answer("GET", "crm/Accounts", status=401, headers=EXPIRED)
    with pytest.raises(SignInLostError):
        a_client(on_expired=lambda: "token-2").find_customers("X")
    assert len(responses.calls) == 2


def test_an_expired_token_without_a_way_to_renew_is_a_lost_sign_in() -> None:
    answer("GET", "crm/Accounts", status=401, headers=EXPIRED)
    with pytest.raises(SignInLostError) as failed:
        a_client().find_customers("X")
    assert "expired" in failed.value.text
    assert len(responses.calls) == 1


def test_a_token_that_another_process_renewed_meanwhile_is_used() -> None:
    tokens = iter(["token-1", "token-2"])
    answer("GET", "crm/Accounts", status=401)
    answer("GET", "crm/Accounts", a_list())
    a_client(access=lambda: next(tokens)).find_customers("X")
    assert bearer(1) == "Bearer token-2"


def test_a_refused_sign_in_without_a_reason_has_a_sentence() -> None:
    answer("GET", "crm/Accounts", status=401)
    with pytest.raises(SignInLostError) as failed:
        a_client(on_expired=lambda: "never").find_customers("X")
    assert failed.value.text == "Exact no longer accepts the sign-in."


def test_a_renewal_that_fails_says_how() -> None:
    def renew() -> str:
        raise TooEarlyError("not expired")

    answer("GET", "crm/Accounts", status=401, headers=EXPIRED)
    with pytest.raises(TooEarlyError):
        a_client(on_expired=renew).find_customers("X")


def test_limits_are_learned_and_kept() -> None:
    minute = {"X-RateLimit-Minutely-Limit": "60", "X-RateLimit-Minutely-Remaining": "0"}
    reset = str(int((NOW + timedelta(seconds=30)).timestamp() * 1000))
    answer("GET", "crm/Accounts", a_list(), headers=minute | {"X-RateLimit-Minutely-Reset": reset})
    client = a_client()
    client.find_customers("X")
    with pytest.raises(HeldBackError) as held:
        client.find_customers("X")
    assert held.value.retry_at == NOW + timedelta(seconds=31)
    assert len(responses.calls) == 1


def test_the_reserve_of_the_day_is_for_pulls() -> None:
    day = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "300"}
    reset = str(int((NOW + timedelta(hours=24)).timestamp() * 1000))
    for path in ("sync/Deleted", "sync/Cashflow/PaymentTerms", "cashflow/Receivables"):
        answer("GET", path, a_list(), headers=day | {"X-RateLimit-Reset": reset})
    client = a_client(interactive=True)
    assert list(client.each_tombstone_page(1)) == []
    with pytest.raises(HeldBackError):
        client.find_customers("X")
    assert list(client.each_term_page(1)) == []
    assert client.read_terms(ENTRY_ID) == []


def test_a_limit_that_was_hit_says_when_to_come_back() -> None:
    answer("GET", "crm/Accounts", status=429)
    with pytest.raises(RateLimitedError) as failed:
        a_client().find_customers("X")
    assert failed.value.retry_at == NOW + timedelta(seconds=61)
    assert len(responses.calls) == 1


def test_an_endpoint_that_refuses_five_times_is_left_alone() -> None:
    answer("POST", "crm/Accounts", refusal("Verplicht: Naam"), status=400)
    client = a_client()
    for _ in range(5):
        with pytest.raises(RefusedError):
            client.create_customer(a_new_customer())
    with pytest.raises(HeldBackError):
        client.create_customer(a_new_customer())
    assert len(responses.calls) == 5


@pytest.mark.parametrize(
    ("reply", "kind", "may_have_happened"),
    [
        ({"body": refusal("Bestaat al"), "status": 500}, RefusedError, False),
        ({"body": "<html>down</html>", "status": 502}, TemporaryError, True),
        ({"body": "", "status": 500}, TemporaryError, True),
        ({"body": "<html>hello</html>", "status": 200}, BadAnswerError, True),
        ({"body": '{"d": {"EntryID": "1111', "status": 201}, BadAnswerError, True),
        ({"body": "", "status": 201}, BadAnswerError, True),
        ({"body": {"d": []}, "status": 201}, BadAnswerError, True),
        ({"body": {"d": {"EntryID": ENTRY_ID}}, "status": 201}, OddValueError, True),
        ({"body": "", "status": 302, "headers": {"Location": f"{BASE}/login"}}, BadAnswerError, True),
        ({"body": "", "status": 429}, RateLimitedError, False),
    ],
)
def test_a_post_that_fails_is_sent_once_and_says_whether_it_may_have_happened(
    reply: dict[str, Any], kind: type[RemoteError], may_have_happened: bool
) -> None:
    answer("POST", "salesentry/SalesEntries", **reply)
    with pytest.raises(RemoteError) as failed:
        a_client().create_entry(a_sales_entry(), marker=MARKER)
    assert type(failed.value) is kind
    assert failed.value.may_have_happened is may_have_happened
    assert calls() == ["POST SalesEntries"]


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (requests.exceptions.ConnectTimeout(), UnreachableError),
        (requests.exceptions.ReadTimeout(), LostReplyError),
        (requests.exceptions.ConnectionError("reset"), LostReplyError),
        (requests.exceptions.ChunkedEncodingError(), LostReplyError),
    ],
)
def test_a_broken_connection_during_a_post_is_told_truthfully(
    broken: Exception, kind: type[RemoteError]
) -> None:
    responses.add("POST", f"{ROOT}/salesentry/SalesEntries", body=broken)
    with pytest.raises(RemoteError) as failed:
        a_client().create_entry(a_sales_entry(), marker=MARKER)
    assert type(failed.value) is kind
    assert calls() == ["POST SalesEntries"]


def test_without_a_division_nothing_is_asked_of_one() -> None:
    with pytest.raises(ValueError, match="division"):
        a_client(division=None).find_customers("X")


def test_a_list_that_leads_back_to_itself_ends() -> None:
    first, second = (f"{ROOT}/sync/CRM/Accounts?$skiptoken={at}" for at in (1, 2))
    for at in range(10):
        answer("GET", "sync/CRM/Accounts", a_list(an_account_row(), link=(first, second)[at % 2]))
    with pytest.raises(BadAnswerError, match="back to itself"):
        list(a_client().each_customer_page(1))
    assert len(responses.calls) == 3
