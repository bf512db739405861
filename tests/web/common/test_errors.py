"""What a person sees when something fails, and what the log keeps of it."""

import re
from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.remote import errors as remote
from portal.web.common.errors import sentence_of, sentences
from tests.conftest import SignedIn
from tests.pages import CheckingClient


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """An app whose account page raises what the list holds, as it would outside of tests."""
    failures: list[Exception] = []

    def fail() -> NoReturn:
        raise failures[0]

    fail.needs = "viewer"  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "account.show_account", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    return failures


def test_a_bug_shows_a_reference_that_the_log_has_too(
    broken: list[Exception], signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    broken.append(ZeroDivisionError("secret detail"))
    answer = signed_in("viewer").get("/account")
    assert answer.status_code == 500
    found = re.search(r"<code>([0-9A-F]{8})</code>", answer.text)
    assert found is not None
    assert found.group(1) in caplog.text
    assert "secret detail" not in answer.text


def test_a_bug_in_a_fragment_keeps_the_page(broken: list[Exception], signed_in: SignedIn) -> None:
    broken.append(ZeroDivisionError())
    answer = signed_in("viewer").htmx("/account")
    assert answer.status_code == 500
    assert "<" not in answer.text


def test_a_database_that_is_gone_is_said(broken: list[Exception], signed_in: SignedIn) -> None:
    broken.append(OperationalError("select", None, Exception("gone")))
    answer = signed_in("viewer").get("/account")
    assert answer.status_code == 503
    assert "The portal is not ready" in answer.text


def test_the_log_holds_no_query_and_no_form(client: CheckingClient, caplog: pytest.LogCaptureFixture) -> None:
    client.post("/sign-in?code=hidden1", data={"email": "hidden2@example.com", "password": "hidden3"})
    assert "/sign-in" in caplog.text
    assert "hidden" not in caplog.text


@pytest.mark.parametrize("kind", [kind for kind in vars(remote).values() if isinstance(kind, type)])
def test_every_remote_failure_has_a_sentence_and_a_next_step(app: Flask, kind: type) -> None:
    if not issubclass(kind, remote.RemoteError):
        return
    with app.test_request_context():
        happened, step = sentence_of(kind("The period is closed."), "Exact")
        assert happened.rstrip("”").endswith(".")
        assert step.rstrip("”").endswith(".")
        assert "system" not in happened
        assert remote.RemoteError in sentences("Exact")
