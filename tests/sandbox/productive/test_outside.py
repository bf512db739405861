"""Webhooks that are really sent, signed, and attachments in their four steps."""

import hashlib
import hmac
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from flask import Flask, request

from portal.sandbox.common.server import serving
from portal.sandbox.productive import create_productive_app
from tests.sandbox.productive.conftest import HEADERS, Caller, a_line, pointers
from tests.sandbox.productive.test_backdoor import sandbox

Letters = Queue[tuple[dict[str, str], bytes]]
PATIENCE = 20


@pytest.fixture
def letters() -> Letters:
    return Queue()


@pytest.fixture
def receiver(letters: Letters) -> Iterator[str]:
    """A server on loopback that keeps what it is sent."""
    app = Flask("receiver")

    @app.post("/hooks/productive")
    def take() -> str:
        letters.put((dict(request.headers), request.get_data()))
        return ""

    with serving(app) as url:
        yield f"{url}/hooks/productive"


def subscribe(call: Caller, url: str, event: int, **more: object) -> dict[str, Any]:
    answer = call.write("POST", "/webhooks", name="Portal", event_id=event, target_url=url, type_id=1, **more)
    assert answer.status_code == 201, answer.text
    return dict((answer.json or {})["data"])


def told(letters: Letters, token: str) -> dict[str, Any]:
    """What the next webhook says, if its signature is right."""
    headers, body = letters.get(timeout=PATIENCE)
    found = re.fullmatch(r"t=(\d+), s=([0-9a-f]{64})", headers["Productive-Signature"])
    assert found
    signed = hmac.new(token.encode(), found[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signed == found[2]
    return dict(json.loads(body))


def test_a_webhook_is_made_listed_and_deleted(call: Caller) -> None:
    made = subscribe(call, "https://portal.example/hooks/productive", 2)
    attributes = made["attributes"]
    assert len(attributes["signature_token"]) == 32
    assert (attributes["event_id"], attributes["state_id"], attributes["type_id"]) == (2, 1, 1)
    assert call.data("/webhooks") == [made]
    assert call.data(f"/webhooks/{made['id']}") == made
    assert call.data("/webhooks?filter[event_id]=14") == []
    answer = call.client.delete(f"/api/v2/webhooks/{made['id']}", headers=HEADERS)
    assert (answer.status_code, answer.data) == (204, b"")
    assert call.get(f"/webhooks/{made['id']}").status_code == 404
    assert call.client.delete(f"/api/v2/webhooks/{made['id']}", headers=HEADERS).status_code == 404


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ({}, {"name", "event_id", "target_url"}),
        ({"name": "x", "event_id": 2}, {"target_url"}),
        ({"name": "x", "event_id": 99, "target_url": "https://x.example"}, {"event_id"}),
        ({"name": "x", "event_id": "²", "target_url": "https://x.example"}, {"event_id"}),
        ({"name": "x", "event_id": 2, "target_url": "ftp://x.example"}, {"target_url"}),
        ({"name": "x", "event_id": 2, "target_url": "https://"}, {"target_url"}),
        ({"name": "x", "event_id": 2, "target_url": "https://x:99999999"}, {"target_url"}),
        ({"name": "x", "event_id": 2, "target_url": "https://[x"}, {"target_url"}),
        ({"name": "x", "event_id": 2, "target_url": "https://x\r\ny"}, {"target_url"}),
        ({"name": "x", "event_id": 2, "target_url": "https://x.example", "type_id": 3}, {"type_id"}),
        (
            {"name": "x", "event_id": 2, "target_url": "https://x.example", "custom_headers": 1},
            {"custom_headers"},
        ),
        (
            {"name": "x", "event_id": 2, "target_url": "https://x.example", "custom_headers": {"A": "b\nc"}},
            {"custom_headers"},
        ),
    ],
)
def test_a_webhook_that_is_wrong_is_refused_field_by_field(
    call: Caller, attributes: dict[str, object], wrong: set[str]
) -> None:
    assert set(pointers(call.write("POST", "/webhooks", **attributes))) == {
        f"data/attributes/{name}" for name in wrong
    }
    assert call.data("/webhooks") == []


def test_the_webhooks_of_invoices_tell_of_new_updated_and_deleted(
    call: Caller, receiver: str, letters: Letters
) -> None:
    tokens = {
        event: subscribe(call, receiver, event)["attributes"]["signature_token"] for event in (2, 14, 15)
    }
    assert len(set(tokens.values())) == 3
    id_ = call.make(lines=[a_line()])
    new = told(letters, tokens[2])
    assert (new["event"], new["item_type"], new["item_id"]) == ("create_invoice", "invoice", id_)
    shown = new["object"]["data"]
    assert (shown["id"], shown["attributes"]["amount_with_tax"]) == (id_, 12100)
    call.write("PATCH", f"/invoices/{id_}", exported=True)
    assert told(letters, tokens[14])["object"]["data"]["attributes"]["exported"] is True
    call.client.delete(f"/api/v2/invoices/{id_}", headers=HEADERS)
    assert told(letters, tokens[15])["event"] == "delete_invoice"
    assert letters.empty()


def test_the_webhooks_of_payments_and_companies_are_sent_too(
    call: Caller, receiver: str, letters: Letters
) -> None:
    id_ = call.make(lines=[a_line()])
    tokens = {
        event: subscribe(call, receiver, event)["attributes"]["signature_token"] for event in (29, 32, 33, 34)
    }
    made = call.write("POST", "/payments", invoice_id=int(id_), amount=100, paid_on="2026-05-01").json
    assert made
    payment = made["data"]["id"]
    assert told(letters, tokens[32])["object"]["data"]["attributes"]["amount"] == 100
    call.write("PATCH", f"/payments/{payment}", amount=200)
    assert told(letters, tokens[33])["item_id"] == payment
    call.client.delete(f"/api/v2/payments/{payment}", headers=HEADERS)
    assert told(letters, tokens[34])["event"] == "delete_payment"
    call.make(company={"name": "Heel Nieuw B.V."})
    assert told(letters, tokens[29])["object"]["data"]["attributes"]["name"] == "Heel Nieuw B.V."


def test_custom_headers_come_along_and_a_deleted_webhook_is_silent(
    call: Caller, receiver: str, letters: Letters
) -> None:
    kept = subscribe(call, receiver, 14, custom_headers={"X-Tenant": "kade"})
    gone = subscribe(call, receiver, 14)
    call.client.delete(f"/api/v2/webhooks/{gone['id']}", headers=HEADERS)
    call.door("PATCH", f"/invoices/{call.make()}", {"subject": "x"})
    headers, _ = letters.get(timeout=PATIENCE)
    assert headers["X-Tenant"] == "kade"
    call.client.delete(f"/api/v2/webhooks/{kept['id']}", headers=HEADERS)
    assert letters.empty()


def test_a_webhook_that_leads_nowhere_holds_up_nobody(call: Caller, receiver: str, letters: Letters) -> None:
    for url in ("http://127.0.0.1:1/x", "https://far.example/x", "http://localhost:1/x?y=z"):
        subscribe(call, url, 14)
    subscribe(call, receiver, 14)
    call.door("PATCH", f"/invoices/{call.make()}", {"subject": "x"})
    assert letters.get(timeout=PATIENCE)


def test_webhooks_end_with_a_reset() -> None:
    call = Caller(create_productive_app())
    subscribe(call, "https://portal.example/hooks", 2)
    call.door("POST", "/reset")
    assert call.data("/webhooks") == []


def test_webhooks_and_attachments_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "productive.json"
    first = Caller(create_productive_app(state_path=path))
    made = subscribe(first, "https://portal.example/hooks", 2, custom_headers={"A": "b"})
    file = {"name": "x", "content_type": "text/plain", "size": 1, "attachable_type": "invoice"}
    first.write("POST", "/attachments", **file)
    sandbox(first.app).flush()
    second = Caller(create_productive_app(state_path=path))
    assert second.data("/webhooks") == [made]
    assert [each["attributes"]["name"] for each in second.data("/attachments")] == ["x"]


def test_a_file_is_told_of_uploaded_and_hung_on_an_invoice(call: Caller) -> None:
    id_ = call.make(lines=[a_line()])
    file = {"name": "K-1.pdf", "content_type": "application/pdf", "size": 5, "attachable_type": "invoice"}
    answer = call.write("POST", "/attachments", **file)
    assert answer.status_code == 201
    assert answer.json
    made = answer.json["data"]
    policy = made["attributes"]["aws_policy"]
    assert made["attributes"]["url"] is None
    form = {name: value for name, value in policy.items() if name != "url"}
    stored = call.client.post(policy["url"], data={**form, "file": (io.BytesIO(b"%PDF-"), "K-1.pdf")})
    assert stored.status_code == 201
    patched = call.write("PATCH", f"/attachments/{made['id']}", temp_url=stored.headers["Location"])
    assert patched.status_code == 200
    assert call.write("PATCH", f"/invoices/{id_}", attachment_id=int(made["id"])).status_code == 200
    shown = call.get(f"/invoices/{id_}?include=attachment").json
    assert shown
    [attachment] = shown["included"]
    assert (attachment["type"], attachment["attributes"]["name"]) == ("attachments", "K-1.pdf")
    assert call.client.get(attachment["attributes"]["url"]).data == b"%PDF-"
    assert [each["id"] for each in call.data("/attachments?filter[attachable_type]=invoice")] == [made["id"]]
    assert call.client.delete(f"/api/v2/attachments/{made['id']}", headers=HEADERS).status_code == 204
    assert call.get(f"/attachments/{made['id']}").status_code == 404
    again = call.get(f"/invoices/{id_}?include=attachment").json
    assert again
    assert again["data"]["relationships"]["attachment"] == {"data": None}


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ({}, {"name", "content_type", "size", "attachable_type"}),
        ({"size": -1}, {"size"}),
        ({"size": "²"}, {"size"}),
        ({"size": 10**30}, {"size"}),
        ({"attachable_type": {"a": 1}}, {"attachable_type"}),
        ({"name": ""}, {"name"}),
    ],
)
def test_an_attachment_that_is_wrong_is_refused_field_by_field(
    call: Caller, attributes: dict[str, object], wrong: set[str]
) -> None:
    usual = {"name": "x", "content_type": "text/plain", "size": 1, "attachable_type": "invoice"}
    answer = call.write("POST", "/attachments", **(usual | attributes if attributes else {}))
    assert set(pointers(answer)) == {f"data/attributes/{name}" for name in wrong}


@pytest.mark.parametrize("wanted", [99, "²", {}, -1])
def test_an_invoice_takes_no_attachment_that_is_not_there(call: Caller, wanted: object) -> None:
    answer = call.write("PATCH", f"/invoices/{call.make()}", attachment_id=wanted)
    assert set(pointers(answer)) == {"data/attributes/attachment"}


def test_a_file_without_its_fields_is_not_kept(call: Caller) -> None:
    assert call.client.post("/files", data={"key": "x"}).status_code == 403
    assert call.client.get("/attachments/x").status_code == 404
