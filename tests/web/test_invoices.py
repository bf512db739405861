"""The invoice list and the invoice page, as a browser sees them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import CopyState
from portal.domain.said import TEXT
from portal.store.connections import ProductiveRow
from portal.store.events import EventRow
from portal.store.invoices import keep_invoice
from tests.actions.office import some_invoice
from tests.conftest import SignedIn
from tests.domain.builders import a_booking, a_line
from tests.fakes import NOW, OTHER_REVENUE, some_guid
from tests.furnishing.said import quote
from tests.furnishing.today import today
from tests.pages import CheckingClient, csv_rows, read_page, seen, words
from tests.web.connected import find_named
from tests.web.invoices import ACTION, House, form_of, only

LIST = "/invoices"


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def page_of(client: CheckingClient, url: str = LIST) -> BeautifulSoup:
    return seen(client.get(url))


def shown(page: BeautifulSoup) -> list[str]:
    return [str(row["id"]).removeprefix("invoice-row-") for row in page.select("tr[id^=invoice-row-]")]


def listed(client: CheckingClient, **args: str) -> list[str]:
    return shown(read_page(client.get(LIST, query_string=args).text))


def each_page(client: CheckingClient, url: str, rel: str) -> Iterator[tuple[str, list[str]]]:
    """Follow a pager to its end."""
    while True:
        page = page_of(client, url)
        yield url, shown(page)
        link = page.select_one(f"a[rel={rel}]")
        if link is None:
            return
        url = str(link["href"])


def many(house: House, count: int = 125) -> None:
    for at in range(count):
        invoice = some_invoice(
            id=f"{at:03}",
            number=f"2026-{at % 40:04}",
            invoiced_on=date(2026, 1, 1) + timedelta(days=at // 30),
            pay_on=None if at % 5 == 0 else date(2026, 2, 1),
        )
        keep_invoice(house.session, invoice, NOW)


def test_the_newest_invoice_comes_first(client: CheckingClient, house: House) -> None:
    house.add(id="1", invoiced_on=date(2026, 1, 1))
    house.add(id="2", invoiced_on=date(2026, 3, 1))
    assert listed(client) == ["2", "1"]


def test_before_productive_is_set_up_the_page_says_so(app: Flask, signed_in: SignedIn) -> None:
    assert "Productive is not set up." in signed_in("finance").get(LIST).text


def test_that_nothing_is_connected_is_said(client: CheckingClient, house: House) -> None:
    house.add()
    assert "Nothing is connected to Exact yet." not in page_of(client).text
    house.connection.state = ConnectionState.DISCONNECTED
    house.session.commit()
    assert "Nothing is connected to Exact yet." in page_of(client).text


def test_the_columns_and_filters_have_their_names(client: CheckingClient, house: House) -> None:
    house.add()
    page = page_of(client)
    columns = ["Number", "Customer and subject", "Date", "Due or paid", "Total", "State", "Action"]
    assert words(page, "thead th") == columns
    views = ["All 1", "Ready 0", "Needs you 0", "Copying 0", "Refused 0", "Changed since copied 0"]
    views += ["Copied 0", "Copied elsewhere 0", "Unpaid 1", "Overdue 1"]
    assert words(page, ".chips a") == views


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("all", ["6", "5", "4", "3", "2", "1"]),
        ("not-copied", ["6", "1"]),
        ("copied", ["3", "2"]),
        ("as-copied", ["2"]),
        ("changed", ["3"]),
        ("refused", ["4"]),
        ("needs-you", []),
        ("failed", ["4"]),
        ("unpaid", ["5", "4", "3", "2", "1"]),
        ("overdue", ["4", "3", "2", "1"]),
        ("nonsense", ["6", "5", "4", "3", "2", "1"]),
    ],
)
def test_each_view_shows_its_invoices(
    client: CheckingClient, house: House, view: str, expected: list[str]
) -> None:
    house.add(id="1")
    house.add(id="2").copy_state = "copied"
    changed = house.add(id="3")
    changed.copy_state = "copied with a difference"
    changed.changed_since_copied = True
    house.add(id="4").copy_state = CopyState.REFUSED
    house.add(id="5", pay_on=date(2099, 1, 1)).copy_state = "do not copy"
    house.add(id="6", amount_unpaid=0)
    changed.copy_state = "copied"
    assert listed(client, view=view) == expected


def test_filters_live_in_the_url_and_in_the_form(client: CheckingClient, house: House) -> None:
    house.add(id="1", subject="Website", invoiced_on=date(2026, 1, 5))
    house.add(id="2", subject="Website", invoiced_on=date(2026, 2, 5))
    house.add(id="3", subject="Logo", invoiced_on=date(2026, 1, 6))
    house.add(id="4", subject="Website", invoiced_on=date(2026, 1, 7), company_id="8", company_name="Beta")
    args = {
        "q": "WEB acme",
        "customer": "7",
        "period": "custom",
        "from": "2026-01-01",
        "to": "2026-01-31",
        "sort": "total",
    }
    assert listed(client, **args) == ["1"]
    page = read_page(client.get(LIST, query_string=args).text)
    values = {name: only(page, f"form [name='{name}']").get("value") for name in ("q", "from", "to", "sort")}
    assert values == {"q": "WEB acme", "from": "2026-01-01", "to": "2026-01-31", "sort": "total"}
    assert only(page, "input[name=customer]")["value"] == "7"
    assert only(page, "input[name=customer_search]")["value"] == "Acme"
    assert only(page, "[name=period] option[selected]")["value"] == "custom"


def test_what_is_typed_is_no_pattern(client: CheckingClient, house: House) -> None:
    house.add(id="1", subject="100% done")
    house.add(id="2", subject="100 done")
    assert listed(client, q="0%") == ["1"]


@pytest.mark.parametrize("text", ["31-12-2026", "2026-02-30", "soon"])
def test_a_wrong_date_is_said_and_left_out(client: CheckingClient, house: House, text: str) -> None:
    house.add(id="1")
    page = read_page(client.get(LIST, query_string={"from": text}).text)
    assert f"“{text}” is no date; the filter was left out." in page.text
    assert shown(page) == ["1"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-date", "321"),
        ("number", "213"),
        ("-total", "312"),
        ("customer", "312"),
        ("due", "132"),
        ("wrong", "321"),
        ("--date", "321"),
    ],
)
def test_every_column_sorts(client: CheckingClient, house: House, sort: str, expected: str) -> None:
    facts: dict[str, tuple[Any, ...]] = {
        "1": ("B", "Beta", None, 200),
        "2": ("A", "Gamma", date(2026, 9, 1), 100),
        "3": ("C", "Alpha", date(2026, 5, 1), 300),
    }
    for at, (number, customer, due, net) in facts.items():
        lines = (a_line(amount=net, amount_tax=0),)
        day = date(2026, 3, int(at))
        house.add(id=at, number=number, company_name=customer, pay_on=due, lines=lines, invoiced_on=day)
    assert "".join(listed(client, sort=sort)) == expected


@pytest.mark.parametrize("sort", ["-date", "date", "due", "-due", "number", "-total", "customer"])
def test_paging_shows_every_row_once_in_both_directions(
    client: CheckingClient, house: House, sort: str
) -> None:
    many(house)
    onward = list(each_page(client, f"{LIST}?sort={sort}", "next"))
    assert [len(rows) for _url, rows in onward] == [25] * 5
    every = [row for _url, rows in onward for row in rows]
    assert len(set(every)) == 125
    back = list(each_page(client, onward[-1][0], "prev"))
    assert [rows for _url, rows in reversed(back)] == [rows for _url, rows in onward]


def test_a_cursor_that_is_gone_begins_anew(client: CheckingClient, house: House) -> None:
    house.add(id="1")
    house.add(id="2")
    assert listed(client, after="gone") == listed(client, before="gone") == ["2", "1"]


def test_totals_are_told_per_currency(client: CheckingClient, house: House) -> None:
    house.add(id="1")
    house.add(id="2", amount_unpaid=100)
    house.add(id="3", currency="USD", amount_unpaid=0)
    text = " ".join(only(page_of(client), "#invoice-list").get_text(" ").split())
    assert "2 in EUR: €242.00 , unpaid €122.00" in text
    assert "1 in USD: US$121.00 , unpaid US$0.00" in text


def test_htmx_gets_the_list_alone_and_caches_know(client: CheckingClient, house: House) -> None:
    house.add(id="1")
    answer = client.htmx(f"{LIST}?q=web")
    assert "HX-Request" in answer.headers["Vary"]
    assert answer.text.lstrip().startswith('<div id="invoice-list"')
    whole = only(read_page(client.get(f"{LIST}?q=web").text), "#invoice-list")
    assert str(read_page(answer.text).div) == str(whole)


def test_csv_holds_what_is_filtered(client: CheckingClient, house: House) -> None:
    house.add(id="1", invoiced_on=date(2026, 1, 5), amount_unpaid=-500)
    house.add(id="2", invoiced_on=date(2026, 2, 5))
    answer = client.get(f"{LIST}.csv?to=2026-01-31")
    [head, line] = csv_rows(answer)
    assert head[:3] == ["Number", "Subject", "Customer"]
    assert line[3:8] == ["2026-01-05", "2026-04-01", "EUR", "121.00", "-5.00"]


FORMULAS = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1": "'-1",
    "@cmd": "'@cmd",
    "\t=1": "' =1",
    "\n=1": "' =1",
    "＝1": "'＝1",
    # Excel ends a cell at a semicolon where a country writes a comma in its numbers.
    "Design;=1+1": "Design;'=1+1",
    'Design"; =HYPERLINK("x")': 'Design";\' =HYPERLINK("x")',
    "a;-1;+2;@x": "a;'-1;'+2;'@x",
    "a|=1": "a|'=1",
    "a\n;=1": "a ;'=1",
    # Quotes that begin a cell vanish, and those that end it again leave the formula.
    'a;"=1+1': "a;'\"=1+1",
    'a;"=1+1;b"': 'a;\'"=1+1;b"',
    'a; " "" @x': 'a;\' " "" @x',
    "a|\"'-1": "a|'\"'-1",
}


@pytest.mark.parametrize(("text", "cell"), FORMULAS.items())
def test_no_cell_of_the_csv_is_a_formula(client: CheckingClient, house: House, text: str, cell: str) -> None:
    house.add(id="1", number=text, subject=text, company_name=text)
    [_head, line] = csv_rows(client.get(f"{LIST}.csv"))
    assert line[:3] == [cell] * 3


@pytest.mark.parametrize(
    ("currency", "cell"), [("JPY", "121.00 (?)"), ("KWD", "121.00 (?)"), ("SEK", "121.00")]
)
def test_an_amount_without_cents_is_marked_in_the_csv(
    client: CheckingClient, house: House, currency: str, cell: str
) -> None:
    house.add(currency=currency)
    [_head, line] = csv_rows(client.get(f"{LIST}.csv"))
    assert cell in line
    shown = seen(client.get(LIST)).text
    assert ("(?)" in shown) == ("(?)" in cell)
    assert (f"It is not known how Productive gives amounts in {currency}" in shown) == ("(?)" in cell)
    [row] = seen(client.get(LIST)).select("a[data-row-open]")
    page = seen(client.get(str(row["href"]))).text
    assert (f"It is not known how Productive gives amounts in {currency}" in page) == ("(?)" in cell)


def test_ordinary_text_stays_as_it_is_in_the_csv(client: CheckingClient, house: House) -> None:
    house.add(id="1", subject="Été; 50 % – O’Neill, a-b", company_name="Jansen & Zn.")
    [_head, line] = csv_rows(client.get(f"{LIST}.csv"))
    assert line[1:3] == ["Été; 50 % – O’Neill, a-b", "Jansen & Zn."]


def test_people_see_only_their_subsidiaries(house: House, signed_in: SignedIn) -> None:
    house.add(id="1", subsidiary_id="1", company_name="Acme")
    house.add(id="2", subsidiary_id="2", company_name="Beta", company_id="8")
    other = signed_in("finance", subsidiaries=["2"])
    assert listed(other) == ["2"]
    assert listed(other, subsidiary="1") == ["2"]
    assert "Acme" not in other.get(f"{LIST}.csv").text
    suggested = read_page(other.htmx(f"{LIST}/customers?customer_search=").text)
    assert words(suggested, "[role=option]") == ["Beta 1 invoice"]
    assert only(page_of(other, f"{LIST}?customer=8"), "input[name=customer_search]")["value"] == "Beta"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/link"),
        ("GET", "/copy"),
        ("GET", "/copy/customers"),
        ("GET", "/copy/changes"),
        ("GET", "/entry"),
        ("POST", "/link"),
        ("POST", "/copy"),
        ("POST", "/copy/preview"),
        ("POST", "/copy/customer"),
        ("POST", "/exclude"),
        ("POST", "/include"),
    ],
)
def test_other_peoples_invoices_do_not_exist(
    house: House, signed_in: SignedIn, method: str, path: str
) -> None:
    house.add(id="1", subsidiary_id="1")
    other = signed_in("finance", subsidiaries=["2"])
    assert other.open(f"{LIST}/1{path}", method=method).status_code == 404
    assert other.open(f"{LIST}/999{path}", method=method).status_code == 404


def test_a_viewer_sees_nothing_to_press(house: House, signed_in: SignedIn) -> None:
    house.add(id="1")
    house.add(id="2").copy_state = "copied"
    viewer = signed_in("viewer")
    page = page_of(viewer)
    assert not find_named(page, "button", "Copy to Exact")
    assert not find_named(page, "button", "Get invoices now")
    assert [one.text for one in only(page, f"#invoice-row-2 {ACTION}").select("a")] == ["Open entry in Exact"]
    assert not page_of(viewer, f"{LIST}/1").select("main form")


def test_reading_productive_wakes_the_worker(client: CheckingClient, nudges: list[tuple[str, str]]) -> None:
    assert "since=" in str(client.post(f"{LIST}/pull").location)
    assert nudges == [("jobs.invoices.pull_invoices", "")]


def test_the_list_renews_itself_when_the_reading_has_ended(
    client: CheckingClient, house: House, session: Session
) -> None:
    started = client.htmx(f"{LIST}/pull", "POST")
    progress = only(read_page(started.text), "#invoice-reading")
    assert "Productive is being read." in progress.get_text()
    address = str(progress["hx-get"])
    assert "HX-Trigger" not in client.htmx(address).headers
    row = session.get_one(ProductiveRow, 1)
    row.invoices_pulled_at = house.wiring.clock() + timedelta(seconds=1)
    session.commit()
    ended = client.htmx(address)
    assert ended.headers["HX-Trigger"] == "invoices-read"
    assert "hx-get" not in only(read_page(ended.text), "#invoice-reading").attrs
    listed = only(page_of(client, f"{LIST}?view=copied&since=x"), "#invoice-list")
    assert (listed["hx-trigger"], listed["hx-get"]) == ("invoices-read from:body", f"{LIST}?view=copied")


@pytest.mark.parametrize(
    ("minutes", "trouble", "said"),
    [
        (1, "Productive is down.", "Productive could not be read: “Productive is down.”"),
        (11, None, "The reading has not ended."),
    ],
)
def test_a_reading_that_does_not_end_says_so(
    client: CheckingClient, house: House, session: Session, minutes: int, trouble: str | None, said: str
) -> None:
    session.get_one(ProductiveRow, 1).trouble = quote(trouble) if trouble else None
    session.commit()
    asked_at = house.wiring.clock() - timedelta(minutes=minutes)
    answer = client.htmx(f"{LIST}/reading", query_string={"since": asked_at.isoformat()})
    progress = only(read_page(answer.text), "#invoice-reading")
    assert said in progress.get_text()
    assert "hx-get" not in progress.attrs
    assert client.get(f"{LIST}/reading").status_code == 302


def test_a_copied_row_has_a_menu(client: CheckingClient, house: House) -> None:
    house.add(id="1").copy_state = "copied"
    control = only(page_of(client), f"#invoice-row-1 {ACTION}")
    assert only(control, "button").get_text(strip=True) == "Invoice copied"
    assert [one.text for one in control.select("a")] == [
        "Update existing",
        "Create new",
        "Open entry in Exact",
    ]


def test_an_invoice_from_before_the_start_offers_its_copy_only_on_its_page(
    client: CheckingClient, house: House
) -> None:
    house.connection.copy_from = date(2026, 2, 1)
    house.add(id="1", invoiced_on=date(2026, 1, 31))
    house.add(id="2", invoiced_on=date(2026, 2, 1))
    house.look_beforehand()
    page = page_of(client)
    assert not find_named(only(page, "#invoice-row-1"), "button", "Copy to Exact")
    assert find_named(only(page, "#invoice-row-2"), "button", "Copy to Exact")
    assert listed(client, view="not-copied") == ["2"]
    page = page_of(client, f"{LIST}/1")
    assert find_named(page, "button", "Copy to Exact")
    assert "the day from which invoices are copied" in page.text
    assert "the day from which invoices are copied" in client.htmx(f"{LIST}/1/copy").text


def test_the_page_shows_where_each_ledger_and_vat_code_comes_from(
    client: CheckingClient, house: House
) -> None:
    house.add(id="1", lines=(a_line(), a_line(id="2", service_type_id="new", tax_rate_id="odd")))
    house.connection.default_ledger = OTHER_REVENUE
    cells = [
        " ".join(cell.get_text(" ").split())
        for cell in page_of(client, f"{LIST}/1").select("td[data-label$=code]")
    ]
    day = f"{today():%-d %b %Y}"
    assert cells == [
        f"8000 Revenue design why Design work is mapped to it. Set by Anna, {day}.",
        f"2 VAT 21% why VAT 21% is mapped to it, for every customer. Set by Anna, {day}.",
        "8010 Revenue development why The default ledger, as no mapping covers Design work.",
        "unmapped VAT 21%",
    ]


def test_a_copied_invoice_shows_what_its_copy_used(client: CheckingClient, house: House) -> None:
    house.add()
    form = form_of(page_of(client, f"{LIST}/105/copy"))
    client.post(f"{LIST}/105/copy", data=form)
    assert house.work().state == "copied"
    house.map_design(OTHER_REVENUE)
    page = page_of(client, f"{LIST}/105")
    assert "8000 Revenue design" in " ".join(only(page, "td[data-label='Ledger code']").get_text(" ").split())
    assert only(page, "section article a").text == f"Entry {house.latest().entry_number} in Exact"


def test_an_invoice_is_set_aside_with_a_reason_and_taken_back(client: CheckingClient, house: House) -> None:
    house.add(id="1")
    page = read_page(client.post(f"{LIST}/1/exclude", data={"reason": " "}, follow_redirects=True).text)
    assert "Say why this invoice is not to be copied." in page.text
    page = read_page(client.post(f"{LIST}/1/exclude", data={"reason": "Test"}, follow_redirects=True).text)
    assert "Not to be copied: Test" in page.text
    assert not find_named(page, "button", "Copy to Exact")
    page = read_page(client.post(f"{LIST}/1/include", follow_redirects=True).text)
    assert find_named(page, "button", "Copy to Exact")


def test_an_existing_entry_is_found_and_linked(client: CheckingClient, house: House) -> None:
    entry = replace(a_booking(your_ref="2026-0042"), id=some_guid())
    house.ledger.entries[entry.id] = entry
    row = house.add(id="1", exported=True, export_id="other-link")
    row.copy_state = "copied elsewhere"
    assert find_named(page_of(client, f"{LIST}/1"), "a", "Link existing entry")
    page = page_of(client, f"{LIST}/1/link")
    assert only(page, "input[name=entry]")["value"] == entry.id
    page = read_page(client.post(f"{LIST}/1/link", data={"entry": entry.id}, follow_redirects=True).text)
    assert find_named(page, "a", "Entry 26700001 in Exact")


def test_the_history_tells_kinds_apart_by_shape_too(
    client: CheckingClient, house: House, session: Session
) -> None:
    house.add()
    for kind in ("copied", "refused", "copy requested", "something else"):
        session.add(
            EventRow(at=NOW, actor="Anna", kind=kind, code=TEXT, told={"text": kind}, invoice_id="105")
        )
    session.commit()
    history = page_of(client, f"{LIST}/105").select("aside .event")
    signs = [str(each.select_one("use")["href"]).rpartition("#")[2] for each in history]  # type: ignore[index]
    assert signs == ["info", "clock", "circle-x", "circle-check"]
    assert "event-error" in history[2]["class"]
