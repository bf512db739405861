"""The client against the sandbox, over a real socket."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from portal.domain.here import day_here
from portal.domain.unreadable import readable
from portal.productive.client import ProductiveClient
from portal.productive.pace import read_limits
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
)
from portal.remote.pace import Pace
from portal.sandbox.productive import create_productive_app
from tests.furnishing.today import today
from tests.lane import LocalLane

DAY = date(2026, 11, 20)
NOBODY = "999999"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_productive_app(), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


class Backdoor:
    """What only a sandbox allows."""

    def __init__(self, origin: str) -> None:
        self.url = f"{origin}/_sandbox"

    def post(self, door: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}/{door}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def make(self, *invoices: dict[str, Any]) -> list[str]:
        return [str(key) for key in self.post("invoices", invoices=list(invoices))["ids"]]

    def fail(self, method: str, do: str) -> None:
        self.post("faults", method=method, path="/api/v2/payments", times=1, do=do)

    def calls(self) -> list[tuple[str, int]]:
        answer = requests.get(f"{self.url}/calls", timeout=30)
        return [(call["method"], call["status"]) for call in answer.json()]


@pytest.fixture
def backdoor(origin: str) -> Backdoor:
    door = Backdoor(origin)
    door.post("reset")
    return door


def a_client(origin: str, *, token: str = "demo-token", organization: str = "703") -> ProductiveClient:
    lane = LocalLane(Pace(), read_limits)
    return ProductiveClient(f"{origin}/api/v2", token, organization, lane=lane)


@pytest.fixture
def client(origin: str, backdoor: Backdoor) -> ProductiveClient:
    return a_client(origin)


def a_line(**changes: Any) -> dict[str, Any]:
    return {"description": "<p>Design</p>", "quantity": "2", "unit_price": 5000} | changes


def test_the_organisation_and_all_that_mappings_need_are_read(client: ProductiveClient) -> None:
    assert client.read_organization().id == "703"
    subsidiaries = {each.id for each in client.each_subsidiary()}
    assert subsidiaries
    assert {rate.subsidiary_id for rate in readable(client.each_tax_rate())} <= subsidiaries
    assert all(each.name for each in readable(client.each_service_type()))


def test_every_finalised_invoice_comes_once_and_oldest_change_first(
    client: ProductiveClient, backdoor: Backdoor
) -> None:
    made = backdoor.make(*({"subject": f"Nr {number}"} for number in range(410)))
    [draft] = backdoor.make({"finalized_on": None})
    pages = list(client.each_invoice_page(since=None))
    invoices = [invoice for page in pages for invoice in readable(page)]
    assert [len(page) for page in pages[:2]] == [200, 200]
    assert set(made) <= {invoice.id for invoice in invoices}
    assert draft not in {invoice.id for invoice in invoices}
    assert len({invoice.id for invoice in invoices}) == len(invoices)
    changes = [invoice.last_activity_at for invoice in invoices]
    assert changes == sorted(changes)


def test_every_invoice_of_the_demo_can_be_read_with_its_lines(client: ProductiveClient) -> None:
    keys = [each.id for page in client.each_invoice_page(since=None) for each in page]
    invoices = [
        each for at in range(0, len(keys), 50) for each in readable(client.read_invoices(keys[at : at + 50]))
    ]
    assert {each.id for each in invoices} == set(keys)
    assert all(each.lines for each in invoices)
    whole = [each for each in invoices if not each.discount]
    assert all(sum(line.amount for line in each.lines) == each.amount for each in whole)


def test_only_what_changed_since_a_day_comes(client: ProductiveClient, backdoor: Backdoor) -> None:
    [key] = backdoor.make({})
    day = today()
    recent = [each for page in client.each_invoice_page(since=day) for each in readable(page)]
    assert key in {each.id for each in recent}
    assert all(day_here(each.last_activity_at) >= day for each in recent)
    later = list(client.each_invoice_page(since=day + timedelta(days=3)))
    assert [each for page in later for each in page] == []


def test_invoices_and_their_lines_are_read_in_two_calls(client: ProductiveClient, backdoor: Backdoor) -> None:
    buyer = {"name": "Voorbeeld B.V.", "vat": "NL001234567B01", "country": "Netherlands"}
    lines = [a_line(), a_line(description="Hosting", quantity="-1", expense=True)]
    keys = backdoor.make({"company": buyer, "lines": lines}, {"lines": [a_line()]})
    before = len(backdoor.calls())
    invoices = {each.id: each for each in readable(client.read_invoices([*keys, NOBODY]))}
    assert backdoor.calls()[before:] == [("GET", 200), ("GET", 200)]
    assert set(invoices) == set(keys)
    first = invoices[keys[0]]
    assert [(line.description, line.quantity, line.amount) for line in first.lines] == [
        ("Design", Decimal(2), 10000),
        ("Hosting", Decimal(-1), -5000),
    ]
    assert [line.is_expense for line in first.lines] == [False, True]
    assert all(line.service_type_id and line.tax_rate_id for line in first.lines)
    assert first.amount == 5000
    assert first.amount_with_tax == first.amount + first.amount_tax
    assert first.bill_to is not None
    assert (first.bill_to.name, first.bill_to.vat) == ("Voorbeeld B.V.", "NL001234567B01")


def test_more_lines_than_one_page_holds_are_all_read(client: ProductiveClient, backdoor: Backdoor) -> None:
    [key] = backdoor.make({"lines": [a_line(unit_price=number) for number in range(1, 431)]})
    [invoice] = readable(client.read_invoices([key]))
    assert [line.unit_price for line in invoice.lines] == list(range(1, 431))
    assert sum(line.amount for line in invoice.lines) == invoice.amount


def test_a_credit_note_is_negative_and_tells_its_parent(client: ProductiveClient, backdoor: Backdoor) -> None:
    [parent] = backdoor.make({"lines": [a_line()]})
    [key] = backdoor.make({"parent_invoice_id": parent, "lines": [a_line(quantity="-2")]})
    [note] = readable(client.read_invoices([key]))
    assert (note.is_credit_note, note.amount, note.parent_invoice_id) == (True, -10000, parent)
    assert readable(client.read_invoices([parent]))[0].credited


def test_an_export_mark_is_set_and_taken_off(client: ProductiveClient, backdoor: Backdoor) -> None:
    [key] = backdoor.make({})
    client.mark_exported(key, export_id="guid", url="https://exact.test/entry")
    [marked] = readable(client.read_invoices([key]))
    assert (marked.exported, marked.export_id, marked.export_url) == (
        True,
        "guid",
        "https://exact.test/entry",
    )
    client.unmark_exported(key)
    [bare] = readable(client.read_invoices([key]))
    assert (bare.exported, bare.export_id, bare.export_url) == (False, None, None)


def test_the_number_of_an_unsent_invoice_can_be_changed_and_that_of_a_sent_one_cannot(
    client: ProductiveClient, backdoor: Backdoor
) -> None:
    unsent, sent = backdoor.make({"sent_on": None}, {})
    client.set_number(unsent, "26700012")
    assert readable(client.read_invoices([unsent]))[0].number == "26700012"
    with pytest.raises(RefusedError, match="number"):
        client.set_number(sent, "26700013")


def test_a_payment_is_made_changed_and_removed(client: ProductiveClient, backdoor: Backdoor) -> None:
    [key] = backdoor.make({"lines": [a_line()]})
    made = client.create_payment(key, amount=4000, on=DAY, written_off=False, note="Exact [ABCDEFGH]")
    assert client.find_payments([key]) == [made]
    assert (made.amount, made.on, made.written_off, made.note) == (4000, DAY, False, "Exact [ABCDEFGH]")
    later = DAY + timedelta(days=1)
    changed = client.change_payment(made.id, amount=3000, on=later, written_off=True, note="n")
    assert client.find_payments([key]) == [changed]
    assert (changed.invoice_id, changed.amount, changed.on, changed.written_off) == (key, 3000, later, True)
    [invoice] = readable(client.read_invoices([key]))
    assert (invoice.amount_paid, invoice.amount_written_off) == (0, 3000)
    client.delete_payment(made.id)
    client.delete_payment(made.id)
    assert client.find_payments([key]) == []
    with pytest.raises(NotFoundError):
        client.change_payment(made.id, amount=1, on=DAY, written_off=False, note="")


def test_an_unsent_invoice_takes_no_payment_until_it_is_marked_as_sent(
    client: ProductiveClient, backdoor: Backdoor
) -> None:
    [key] = backdoor.make({"sent_on": None, "lines": [a_line()]})
    with pytest.raises(RefusedError, match="sent") as caught:
        client.create_payment(key, amount=1000, on=DAY, written_off=False, note="")
    assert caught.value.status == 422
    client.mark_sent(key, on=DAY)
    assert client.create_payment(key, amount=1000, on=DAY, written_off=False, note="").amount == 1000
    assert readable(client.read_invoices([key]))[0].sent_on == DAY


@pytest.mark.parametrize(
    ("token", "organization", "kind"),
    [("wrong", "703", SignInLostError), ("demo-token", "704", MissingRightError)],
)
def test_a_wrong_token_and_a_wrong_organisation_are_told_apart(
    origin: str, backdoor: Backdoor, token: str, organization: str, kind: type[RemoteError]
) -> None:
    with pytest.raises(kind):
        list(a_client(origin, token=token, organization=organization).each_subsidiary())


def test_too_many_calls_say_when_to_come_back(client: ProductiveClient, backdoor: Backdoor) -> None:
    backdoor.post("limits", minute=1, day=4000)
    list(client.each_subsidiary())
    asked = datetime.now(UTC)
    with pytest.raises(RateLimitedError) as caught:
        list(client.each_subsidiary())
    assert caught.value.retry_at is not None
    # An answer's Date has no fractions of a second.
    earliest = asked - timedelta(seconds=1)
    assert earliest <= caught.value.retry_at <= datetime.now(UTC) + timedelta(seconds=11)


@pytest.mark.parametrize(
    ("do", "kind", "made"),
    [
        ("drop-before", LostReplyError, 0),
        ("drop-after", LostReplyError, 1),
        ("truncate", LostReplyError, 1),
        ("garbage", BadAnswerError, 1),
        ("status:500", TemporaryError, None),
        ("status:302", BadAnswerError, None),
    ],
)
def test_a_payment_whose_answer_is_lost_is_never_sent_twice(
    client: ProductiveClient, backdoor: Backdoor, do: str, kind: type[RemoteError], made: int | None
) -> None:
    [key] = backdoor.make({"lines": [a_line()]})
    backdoor.fail("POST", do)
    before = len(backdoor.calls())
    with pytest.raises(kind) as caught:
        client.create_payment(key, amount=1000, on=DAY, written_off=False, note="")
    assert caught.value.may_have_happened
    assert len(backdoor.calls()) - before == 1
    if made is not None:
        assert len(client.find_payments([key])) == made
