"""The activity screen: what needs attention, retry, everything that happened, CSV."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.domain.connections.states import GrantState
from portal.domain.copies.adoption import DoubtCause, adoption_code
from portal.domain.copies.failures import Cause, Remedy, class_of
from portal.domain.copies.states import CopyState
from portal.domain.payments.states import PaymentCause, PaymentState, PaymentStep
from portal.domain.said import Said, as_written
from portal.store.activity import PAGE
from portal.store.connections import ConnectionRow
from portal.store.events import EventRow, note_event
from portal.store.gate import UnmatchedRow
from portal.store.grants import GrantRow
from portal.store.holds import HoldRow
from portal.web.activity.causes import CAUSES
from tests.conftest import NOW, SignedIn
from tests.pages import CheckingClient, csv_rows, read_page, seen, words
from tests.telling import told
from tests.web.payments_story import a_connection, a_copied_invoice, a_payment, overpaid, said


@pytest.fixture
def client(signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def see(client: CheckingClient, url: str = "/activity") -> BeautifulSoup:
    return seen(client.get(url))


def note(session: Session, text: str, **given: Any) -> None:
    usual: dict[str, Any] = {
        "at": NOW,
        "actor": "anna@example.com",
        "kind": "copied",
        "said": as_written(text),
    }
    note_event(session, **(usual | given))


def some_failures(session: Session) -> None:
    connection = a_connection(session)
    refused = {"state": CopyState.REFUSED, "cause": "RefusedError", "trouble": "Exact refused this."}
    for number in ("0001", "0002"):
        a_copied_invoice(session, connection, number, remote_text="Period is closed", **refused)
    a_copied_invoice(session, connection, "0003", remote_text="Unknown account", **refused)
    a_copied_invoice(
        session, connection, "0004", state=CopyState.REFUSED, cause="vat_unmapped", trouble="Map Design."
    )


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
    assert groups[1].startswith("Exact refused the entry (2)")
    for part in ("Exact refused this.", "In Exact’s words: Period is closed", "0001", "0002", "Retry all 2"):
        assert part in groups[1]
    assert "VAT code (1)" in groups[0]


@pytest.mark.parametrize(
    "told", ["The answer was 404 without a reason.", "Exact said 404, and no word more."]
)
def test_nothing_is_put_into_the_mouth_of_an_exact_that_gave_no_reason(
    client: CheckingClient, session: Session, told: str
) -> None:
    a_copied_invoice(
        session,
        a_connection(session),
        "0001",
        state=CopyState.REFUSED,
        cause="NotFoundError",
        remote_text=told,
        reasonless=True,
    )
    (group,) = words(see(client), "#activity-attention article")
    assert told in group
    assert "words" not in group


def test_exacts_own_words_are_quoted_however_they_end(client: CheckingClient, session: Session) -> None:
    told = "The entry was refused without a reason."
    how = {"state": CopyState.REFUSED, "cause": "RefusedError", "remote_text": told}
    a_copied_invoice(session, a_connection(session), "0001", **how)
    (group,) = words(see(client), "#activity-attention article")
    assert f"In Exact’s words: {told}" in group


def test_failures_are_grouped_by_what_helps(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    for number, cause in enumerate(("fault", "MissingRightError", "RefusedError", "vat_unmapped")):
        a_copied_invoice(
            session, connection, f"000{number}", state=CopyState.REFUSED, cause=cause, remote_text="Nee"
        )
    page = see(client)
    classes = words(page, "#activity-attention .activity-class h3")
    assert classes == ["Fix the mapping", "Fix in Exact", "Connect again", "A fault of ours"]
    assert "In the log: Nee" in words(page, "#activity-attention article")[-1]


def test_what_cannot_succeed_has_no_retry(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    for number in ("0001", "0002"):
        a_copied_invoice(session, connection, number, state=CopyState.REFUSED, cause="invoice changed")
    assert not see(client).select("#activity-attention form")


def a_hold(session: Session, connection_id: int, **changes: Any) -> HoldRow:
    usual: dict[str, Any] = {
        "id": "h1",
        "connection_id": connection_id,
        "cause": "RefusedError",
        "words": "Period is closed",
        "traits": [],
        "held_at": NOW,
    }
    hold = HoldRow(**(usual | changes))
    session.add(hold)
    session.flush()
    return hold


def test_held_copies_stand_with_what_they_are_held_for(client: CheckingClient, session: Session) -> None:
    some_failures(session)
    connection = session.query(ConnectionRow).one()
    hold = a_hold(session, connection.id)
    how = {"cause": hold.cause, "remote_text": hold.words, "trouble": "Held.", "hold_id": hold.id}
    a_copied_invoice(session, connection, "0009", state=CopyState.WAITING, **how)
    group = words(see(client), "#activity-attention article")[1]
    for part in ("(3)", "1 of these is held unsent", "Held unsent", "Retry all 3", "Exact refused this."):
        assert part in group
    assert "Waiting for another try" not in see(client).text


def test_one_action_retries_a_cause_and_the_rest_follow(
    client: CheckingClient, session: Session, nudges: list[tuple[str, str]]
) -> None:
    connection = a_connection(session)
    hold = a_hold(session, connection.id)
    how = {"cause": hold.cause, "remote_text": hold.words, "trouble": "Held.", "hold_id": hold.id}
    for number in ("0001", "0002", "0003"):
        row, copy = a_copied_invoice(session, connection, number, state=CopyState.WAITING, **how)
        copy.in_flight = row.id
    form = see(client).select_one("#activity-failure-1 .section-head form")
    assert form is not None
    fields = {str(tag["name"]): str(tag["value"]) for tag in form.select("input[type=hidden]")}
    sent = {name: fields[name] for name in ("cause", "words")}
    assert sent == {"cause": hold.cause, "words": hold.words}
    answer = read_page(client.htmx(str(form["action"]), "POST", data=sent).text)
    assert "1 copy is tried again. 2 wait and follow when it succeeds." in answer.text
    # What is let go is looked at beforehand again, too.
    assert [job for job, _subject in nudges] == ["jobs.invoices.keep_ready", "jobs.copies.perform_copy"]
    again = client.post("/activity/retry", data=sent, follow_redirects=True)
    assert "0 copies are tried again." in again.text


def test_a_cause_in_another_subsidiary_is_not_retried(
    signed_in: SignedIn, session: Session, nudges: list[tuple[str, str]]
) -> None:
    other = a_connection(session, "2")
    hold = a_hold(session, other.id)
    how = {"cause": hold.cause, "remote_text": hold.words, "hold_id": hold.id}
    a_copied_invoice(session, other, "0001", state=CopyState.WAITING, **how)
    client = signed_in("finance", subsidiaries=["1"])
    client.post("/activity/retry", data={"cause": hold.cause, "words": hold.words})
    assert nudges == []


def test_a_newer_wish_or_an_exclusion_ends_the_attention(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    _row, old = a_copied_invoice(session, connection, "0001", state=CopyState.REFUSED, cause="RefusedError")
    old.requested_at = NOW - timedelta(hours=1)
    a_copied_invoice(session, connection, "0001")
    row, _copy = a_copied_invoice(session, connection, "0002", state=CopyState.REFUSED, cause="RefusedError")
    row.copy_state = "do not copy"
    assert "Nothing needs your attention." in see(client).text


def test_everything_else_that_needs_a_person_is_there(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session, missing_rights="SalesEntries")
    a_copied_invoice(session, connection, "0001", state=CopyState.UNCERTAIN)
    a_copied_invoice(session, connection, "0002", state=CopyState.WAITING, trouble="Too many requests.")
    a_copied_invoice(session, connection, "0003", state=CopyState.DIFFERENT, trouble="A cent off.")
    _row, copy = a_copied_invoice(session, connection, "0004", mark_trouble="Productive kept its number.")
    a_payment(session, copy, state=PaymentState.REFUSED, **said("Locked."))
    session.query(GrantRow).update(
        {"state": GrantState.LOST, "trouble": as_written("Sign in again, please.")}
    )
    text = see(client).select_one("#activity-attention").get_text(" ", strip=True)  # type: ignore[union-attr]
    for part in (
        "In Exact’s words: Sign in again, please.",
        "SalesEntries",
        "Uncertain copies (1)",
        "Too many requests.",
        "A cent off.",
        "Productive kept its number.",
        "Locked.",
    ):
        assert part in text


def test_a_lost_sign_in_is_said_once_and_not_again_for_each_thing_that_needs_it(
    client: CheckingClient, session: Session
) -> None:
    a_connection(
        session,
        payments={"trouble": as_written("Exact is down")},
        catalogue_trouble=as_written("Exact is down"),
    )
    troubles = words(see(client), "#activity-attention .notice-title")
    assert troubles == [
        "Exact could not be asked for payments: Studio 1",
        "Journals, ledgers and VAT codes could not be read: Studio 1",
    ]
    session.query(GrantRow).update({"state": GrantState.LOST})
    assert words(see(client), "#activity-attention .notice-title") == ["Sign-in lost: Studio 1"]


def test_an_uncertain_copy_is_only_asked_after(
    client: CheckingClient, session: Session, nudges: list[tuple[str, str]]
) -> None:
    _row, copy = a_copied_invoice(session, a_connection(session), state=CopyState.UNCERTAIN)
    assert words(see(client), f"#activity-copy-{copy.id} button") == ["Ask Exact again"]
    client.post("/activity/retry", data={"copy": [copy.id]})
    assert nudges == [("jobs.copies.perform_copy", copy.id)]
    session.refresh(copy)
    assert copy.state == CopyState.UNCERTAIN


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
    rows = csv_rows(answer)
    assert [row[3] for row in rows] == ["What", "'=HYPERLINK(1)"]
    assert rows[1][0] == "2026-11-23T10:00:00+00:00"
    assert [row[2] for row in rows] == ["Kind", "Map"]
    assert [row[8] for row in rows] == ["Code of the kind", "map"]


def test_other_subsidiaries_stay_out_of_sight(
    signed_in: SignedIn, session: Session, nudges: list[tuple[str, str]]
) -> None:
    mine = a_connection(session, "1")
    other = a_connection(session, "2")
    row, _copy = a_copied_invoice(session, mine, "0001", state=CopyState.REFUSED, cause="x")
    _row, hidden = a_copied_invoice(session, other, "0002", state=CopyState.UNCERTAIN)
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


def some_unmatched(session: Session, connection_id: int) -> None:
    session.add(
        UnmatchedRow(
            connection_id=connection_id,
            key="e1",
            number="entry 26700011",
            reference="2026-0042",
            why=Said(adoption_code(DoubtCause.NO_INVOICE)),
            found_at=NOW,
        )
    )
    session.commit()


def test_what_a_restore_left_is_listed_until_somebody_settles_it(
    client: CheckingClient, session: Session
) -> None:
    some_unmatched(session, a_connection(session).id)
    (item,) = words(see(client), "#activity-unmatched li")
    assert item.startswith("entry 26700011 2026-0042")
    answer = client.htmx("/activity/unmatched/1/settle", "POST")
    assert "entry 26700011" not in answer.text
    assert "Nothing needs your attention." in answer.text
    assert client.post("/activity/unmatched/1/settle").status_code == 302
    (event,) = [row for row in session.query(EventRow) if row.kind == "settled"]
    assert told(event.said).startswith("Settled by hand: entry 26700011")


def test_others_neither_see_nor_settle_it(signed_in: SignedIn, session: Session) -> None:
    some_unmatched(session, a_connection(session).id)
    stranger = signed_in("finance", subsidiaries=["none"])
    assert "entry 26700011" not in stranger.get("/activity").text
    assert stranger.post("/activity/unmatched/1/settle").status_code == 404
    assert stranger.post("/activity/unmatched/2/settle").status_code == 404


def test_every_cause_that_has_a_name_has_a_class() -> None:
    assert [cause for cause in CAUSES if class_of(cause) == Remedy.OURS] == [Cause.MALFORMED, Cause.FAULT]


def test_an_undone_copy_that_is_still_marked_is_told_apart(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    a_copied_invoice(session, connection, "0001", mark_trouble="Productive refused the mark as exported: no")
    refused = "Productive refused to take its mark off: no"
    a_copied_invoice(session, connection, "0002", state=CopyState.UNDONE, mark_trouble=refused)
    session.commit()
    unmarked, still = words(see(client), "#activity-attention article")
    assert unmarked.startswith("Not marked in Productive yet (1)")
    assert "0002" not in unmarked
    assert still.startswith("Undone, but still marked in Productive (1)")
    assert refused in still


def test_payments_that_wait_for_a_person_need_attention(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    _row, copy = a_copied_invoice(session, connection, "0001")
    a_payment(session, copy, state=PaymentState.ASKED, **overpaid())
    a_payment(session, copy, state=PaymentState.HELD, cause=PaymentCause.UNSENT)
    a_payment(session, copy, state=PaymentState.HELD, wanted=PaymentStep.MARK)
    session.commit()
    page = see(client)
    (decide,) = words(page, "#activity-attention article")
    assert decide.startswith("Payments that a person decides (2)")
    assert "Say whether it is the same money." in decide
    assert page.select_one("#activity-attention a[href='/payments?view=held']") is not None


def test_kinds_are_named_in_plain_words(client: CheckingClient, session: Session) -> None:
    for kind in ("copy requested", "create requested", "update requested", "over-payment decided"):
        note(session, "x", kind=kind)
    session.commit()
    kinds = words(see(client), "#activity-events td:nth-child(2)")
    assert kinds == ["Over-payment decided", "Update requested", "Copy requested", "Copy requested"]
