"""Odd bytes over real sockets: both servers answer, each in its service's words, and go on."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from portal.sandbox.common.server import serving
from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.productive import create_productive_app
from tests.sandbox.exact.client import Exact

PATIENCE = 20


def shout(url: str, request: bytes) -> tuple[int, bytes]:
    """Send these very bytes. The status and the body."""
    site = urlsplit(url)
    with socket.create_connection((site.hostname, site.port), PATIENCE) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def spell(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@pytest.fixture(scope="module")
def exact() -> Iterator[tuple[str, dict[str, str]]]:
    app = create_exact_app()
    token = Exact(app).sign_in().access
    with serving(app) as url:
        yield (
            url,
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "Content-Type": "application/json",
            },
        )


@pytest.fixture(scope="module")
def productive() -> Iterator[tuple[str, dict[str, str]]]:
    headers = {
        "X-Auth-Token": "demo-token",
        "X-Organization-Id": "703",
        "Content-Type": "application/vnd.api+json",
    }
    with serving(create_productive_app()) as url:
        yield url, headers


def test_pages_and_back_doors_are_read_while_others_write(exact: tuple[str, dict[str, str]]) -> None:
    url, _ = exact
    body = b'{"division": 1001, "amount": "1.00", "account": "%s"}'
    shown = json.loads(shout(url, spell("GET", "/_sandbox/accounts?division=1001", {}))[1])
    write = spell("POST", "/_sandbox/receipts", {}, body % shown[0]["ID"].encode())
    reads = [
        spell("GET", path, {}) for path in ("/_sandbox/receipts?division=1001", "/", "/_sandbox/entries")
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda request: shout(url, request), [write, *reads] * 30))
    assert {status for status, _ in answers} == {200}


JOURNALS = "/api/v1/1001/financial/Journals"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/0/crm/Accounts", b"", 403),
        ("GET", f"{JOURNALS}?$filter={'(' * 200}1%20eq%201{')' * 200}", b"", 400),
        ("GET", "/api/v1/1001/sync/Deleted?$select=ID&$filter=Timestamp%20gt%201.5", b"", 200),
        ("GET", f"{JOURNALS}?$top=%C2%B2", b"", 400),
        ("GET", f"{JOURNALS}?$top=%FF%FE", b"", 400),
        ("GET", f"{JOURNALS}?%24filter=%00", b"", 400),
        ("POST", "/api/v1/1001/crm/Accounts", b'{"Name":"x","EndDate":"/Date(99999999999999999999)/"}', 400),
        ("POST", "/api/v1/1001/crm/Accounts", b"[" * 5000, 400),
        ("POST", "/api/v1/1001/crm/Accounts", b'{"Name":"\\ud800"}', 400),
        ("GET", "/api/v1/%FF/crm/Accounts", b"", 404),
        ("BREW", JOURNALS, b"", 405),
        ("GET", JOURNALS, b"", 200),
    ],
)
def test_exact_answers_whatever_it_is_sent(
    exact: tuple[str, dict[str, str]], method: str, path: str, body: bytes, status: int
) -> None:
    url, headers = exact
    found, answer = shout(url, spell(method, path, headers, body))
    assert found == status
    assert b"<html" not in answer.lower()
    if found in (400, 404):
        assert json.loads(answer)["error"]["message"]["value"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v2/invoices?filter[]=x", b"", 400),
        ("GET", "/api/v2/invoices?filter[number]=%FF", b"", 200),
        ("GET", "/api/v2/invoices/%C2%B2", b"", 404),
        ("POST", "/api/v2/payments", b'{"data":{"type":"payments","attributes":{"amount":1e30}}}', 422),
        ("POST", "/api/v2/payments", b"[" * 5000, 400),
        ("POST", "/api/v2/webhooks", b'{"data":{"attributes":{"event_id":[]}}}', 422),
        ("BREW", "/api/v2/invoices", b"", 405),
        ("POST", "/_sandbox/invoices", b'{"invoices":[{"invoiced_on":"\\u0000"}]}', 400),
        ("POST", "/_sandbox/clock", b'{"advance":1e300}', 400),
        ("GET", "/api/v2/invoices", b"", 200),
    ],
)
def test_productive_answers_whatever_it_is_sent(
    productive: tuple[str, dict[str, str]], method: str, path: str, body: bytes, status: int
) -> None:
    url, headers = productive
    found, answer = shout(url, spell(method, path, headers, body))
    assert found == status
    assert b"<html" not in answer.lower()
    told = json.loads(answer)
    assert "errors" in told or "error" in told or found == 200
