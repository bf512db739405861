"""A trial's page as a browser sees it: the form, how far it is, its question, and what it saw."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.domain.assumptions import ASSUMPTIONS
from portal.domain.connections.states import ConnectionState
from portal.domain.trial.judge import judge, not_seen
from portal.store.connections import ConnectionRow
from portal.store.trials import (
    Made,
    TrialRow,
    TrialState,
    TrialThingRow,
    keep_failed,
    keep_observation,
)
from tests.conftest import SignedIn
from tests.fakes import NOW, FakeWiring
from tests.furnishing.said import quote
from tests.pages import CheckingClient, read_page
from tests.web.test_connections import client as _client
from tests.web.test_connections import connect
from tests.web.test_connections import fakes as _fakes

client = _client
fakes = _fakes


@pytest.fixture
def row(client: CheckingClient, session: Session) -> ConnectionRow:
    """A live connection."""
    connect(client)
    found = session.query(ConnectionRow).filter_by(state=ConnectionState.LIVE).one()
    session.commit()
    return found


def page_of(row: ConnectionRow) -> str:
    return f"/connections/{row.id}/trial"


def a_trial(session: Session, row: ConnectionRow, state: TrialState, **more: object) -> TrialRow:
    """A trial in the database."""
    made = TrialRow(
        id="t1", connection_id=row.id, marker="ABCDEFGH", division=101, division_name=row.division_name,
        started_by="Anna", started_at=NOW, state=state, live=None if state == TrialState.ENDED else row.id,
    )  # fmt: skip
    for name, value in more.items():
        setattr(made, name, value)
    session.add(made)
    session.flush()
    return made


def test_a_trial_begins_only_where_the_division_is_named(
    client: CheckingClient, row: ConnectionRow, session: Session, nudges: list[tuple[str, str]]
) -> None:
    refused = client.post(page_of(row), data={"division_name": "Another"})
    assert refused.status_code == 422
    assert f"Type “{row.division_name}” to confirm" in refused.text
    assert client.post(page_of(row), data={}).status_code == 422
    unknown = client.post(
        page_of(row), data={"division_name": row.division_name, "invoice_number": "no such"}
    )
    assert "There is no invoice no such" in unknown.text
    assert session.query(TrialRow).count() == 0

    begun = client.post(page_of(row), data={"division_name": row.division_name})
    assert begun.status_code == 302
    trial = session.query(TrialRow).one()
    assert ("jobs.trials.perform_trial", trial.id) in nudges
    again = client.post(page_of(row), data={"division_name": row.division_name})
    assert again.status_code == 302
    assert session.query(TrialRow).count() == 1


def test_a_running_trial_renews_itself_and_an_ended_one_does_not(
    client: CheckingClient, row: ConnectionRow, session: Session
) -> None:
    trial = a_trial(session, row, TrialState.RUNNING, step="invoice", calls=12)
    session.commit()
    page = read_page(client.get(page_of(row)).text)
    status = page.select_one("#trial-status")
    assert status is not None
    assert status.has_attr("data-poll")
    assert "Book an entry and find it again" in status.text
    assert "12 of at most 80 calls" in status.text
    assert page.select_one("form[action$='break-off']")
    fragment = read_page(client.get(f"{page_of(row)}/status").text)
    assert fragment.select_one("#trial-status[data-poll]")

    trial.end(TrialState.ENDED, NOW)
    session.commit()
    ended = read_page(client.get(f"{page_of(row)}/status").text)
    assert not ended.select_one("[data-poll]")
    assert "Show what it saw" in ended.text


def test_its_question_is_answered_and_it_can_be_broken_off(
    client: CheckingClient, row: ConnectionRow, session: Session, nudges: list[tuple[str, str]]
) -> None:
    trial = a_trial(session, row, TrialState.ASKING, step="receipt")
    session.commit()
    page = client.get(page_of(row))
    assert "PORTAL-TRIAL-ABCDEFGH-1-SAMPLE" in page.text
    assert not read_page(page.text).select_one("#trial-status[data-poll]")
    client.post(f"{page_of(row)}/answer", data={"matched": "1"})
    session.refresh(trial)
    assert trial.answer == "matched"
    client.post(f"{page_of(row)}/break-off")
    session.refresh(trial)
    assert trial.stop_asked
    assert nudges.count(("jobs.trials.perform_trial", trial.id)) == 2


def test_the_table_says_what_was_seen_and_what_the_portal_does(
    client: CheckingClient, row: ConnectionRow, session: Session
) -> None:
    trial = a_trial(session, row, TrialState.ENDED, calls=57)
    seen = [judge(each.code, True, "as assumed") for each in ASSUMPTIONS[2:]]
    seen.insert(0, judge("limit-headers", False, "limits missing", missing="minute"))
    seen.insert(1, not_seen("page-sizes", "too few rows"))
    bad = [each for each in seen if each.code != "notes-kept"]
    bad.append(judge("notes-kept", False, "values", sent="[ABCDEFGH]", found=""))
    for each in bad:
        keep_observation(session, trial.id, each, NOW)
    keep_failed(session.get_one(ConnectionRow, row.id), bad)
    session.commit()
    page = read_page(client.get(page_of(row)).text)
    lines = page.select("#trial-table tbody tr")
    assert len(lines) == len(ASSUMPTIONS)
    assert lines[0]["id"] == "trial-line-limit-headers", "what failed comes first"
    assert "Missing in the answers: minute." in lines[0].text
    line = page.select_one("#trial-line-notes-kept")
    assert line is not None
    assert "Fails" in line.text
    assert "Nothing is copied" in line.text
    assert "57 calls to Exact" in page.text

    card = read_page(client.get("/settings/apps").text).select_one(f"#connection-card-{row.id}")
    assert card is not None
    assert "2 assumptions fail" in card.text
    assert "A trial found an assumption that fails here" in card.text
    assert card.select_one(f"a[href='{page_of(row)}']")


def test_what_is_left_behind_is_named_and_removed_on_demand(
    client: CheckingClient, row: ConnectionRow, session: Session, nudges: list[tuple[str, str]]
) -> None:
    trial = a_trial(session, row, TrialState.ENDED)
    thing = TrialThingRow(
        id="x", trial_id=trial.id, kind=Made.ENTRY, name="PORTAL-TRIAL-1", intended_at=NOW, key="k"
    )
    thing.trouble = quote("Reeds afgeletterd")
    session.add(thing)
    session.commit()
    page = client.get(page_of(row)).text
    assert "PORTAL-TRIAL-1" in page
    assert "Reeds afgeletterd" in page
    client.post(f"{page_of(row)}/remove")
    assert ("jobs.trials.remove_leftovers", str(row.id)) in nudges


def test_an_earlier_result_has_its_own_page_at_its_own_connection(
    client: CheckingClient, row: ConnectionRow, session: Session
) -> None:
    trial = a_trial(session, row, TrialState.ENDED)
    session.commit()
    assert client.get(f"/connections/{row.id}/trials/{trial.id}").status_code == 200
    assert client.get(f"/connections/{row.id}/trials/other").status_code == 404


def test_only_administrators_try(
    app: Flask, fakes: FakeWiring, row: ConnectionRow, signed_in: SignedIn
) -> None:
    for role in ("finance", "viewer"):
        other = signed_in(role)
        assert other.get(page_of(row)).status_code == 403
        assert other.post(page_of(row), data={"division_name": row.division_name}).status_code == 403
        assert "Trial in a test division" not in other.get("/settings/apps").text
    limited = signed_in("administrator", ["12"])
    assert limited.get(page_of(row)).status_code == 404
