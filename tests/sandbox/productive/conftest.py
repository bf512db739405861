"""A sandbox without and with the demo data, and a client that speaks JSON:API."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.sandbox.productive import create_productive_app

HEADERS = {
    "X-Auth-Token": "demo-token",
    "X-Organization-Id": "703",
    "Content-Type": "application/vnd.api+json",
}


class Caller:
    """Calls the API as a client would, and the back doors."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/api/v2{path}", headers={**HEADERS, **headers})

    def data(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json["data"] if answer.json else None

    def write(self, method: str, path: str, **attributes: object) -> TestResponse:
        type_ = attributes.pop("type_", path.split("/")[1])
        body = {"data": {"type": type_, "attributes": attributes}}
        return self.client.open(f"/api/v2{path}", method=method, json=body, headers=HEADERS)

    def door(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        answer = self.client.open(f"/_sandbox{path}", method=method, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def make(self, **attributes: object) -> str:
        return str(self.door("POST", "/invoices", {"invoices": [attributes]})["ids"][0])

    def glance(self, id_: str) -> Any:
        return self.door("GET", f"/invoices?id={id_}")["invoices"][0]


def a_line(quantity: str = "1", unit_price: object = 10000, **more: object) -> dict[str, object]:
    return {"description": "Design", "quantity": quantity, "unit_price": unit_price, **more}


def pointers(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["source"]["pointer"]: error["detail"] for error in (answer.json or {})["errors"]}


@pytest.fixture
def call() -> Caller:
    """An organisation without invoices."""
    return Caller(create_productive_app(seed=False))


@pytest.fixture
def demo() -> Caller:
    """The demo."""
    return Caller(create_productive_app())
