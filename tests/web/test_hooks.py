"""Webhooks over HTTP: no session, no token, no detail, a hint; and the sandboxes' own, over sockets."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import requests
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.connections.subscribe import drop_hooks, keep_hooks
from portal.actions.engine.jobs import Job
from portal.domain.connections.hints import TOPICS
from portal.exact.client import ExactClient
from portal.extensions import db, limiter, the_portal
from portal.factory import create_app
from portal.remote.errors import RefusedError
from portal.sandbox.common.server import serving
from portal.sandbox.exact.app import HOOK_SECRET, create_exact_app
from portal.sandbox.productive.app import create_productive_app
from portal.settings import AppRegistration, Settings
from portal.store.feeds import PaymentFeedRow
from portal.store.hints import HintRow
from portal.store.rows import metadata
from tests.conftest import NOW
from tests.exact.test_against_sandbox import Site
from tests.exact.wire import a_new_customer
from tests.furnishing import connections as furnished
from tests.furnishing.apps import settings_in
from tests.furnishing.waits import until
from tests.hooks import EXACT_SECRET, TOKEN, a_productive_hook, an_exact_hook
from tests.web.connected import wire_fakes

DUTCH = 1001


def with_secrets(settings: Settings, exact: str = EXACT_SECRET, *tokens: str) -> Settings:
    site = AppRegistration("http://localhost:9", "demo-client", "demo-secret", exact)
    return msgspec.structs.replace(
        settings,
        public_url="https://portal.test",
        exact={"BE": settings.exact["BE"], "NL": site, "DE": settings.exact["DE"]},
        productive_webhook_secrets=tokens or (TOKEN,),
    )


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Flask]:
    """An app of its own, for it has secrets; its one connection is live."""
    app = create_app(with_secrets(settings_in(tmp_path)))
    with app.app_context():
        metadata.create_all(db.engine)
        add_connection(db.session())
        limiter.reset()
    yield app
    with app.app_context():
        db.engine.dispose()


def add_connection(session: Session) -> None:
    furnished.add_connection(session, now=NOW, division=DUTCH, payments=PaymentFeedRow(on=True))
    session.commit()


def hinted(app: Flask) -> set[str]:
    with app.app_context(), Session(db.engine) as session:
        return set(session.scalars(select(HintRow.job)))


def test_a_genuine_webhook_of_exact_is_noted(portal: Flask) -> None:
    client = portal.test_client()
    assert client.post("/hooks/exact", data=an_exact_hook(division=DUTCH)).status_code == 200
    assert client.post("/hooks/exact", data=an_exact_hook(division=DUTCH)).status_code == 200
    assert hinted(portal) == {Job.PULL_PAYMENTS}


def test_exact_may_try_the_address_with_an_empty_body(portal: Flask) -> None:
    answer = portal.test_client().post("/hooks/exact")
    assert (answer.status_code, answer.data, hinted(portal)) == (200, b"", set())


def test_a_genuine_webhook_of_productive_is_noted(portal: Flask) -> None:
    body, signature = a_productive_hook()
    answer = portal.test_client().post(
        "/hooks/productive", data=body, headers={"Productive-Signature": signature}
    )
    assert (answer.status_code, hinted(portal)) == (200, {Job.PULL_INVOICES})
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/hooks/exact", "/hooks/productive"])
def test_a_wrong_signature_is_refused_without_detail(portal: Flask, path: str) -> None:
    answer = portal.test_client().post(path, data=an_exact_hook(secret="wrong"))
    assert (answer.status_code, hinted(portal)) == (403, set())
    assert "signature" not in answer.text.lower()


def test_too_much_is_refused_unread(portal: Flask) -> None:
    assert portal.test_client().post("/hooks/exact", data=b"x" * (513 * 1024)).status_code == 413


def test_who_guesses_is_slowed_down(portal: Flask) -> None:
    client = portal.test_client()
    for _ in range(40):
        assert client.post("/hooks/exact", data=an_exact_hook(division=DUTCH)).status_code == 200
    statuses = [client.post("/hooks/exact", data=b"guess").status_code for _ in range(31)]
    assert set(statuses[:30]) == {403}
    assert statuses[30] == 429


def test_without_a_secret_nothing_is_genuine(app: Flask) -> None:
    wire_fakes(app)
    portal = the_portal(app)
    assert not any(site.webhook_secret for site in portal.settings.exact.values())


@pytest.fixture
def over_sockets(tmp_path: Path) -> Iterator[tuple[Flask, ExactClient, Callable[..., requests.Response]]]:
    """The portal and Exact's sandbox, each at its own socket; the sandbox's https leads to the portal."""
    app = create_app(with_secrets(settings_in(tmp_path), HOOK_SECRET))
    with app.app_context():
        metadata.create_all(db.engine)
        add_connection(db.session())
    with serving(app) as portal_url:
        callbacks = ("https://portal.test/x", "http://localhost:8000/connections/exact/callback")
        exact = create_exact_app(redirect_uris=callbacks, hooks_to=portal_url)
        with serving(exact) as exact_url:
            ledger = Site(exact_url).client(DUTCH)
            yield (
                app,
                ledger,
                lambda way, path, **body: requests.request(
                    way, f"{exact_url}/_sandbox/{path}", json=body, timeout=10
                ),
            )
    with app.app_context():
        db.engine.dispose()


def test_exacts_own_webhooks_arrive(
    over_sockets: tuple[Flask, ExactClient, Callable[..., requests.Response]],
) -> None:
    app, ledger, _door = over_sockets
    url = the_portal(app).settings.exact_hook_url
    with pytest.raises(RefusedError):
        ledger.create_hook("Accounts", "http://portal.test/hooks/exact")
    with pytest.raises(RefusedError):
        ledger.create_hook("Accounts", "https://elsewhere.test/hooks/exact")
    with pytest.raises(RefusedError, match="returns 404"):
        ledger.create_hook("Accounts", "https://portal.test/nothing")
    with app.app_context(), Session(db.engine) as session:
        keep_hooks(session, ledger, 1, url=url)
    assert sorted(one.topic for one in ledger.find_hooks()) == sorted(TOPICS)
    ledger.create_customer(a_new_customer())
    until(lambda: hinted(app) == {Job.PULL_CUSTOMERS}, "the hint")
    with app.app_context(), Session(db.engine) as session:
        drop_hooks(session, ledger, url=url)
    assert ledger.find_hooks() == []


def test_a_receipt_and_an_entry_are_told(
    over_sockets: tuple[Flask, ExactClient, Callable[..., requests.Response]],
) -> None:
    app, ledger, door = over_sockets
    ledger.create_hook("BankEntries", the_portal(app).settings.exact_hook_url)
    entry = door("GET", f"entries?division={DUTCH}").json()[0]
    part = [{"entry": entry["EntryID"], "amount": "1.00"}]
    assert door("POST", "receipts", division=DUTCH, amount="1.00", allocations=part).ok
    until(lambda: hinted(app) == {Job.PULL_PAYMENTS}, "the hint")
    ledger.create_hook("SalesEntries", the_portal(app).settings.exact_hook_url)
    assert door("PATCH", f"{DUTCH}/SalesEntries/{entry['EntryID']}", Description="Edited").ok
    until(lambda: hinted(app) == {Job.PULL_PAYMENTS, Job.READ_ENTRIES}, "the hint")


def test_productives_own_webhooks_arrive(tmp_path: Path) -> None:
    sandbox = create_productive_app(hooks_to=None)
    with serving(sandbox) as url:
        door = f"{url}/_sandbox"
        refused = requests.post(
            f"{door}/webhooks", json={"event_id": 14, "target_url": "http://x"}, timeout=10
        )
        assert refused.status_code == 400
        target = {"event_id": 14, "target_url": "https://portal.test/hooks/productive"}
        token = requests.post(f"{door}/webhooks", json=target, timeout=10).json()["signature_token"]
        app = create_app(with_secrets(settings_in(tmp_path), EXACT_SECRET, token))
        with app.app_context():
            metadata.create_all(db.engine)
        with serving(app) as portal_url:
            sandbox.extensions["sandbox"].hooks.courier.leads_to = portal_url
            invoice = requests.get(f"{door}/invoices", timeout=10).json()["invoices"][0]
            changed = requests.patch(f"{door}/invoices/{invoice['id']}", json={"subject": "X"}, timeout=10)
            assert changed.ok
            until(lambda: hinted(app) == {Job.PULL_INVOICES}, "the hint")
        with app.app_context():
            db.engine.dispose()
