"""The payments screen: pulls, findings, the list, and what a person can do about a payment."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.domain.ids import new_id
from portal.domain.payments.states import (
    FindingKind,
    PaymentCause,
    PaymentReason,
    PaymentState,
    PaymentStep,
    TermDoubt,
)
from portal.domain.said import as_written
from portal.sentences.payments import DOUBTS
from portal.store.copies import CopyRow
from portal.store.findings import FindingRow
from portal.store.lane_rows import LaneRow
from portal.store.payment_list import PAGE
from portal.store.payments import PaymentRow
from portal.store.pulls import PaymentPullRow
from tests.conftest import NOW, SignedIn
from tests.furnishing.said import quote
from tests.pages import CheckingClient, read_page, seen, words
from tests.web.payments_story import OVERPAID, a_connection, a_copied_invoice, a_payment, overpaid, said

PULL = "jobs.payments.pull_connection"
PAY = "jobs.payments.pay_connection"


@pytest.fixture
def client(signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def see(client: CheckingClient, url: str = "/payments") -> BeautifulSoup:
    return seen(client.get(url))


def a_story(session: Session, **payment: object) -> PaymentRow:
    _invoice, copy = a_copied_invoice(session, a_connection(session))
    return a_payment(session, copy, **payment)  # type: ignore[arg-type]


def test_without_a_connection_the_screen_leads_to_the_marketplace(client: CheckingClient) -> None:
    page = see(client)
    assert page.select_one(".empty a[href='/settings/apps']")
    assert "Expenses are not synchronized" in page.text


def test_both_sides_of_a_payment_are_shown_with_the_reason(client: CheckingClient, session: Session) -> None:
    row = a_story(session)
    text = words(see(client), f"#payment-row-{row.id}")[0]
    for part in ("2026-0042", "payment 9001", "Entry 26700001", "11112222", "€121.00", "Recorded", "Settled"):
        assert part in text


def test_the_list_filters_by_state(client: CheckingClient, session: Session) -> None:
    _invoice, copy = a_copied_invoice(session, a_connection(session))
    rows = {
        "created": a_payment(session, copy),
        "changed": a_payment(session, copy, wanted="change"),
        "removed": a_payment(session, copy, state=PaymentState.REMOVED, wanted="remove"),
        "waiting": a_payment(session, copy, state=PaymentState.DUE),
        "held": a_payment(session, copy, state=PaymentState.HELD),
        "refused": a_payment(session, copy, state=PaymentState.REFUSED),
    }
    assert len(see(client).select("tbody tr")) == len(rows)
    for view, row in rows.items():
        found = see(client, f"/payments?view={view}").select("tbody tr")
        assert [tag["id"] for tag in found] == [f"payment-row-{row.id}"], view


def test_pages_follow_each_other_and_lead_back(client: CheckingClient, session: Session) -> None:
    _invoice, copy = a_copied_invoice(session, a_connection(session))
    made = [a_payment(session, copy, minutes=at // 3).id for at in range(2 * PAGE + 7)]
    first = see(client)
    second = see(client, str(first.select_one("a[rel=next]")["href"]))  # type: ignore[index]
    third = see(client, str(second.select_one("a[rel=next]")["href"]))  # type: ignore[index]
    back = see(client, str(third.select_one("a[rel=prev]")["href"]))  # type: ignore[index]
    pages = [[str(tag["id"])[12:] for tag in page.select("tbody tr")] for page in (first, second, third)]
    assert [len(page) for page in pages] == [PAGE, PAGE, 7]
    assert sorted(one for page in pages for one in page) == sorted(made)
    assert back.select("tbody tr") == second.select("tbody tr")
    assert third.select_one("a[rel=next]") is None
    assert first.select_one("a[rel=prev]") is None


def test_the_fragment_is_what_the_page_includes(client: CheckingClient, session: Session) -> None:
    a_story(session)
    page = see(client)
    fragment = read_page(client.htmx("/payments").text)
    assert page.select_one("#payment-list") == fragment.select_one("#payment-list")
    pulls = read_page(client.htmx("/payments/pulls").text).select_one("#payment-pulls article")
    assert page.select_one("#payment-pulls article") == pulls


def a_finding(session: Session, row: PaymentRow, kind: FindingKind, **figures: int | str) -> None:
    session.add(
        FindingRow(
            id=new_id(),
            connection_id=row.connection_id,
            invoice_id=row.invoice_id,
            kind=kind,
            figures=figures,
            found_at=NOW,
        )
    )
    session.flush()


def test_findings_come_first_with_their_invoice(client: CheckingClient, session: Session) -> None:
    a_finding(session, a_story(session), FindingKind.DOUBTFUL, doubt=TermDoubt.SUM)
    page = see(client)
    link = page.select_one("#payment-list section:first-child .notice a")
    assert link is not None
    assert link["href"] == "/invoices/id-2026-0042"
    assert DOUBTS[TermDoubt.SUM] in words(page, "#payment-list section:first-child")[0]


def test_what_a_person_must_decide_leads_to_the_buttons(client: CheckingClient, session: Session) -> None:
    row = a_story(session, state=PaymentState.ASKED)
    a_finding(session, row, FindingKind.OVERPAID, **OVERPAID)
    link = see(client).select_one("#payment-list section:first-child .notice a")
    assert link is not None
    assert link["href"] == "/payments?view=held#payment-title"
    looks = see(client).select_one("#payment-looks")
    assert looks is not None
    assert looks["hx-trigger"] == "payment-acted from:body"


def test_last_and_next_pull_and_trouble_are_said(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session, payments={"trouble": as_written("Exact is down")})
    times = [str(tag["datetime"]) for tag in see(client).select(f"#payment-pull-{connection.id} time")]
    assert times == [NOW.isoformat(), (NOW + timedelta(minutes=10)).isoformat()]
    assert "could not be asked to the end: Exact is down." in see(client).text


def test_payments_that_are_off_lead_to_edit_integration(signed_in: SignedIn, session: Session) -> None:
    connection = a_connection(session, payments={"on": False})
    page = see(signed_in("administrator"))
    link = page.select_one(f"#payment-pulls a[href='/connections/{connection.id}/set-up']")
    assert link is not None
    assert link.get_text(strip=True) == "Edit integration"
    assert page.select_one("#payments-pull") is None


def test_a_pull_is_asked_for_and_watched_until_it_has_ended(
    client: CheckingClient, session: Session, nudges: list[tuple[str, str]]
) -> None:
    connection = a_connection(session, payments={"trouble": as_written("old trouble"), "pulled_at": None})
    answer = read_page(client.htmx("/payments/pull", "POST").text)
    assert nudges == [(PULL, str(connection.id))]
    root = answer.select_one("#payment-pulls[data-poll]")
    assert root is not None
    assert "old trouble" not in answer.text
    session.refresh(connection)
    connection.payments.pulled_at = datetime.now(UTC)
    session.add(LaneRow(name=f"pull:{connection.id}", lease_until=datetime.now(UTC) + timedelta(seconds=20)))
    watched = client.htmx(str(root["hx-get"]))
    assert "data-poll" in watched.text
    session.query(LaneRow).update({"lease_until": None})
    ended = client.htmx(str(root["hx-get"]))
    assert "data-poll" not in ended.text
    assert ended.headers["HX-Trigger"] == "payments-pulled"


def test_a_pull_that_fails_ends_with_its_trouble(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    root = read_page(client.htmx("/payments/pull", "POST").text).select_one("[data-poll]")
    assert root is not None
    session.refresh(connection)
    connection.payments.trouble = quote("Exact is down")
    ended = client.htmx(str(root["hx-get"]))
    assert "data-poll" not in ended.text
    assert "Exact is down" in ended.text


def test_polling_ends_by_itself_when_no_worker_comes(client: CheckingClient, session: Session) -> None:
    a_connection(session)
    since = (datetime.now(UTC) - timedelta(minutes=11)).isoformat().replace("+", "%2B")
    answer = client.htmx(f"/payments/pulls?since={since}").text
    assert "data-poll" not in answer
    assert "was not asked yet" in answer


def test_without_javascript_the_pull_leads_back_to_the_page(client: CheckingClient, session: Session) -> None:
    a_connection(session)
    answer = client.post("/payments/pull", follow_redirects=True)
    assert answer.status_code == 200
    assert "Exact is asked for payments" in answer.text


@pytest.mark.parametrize("since", ["nonsense", "2026-01-01", ""])
def test_a_moment_that_cannot_be_read_is_none(client: CheckingClient, session: Session, since: str) -> None:
    a_connection(session)
    assert see(client, f"/payments?since={since}").select_one("#payment-pulls[data-poll]") is None


def test_a_held_payment_is_marked_as_sent_and_recorded(
    client: CheckingClient, session: Session, nudges: list[tuple[str, str]]
) -> None:
    row = a_story(session, state=PaymentState.HELD, productive_id=None, next_try_at=NOW)
    button = see(client).select_one(f"#payment-row-{row.id} form")
    assert button is not None
    assert button.get_text(strip=True) == "Mark as sent and record payment"
    answer = read_page(client.htmx(str(button["action"]), "POST").text)
    session.refresh(row)
    assert row.wanted == PaymentStep.MARK
    assert nudges == [(PAY, str(row.connection_id))]
    assert "Being marked as sent" in words(answer, f"tr#payment-row-{row.id}")[0]
    assert not answer.select("form")


def test_a_refused_payment_can_be_tried_again(
    client: CheckingClient, session: Session, nudges: list[tuple[str, str]]
) -> None:
    row = a_story(session, state=PaymentState.REFUSED, **said("The invoice is locked."), productive_id=None)
    page = see(client)
    assert "The invoice is locked." in page.text
    assert words(page, f"#payment-row-{row.id} button") == ["Try again"]
    assert client.post(f"/payments/{row.id}/retry").status_code == 302
    session.refresh(row)
    assert (row.state, nudges) == (PaymentState.DUE, [(PAY, str(row.connection_id))])


@pytest.mark.parametrize(
    ("path", "state"),
    [("record", PaymentState.DUE), ("leave", PaymentState.BY_HAND)],
    ids=["as well", "the same money"],
)
def test_a_person_decides_about_a_payment_that_would_overpay(
    client: CheckingClient, session: Session, path: str, state: str
) -> None:
    row = a_story(session, state=PaymentState.ASKED, **overpaid(), productive_id=None)
    page = see(client, "/payments?view=held")
    assert words(page, f"#payment-row-{row.id} button") == ["Record it as well", "It is the same money"]
    acted = client.htmx(f"/payments/{row.id}/{path}", "POST")
    assert acted.headers["HX-Trigger"] == "payment-acted"
    answer = read_page(acted.text)
    session.refresh(row)
    assert (row.state, row.anyway) == (state, path == "record")
    assert not answer.select("form")
    assert client.post(f"/payments/{row.id}/{path}").status_code == 302
    session.refresh(row)
    assert row.state == state


def test_what_productive_does_not_take_as_well_can_still_be_the_same_money(
    client: CheckingClient, session: Session
) -> None:
    row = a_story(session, state=PaymentState.REFUSED, **said("Too much."), productive_id=None, anyway=True)
    assert words(see(client), f"#payment-row-{row.id} button") == ["Try again", "It is the same money"]
    client.htmx(f"/payments/{row.id}/leave", "POST")
    session.refresh(row)
    assert (row.state, row.trouble, row.next_try_at) == (PaymentState.BY_HAND, None, None)
    other = a_payment(
        session, session.get_one(CopyRow, row.copy_id), state=PaymentState.REFUSED, **said("Locked.")
    )
    assert words(see(client), f"#payment-row-{other.id} button") == ["Try again"]
    client.htmx(f"/payments/{other.id}/leave", "POST")
    session.refresh(other)
    assert other.state == PaymentState.REFUSED


@pytest.mark.parametrize(
    ("cause", "wanted", "productive_id"),
    [
        (PaymentCause.REMOVED_BY_HAND, PaymentStep.CREATE, None),
        (PaymentCause.CHANGED_BY_HAND, PaymentStep.CHANGE, "9001"),
    ],
)
def test_what_was_done_by_hand_is_restored(
    client: CheckingClient,
    session: Session,
    nudges: list[tuple[str, str]],
    cause: PaymentCause,
    wanted: PaymentStep,
    productive_id: str | None,
) -> None:
    figures = {"amount": 100, "currency": "EUR", "on": "2026-03-12"}
    row = a_story(session, state=PaymentState.REFUSED, cause=cause, figures=figures)
    assert words(see(client), f"#payment-row-{row.id} button") == ["Restore"]
    client.post(f"/payments/{row.id}/retry")
    session.refresh(row)
    assert row.state == PaymentState.REFUSED
    client.post(f"/payments/{row.id}/restore")
    session.refresh(row)
    assert (row.state, row.wanted, row.productive_id) == (PaymentState.DUE, wanted, productive_id)


def test_a_viewer_reads_only(signed_in: SignedIn, session: Session) -> None:
    row = a_story(session, state=PaymentState.HELD)
    viewer = signed_in("viewer")
    assert not see(viewer).select("main form")
    for path in (
        "/payments/pull",
        *(f"/payments/{row.id}/{verb}" for verb in ("mark-sent", "retry", "restore")),
    ):
        assert viewer.post(path).status_code == 403


def test_other_subsidiaries_stay_out_of_sight(
    signed_in: SignedIn, session: Session, nudges: list[tuple[str, str]]
) -> None:
    mine = a_connection(session, "1")
    other = a_connection(session, "2")
    row = a_payment(session, a_copied_invoice(session, other, "2026-0099")[1], state=PaymentState.HELD)
    client = signed_in("finance", subsidiaries=["1"])
    page = see(client)
    assert "2026-0099" not in page.text
    assert [tag["id"] for tag in page.select("#payment-pulls article")] == [f"payment-pull-{mine.id}"]
    assert client.post(f"/payments/{row.id}/mark-sent").status_code == 404
    assert client.htmx(f"/payments/{row.id}/row").status_code == 404
    client.post("/payments/pull")
    assert nudges == [(PULL, str(mine.id))]


FOUND = [
    ({}, "Nothing new"),
    ({"found": 1}, "1 new payment found"),
    ({"found": 3, "recorded": 3}, "3 new payments found, 3 recorded in Productive"),
    ({"recorded": 1}, "1 recorded in Productive"),
    ({"changed": 1, "removed": 2}, "1 payment changed, 2 payments removed"),
    ({"found": 2, "recorded": 1, "held": 1}, "2 new payments found, 1 recorded in Productive, 1 held"),
    ({"held": 4}, "Nothing new, 4 held"),
    ({"trouble": as_written("Exact is down.")}, "It did not get through: Exact is down."),
    (
        {"found": 1, "trouble": as_written("No answer")},
        "It did not get through: No answer. 1 new payment found.",
    ),
]


@pytest.mark.parametrize(("given", "said"), FOUND, ids=[said for _given, said in FOUND])
def test_a_pull_says_what_it_found(
    client: CheckingClient, session: Session, given: dict[str, Any], said: str
) -> None:
    connection = a_connection(session)
    root = read_page(client.htmx("/payments/pull", "POST").text).select_one("[data-poll]")
    assert root is not None
    trouble = given.get("trouble")
    session.refresh(connection)
    connection.payments.pulled_at = datetime.now(UTC)
    connection.payments.trouble = trouble
    session.add(a_pull(connection.id, **given))
    session.flush()
    ended = read_page(client.htmx(str(root["hx-get"])).text)
    assert said in words(ended, "[aria-live] .notice")[0]


def a_pull(connection_id: int, minutes: int = 0, **given: Any) -> PaymentPullRow:
    usual: dict[str, Any] = dict.fromkeys(("found", "changed", "removed", "recorded", "held"), 0)
    at = NOW - timedelta(minutes=minutes)
    return PaymentPullRow(connection_id=connection_id, began_at=at, ended_at=at, **(usual | given))


def test_earlier_pulls_stay_to_be_read(client: CheckingClient, session: Session) -> None:
    connection = a_connection(session)
    session.add_all(a_pull(connection.id, minutes=10 * at, found=at) for at in range(7))
    session.flush()
    panel = see(client).select_one(f"#payment-pull-{connection.id}")
    assert panel is not None
    assert "Nothing new" in panel.text
    told = words(panel, "details li")
    assert [text.split(": ")[1] for text in told] == [
        "1 new payment found",
        *(f"{count} new payments found" for count in (2, 3, 4)),
    ]


STATES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "Recorded", "Settled in Exact"),
    ({"wanted": PaymentStep.CHANGE, "reason": PaymentReason.OTHERWISE}, "Changed", "another amount or date"),
    ({"state": PaymentState.REMOVED, "wanted": PaymentStep.REMOVE}, "Removed", "Settled in Exact"),
    ({"state": PaymentState.DUE}, "To be recorded", "Settled in Exact"),
    ({"state": PaymentState.DUE, "wanted": PaymentStep.REMOVE}, "To be removed", "Settled in Exact"),
    ({"state": PaymentState.DUE, "cause": PaymentCause.OURS_FIRST}, "To be recorded", "put right first"),
    ({"state": PaymentState.SENDING, "wanted": PaymentStep.CHANGE}, "Being changed", "Settled in Exact"),
    ({"state": PaymentState.UNCERTAIN}, "Uncertain", "The reply was lost"),
    ({"state": PaymentState.HELD}, "Held", "only on invoices marked as sent"),
    ({"state": PaymentState.HELD, "cause": PaymentCause.INVOICE_DELETED}, "Held", "deleted in Productive"),
    (
        {"state": PaymentState.HELD, "wanted": PaymentStep.MARK, "cause": PaymentCause.MARKING},
        "Being marked as sent",
        "was chosen",
    ),
    ({"state": PaymentState.ASKED, **overpaid()}, "To decide", "over-pay the invoice"),
    (
        {"state": PaymentState.BY_HAND, "reason": PaymentReason.BY_HAND},
        "Recorded by hand",
        "A person said",
    ),
    ({"state": PaymentState.REFUSED, **said("Locked.")}, "Refused", "Locked."),
    ({"state": PaymentState.REFUSED, "cause": PaymentCause.REMOVED_BY_HAND}, "Differs", "removed in"),
]


@pytest.mark.parametrize(("given", "word", "reason"), STATES)
def test_a_row_has_one_state_with_its_reason(
    client: CheckingClient, session: Session, given: dict[str, Any], word: str, reason: str
) -> None:
    row = a_story(session, **given)
    cell = see(client).select_one(f"#payment-row-{row.id} .payment-state")
    assert cell is not None
    assert words(cell, ".state") == [word]
    assert len(cell.select("svg")) == 1
    (told,) = words(cell, ".sub")
    assert reason in told


def test_an_open_page_learns_what_changed_of_its_rows(client: CheckingClient, session: Session) -> None:
    row = a_story(session, state=PaymentState.DUE)
    page = see(client)
    address = str(page.select_one("#live")["hx-get"])  # type: ignore[index]
    stamp = str(page.select_one(f"#payment-row-{row.id}")["data-live"])  # type: ignore[index]
    version = str(page.select_one("#live-version")["value"])  # type: ignore[index]
    same = client.htmx(with_words(address, v=version, rows=stamp))
    assert (same.status_code, same.text) == (204, "")

    row.state = PaymentState.MADE
    session.commit()
    answer = client.htmx(with_words(address, v=version, rows=stamp))
    fresh = read_page(answer.text).select_one(f"#payment-row-{row.id}")
    assert fresh is not None
    assert fresh["hx-swap-oob"] == "true"
    assert words(fresh, ".state") == ["Recorded"]
    assert answer.headers["HX-Trigger"] == "payment-acted"


def test_an_open_page_renews_its_list_when_there_is_a_new_payment(
    client: CheckingClient, session: Session
) -> None:
    row = a_story(session)
    page = see(client)
    address = str(page.select_one("#live")["hx-get"])  # type: ignore[index]
    stamp = str(page.select_one(f"#payment-row-{row.id}")["data-live"])  # type: ignore[index]
    a_payment(session, session.get_one(CopyRow, row.copy_id))
    session.commit()
    answer = client.htmx(with_words(address, v="old", rows=stamp))
    assert answer.headers["HX-Trigger"] == "payments-pulled"


def with_words(address: str, **given: str) -> str:
    """Add some words to an address."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(given)}"
