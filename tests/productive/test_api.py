"""Every way a call can fail, and what is never done about it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
import responses

from portal.productive.client import ProductiveClient
from portal.remote.clock import RemoteClock
from portal.remote.errors import (
    BadAnswerError,
    HeldBackError,
    LostReplyError,
    MissingRightError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    UnreachableError,
    Vendor,
)
from portal.remote.pace import Opening
from portal.remote.transport import CallRecord, Transport
from tests.productive.bodies import BASE, TOKEN, a_fault, a_lane, a_list, a_subsidiary

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RECORDED_404 = a_fault(
    "404", code="record_not_found", title="Record Not Found", detail="The requested record was not found"
)
BLANK = a_fault(
    "422",
    code="invalid_attribute",
    title="Invalid Attribute",
    detail="can't be blank",
    pointer="data/attributes/paid_on",
)
TWICE = {
    "errors": BLANK["errors"]
    + a_fault(422, title="Amount is odd.", pointer="data/attributes/amount")["errors"]
}


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (
            400,
            a_fault(400, title="Unsupported Filter"),
            RefusedError,
            "Productive refused: “Unsupported Filter”.",
        ),
        (401, a_fault(401, detail="You are not authenticated"), SignInLostError, "does not accept the token"),
        (402, {}, RefusedError, "paid first: status 402"),
        (
            403,
            a_fault("403", detail="Feature financials unavailable"),
            MissingRightError,
            "financials unavailable",
        ),
        (404, RECORDED_404, NotFoundError, "The requested record was not found"),
        (409, a_fault("409", code="conflict"), RefusedError, "Productive refused: “conflict”."),
        (410, None, NotFoundError, "status 410"),
        (415, a_fault(415), RefusedError, "no reason given"),
        (422, BLANK, RefusedError, "paid on – can't be blank"),
        (422, TWICE, RefusedError, "paid on – can't be blank; amount – Amount is odd"),
        (
            500,
            a_fault(500, detail="An error occured on the server"),
            TemporaryError,
            "An error occured on the server",
        ),
        (501, None, TemporaryError, "status 501"),
    ],
)
def test_each_refusal_becomes_an_error_in_productives_words(
    wire: responses.RequestsMock,
    client: ProductiveClient,
    status: int,
    body: object,
    kind: type[RemoteError],
    text: str,
) -> None:
    wire.post(f"{BASE}/payments", status=status, json=body)
    with pytest.raises(RemoteError) as caught:
        client.create_payment("27", amount=1, on=date(2026, 11, 20), written_off=False, note="n")
    assert type(caught.value) is kind
    assert text in caught.value.text
    assert caught.value.vendor == Vendor.PRODUCTIVE
    assert caught.value.status == status
    assert len(wire.calls) == 1


@pytest.mark.parametrize("body", [b"<h1>Bad gateway</h1>", b"\xff\xfe", b'{"errors": "no"}'])
def test_an_error_without_readable_words_is_told_by_its_status(
    wire: responses.RequestsMock, client: ProductiveClient, body: bytes
) -> None:
    wire.delete(f"{BASE}/payments/1", status=502, body=body)
    with pytest.raises(TemporaryError, match="status 502"):
        client.delete_payment("1")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": "7"}, 7),
        ({"x-ratelimit-reset": "1800"}, 1800),
        ({"Retry-After": "3"}, 3),
        ({"X-RateLimit-Reset": "4", "Retry-After": "9"}, 4),
        ({"X-RateLimit-Reset": "soon"}, 10),
        ({}, 10),
    ],
)
def test_a_rate_limit_says_when_to_come_back_whatever_our_clock_thinks_of_theirs(
    wire: responses.RequestsMock, headers: dict[str, str], seconds: int
) -> None:
    transport = Transport(clock=RemoteClock(local=lambda: NOW))
    client = ProductiveClient(BASE, TOKEN, "703", transport=transport, lane=a_lane())
    fault = a_fault(429, title="Too many requests", detail="100 per 10 s")
    theirs = {"Date": "Mon, 23 Nov 2026 18:00:00 GMT"}
    wire.get(f"{BASE}/subsidiaries", status=429, json=fault, headers=headers | theirs)
    with pytest.raises(RateLimitedError, match="100 per 10 s") as caught:
        list(client.each_subsidiary())
    assert caught.value.retry_at == NOW + timedelta(seconds=seconds)
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (requests.ConnectTimeout("x"), UnreachableError),
        (requests.ReadTimeout(TOKEN), LostReplyError),
        (requests.ConnectionError("reset"), LostReplyError),
    ],
)
def test_a_write_whose_reply_is_lost_is_not_repeated(
    wire: responses.RequestsMock,
    client: ProductiveClient,
    failure: requests.RequestException,
    kind: type[RemoteError],
) -> None:
    wire.post(f"{BASE}/payments", body=failure)
    with pytest.raises(kind) as caught:
        client.create_payment("27", amount=1, on=date(2026, 11, 20), written_off=False, note="n")
    assert len(wire.calls) == 1
    assert TOKEN not in repr(caught.value) + str(caught.value.__cause__)


@pytest.mark.parametrize("body", ["", "<html>", '{"data": []}', '{"data": {"id": "1", "type": "payments"}}'])
def test_a_write_with_an_answer_nobody_can_read_may_have_happened(
    wire: responses.RequestsMock, client: ProductiveClient, body: str
) -> None:
    wire.post(f"{BASE}/payments", status=201, body=body)
    with pytest.raises(BadAnswerError) as caught:
        client.create_payment("27", amount=1, on=date(2026, 11, 20), written_off=False, note="n")
    assert caught.value.may_have_happened


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(
    wire: responses.RequestsMock, client: ProductiveClient, status: int
) -> None:
    wire.get(f"{BASE}/subsidiaries", status=status, headers={"Location": "https://evil.test/"})
    with pytest.raises(BadAnswerError):
        list(client.each_subsidiary())
    assert len(wire.calls) == 1


def test_a_list_that_leads_back_to_itself_ends_in_an_error(
    wire: responses.RequestsMock, client: ProductiveClient
) -> None:
    here = f"{BASE}/subsidiaries?page%5Bsize%5D=200"
    wire.get(f"{BASE}/subsidiaries", json=a_list(a_subsidiary(), next=here))
    with pytest.raises(BadAnswerError, match="back to itself"):
        list(client.each_subsidiary())


def test_the_token_is_neither_logged_nor_sent_to_another_host(wire: responses.RequestsMock) -> None:
    records: list[CallRecord] = []
    client = ProductiveClient(BASE, TOKEN, "703", transport=Transport(on_call=records.append), lane=a_lane())
    wire.get(f"{BASE}/subsidiaries", json=a_list(next="https://evil.test/api/v2/subsidiaries"))
    with pytest.raises(BadAnswerError, match="another host"):
        list(client.each_subsidiary())
    assert len(wire.calls) == 1
    assert TOKEN not in repr(records)


class RecordingLane:
    """A lane that remembers who asked for a turn, and may refuse one."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self.turns: list[tuple[str, bool, bool]] = []
        self.learned: list[tuple[int, str, datetime]] = []

    @contextmanager
    def turn(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Iterator[None]:
        if self.closed:
            raise HeldBackError("closed", retry_at=NOW)
        self.turns.append((endpoint, interactive, pull))
        yield

    def peek(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Opening:
        raise NotImplementedError

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        self.learned.append((status, endpoint, now))


@pytest.fixture
def with_lane() -> Callable[[RecordingLane], ProductiveClient]:
    def build(lane: RecordingLane) -> ProductiveClient:
        transport = Transport(clock=RemoteClock(local=lambda: NOW))
        return ProductiveClient(
            BASE, TOKEN, "703", transport=transport, lane=lane, interactive=True, pull=True
        )

    return build


def test_each_call_takes_a_turn_and_tells_what_it_learned(
    wire: responses.RequestsMock, with_lane: Callable[[RecordingLane], ProductiveClient]
) -> None:
    lane = RecordingLane()
    more = f"{BASE}/subsidiaries?page%5Bnumber%5D=2"
    wire.get(f"{BASE}/subsidiaries", json=a_list(next=more))
    wire.get(more, status=401, body=json.dumps({}))
    with pytest.raises(SignInLostError):
        list(with_lane(lane).each_subsidiary())
    assert lane.turns == [("subsidiaries", True, True)] * 2
    assert lane.learned == [(200, "subsidiaries", NOW), (401, "subsidiaries", NOW)]


def test_a_closed_lane_sends_nothing(
    wire: responses.RequestsMock, with_lane: Callable[[RecordingLane], ProductiveClient]
) -> None:
    with pytest.raises(HeldBackError):
        with_lane(RecordingLane(closed=True)).delete_payment("4")
    assert len(wire.calls) == 0
