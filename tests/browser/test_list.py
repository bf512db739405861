"""The list of invoices in a browser: nothing is cut off, a choice survives, and rows tell the truth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal.domain.copies.states import CopyState
from portal.remote.errors import RefusedError
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from tests.browser.portal import settle
from tests.conftest import SignedIn
from tests.web.connected import wire_fakes
from tests.web.invoices import House, a_house
from tests.web.test_runs import begin, choose, work

pytestmark = pytest.mark.browser
WIDTHS = (360, 390, 768, 861, 880, 881, 1024, 1120, 1152, 1280, 1281, 1366, 1440, 1920)
LONG = "K-RAAMOVEREENKOMST-2026-FASE-117-ONDERDEEL-3"
# What of a row is not wholly inside it, its action first of all.
CUT_OFF = """() => [...document.querySelectorAll("tr[data-row]")].flatMap((row) => {
    const outside = (one) => {
        const at = one.getBoundingClientRect(), bounds = row.getBoundingClientRect();
        return at.left < bounds.left || at.right > bounds.right + 1 || at.right > innerWidth;
    };
    const parts = [...row.querySelectorAll(
        "td:last-child :is(button, a.btn), .state, [data-row-open], td:nth-child(6), .checkbox")];
    const shown = parts.filter((one) => one.checkVisibility({ visibilityProperty: true }));
    const hidden = row.querySelector("td:last-child :is(button, a.btn)")?.checkVisibility() === false;
    const cut = shown.filter(outside).map((one) => `${row.id} ${one.textContent.trim()}`);
    return [...cut, ...(hidden ? [row.id] : [])];
})"""
STOPS = """() => Math.max(...[...document.querySelectorAll("tr[data-row]")].map((row) =>
    [...row.querySelectorAll("a[href], button, input:not([type=hidden])")]
        .filter((one) => !one.disabled && one.tabIndex >= 0).length))"""


@pytest.fixture
def house(app: Flask, session: Session) -> House:
    """A connected house with rows of every kind, the widest among them."""
    house = a_house(session, wire_fakes(app))
    for at in range(56):
        house.add(id=f"{at:02}", number=f"N-{at:02}")
    house.add(
        id="60", number=LONG, company_name="Internationale Vereniging voor Duurzame Stadsontwikkeling N.V."
    )
    house.add(
        id="61", number=f"{LONG}1", company_name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    )
    house.add(id="62", number=f"{LONG}2", currency="USD", subject="Onderhoudsovereenkomst, verlengd " * 4)
    house.look_beforehand()
    for invoice_id, state in (
        ("61", CopyState.COPIED),
        ("62", CopyState.DIFFERENT),
        ("60", "copied elsewhere"),
    ):
        set_row(session, invoice_id, copy_state=state, changed_since_copied=invoice_id == "61")
    return house


@contextmanager
def window(app: Flask, client: FlaskClient, browser: Browser, *, script: bool = True) -> Iterator[Page]:
    """A browser of somebody who is signed in, at the list."""
    server = make_server("localhost", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://localhost:{server.port}"
    cookie = client.get_cookie("portal_session")
    assert cookie
    context = browser.new_context(
        locale="en-GB",
        viewport={"width": 1440, "height": 900},
        base_url=address,
        java_script_enabled=script,
    )
    context.add_cookies([{"name": "portal_session", "value": cookie.value, "url": address}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/invoices")
    yield page
    context.close()
    server.shutdown()
    assert not complaints


@pytest.fixture
def page(app: Flask, house: House, signed_in: SignedIn, browser: Browser) -> Iterator[Page]:
    """The list in a browser of somebody from finance."""
    with window(app, signed_in("finance"), browser) as page:
        yield page


def set_row(session: Session, invoice_id: str, **values: object) -> None:
    session.execute(update(InvoiceRow).where(InvoiceRow.id == invoice_id).values(**values))
    session.commit()


def row_of(page: Page, invoice_id: str) -> Locator:
    return page.locator(f"#invoice-row-{invoice_id}")


def box_of(page: Page, invoice_id: str) -> Locator:
    return row_of(page, invoice_id).get_by_role("checkbox")


def test_nothing_is_cut_off_at_any_width(page: Page) -> None:
    expect(row_of(page, "61").get_by_text("Changed since copied")).to_be_visible()
    assert page.evaluate(STOPS) <= 2
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(CUT_OFF) == [], width


def test_a_choice_is_kept_while_pages_turn_and_rows_renew(page: Page, session: Session) -> None:
    bar = page.locator("#choose")
    expect(bar).to_contain_text("59 invoices")
    box_of(page, "55").check()
    box_of(page, "52").click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 selected · €484.00")
    page.get_by_role("link", name="Older").click()
    expect(row_of(page, "09")).to_be_visible()
    page.get_by_role("link", name="Older").click()
    box_of(page, "00").check()
    expect(bar).to_contain_text("5 selected · €605.00")
    expect(bar).to_contain_text("4 of them on other pages")
    page.get_by_role("link", name="Newer").click()
    expect(row_of(page, "09")).to_be_visible()
    page.get_by_role("link", name="Newer").click()
    for invoice_id in ("52", "53", "54", "55"):
        expect(box_of(page, invoice_id)).to_be_checked()

    set_row(session, "53", copy_state=CopyState.SENDING)
    set_row(session, "54", subject="Another subject")
    expect(row_of(page, "53").get_by_text("Copying")).to_be_visible()
    expect(row_of(page, "54").get_by_text("Another subject")).to_be_visible()
    expect(box_of(page, "53")).to_be_disabled()
    expect(box_of(page, "54")).to_be_checked()
    expect(bar).to_contain_text("4 selected · €484.00")
    with page.expect_request(lambda sent: sent.method == "POST") as sent:
        page.get_by_role("button", name="Copy 4").click()
    posted = (sent.value.post_data or "").split("&")
    assert sorted(one for one in posted if one.startswith("invoice=")) == [
        f"invoice={invoice_id}" for invoice_id in ("00", "52", "54", "55")
    ]
    expect(page.get_by_role("heading", name="Copy 4 invoices to Exact")).to_be_visible()


def test_all_that_are_ready_are_chosen_at_once(page: Page) -> None:
    bar = page.locator("#choose")
    page.get_by_role("button", name="Select 56 ready").click()
    expect(bar).to_contain_text("56 selected · €6,776.00")
    expect(bar).to_contain_text("all that are ready, on every page")
    with page.expect_request(lambda sent: sent.method == "POST") as sent:
        page.get_by_role("button", name="Copy 56").click()
    assert "all=1" in (sent.value.post_data or "")
    expect(page.get_by_role("heading", name="Copy 56 invoices to Exact")).to_be_visible()


def test_rows_under_way_renew_by_one_request_and_keep_what_is_in_use(page: Page, session: Session) -> None:
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if sent.resource_type == "xhr" else None)
    button = row_of(page, "55").get_by_role("button", name="Copy to Exact")
    button.focus()
    trigger = row_of(page, "61").get_by_role("button", name="Invoice copied")
    trigger.hover()
    update_link = row_of(page, "61").get_by_role("link", name="Update existing")
    expect(update_link).to_be_visible()

    set_row(session, "61", subject="News behind a menu")
    set_row(session, "55", subject="News under the focus")
    session.execute(update(InvoiceRow).where(InvoiceRow.id < "50").values(copy_state=CopyState.SENDING))
    session.commit()
    expect(row_of(page, "55").get_by_text("News under the focus")).to_be_visible()
    expect(button).to_be_focused()
    expect(update_link).to_be_visible()
    expect(row_of(page, "61").get_by_text("News behind a menu")).to_have_count(0)

    page.mouse.move(5, 5)
    page.keyboard.press("Escape")
    expect(row_of(page, "61").get_by_text("News behind a menu")).to_be_visible()
    expect(page.locator("tr[data-row] .state-busy").first).to_be_visible()
    assert asked
    assert [url for url in asked if "/invoices/live" not in url] == []


def test_what_is_seen_once_a_dialog_is_closed_is_true(page: Page, session: Session) -> None:
    row_of(page, "55").get_by_role("button", name="Copy to Exact").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    set_row(session, "55", copy_state=CopyState.SENDING)
    with page.expect_request(lambda sent: "/invoices/live" in sent.url):
        page.keyboard.press("Escape")
    expect(row_of(page, "55").get_by_text("Copying")).to_be_visible()
    expect(page.locator("#chip-count-copying")).to_have_text("1")


FAILED = 20
SAID = "De periode is dicht."


def press(control: Locator) -> None:
    """Press something with the mouse."""
    control.click()


def go_and_press(control: Locator) -> None:
    """Go there by Tab, and press Enter. What leads from one control to the next is no action."""
    settle(control.page)
    # Rows are walked over by j, with one tab stop for the link of the current one.
    key = "j" if control.get_attribute("data-row-open") is not None else "Tab"
    for _press in range(100):
        if control.evaluate("one => one === document.activeElement"):
            break
        control.page.keyboard.press(key)

    expect(control).to_be_focused()
    control.page.keyboard.press("Enter")


# How somebody does one thing, and whether their browser runs scripts.
WAYS: dict[str, tuple[Callable[[Locator], None], bool]] = {
    "by mouse": (press, True),
    "by keyboard": (go_and_press, True),
    "without JavaScript": (press, False),
}


@pytest.mark.parametrize("way", WAYS)
def test_why_one_failed_is_one_action_and_so_is_trying_twenty_of_one_cause_again(
    app: Flask, house: House, signed_in: SignedIn, browser: Browser, way: str
) -> None:
    act, script = WAYS[way]
    client = signed_in("finance")
    house.connection.default_journal = "70"
    house.look_beforehand()
    ids = [f"{at:02}" for at in range(FAILED)]
    run = begin(client, choose(client, ids))
    house.ledger.fail("create_entry", RefusedError(SAID, status=500), times=FAILED)
    work(house)

    with window(app, client, browser, script=script) as page:
        page.goto("/invoices?view=refused")
        act(page.locator("tr[data-row] [data-row-open]").first)
        expect(page.get_by_role("alert").get_by_text(SAID).first).to_be_visible()

        page.goto(run)
        expect(page.get_by_role("heading", name=f"0 copied, {FAILED} need you")).to_be_visible()
        house.ledger.forgive()
        act(page.get_by_role("button", name=f"Retry {FAILED}"))
        expect(page.get_by_text(f"{FAILED - 1} of {FAILED}", exact=True)).to_be_visible()

    # One of those that are held tries first, and the others follow when it succeeds.
    work(house)
    work(house)
    booked = select(func.count()).select_from(CopyRow).where(CopyRow.state == CopyState.COPIED)
    assert house.session.scalar(booked) == FAILED
    assert len(house.ledger.entries) == FAILED
