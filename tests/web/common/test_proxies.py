"""What a request says of itself: its address with and without a proxy before the portal, and its host."""

from pathlib import Path

import msgspec
import pytest
from flask import request

from portal.factory import create_app
from tests.furnishing.apps import settings_in
from tests.pages import CheckingClient


@pytest.mark.parametrize(("proxies", "seen"), [(0, "10.0.0.1"), (1, "192.0.2.9"), (2, "192.0.2.8")])
def test_only_trusted_proxies_tell_the_address(tmp_path: Path, proxies: int, seen: str) -> None:
    app = create_app(msgspec.structs.replace(settings_in(tmp_path), trusted_proxies=proxies))
    addresses: list[str | None] = []
    app.before_request(lambda: addresses.append(request.remote_addr))
    forwarded = {"X-Forwarded-For": "192.0.2.8, 192.0.2.9"}
    app.test_client().get("/healthz", headers=forwarded, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert addresses == [seen]


@pytest.mark.parametrize("path", ["//settings//users", "/invoices//1", "/static//app.css", "/", "/nowhere"])
def test_no_answer_leads_to_the_host_that_was_sent(client: CheckingClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert "evil.example" not in str(answer.headers)
    assert "evil.example" not in answer.text


def test_a_corrected_path_stays_on_this_host(client: CheckingClient) -> None:
    answer = client.get("/invoices//1?x=1", headers={"Host": "evil.example"})
    assert answer.headers["Location"] == "/invoices/1?x=1"
