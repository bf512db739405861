"""One state a row, its one action, and how numbers, days and customers are shown."""

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from portal.domain.booking.mapping import MappingKind
from portal.domain.copies.standing import Standing
from portal.domain.copies.states import CopyState
from portal.domain.payments.states import PaymentState
from portal.store.invoice_list import PAGE, listed_again
from portal.store.mappings import MappingRow
from portal.web.invoices.filters import PERIODS, days_of
from portal.web.invoices.rows import ACTIONS, LONGEST, list_rows, row_words, shorten
from portal.web.invoices.state_words import SHOWN
from tests.conftest import SignedIn
from tests.domain.builders import a_line
from tests.furnishing.today import today
from tests.pages import CheckingClient, csv_rows, read_page, seen, words
from tests.web.connected import find_named
from tests.web.invoices import ACTION, PAID, House, form_of, only
from tests.web.payments_story import a_payment

LIST = "/invoices"


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def row_of(client: CheckingClient, invoice_id: str = "105", url: str = LIST) -> Tag:
    return only(seen(client.get(url)), f"#invoice-row-{invoice_id}")


def said(row: Tag) -> str:
    (state,) = words(row, ".state")
    return state


def copied(client: CheckingClient, house: House) -> None:
    house.add()
    client.post(f"{LIST}/105/copy", data=form_of(seen(client.get(f"{LIST}/105/copy"))))
    assert house.work().state == CopyState.COPIED


def test_every_standing_has_an_icon_and_a_word() -> None:
    assert set(SHOWN) == set(Standing)
    assert set(ACTIONS) <= set(Standing)


def test_a_ready_invoice_is_chosen_or_copied(client: CheckingClient, house: House) -> None:
    house.add()
    house.look_beforehand()
    row = row_of(client)
    assert said(row) == "Ready"
    assert not only(row, "[data-row-select]").has_attr("disabled")
    assert find_named(row, "button", "Copy to Exact")


def test_what_needs_somebody_says_what_and_cannot_be_chosen(client: CheckingClient, house: House) -> None:
    house.session.query(MappingRow).filter_by(kind=MappingKind.TAX).one().target = None
    house.add()
    house.look_beforehand()
    row = row_of(client)
    assert said(row) == "Needs you: VAT code"
    assert "VAT code" in str(only(row, ".state")["title"])
    box = only(row, "[data-row-select]")
    assert box.has_attr("disabled")
    # Why is said by its state, and static/rows.js gives the box that as its title.
    assert box["aria-label"] == f"Select {words(row, '[data-row-open]')[0]}"
    assert find_named(row, "button", "Copy to Exact")


def test_before_anybody_looked_it_is_being_checked_and_can_be_copied(
    client: CheckingClient, house: House
) -> None:
    house.add()
    row = row_of(client)
    assert said(row) == "Being checked"
    assert find_named(row, "button", "Copy to Exact")


def test_a_copied_invoice_shows_its_entry_and_its_menu(client: CheckingClient, house: House) -> None:
    copied(client, house)
    number = house.latest().entry_number
    row = row_of(client)
    assert said(row) == f"Copied · {number}"
    assert only(row, ".state a")["href"] == f"{LIST}/105/entry"
    assert words(row, ".menu-item") == ["Update existing", "Create new", f"Open entry {number} in Exact"]


@pytest.mark.parametrize(
    ("state", "changed", "text", "names"),
    [
        (CopyState.WAITING, False, "Copying", []),
        (CopyState.SENDING, False, "Copying", []),
        (CopyState.UNCERTAIN, False, "Copying: asking Exact", []),
        (CopyState.REFUSED, False, "Refused", ["Copy to Exact"]),
        (CopyState.COPIED, True, "Changed since copied", ["Invoice copied"]),
        (CopyState.DIFFERENT, False, "Copied with a difference", ["Invoice copied"]),
        ("copied elsewhere", False, "Copied elsewhere", ["Link entry"]),
        ("do not copy", False, "Do not copy", []),
    ],
)
def test_each_state_has_its_word_and_its_one_action(
    client: CheckingClient, house: House, state: str, changed: bool, text: str, names: list[str]
) -> None:
    row = house.add()
    row.copy_state = state
    row.changed_since_copied = changed
    house.session.commit()
    shown = row_of(client)
    assert said(shown).startswith(text)
    controls = shown.select(f"{ACTION} :is(button, a):not(.menu-item)")
    assert [" ".join(one.get_text(" ").split()) for one in controls] == names
    assert only(shown, "[data-row-select]").has_attr("disabled")


def test_a_row_has_the_marks_that_keys_go_by(client: CheckingClient, house: House) -> None:
    house.add()
    row = row_of(client)
    assert row.has_attr("data-row")
    for mark in ("data-row-select", "data-row-open", "data-row-copy"):
        only(row, f"[{mark}]")


def test_many_rows_are_handed_on_as_one_text_and_not_piece_by_piece(app: Flask, house: House) -> None:
    row = house.add()
    with app.test_request_context(LIST):
        found = listed_again(house.session, None, [row.id]) * PAGE
        shown = list_rows(found, may_write=True, today=today())
        pieces = list(app.jinja_env.get_template("invoices/_rows.html").generate(rows=shown, **row_words()))
    assert max(piece.count("<tr id=") for piece in pieces) == PAGE
    assert len(pieces) <= 2


def test_a_viewer_chooses_nothing(house: House, signed_in: SignedIn) -> None:
    house.add()
    viewer = signed_in("viewer")
    page = seen(viewer.get(LIST))
    assert not page.select("main input[type=checkbox], .bar")


DAY = today()
DUE: dict[str, tuple[dict[str, Any], str]] = {
    "to come": ({"pay_on": date(DAY.year, 12, 31), "amount_unpaid": 100}, "Due 31 Dec"),
    "next year": ({"pay_on": date(DAY.year + 1, 1, 26)}, f"Due 26 Jan {DAY.year + 1}"),
    "today": ({"pay_on": DAY}, "Due "),
    "a day late": ({"pay_on": DAY - timedelta(days=1)}, "Overdue 1 day"),
    "weeks late": ({"pay_on": DAY - timedelta(days=22)}, "Overdue 22 days"),
    "late in part": (
        {"pay_on": DAY - timedelta(days=2), "amount_unpaid": 100, "amount_paid": 12000},
        "Overdue 2 days",
    ),
    "paid": ({"amount_unpaid": 0, "amount_paid": 12100}, "Paid"),
    "written off": ({"amount_unpaid": 0, "amount_written_off": 12100}, "Written off"),
    "paid in part": (
        {"pay_on": None, "amount_unpaid": 100, "amount_paid": 12000},
        "Part paid €120.00",
    ),
    "given back": ({"amount_unpaid": -12100, "pay_on": DAY - timedelta(days=9)}, "To settle"),
    "without a day": ({"pay_on": None}, "No due date"),
}


@pytest.mark.parametrize("kind", DUE)
def test_due_and_paid_share_a_column(client: CheckingClient, house: House, kind: str) -> None:
    facts, text = DUE[kind]
    house.add(**facts)
    (shown,) = words(row_of(client), PAID)
    assert shown.startswith(text)


def test_the_last_payment_from_exact_says_when_it_was_paid(client: CheckingClient, house: House) -> None:
    copied(client, house)
    house.row().amount_unpaid = 0
    for day, state in ((20, PaymentState.MADE), (27, PaymentState.MADE), (28, PaymentState.REFUSED)):
        a_payment(house.session, house.latest(), paid_on=date(DAY.year, 11, day), state=state)
    house.session.commit()
    assert words(row_of(client), PAID) == ["Paid 27 Nov"]


def test_a_long_number_is_shortened_in_the_middle_and_told_in_full(
    client: CheckingClient, house: House
) -> None:
    number = "K-RAAMOVEREENKOMST-2026-FASE-117-ONDERDEEL-3"
    house.add(number=number)
    link = only(row_of(client), "[data-row-open]")
    assert link["title"] == number
    assert words(link, ".visually-hidden") == [number]
    assert words(link, "[aria-hidden]") == [shorten(number)]
    assert shorten(number).startswith("K-")
    assert shorten(number).endswith("ONDERDEEL-3"[-5:])


@given(some.text(max_size=60))
def test_a_shortened_number_is_never_longer_and_keeps_both_ends(number: str) -> None:
    short = shorten(number)
    assert len(short) <= max(LONGEST, 0)
    first, cut, last = short.partition("…") if len(number) > LONGEST else (number, "", "")
    assert number.startswith(first)
    assert number.endswith(last)
    assert bool(cut) == (len(number) > LONGEST)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("acme", ["1"]), ("ACM", ["1"]), ("beta", ["2"]), ("nobody", []), ("", ["1", "2"])],
)
def test_without_script_a_customer_is_found_by_words_of_its_name(
    client: CheckingClient, house: House, typed: str, expected: list[str]
) -> None:
    house.add(id="1", company_name="Acme")
    house.add(id="2", company_name="Beta", company_id="8", subject="not by acme")
    page = seen(client.get(LIST, query_string={"customer_search": typed, "sort": "number"}))
    assert sorted(str(row["id"])[-1] for row in page.select("tr[data-row]")) == expected


def test_what_is_typed_over_a_customer_counts(client: CheckingClient, house: House) -> None:
    house.add(id="1", company_name="Acme")
    house.add(id="2", company_name="Beta", company_id="8")
    for typed, expected in (("Acme", "1"), ("Beta", "2")):
        page = seen(client.get(LIST, query_string={"customer": "7", "customer_search": typed}))
        assert [str(row["id"])[-1] for row in page.select("tr[data-row]")] == [expected]


def test_customers_are_suggested_as_one_types(client: CheckingClient, house: House) -> None:
    for at, name in enumerate(["Acme", "Acme", "Beta"]):
        house.add(id=str(at), company_name=name, company_id=name)
    found = read_page(client.htmx(f"{LIST}/customers?customer_search=ac").text)
    assert words(found, "[role=option]") == ["Acme 2 invoices"]
    none = read_page(client.htmx(f"{LIST}/customers?customer_search=xyz").text)
    assert "No customer with invoices is called so." in none.text


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ("this-month", date(2026, 2, 10), date(2026, 2, 1), date(2026, 2, 28)),
        ("this-month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        ("this-month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("last-month", date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31)),
        ("last-month", date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        ("this-quarter", date(2026, 11, 30), date(2026, 10, 1), date(2026, 12, 31)),
        ("this-quarter", date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31)),
        ("this-quarter", date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30)),
    ],
)
def test_a_period_has_its_first_and_last_day(period: str, day: date, first: date, last: date) -> None:
    assert days_of(period, day) == (first, last)


@given(some.sampled_from(PERIODS), some.dates(date(2000, 2, 1), date(2100, 1, 1)))
def test_a_period_of_now_holds_today(period: str, day: date) -> None:
    first, last = days_of(period, day)
    assert first.day == 1
    assert (last + timedelta(days=1)).day == 1
    assert (first <= day <= last) == (period != "last-month")


def test_a_period_by_name_narrows_the_list_and_leaves_other_days_out(
    client: CheckingClient, house: House
) -> None:
    house.add(id="1", invoiced_on=DAY)
    house.add(id="2", invoiced_on=date(2020, 1, 1))
    page = seen(client.get(f"{LIST}?period=this-month&from=2020-01-01"))
    assert [row["id"] for row in page.select("tr[data-row]")] == ["invoice-row-1"]
    page = seen(client.get(f"{LIST}?period=&from=2026-01-01&to=2026-01-02"))
    assert len(page.select("tr[data-row]")) == 2
    assert all("from=" not in str(link["href"]) for link in page.select(".chips a"))


def test_the_list_is_narrowed_to_what_invoices_need(client: CheckingClient, house: House) -> None:
    house.add(id="1")
    house.add(id="2", lines=(a_line(tax_rate_id="odd", tax_rate="Odd"),))
    house.look_beforehand()
    for url, expected in (
        (f"{LIST}?need=vat_unmapped", ["invoice-row-2"]),
        (f"{LIST}?need=vat_unmapped&subject=tax:odd", ["invoice-row-2"]),
        (f"{LIST}?need=vat_unmapped&subject=tax:high", []),
        (f"{LIST}?need=nonsense", []),
    ):
        page = seen(client.get(url))
        assert [row["id"] for row in page.select("tr[data-row]")] == expected
    page = seen(client.get(f"{LIST}?need=vat_unmapped&view=needs-you"))
    assert any(chip.startswith("Needs: VAT code") for chip in words(page, ".chips a"))


def test_chips_count_within_the_other_filters(client: CheckingClient, house: House) -> None:
    house.add(id="1", subject="Website", amount_unpaid=0)
    house.add(id="2", subject="Website", pay_on=date(2020, 1, 1))
    house.add(id="3", subject="Logo", pay_on=date(2099, 1, 1))
    house.look_beforehand()
    chips = words(seen(client.get(f"{LIST}?q=website&view=unpaid")), ".chips a")
    assert [chips[at] for at in (0, 1, -2, -1)] == ["All 2", "Ready 2", "Unpaid 1", "Overdue 1"]


def test_csv_tells_the_state_its_reason_and_the_entry(client: CheckingClient, house: House) -> None:
    copied(client, house)
    house.add(id="2", lines=(a_line(tax_rate_id="odd", tax_rate="Odd"),))
    house.look_beforehand()
    head, *lines = csv_rows(client.get(f"{LIST}.csv"))
    assert head[-3:] == ["State", "Reason", "Entry in Exact"]
    states = sorted(line[-3:] for line in lines)
    assert states == [["Copied", "", house.latest().entry_number], ["Needs you", "VAT code", ""]]


def test_without_script_a_form_leads_from_what_is_ticked_to_what_would_be_booked(
    client: CheckingClient, house: House
) -> None:
    house.add()
    house.look_beforehand()
    page = seen(client.get(f"{LIST}?q=acme"))
    form = only(page, "form#choose")
    assert (form["method"], form["action"]) == ("post", "/runs?q=acme")
    box = only(page, "[data-row-select]")
    assert (box["form"], box["name"], box["value"]) == ("choose", "invoice", "105")
    every = only(form, "[data-choose-all]")
    assert (every["name"], every["value"], every.get_text(strip=True)) == ("all", "1", "Select 1 ready")
    for ticked in ({"invoice": "105"}, {"all": "1"}):
        answer = client.post(str(form["action"]), data=ticked)
        assert answer.status_code == 302
        assert "/runs/new" in str(answer.location)
