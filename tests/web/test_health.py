"""What operators ask: /healthz, /readyz and /metrics."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.call_counts import CallCounts
from portal.domain.connections.states import GrantState, PaymentsMode
from portal.domain.copies.states import CopyAction, CopyState
from portal.extensions import MIGRATIONS, db, the_portal
from portal.remote.pace import Pace, Window
from portal.remote.transport import CallRecord
from portal.settings import ROOT
from portal.store.connections import ProductiveRow
from portal.store.copies import CopyRow
from portal.store.grants import GrantRow
from portal.store.lane_rows import LaneRow
from portal.web.health import views
from tests.conftest import SignedIn
from tests.furnishing.statements import statements_of
from tests.pages import CheckingClient
from tests.valkey import start_valkey
from tests.web.connected import wire_fakes
from tests.web.invoices import House, a_house, sign_in_at_exact

TOKEN = "c41d8f02a97b6e35d0f8127ac5e94b63"


@pytest.fixture
def queue_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "ping", lambda _url: None)
    monkeypatch.setattr(views, "count_waiting", lambda: {"interactive": 2, "runs": 0})


def test_a_queue_that_is_down_is_named(client: CheckingClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"status": "down", "web": "up", "database": "up", "queue": "down"}


@pytest.mark.usefixtures("queue_is_up")
def test_all_up_is_200(client: CheckingClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (
        200,
        {"status": "ok", "web": "up", "database": "up", "queue": "up"},
    )


@pytest.fixture
def at_revision(app: Flask) -> Iterator[Callable[[str], None]]:
    """Says which revision the tables are at, as Alembic keeps it."""

    def say(revision: str) -> None:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)"))
            connection.execute(text("DELETE FROM alembic_version"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})

    yield say
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def newest() -> str:
    """Return the revision that no other migration follows, as Alembic finds it."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


@pytest.mark.usefixtures("queue_is_up")
def test_requests_may_come_once_the_tables_are_those_of_this_version(
    client: CheckingClient, at_revision: Callable[[str], None]
) -> None:
    assert client.get("/readyz").status_code == 503
    for revision, status in (("0001", 503), (newest(), 200), ("9999", 503)):
        at_revision(revision)
        assert client.get("/readyz").status_code == status, revision
        assert client.get("/healthz").status_code == 200


def test_no_request_may_come_without_a_queue(
    client: CheckingClient, at_revision: Callable[[str], None]
) -> None:
    at_revision(newest())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "down", "web": "up", "database": "up", "queue": "down"}


@pytest.fixture
def measured(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a token in the settings."""
    settings = msgspec.structs.replace(the_portal(app).settings, metrics_token=TOKEN)
    monkeypatch.setattr(the_portal(app), "settings", settings)


def read(client: CheckingClient) -> dict[str, dict[tuple[str, ...], float]]:
    """Read the metrics, each as its values by labels, which are in the order of their names."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in families
    }


def test_without_a_token_in_the_settings_there_is_no_such_page(client: CheckingClient) -> None:
    for told in ("", "Bearer ", "Bearer x"):
        assert client.get("/metrics", headers={"Authorization": told}).status_code == 404


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    "told",
    ["", "Bearer", "Bearer x", f"bearer {TOKEN}", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer ä"],
)
def test_who_brings_no_token_reads_nothing(client: CheckingClient, signed_in: SignedIn, told: str) -> None:
    for browser in (client, signed_in()):
        answer = browser.get("/metrics", headers={"Authorization": told})
        assert answer.status_code == 401
        assert "portal_" not in answer.text


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_an_empty_house_is_measured(client: CheckingClient) -> None:
    told = read(client)
    assert told["portal_up"] == {("database",): 1, ("queue",): 1}
    assert told["portal_copies_under_way"] == {("waiting",): 0, ("sending",): 0, ("uncertain",): 0}
    assert told["portal_jobs_waiting"] == {("interactive",): 2, ("runs",): 0}
    assert told["portal_sessions"] == {(): 0}


@pytest.fixture
def house(app: Flask, session: Session) -> House:
    """A connected house with four invoices, which is signed in at Exact."""
    house = a_house(session, wire_fakes(app))
    for at in range(4):
        house.add(id=f"{at:02}", number=f"N-{at:02}", company_name="Acme Canary BV")
    sign_in_at_exact(house)
    return house


def ask_for_copy(house: House, invoice_id: str, state: CopyState, **given: Any) -> None:
    usual: dict[str, Any] = {
        "id": f"copy-{invoice_id}",
        "invoice_id": invoice_id,
        "connection_id": house.connection_id,
        "marker": f"marker-{invoice_id}",
        "state": state,
        "action": CopyAction.CREATE,
        "requested_by": "Canary Person",
        "requested_at": datetime.now(UTC),
        "fingerprint": "",
        "choices": {},
    }
    house.session.add(CopyRow(**(usual | given)))
    house.session.commit()


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_what_is_under_way_is_measured(house: House, signed_in: SignedIn) -> None:
    finance = signed_in("finance")
    now = datetime.now(UTC)
    ask_for_copy(house, "00", CopyState.WAITING)
    ask_for_copy(house, "01", CopyState.WAITING, requested_at=now - timedelta(hours=1))
    ask_for_copy(house, "02", CopyState.UNCERTAIN, requested_at=now - timedelta(days=1))
    ask_for_copy(house, "03", CopyState.COPIED)

    told = read(finance)
    assert told["portal_copies_under_way"] == {("waiting",): 2, ("sending",): 0, ("uncertain",): 1}
    oldest = told["portal_copies_oldest_seconds"]
    assert 3600 <= oldest[("waiting",)] < 7200
    assert oldest[("sending",)] == 0
    assert oldest[("uncertain",)] >= 86400
    assert told["portal_copies_held"] == {(): 0}
    assert sum(told["portal_invoices"].values()) == 4
    assert told["portal_sessions"] == {(): 1}


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_pulls_and_sign_ins_are_measured(house: House, client: CheckingClient) -> None:
    now = datetime.now(UTC)
    assert read(client)["portal_payment_pull_age_seconds"] == {}
    house.connection.payments.begin(PaymentsMode.FROM_NOW, now)
    house.connection.payments.pulled_at = now - timedelta(minutes=30)
    house.session.get_one(ProductiveRow, 1).invoices_pulled_at = now - timedelta(minutes=5)
    grant = house.session.get_one(GrantRow, house.connection.grant_id)
    grant.obtained_at = now - timedelta(days=6)
    house.session.commit()

    told = read(client)
    assert 1800 <= told["portal_payment_pull_age_seconds"][(str(house.connection_id),)] < 3600
    assert 300 <= told["portal_invoice_pull_age_seconds"][()] < 3600
    assert told["portal_sign_in_live"] == {(grant.locale, str(grant.id)): 1}
    assert told["portal_sign_in_token_age_seconds"][grant.locale, str(grant.id)] >= 6 * 86400

    grant.state = GrantState.LOST
    house.session.commit()
    assert told["portal_sign_in_live"] != read(client)["portal_sign_in_live"]


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_what_is_left_of_a_limit_is_measured(house: House, client: CheckingClient) -> None:
    now = datetime.now(UTC)
    window = Window(name="day", length=86400, limit=5000, remaining=1234, resets_at=now + timedelta(hours=5))
    errors: dict[str, tuple[datetime, ...]] = {"crm/Accounts": (now,) * 9}
    pace = Pace(windows=(window,), errors=errors, most_errors=9)
    house.session.add(LaneRow(name="exact:NL:101", pace=msgspec.to_builtins(pace)))
    house.session.commit()

    told = read(client)
    assert told["portal_limit_left"] == {("exact:NL:101", "86400"): 1234}
    assert told["portal_limit"] == {("exact:NL:101", "86400"): 5000}
    assert told["portal_endpoint_held_back"] == {("crm/Accounts", "exact:NL:101"): 1}


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_calls_are_measured(
    app: Flask, client: CheckingClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_valkey(tmp_path) as url:
        monkeypatch.setattr(the_portal(app), "call_counts", CallCounts(url))
        the_portal(app).call_counts.count("exact", CallRecord("GET", "/api/v1/1/crm/Accounts", 200, 0.5))
        told = read(client)
        labels = ("/api/v1/{id}/crm/Accounts", "GET", "200", "exact")
        assert told["portal_calls"] == {labels: 1}
        assert told["portal_calls_seconds"] == {labels: 0.5}


@pytest.mark.usefixtures("measured")
def test_what_is_down_is_said_and_the_rest_is_measured(house: House, client: CheckingClient) -> None:
    told = read(client)
    assert told["portal_up"] == {("database",): 1, ("queue",): 0}
    assert "portal_jobs_waiting" not in told
    assert sum(told["portal_invoices"].values()) == len(house.billing.invoices)


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_a_database_that_is_down_is_said(client: CheckingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_given: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(views, "read_gauges", fail)
    told = read(client)
    assert told["portal_up"] == {("database",): 0, ("queue",): 1}
    assert told["portal_jobs_waiting"] == {("interactive",): 2, ("runs",): 0}


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_nobody_is_named(house: House, client: CheckingClient) -> None:
    ask_for_copy(house, "00", CopyState.WAITING)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "portal_copies_under_way" in answer
    assert "canary" not in answer.lower()
    assert TOKEN not in answer


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_a_reading_costs_the_same_however_many_invoices_there_are(
    house: House, client: CheckingClient
) -> None:
    def statements() -> int:
        with statements_of(house.session.get_bind()) as asked:
            read(client)
        return len(asked)

    few = statements()
    for at in range(4, 40):
        house.add(id=f"{at:02}", number=f"N-{at:02}")
    assert statements() == few <= 9


@pytest.mark.usefixtures("measured", "queue_is_up")
def test_the_operators_page_tells_every_metric_and_no_other(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_portal(app), "call_counts", SimpleNamespace(read=list))
    page = (ROOT / "docs" / "operating.md").read_text()
    told = {name.removesuffix("_total") for name in re.findall(r"`(portal_[a-z_]+)", page)}
    assert told == {*read(client)}
