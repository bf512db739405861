"""The activity screen: what needs attention, retry, everything that happened, CSV."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.domain.sales_entry import Problem
from portal.store.activity import PAGE
from portal.store.copies import DIFFERENT, REFUSED, UNCERTAIN, WAITING, CopyRow
from portal.store.events import note_event
from portal.store.grants import LOST, GrantRow
from portal.store.payments import PAYMENT_REFUSED
from portal.web.activity import views
from tests.conftest import NOW, SignedIn
from tests.pages import CheckingClient, read_page
from tests.web.payments_story import a_connection, a_copied_invoice, a_payment


@pytest.fixture
def client(signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def words(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(tag.get_text(" ", strip=True).split()) for tag in page.select(selector)]


def see(client: CheckingClient, url: str = "/activity") -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200
    return read_page(answer.text)


def note(session: Session, text: str, **given: Any) -> None:
    usual: dict[str, Any] = {"at": NOW, "actor": "anna@example.com", "kind": "copied", "text": text}
    note_event(session, **(usual | given))


def some_failures(session: Session) -> None:
    connection = a_connection(session)
    refused = {"state": REFUSED, "cause": "RefusedError", "trouble": "Exact refused this."}
    for number in ("0001", "0002"):
        a_copied_invoice(session, connection, number, remote_text="Period is closed", **refused)
    a_copied_invoice(session, connection, "0003", remote_text="Unknown account", **refused)
    a_copied_invoice(session, connection, "0004", state=REFUSED, cause="unmapped-line", trouble="Map Design.")


def test_a_calm_day_says_so(client: CheckingClient) -> None:
    page = see(client)
    assert "Nothing needs your attention." in page.text
    assert "Nothing has happened yet" in page.text


def test_failures_are_grouped_by_cause_with_exacts_own_words(
    client: CheckingClient, session: Session
) -> None:
    some_failures(session)
    groups = words(see(client), "#activity-attention article")
    assert len(groups) == 3
    assert groups[0].startswith("Exact refused the entry (2)")
    for part in ("Exact refused this.", "In Exact’s words: Period is closed", "0001", "0002", "Retry all 2"):
        assert part in groups[0]
    assert "Unmapped line (1)" in groups[2]


def test_a_newer_wish_or_an_exclusion_ends_the_attention(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    _row, old = a_copied_invoice(session, connection, "0001", state=REFUSED, cause="RefusedError")
    old.requested_at = NOW - timedelta(hours=1)
    a_copied_invoice(session, connection, "0001")
    row, _copy = a_copied_invoice(session, connection, "0002", state=REFUSED, cause="RefusedError")
    row.copy_state = "do not copy"
    assert "Nothing needs your attention." in see(client).text


def test_everything_else_that_needs_a_person_is_there(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session, payments_trouble="Exact is down", missing_rights="SalesEntries")
    a_copied_invoice(session, connection, "0001", state=UNCERTAIN)
    a_copied_invoice(session, connection, "0002", state=WAITING, trouble="Too many requests.")
    a_copied_invoice(session, connection, "0003", state=DIFFERENT, trouble="A cent off.")
    _row, copy = a_copied_invoice(session, connection, "0004", mark_trouble="Productive kept its number.")
    a_payment(session, copy, state=PAYMENT_REFUSED, trouble="Locked.")
    session.query(GrantRow).update({"state": LOST, "trouble": "Sign in again, please."})
    text = see(client).select_one("#activity-attention").get_text(" ", strip=True)  # type: ignore[union-attr]
    for part in (
        "Exact is down.",
        "Sign in again, please.",
        "SalesEntries",
        "Uncertain copies (1)",
        "Too many requests.",
        "A cent off.",
        "Productive kept its number.",
        "Locked.",
    ):
        assert part in text


def test_a_whole_cause_is_retried(
    client: CheckingClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_failures(session)
    heard: list[str] = []

    def fake(session: Session, _nudge: object, copy_id: str, **_: object) -> object:
        heard.append(copy_id)
        copy = session.get_one(CopyRow, copy_id)
        return copy if len(heard) == 1 else (Problem("x", "Map Design first.", "dialog"),)

    monkeypatch.setattr(views, "retry_copy", fake)
    form = see(client).select_one("#activity-failure-1 .section-head form")
    assert form is not None
    ids = [str(tag["value"]) for tag in form.select("input[name=copy]")]
    answer = read_page(client.htmx(str(form["action"]), "POST", data={"copy": ids}).text)
    assert sorted(heard) == sorted(ids)
    assert "1 copy is tried again." in answer.text
    assert "Map Design first." in answer.text
    assert client.post("/activity/retry", data={"copy": ids[:1]}).headers["Location"] == "/activity"


def test_an_uncertain_copy_is_only_asked_after(
    client: CheckingClient, session: Session, nudges: list[tuple[str, str]]
) -> None:
    _row, copy = a_copied_invoice(session, a_connection(session), state=UNCERTAIN)
    assert words(see(client), f"#activity-copy-{copy.id} button") == ["Ask Exact again"]
    client.post("/activity/retry", data={"copy": [copy.id]})
    assert nudges == [("jobs.copies.perform_copy", copy.id)]
    session.refresh(copy)
    assert copy.state == UNCERTAIN


def test_a_viewer_reads_only(signed_in: SignedIn, session: Session) -> None:
    some_failures(session)
    viewer = signed_in("viewer")
    assert not see(viewer).select("main form[method=post]")
    assert viewer.post("/activity/retry").status_code == 403


def test_events_come_newest_first_in_pages(client: CheckingClient, session: Session) -> None:
    for at in range(PAGE + 3):
        note(session, f"event {at}")
    first = see(client)
    assert words(first, "#activity-events td:nth-child(3)")[0] == f"event {PAGE + 2}"
    second = see(client, str(first.select_one("a[rel=next]")["href"]))  # type: ignore[index]
    assert words(second, "#activity-events td:nth-child(3)") == ["event 2", "event 1", "event 0"]
    back = see(client, str(second.select_one("a[rel=prev]")["href"]))  # type: ignore[index]
    assert back.select("#activity-events tbody") == first.select("#activity-events tbody")
    fragment = read_page(client.htmx("/activity").text)
    assert fragment.select_one("#activity-events") == first.select_one("#activity-events")


def test_events_are_found_by_kind_and_words(client: CheckingClient, session: Session) -> None:
    row, _copy = a_copied_invoice(session, a_connection(session))
    note(session, "Entry 1 in Exact", invoice_id=row.id)
    note(session, "Signed in 100%", kind="sign-in")
    for query, found in (
        ("q=2026-0042", ["Entry 1 in Exact"]),
        ("kind=sign-in", ["Signed in 100%"]),
        ("q=100%25", ["Signed in 100%"]),
        ("q=nothing", []),
    ):
        assert words(see(client, f"/activity?{query}"), "#activity-events td:nth-child(3)") == found


def test_the_csv_holds_what_is_filtered_and_runs_nothing(client: CheckingClient, session: Session) -> None:
    note(session, "=HYPERLINK(1)", kind="map")
    note(session, "other")
    answer = client.get("/activity.csv?kind=map")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert [row[3] for row in rows] == ["What", "'=HYPERLINK(1)"]
    assert rows[1][0] == "2026-11-23T10:00:00+00:00"


def test_other_subsidiaries_stay_out_of_sight(
    signed_in: SignedIn, session: Session, nudges: list[tuple[str, str]]
) -> None:
    mine, other = a_connection(session, "1"), a_connection(session, "2")
    row, _copy = a_copied_invoice(session, mine, "0001", state=REFUSED, cause="x")
    _row, hidden = a_copied_invoice(session, other, "0002", state=UNCERTAIN)
    note(session, "mine", invoice_id=row.id)
    note(session, "hidden", subsidiary_id="2")
    note(session, "of nobody")
    client = signed_in("finance", subsidiaries=["1"])
    page = see(client)
    assert "0001" in page.text
    assert "0002" not in page.text
    assert words(page, "#activity-events td:nth-child(3)") == ["mine"]
    assert "hidden" not in client.get("/activity.csv").text
    client.post("/activity/retry", data={"copy": [hidden.id]})
    assert nudges == []
