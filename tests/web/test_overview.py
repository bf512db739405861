"""Overview: the bar, each of the five lines, who sees what, and the way to the first entry."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from portal.actions.books.compare import compare_books
from portal.actions.copies.ready import keep_ready
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import CopyAction, CopyState
from portal.domain.ids import marker_of, new_id
from portal.domain.payments.states import PaymentState
from portal.extensions import db
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from tests.conftest import NOW, SignedIn
from tests.furnishing.today import today
from tests.pages import CheckingClient, seen, words
from tests.web.invoices import House, only
from tests.web.payments_story import a_payment

TODAY = today()
MONTH = f"{TODAY:%Y-%m}"
PAGE = f"/overview/{MONTH}"


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def add(house: House, invoice_id: str, **given: Any) -> InvoiceRow:
    """Add an invoice of this month."""
    usual = {"id": invoice_id, "number": invoice_id, "invoiced_on": TODAY.replace(day=1)}
    return house.add(**(usual | given))


def look(house: House) -> None:
    """Let the job look at what was not looked at yet."""
    keep_ready(house.session, clock=lambda: NOW)
    house.session.commit()


def copy_it(house: House, invoice_id: str) -> None:
    """Let an invoice stand in Exact as it is."""
    row = house.row(invoice_id)
    copy_id = new_id()
    house.session.add(
        CopyRow(
            id=copy_id,
            invoice_id=invoice_id,
            connection_id=house.connection_id,
            marker=marker_of(copy_id),
            state=CopyState.COPIED,
            action=CopyAction.CREATE,
            requested_by="Anna",
            requested_at=NOW,
            finished_at=NOW,
            fingerprint=row.fingerprint,
            choices={},
            entry_id=f"entry-{invoice_id}",
            entry_number="26700001",
            gross_booked=row.amount_with_tax,
        )
    )
    row.copy_state = CopyState.COPIED
    row.latest_copy_id = copy_id
    house.session.commit()


def line(page: BeautifulSoup, name: str) -> Tag:
    return only(page, f"#line-{name}")


def told(page: BeautifulSoup, name: str) -> tuple[str, str, str]:
    """What a line says: how many, how much, and its action."""
    found = line(page, name)
    return (
        only(found, ".todo-count").get_text(strip=True),
        only(found, ".todo-amount").get_text(strip=True),
        only(found, ".todo-act").get_text(" ", strip=True),
    )


def test_the_home_is_overview_and_the_brand_leads_there(client: CheckingClient) -> None:
    assert client.get("/").headers["Location"] == "/overview"
    page = seen(client.get("/overview"))
    assert only(page, "a.brand")["href"] == "/"
    assert only(page, "#app-nav a[aria-current=page]").get_text(strip=True) == "Overview"


def test_a_month_is_in_the_address_with_arrows_to_its_neighbours(client: CheckingClient) -> None:
    page = seen(client.get("/overview/2026-01"))
    assert only(page, "h1").get_text(strip=True) == "January 2026"
    links = page.select(".month-nav a")
    assert [one["href"] for one in links] == ["/overview/2025-12", "/overview/2026-02"]
    assert [one["aria-label"] for one in links] == ["December 2025", "February 2026"]


@pytest.mark.parametrize("month", ["2026", "2026-Q1", "all", "2026-13", "0000-01", "x", "٢٠٢٦-01", "2026-1"])
def test_what_is_no_month_is_not_found(client: CheckingClient, month: str) -> None:
    assert client.get(f"/overview/{month}").status_code == 404


def test_what_is_ready_is_copied_by_the_one_filled_button(house: House, client: CheckingClient) -> None:
    add(house, "1")
    add(house, "2")
    look(house)
    page = seen(client.get(PAGE))
    assert told(page, "ready") == ("2", "€242.00", "Copy 2")
    assert words(page, ".btn-primary") == ["Copy 2"]
    plan = client.get(str(only(line(page, "ready"), ".btn-primary")["href"]))
    assert plan.headers["Location"].startswith("/runs/new?")
    assert "€242.00" in seen(client.get(plan.headers["Location"])).get_text()
    assert words(page, ".month-key span") == ["0 of 2 invoices in Exact", "2 ready", "0 need you"]


def test_another_month_counts_only_its_own(house: House, client: CheckingClient) -> None:
    add(house, "1")
    look(house)
    earlier = TODAY.replace(day=1) - timedelta(days=1)
    page = seen(client.get(f"/overview/{earlier:%Y-%m}"))
    assert told(page, "ready") == ("0", "", "")
    assert words(page, ".month-key") == ["No invoice of this month is to be copied."]


def test_amounts_stand_per_currency(house: House, client: CheckingClient) -> None:
    add(house, "1")
    add(house, "2", currency="USD")
    house.session.execute(update(InvoiceRow).values(copy_state=CopyState.REFUSED, need="currency_unknown"))
    house.session.commit()
    page = seen(client.get(PAGE))
    assert words(line(page, "needs"), ".todo-amount span span, .todo-amount > span") != []
    assert told(page, "needs")[0] == "2"
    assert {one.get_text(strip=True) for one in line(page, "needs").select(".todo-amount .amount")} == {
        "€121.00",
        "US$121.00",
    }


def test_what_needs_you_stands_by_reason_with_its_invoices_and_fix(
    house: House, client: CheckingClient
) -> None:
    house.map_design("")
    add(house, "1", number="N" * 31)
    add(house, "2", number="M" * 31)
    look(house)
    page = seen(client.get(PAGE))
    assert told(page, "needs")[0] == "2"
    fixes = {only(one, "strong").get_text(strip=True): one for one in page.select("#needs .fix")}
    long = fixes["Long number"]
    assert only(long, "summary").get_text(" ", strip=True).startswith("2 invoices")
    assert len(long.select("details li")) == 2
    assert "31 characters, and Exact takes 30" in only(long, ".fix-why").get_text()
    assert only(long, ".fix-do a").get_text(strip=True) == "Show invoice"


def test_what_changed_since_it_was_copied_leads_to_the_list(house: House, client: CheckingClient) -> None:
    add(house, "1")
    house.session.execute(update(InvoiceRow).values(copy_state=CopyState.COPIED, changed_since_copied=True))
    house.session.commit()
    page = seen(client.get(PAGE))
    assert told(page, "changed") == ("1", "€121.00", "Compare 1")
    address = str(only(line(page, "changed"), ".todo-act a")["href"])
    assert address.startswith("/invoices?view=changed&since=")
    assert words(page, ".month-key span")[0] == "1 of 1 invoice in Exact"


def test_payments_to_decide_are_those_paid_in_the_month(house: House, client: CheckingClient) -> None:
    add(house, "1")
    copy_it(house, "1")
    copy = house.latest("1")
    earlier = TODAY.replace(day=1) - timedelta(days=1)
    a_payment(house.session, copy, paid_on=TODAY, state=PaymentState.ASKED)
    a_payment(house.session, copy, paid_on=TODAY, state=PaymentState.MADE)
    a_payment(house.session, copy, paid_on=earlier, state=PaymentState.HELD)
    house.session.commit()
    page = seen(client.get(PAGE))
    assert told(page, "payments") == ("1", "€121.00", "Decide 1")
    assert "1 more of earlier months" in only(line(page, "payments"), ".sub").get_text()


def test_a_difference_is_what_no_other_line_tells(house: House, client: CheckingClient) -> None:
    add(house, "ready")
    add(house, "1")
    copy_it(house, "1")
    house.latest("1").gross_booked = 12000
    house.session.commit()
    compare_books(house.session, clock=lambda: NOW)
    house.session.commit()
    page = seen(client.get(PAGE))
    assert told(page, "differences") == ("1", "-€1.00", "Statement")


def test_what_came_since_yesterday_is_told(house: House, client: CheckingClient) -> None:
    add(house, "1")
    add(house, "2")
    house.row("2").first_read_at = datetime.now(UTC) - timedelta(days=3)
    copy_it(house, "1")
    a_payment(house.session, house.latest("1"), created_at=datetime.now(UTC))
    house.session.commit()
    page = seen(client.get(PAGE))
    told_since = words(page, "#month-aside section:last-of-type li")
    assert told_since == [
        "1 new payment found €121.00",
        "1 new invoice €121.00",
        "Nothing was copied by itself Rules",
    ]


def test_the_last_line_always_leads_to_the_statement(client: CheckingClient) -> None:
    page = seen(client.get(PAGE))
    assert told(page, "differences") == ("0", "", "Statement")
    link = only(line(page, "differences"), ".todo-act a")
    assert link["href"] == f"/reconciliation/statement?period={MONTH}"


def test_a_viewer_sees_no_action(house: House, signed_in: SignedIn) -> None:
    house.map_design("")
    add(house, "1")
    add(house, "2", number="N" * 31)
    look(house)
    page = seen(signed_in("viewer").get(PAGE))
    assert page.select("main form, main button, .btn-primary") == []
    assert words(page, ".sign a") == []
    assert "Somebody of finance signs it off." in only(page, ".sign").get_text()
    assert {one.get_text(strip=True) for one in page.select("#needs .fix-do a")} <= {"Show invoice"}


def test_another_subsidiary_is_not_counted(house: House, signed_in: SignedIn) -> None:
    add(house, "1")
    look(house)
    house.session.execute(update(ConnectionRow).values(subsidiary_id="2", live_subsidiary="2"))
    house.session.commit()
    page = seen(signed_in("finance", subsidiaries=["2"]).get(PAGE))
    assert told(page, "ready")[0] == "0"


def test_the_page_asks_a_bounded_number_of_questions(
    app: Flask, house: House, client: CheckingClient
) -> None:
    for number in range(3):
        add(house, str(number))
    look(house)
    client.get(PAGE)
    few = count_questions(app, lambda: client.get(PAGE))
    for number in range(3, 30):
        add(house, str(number))
    look(house)
    assert count_questions(app, lambda: client.get(PAGE)) == few
    # Every page asks some of these: who it is, the banner, the switch, the counts beside the names.
    assert few <= 22


def count_questions(app: Flask, act: Callable[[], object]) -> int:
    """Count the statements of a request."""
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def disconnect(session: Session) -> None:
    session.execute(
        update(ConnectionRow).values(
            state=ConnectionState.DISCONNECTED, live_subsidiary=None, live_division=None
        )
    )
    session.commit()


def test_without_productive_the_first_step_is_lit(house: House, signed_in: SignedIn) -> None:
    disconnect(house.session)
    house.session.query(ProductiveRow).delete()
    house.session.commit()
    page = seen(signed_in("administrator").get("/overview"))
    assert only(page, "h1").get_text(strip=True) == "Four steps to the first entry"
    lit = only(page, ".way [aria-current=step]")
    assert only(lit, "h2").get_text(strip=True) == "Productive"
    assert words(page, ".way .btn-primary") == ["Set up Productive"]


def test_without_exact_the_second_step_is_lit_and_the_first_done(house: House, signed_in: SignedIn) -> None:
    add(house, "1")
    disconnect(house.session)
    page = seen(signed_in("administrator").get("/overview"))
    assert only(only(page, ".way [aria-current=step]"), "h2").get_text(strip=True) == "Exact"
    done = only(page, ".way .is-done")
    assert "Bright Studio is connected. 1 invoice was read." in only(done, "p").get_text()
    assert words(page, ".way .btn-primary") == ["Connect App"]
    assert words(page, ".way .muted") == ["after step 2", "after step 3"]


def test_a_draft_is_gone_on_with(house: House, signed_in: SignedIn) -> None:
    house.session.execute(
        update(ConnectionRow).values(state=ConnectionState.DRAFT, live_subsidiary=None, live_division=None)
    )
    house.session.commit()
    page = seen(signed_in("administrator").get("/overview"))
    assert words(page, ".way .btn-primary") == ["Go on with the set-up"]


@pytest.mark.parametrize("role", ["viewer", "finance"])
def test_others_are_told_what_to_ask_the_administrator_for(
    house: House, signed_in: SignedIn, role: str
) -> None:
    signed_in("administrator")
    disconnect(house.session)
    page = seen(signed_in(role).get("/overview"))
    assert page.select(".way .btn") == []
    assert "Ask Administrator" in only(page, ".way-ask").get_text()


def test_what_changed_meanwhile_comes_by_the_live_request(house: House, client: CheckingClient) -> None:
    page = seen(client.get(PAGE))
    assert only(page, "#live")["hx-get"] == f"{PAGE}/live?bare=1"
    version = only(page, "#live-version")["value"]
    assert client.get(f"{PAGE}/live?v={version}").status_code == 204

    add(house, "1")
    look(house)
    parts = seen(client.get(f"{PAGE}/live?v={version}"))
    assert told(parts, "ready")[0] == "1"
    assert only(parts, "#line-ready").has_attr("hx-swap-oob")
    assert parts.select("#needs") == []


def test_a_page_without_reasons_is_shown_anew_once_there_are_some(
    house: House, client: CheckingClient
) -> None:
    add(house, "1")
    look(house)
    address = live_url(client)
    add(house, "2", currency="XXX")
    assert "HX-Refresh" not in client.get(f"{address}&v=").headers
    look(house)
    assert client.get(f"{address}&v=").headers["HX-Refresh"] == "true"

    # What somebody mends now is not taken away.
    address = live_url(client)
    add(house, "3", currency="XXX")
    look(house)
    assert "HX-Refresh" not in client.get(f"{address}?v=").headers


def live_url(client: CheckingClient) -> str:
    """Return where a page that is open asks for what changed."""
    return str(only(seen(client.get(PAGE)), "#live")["hx-get"])


def test_the_live_request_carries_what_the_page_shows(house: House, client: CheckingClient) -> None:
    add(house, "1")
    add(house, "2", number="N" * 31)
    look(house)
    page = seen(client.get(PAGE))
    parts = seen(client.get(f"{PAGE}/live?v="))
    for part in parts.select("[hx-swap-oob]"):
        if part.get("id") in (None, "live-version", "live-count"):
            continue
        del part["hx-swap-oob"]
        same = only(page, f"#{part['id']}")
        assert same.get_text(" ", strip=True).split() == part.get_text(" ", strip=True).split()
