"""GET /healthz."""

import pytest

from portal.web.health import views
from tests.pages import CheckingClient


def test_a_queue_that_is_down_is_named(client: CheckingClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"status": "down", "web": "up", "database": "up", "queue": "down"}


def test_all_up_is_200(client: CheckingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ping", lambda _url: None)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (
        200,
        {"status": "ok", "web": "up", "database": "up", "queue": "up"},
    )
