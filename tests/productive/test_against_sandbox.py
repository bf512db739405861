"""The client against the sandbox, over a real socket."""

from collections.abc import Iterator
from datetime import date
from threading import Thread
from typing import Any

import pytest
import requests
from portal.sandbox.productive.app import create_productive_app
from werkzeug.serving import make_server

from portal.productive.client import ProductiveClient
from portal.productive.pace import SlidingWindow

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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
        self.origin = origin

    def post(self, door: str, **body: Any) -> Any:
        answer = requests.post(f"{self.origin}/_sandbox/{door}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def make(self, *invoices: dict[str, Any]) -> list[str]:
        return [str(key) for key in self.post("invoices", invoices=list(invoices))["ids"]]

    def calls(self) -> list[dict[str, Any]]:
        found = requests.get(f"{self.origin}/_sandbox/calls", timeout=30).json()
        calls: list[dict[str, Any]] = found["calls"] if isinstance(found, dict) else found
        return calls


@pytest.fixture
def backdoor(origin: str) -> Backdoor:
    door = Backdoor(origin)
    door.post("reset")
    return door


@pytest.fixture
def client(origin: str, backdoor: Backdoor) -> ProductiveClient:
    return a_client(origin)


def a_client(origin: str, *, token: str = "demo-token", organization: str = "703") -> ProductiveClient:
    lane = SlidingWindow((1000, 1))
    return ProductiveClient(f"{origin}/api/v2", token, organization, lane=lane)
