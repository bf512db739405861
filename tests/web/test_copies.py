"""The copy dialog: fields, preview, submission, progress, update; with htmx and without scripts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from portal.actions.copies.customer import customer_row
from portal.domain.booking.invoice import BillTo
from portal.domain.connections.states import NumberSource
from portal.domain.copies.states import CopyAction, CopyState
from portal.domain.said import as_written
from portal.remote.errors import HeldBackError, RefusedError, RemoteError, UnreachableError
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from tests.conftest import SignedIn
from tests.domain.builders import a_line
from tests.fakes import DEBTORS, NOW, OTHER_REVENUE, REVENUE, a_customer
from tests.furnishing.apps import SITE
from tests.pages import CheckingClient, read_page, seen
from tests.web.connected import find_named
from tests.web.invoices import (
    House,
    chosen_in,
    form_of,
    labelled,
    only,
    sign_in_at_exact,
    without_vat_codes,
)

COPY = "/invoices/105/copy"
TWICE = "is still open in Exact; the revenue will be booked twice."


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


def dialog(client: CheckingClient, url: str = COPY) -> BeautifulSoup:
    return seen(client.htmx(url))


def submit(client: CheckingClient, form: dict[str, str], **changes: str) -> TestResponse:
    return client.htmx(COPY, "POST", data=form | changes)


def copied(client: CheckingClient, house: House) -> CopyRow:
    """Copy the invoice as it is offered."""
    assert submit(client, form_of(dialog(client))).status_code == 200
    copy = house.work()
    assert copy.state == CopyState.COPIED, copy.trouble
    return copy


def errors(page: BeautifulSoup) -> dict[str, str]:
    """Return the field of each error, as the field itself refers to it."""
    found = page.select("[aria-invalid=true]")
    return {str(one["name"]): only(page, f"[id='{one['id']}-error']").get_text(strip=True) for one in found}


def problems(page: BeautifulSoup) -> list[str]:
    """Return what is to be done first, at its field or above the lines."""
    found = page.select(".field-asks, .field-error, #copy-problems li")
    return [text for one in found if (text := one.get_text(" ", strip=True))]


def test_the_dialog_is_prefilled_from_links_mappings_and_defaults(
    client: CheckingClient, house: House
) -> None:
    house.connection.default_ledger = OTHER_REVENUE
    house.add()
    page = dialog(client)
    assert only(page, "#copy-title").text == "Copy to Exact"
    assert labelled(page, "Exact customer")["value"] == "Acme BV"
    assert only(page, "[name=customer]")["value"] == house.customer_id
    assert chosen_in(page, "Journal code") == "70"
    assert chosen_in(page, "Ledger code") == OTHER_REVENUE
    assert chosen_in(page, "VAT code") == "2  "
    assert labelled(page, "Booking date")["value"] == "2026-03-02"
    assert find_named(page, "button", "Copy invoice")


def test_without_defaults_nothing_is_chosen(client: CheckingClient, house: House) -> None:
    house.connection.default_journal = None
    house.add(lines=(a_line(tax_rate_id="odd"),))
    page = dialog(client)
    assert [chosen_in(page, name) for name in ("Journal code", "Ledger code", "VAT code")] == [None] * 3


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("ledger", "The service type Design work has no ledger account."),
        ("journal", "Choose a journal"),
        ("vat-high", "The tax rate VAT 21% has no VAT code."),
        ("booking_date", "Choose a booking date."),
    ],
)
def test_what_a_person_cleared_is_a_problem_and_not_put_back(
    client: CheckingClient, house: House, scripts: bool, field: str, words: str
) -> None:
    house.connection.default_ledger = REVENUE
    house.add(lines=(a_line(service_type_id="new"),))
    form = form_of(dialog(client)) | {field: ""}
    post = partial(client.htmx, method="POST") if scripts else client.post
    assert words in " ".join(problems(read_page(post(f"{COPY}/preview", data=form).text)))
    answer = post(COPY, data=form)
    page = read_page(answer.text)
    assert (answer.status_code, list(errors(page)), form_of(page)[field]) == (422, [field], "")
    assert house.session.query(CopyRow).count() == 0


def test_credit_notes_get_their_own_journal(client: CheckingClient, house: House) -> None:
    house.connection.credit_journal = "71"
    house.add(kind=2, lines=(a_line(amount=-10000, amount_tax=-2100),))
    assert chosen_in(dialog(client), "Journal code") == "71"


def test_each_tax_rate_has_its_own_field(client: CheckingClient, house: House) -> None:
    low = a_line(id="2", tax_rate_id="low", tax_rate="VAT 9%", amount_tax=900)
    house.add(lines=(a_line(), low, replace(low, id="3")))
    page = dialog(client)
    assert chosen_in(page, "VAT code (VAT 21%)") == "2  "
    assert chosen_in(page, "VAT code (VAT 9%)") is None
    assert len(page.select("select[name^=vat-]")) == 2
    offered = [one.text for one in labelled(page, "VAT code (VAT 9%)").select("option")]
    assert offered[1:] == ["0 None (0 %)", "1 Low (9 %)", "2 High (21 %)"]


def test_the_certain_buyer_is_preselected_where_nothing_is_linked(
    client: CheckingClient, house: House
) -> None:
    house.session.query(CustomerLinkRow).delete()
    house.add(bill_to=BillTo("Acme BV", vat="NL001234567B01", country="Netherlands"))
    assert labelled(dialog(client), "Exact customer")["value"] == "Acme BV"


def test_a_cleared_customer_stays_cleared(client: CheckingClient, house: House) -> None:
    house.add()
    form = form_of(dialog(client)) | {"customer": "", "customer_search": "nobody"}
    page = read_page(client.htmx(f"{COPY}/preview", "POST", data=form).text)
    assert "Choose the Exact customer, or create a new one." in page.text
    answer = submit(client, form)
    assert answer.status_code == 422
    assert list(errors(read_page(answer.text))) == ["customer_search"]


def test_customers_are_searched_best_match_first(client: CheckingClient, house: House) -> None:
    house.add()
    found = read_page(client.htmx(f"{COPY}/customers?customer_search=acme").text)
    assert [one["value"] for one in found.select("button[role=option]")] == [house.customer_id]
    assert "No customer found." in client.htmx(f"{COPY}/customers?customer_search=zzz").text


def test_nobody_is_suggested_for_a_buyer_that_exact_does_not_know(
    client: CheckingClient, house: House
) -> None:
    house.session.query(CustomerLinkRow).delete()
    house.add(bill_to=BillTo("Zebra Zuivel"))
    page = read_page(client.htmx(f"{COPY}/customers?customer_search=").text)
    assert not page.select("button[role=option]")
    assert "No customer in Exact looks like" in page.text


def test_the_preview_shows_the_entry_to_the_cent(client: CheckingClient, house: House) -> None:
    house.add()
    page = dialog(client)
    text = " ".join(only(page, "#copy-preview").get_text(" ").split())
    assert "8000 Revenue design why Design work is mapped to it." in text
    booked = [
        [cell.get_text(" ", strip=True) for cell in line.select("th, td")]
        for line in page.select("#copy-preview .postings :is(tbody, tfoot) tr")
    ]
    assert booked == [
        ["1300 Debtors Acme BV", "121.00", ""],
        ["8000 Revenue design VAT code 2", "", "100.00"],
        ["High VAT code 2 · on €100.00", "", "21.00"],
        ["Total EUR", "121.00", "121.00"],
    ]
    assert "nothing is rounded or cut" in text
    assert problems(page) == []


def test_the_preview_follows_what_is_chosen(client: CheckingClient, house: House) -> None:
    house.add(lines=(a_line(service_type_id="new"),))
    form = form_of(dialog(client))
    before = read_page(client.htmx(f"{COPY}/preview", "POST", data=form).text)
    assert "The service type Design work has no ledger account." in problems(before)[0]
    assert "Fix 1 thing first: 1 ledger code" in only(before, "#copy-first").text
    after = read_page(client.htmx(f"{COPY}/preview", "POST", data=form | {"ledger": REVENUE}).text)
    assert after.find_all(recursive=False)[0]["id"] == "copy-preview"
    assert all(one.has_attr("hx-swap-oob") for one in after.find_all(recursive=False)[1:])
    assert "8000" in after.text
    assert (problems(after), only(after, "#copy-first").get_text(strip=True)) == ([], "")


def test_an_error_goes_when_its_field_is_right_and_comes_back_when_it_is_not(
    client: CheckingClient, house: House
) -> None:
    house.add(lines=(a_line(service_type_id="new"),))
    refused = read_page(submit(client, form_of(dialog(client))).text)
    form = form_of(refused)
    assert (list(errors(refused)), form["told"]) == (["ledger"], "ledger")

    right = read_page(client.htmx(f"{COPY}/preview", "POST", data=form | {"ledger": REVENUE}).text)
    assert only(right, "#copy-ledger-error").text == ""

    wrong = read_page(client.htmx(f"{COPY}/preview", "POST", data=form).text)
    assert "no ledger account" in only(wrong, "#copy-ledger-error.field-error").text


@pytest.mark.parametrize(
    ("given", "focused"),
    [
        ({}, "copy-submit"),
        ({"lines": (a_line(tax_rate_id="odd"),)}, "copy-vat-1"),
        ({"lines": (a_line(service_type_id="new"),)}, "copy-ledger"),
        ({"lines": (a_line(service_type_id="new", tax_rate_id="odd"),)}, "copy-ledger"),
        ({"number": "N" * 31}, "copy-elsewhere"),
        ({"bill_to": BillTo("Zebra Zuivel")}, "copy-customer"),
    ],
)
def test_the_dialog_begins_at_the_first_problem_else_where_it_is_copied(
    client: CheckingClient, house: House, given: dict[str, Any], focused: str
) -> None:
    if "bill_to" in given:
        house.session.query(CustomerLinkRow).delete()
    house.add(**given)
    assert [one["id"] for one in dialog(client).select("[autofocus]")] == [focused]


def test_a_line_can_have_a_ledger_of_its_own(client: CheckingClient, house: House) -> None:
    house.add()
    form = form_of(dialog(client))
    page = read_page(client.htmx(f"{COPY}/preview", "POST", data=form | {"edit_line": "1"}).text)
    labelled(page, "Ledger code of line 1")
    page = read_page(
        client.htmx(f"{COPY}/preview", "POST", data=form | {"line-ledger-1": OTHER_REVENUE}).text
    )
    assert chosen_in(page, "Ledger code of line 1") == OTHER_REVENUE


def test_a_ledger_that_demands_a_cost_centre_gets_its_field(client: CheckingClient, house: House) -> None:
    house.map_design(OTHER_REVENUE)
    house.add()
    page = dialog(client)
    labelled(page, "Cost centre")
    answer = submit(client, form_of(page))
    assert answer.status_code == 422
    assert list(errors(read_page(answer.text))) == ["cost-center-1"]
    assert submit(client, form_of(page), **{"cost-center-1": "A"}).status_code == 200


def test_a_line_without_a_vat_code_is_not_chosen(client: CheckingClient, house: House) -> None:
    house.add(lines=(a_line(tax_rate_id="odd"),))
    cell = only(dialog(client), "#copy-preview td[data-label='VAT code']")
    assert "not chosen" in cell.text


def test_without_vat_codes_a_sentence_says_what_to_do(client: CheckingClient, house: House) -> None:
    without_vat_codes(house)
    house.add()
    page = dialog(client)
    assert not page.select("[name^=vat-]")
    assert "Exact has no VAT codes in this division." in only(page, "#copy-no-vat-codes").text
    assert find_named(page, "button", "Refresh from Exact")
    assert only(page, "#copy-no-vat-codes a")["href"] == SITE.url
    answer = submit(client, form_of(page))
    assert answer.status_code == 422
    assert "this invoice carries VAT" in only(read_page(answer.text), "#copy-vat-error").text


def test_a_refreshed_catalogue_brings_the_vat_codes_into_the_dialog(
    client: CheckingClient, house: House
) -> None:
    offered = house.ledger.catalogue
    without_vat_codes(house)
    sign_in_at_exact(house)
    house.add()
    page = dialog(client)
    url = str(only(page, "#copy-no-vat-codes button")["hx-post"])
    chosen = form_of(page) | {"ledger": OTHER_REVENUE, "booking_date": "2026-03-05"}
    house.ledger.fail("read_catalogue", UnreachableError("No route."))
    failed = seen(client.htmx(url, "POST", data=chosen))
    assert "try again in a moment" in only(failed, ".dialog-body .notice").text
    assert not failed.select("[name^=vat-]")
    house.ledger.catalogue = offered
    page = seen(client.htmx(url, "POST", data=form_of(failed)))
    assert labelled(page, "VAT code")
    assert chosen_in(page, "Ledger code") == OTHER_REVENUE
    assert labelled(page, "Booking date")["value"] == "2026-03-05"
    assert submit(client, form_of(page)).status_code == 200


def test_without_vat_codes_an_invoice_without_vat_is_copied(client: CheckingClient, house: House) -> None:
    without_vat_codes(house)
    house.add(lines=(a_line(amount_tax=0, tax_rate_id=None, tax_rate=None, tax_percentage=None),))
    page = dialog(client)
    assert only(page, "#copy-preview td[data-label='VAT code']").get_text(strip=True) == "none"
    assert copied(client, house).gross_booked == 10000


def test_a_wrong_form_comes_back_with_every_problem_at_its_field(
    client: CheckingClient, house: House
) -> None:
    lines = (a_line(tax_rate_id="odd"), a_line(id="2", service_type_id="new"), a_line(id="3"))
    house.add(lines=lines)
    form = form_of(dialog(client)) | {
        "customer": "nobody",
        "customer_search": "Somebody",
        "journal": "20",
        "booking_date": "2099-01-01",
        "line-ledger-3": DEBTORS,
        "vat-high": "2  ",
    }
    answer = submit(client, form)
    assert answer.status_code == 422
    page = read_page(answer.text)
    fields = {"customer_search", "journal", "ledger", "vat-odd", "booking_date", "line-ledger-3"}
    assert set(errors(page)) == fields
    assert len(problems(page)) == len(fields)
    assert "Fix 6 things first: 1 customer" in only(page, "#copy-first").text
    again = form_of(page)
    kept = ("booking_date", "vat-high", "action", "fingerprint")
    assert {name: again[name] for name in kept} == {name: form[name] for name in kept}
    assert house.session.query(CopyRow).count() == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("journal", "99", "Exact has no journal 99."),
        ("ledger", "no-such-ledger", "is not in Exact"),
        ("line-ledger-1", "no-such-ledger", "is not in Exact"),
        ("vat-high", "99", "Exact has no VAT code 99."),
        ("vat-high", "4  ", "not meant for sales"),
        ("booking_date", "soon", "“soon” is not a date."),
        ("cost-center-1", "99", "Exact has no cost centre 99."),
        ("fingerprint", "forged", "The invoice changed in Productive while you were looking."),
    ],
)
def test_tampered_values_are_refused_in_words(
    client: CheckingClient, house: House, field: str, value: str, words: str
) -> None:
    house.add(lines=(a_line(), a_line(id="2", service_type_id="new")))
    form = form_of(dialog(client)) | {"ledger": REVENUE}
    answer = submit(client, form, **{field: value})
    assert answer.status_code == 422
    assert words in answer.text
    assert house.session.query(CopyRow).count() == 0


@pytest.mark.parametrize(
    ("state", "words"),
    [("do not copy", "This invoice is not to be copied: Test."), ("copied elsewhere", "another link")],
)
def test_an_invoice_that_is_set_aside_cannot_be_copied_by_its_address(
    client: CheckingClient, house: House, state: str, words: str
) -> None:
    row = house.add()
    row.copy_state = state
    row.exclude_reason = "Test"
    page = dialog(client)
    assert words in only(page, "#copy-problems").text
    assert submit(client, form_of(page)).status_code == 422


def test_a_new_customer_is_prefilled_and_created_only_when_asked(
    client: CheckingClient, house: House
) -> None:
    house.add()
    form = form_of(dialog(client))
    page = read_page(client.htmx(f"{COPY}/customer", "POST", data=form | {"mode": "new"}).text)
    assert labelled(page, "Name")["value"] == "Nieuwe Klant B.V."
    assert labelled(page, "VAT number")["value"] == "NL344240113B01"
    assert labelled(page, "Country code")["value"] == "NL"
    assert house.ledger.calls == []
    back = client.htmx(f"{COPY}/customer", "POST", data=form_of(page) | {"mode": "existing"})
    assert labelled(read_page(back.text), "Exact customer")["value"] == "Acme BV"
    assert submit(client, form_of(page)).status_code == 200
    house.work()
    assert house.ledger.calls == ["find_held", "create_customer", "create_entry"]


def a_form_for_a_new_customer(client: CheckingClient, url: str = COPY) -> dict[str, str]:
    form = form_of(dialog(client, url)) | {"mode": "new"}
    return form_of(read_page(client.htmx(f"{url}/customer", "POST", data=form).text))


@pytest.mark.parametrize("linked_before", [True, False])
def test_a_customer_that_was_made_in_another_tab_is_told_before_a_second_one_is_made(
    client: CheckingClient, house: House, linked_before: bool
) -> None:
    if not linked_before:
        house.session.query(CustomerLinkRow).delete()
    house.add()
    house.add(id="106", number="2026-0043")
    late = a_form_for_a_new_customer(client, "/invoices/106/copy")
    assert submit(client, a_form_for_a_new_customer(client)).status_code == 200
    made = house.work().customer_id
    checked = client.htmx("/invoices/106/copy/preview", "POST", data=late)
    assert "Meanwhile this company was linked to customer" in checked.text
    answer = client.htmx("/invoices/106/copy", "POST", data=late)
    page = read_page(answer.text)
    assert (answer.status_code, list(errors(page))) == (422, ["new-name"])
    assert "Nieuwe Klant B.V. in Exact." in errors(page)["new-name"]
    back = client.htmx("/invoices/106/copy/customer", "POST", data=form_of(page) | {"mode": "existing"})
    assert only(read_page(back.text), "[name=customer]")["value"] == made
    assert house.ledger.count("create_customer") == 1
    assert client.htmx("/invoices/106/copy", "POST", data=form_of(page)).status_code == 200
    assert house.latest("106").choices["new_customer"] is True


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("new-name", "", "Give the new customer a name."),
        ("new-name", "x" * 51, "Shorten this to 50 characters"),
        ("new-country", "Netherlands", "Write the country as two letters"),
    ],
)
def test_a_new_customer_that_exact_would_refuse_is_refused_here(
    client: CheckingClient, house: House, field: str, value: str, words: str
) -> None:
    house.add()
    answer = submit(client, a_form_for_a_new_customer(client), **{field: value})
    assert answer.status_code == 422
    page = read_page(answer.text)
    assert words in errors(page)[field]
    assert form_of(page)["new-city"] == "Utrecht"


def test_a_copy_is_followed_until_it_ends(
    client: CheckingClient, house: House, nudges: list[tuple[str, str]]
) -> None:
    house.add()
    answer = submit(client, form_of(dialog(client)))
    copy = house.latest()
    assert ("jobs.copies.perform_copy", copy.id) in nudges
    running = only(read_page(answer.text), f"#copy-progress-{copy.id}")
    assert "every 1s" in str(running["hx-trigger"])
    assert "HX-Trigger" not in answer.headers
    house.work()
    answer = client.htmx(str(running["hx-get"]))
    ended = only(read_page(answer.text), f"#copy-progress-{copy.id}")
    assert not ended.has_attr("hx-trigger")
    assert answer.headers["HX-Trigger"] == "copy-ended-105"
    assert find_named(ended, "a", f"Open entry {house.latest().entry_number} in Exact")


@pytest.mark.parametrize("state", [CopyState.WAITING, CopyState.SENDING, CopyState.UNCERTAIN])
def test_only_running_states_ask_again(client: CheckingClient, house: House, state: CopyState) -> None:
    row = house.add()
    submit(client, form_of(dialog(client)))
    copy = house.latest()
    copy.state = state
    row.copy_state = state
    assert dialog(client).select("[data-poll][hx-trigger]")
    copy.state = CopyState.REFUSED
    copy.trouble = as_written("Exact said no.")
    copy.in_flight = None
    row.copy_state = CopyState.REFUSED
    row.latest_copy_id = copy.id
    page = read_page(client.htmx(f"/copies/{copy.id}").text)
    assert not page.select("[data-poll], [hx-trigger]")
    assert "Exact said no." in page.text
    assert find_named(page, "a", "Open the copy again")


def test_two_clicks_lead_to_the_same_copy(client: CheckingClient, house: House) -> None:
    house.add()
    form = form_of(dialog(client))
    assert submit(client, form).text == submit(client, form).text
    assert house.session.query(CopyRow).count() == 1


def test_creating_anew_warns_of_double_revenue(client: CheckingClient, house: House) -> None:
    house.add()
    assert TWICE not in dialog(client).text
    copy = copied(client, house)
    page = dialog(client)
    assert f"Entry {copy.entry_number} {TWICE}" in page.text
    assert only(page, "[name=action]")["value"] == "create"
    assert TWICE not in dialog(client, f"{COPY}?action=update").text


def test_numbers_are_told_beforehand_and_never_for_later_copies(client: CheckingClient, house: House) -> None:
    house.connection.number_source = NumberSource.EXACT
    house.add()
    words = "It replaces Productive's number"
    assert words in dialog(client).get_text().replace("’", "'")
    copied(client, house)
    assert words not in dialog(client).text
    assert words not in dialog(client, f"{COPY}?action=update").text


def test_an_update_begins_with_what_the_copy_used(client: CheckingClient, house: House) -> None:
    house.connection.credit_journal = "71"
    house.add(lines=(a_line(service_type_id="new"),))
    form = form_of(dialog(client)) | {"ledger": OTHER_REVENUE, "journal": "71", "booking_date": "2026-03-05"}
    form["cost-center-1"] = "A"
    # An invoice in the journal for credit notes is a question.
    form["confirmed"] = "journal_for_credits"
    submit(client, form)
    assert house.work().state == CopyState.COPIED
    house.connection.default_journal = "70"
    page = dialog(client, f"{COPY}?action=update")
    assert only(page, "#copy-title").text == f"Update entry {house.latest().entry_number}"
    assert only(page, "#copy-submit").text == "Copy invoice"
    assert chosen_in(page, "Journal code") == "71"
    assert labelled(page, "Journal code").has_attr("disabled")
    assert chosen_in(page, "Ledger code") == OTHER_REVENUE
    assert labelled(page, "Booking date")["value"] == "2026-03-05"
    submit(client, form_of(page), journal="70")
    copy = house.work()
    assert (copy.action, copy.state, copy.journal) == (CopyAction.UPDATE, CopyState.COPIED, "71")


def test_what_is_not_copied_cannot_be_updated(client: CheckingClient, house: House) -> None:
    house.add()
    page = dialog(client, f"{COPY}?action=update")
    assert only(page, "#copy-title").text == "Copy to Exact"
    assert submit(client, form_of(page), action="update").status_code == 422


def test_the_changes_of_an_update_arrive_as_a_second_fragment(client: CheckingClient, house: House) -> None:
    house.add()
    copied(client, house)
    house.add(lines=(a_line(amount=20000, amount_tax=4200, description="More design"),))
    page = dialog(client, f"{COPY}?action=update")
    url = str(only(page, "#copy-changes")["hx-post"])
    assert sides_of(seen(client.htmx(url, "POST", data=form_of(page)))) == [
        ["Line 1: Description", "Design", "Design", "More design"],
        ["Line 1: Net amount", "100.00", "100.00", "200.00"],
        ["Line 1: VAT amount", "21.00", "21.00", "42.00"],
    ]


def sides_of(page: BeautifulSoup) -> list[list[str]]:
    """Return each row of the three sides."""
    rows = page.select("#copy-changes tbody tr:has(th)")
    return [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in rows]


def edited_in_exact(house: House, **given: Any) -> None:
    """Change the only line of the entry in Exact, as a bookkeeper does."""
    entry = house.ledger.entries[house.latest().entry_id or ""]
    house.ledger.edit(entry.id, lines=(replace(entry.lines[0], **given),))


def test_what_was_changed_in_exact_is_asked_before_an_update(client: CheckingClient, house: House) -> None:
    house.add()
    copied(client, house)
    edited_in_exact(house, description="Corrected")
    house.add(lines=(a_line(amount=20000, amount_tax=4200),))
    page = dialog(client, f"{COPY}?action=update")
    changes = seen(client.htmx(f"{COPY}/changes", "POST", data=form_of(page)))

    assert sides_of(changes)[0] == ["Line 1: Description", "Design", "Corrected", "Design"]
    (keep, overwrite) = changes.select("#copy-changes [type=radio]")
    assert (keep["value"], overwrite["value"]) == ("keep", "overwrite")
    assert not changes.select("[checked]")

    form = form_of(page) | {"asked": str(only(changes, "[name=asked]")["value"])}
    refused = submit(client, form)
    assert refused.status_code == 422
    assert "not decided yet: 1" in problems(read_page(refused.text))[0]
    assert "1 change in Exact" in only(read_page(refused.text), "#copy-first").text

    assert submit(client, form, **{str(keep["name"]): "keep"}).status_code == 200
    copy = house.work()
    line = house.ledger.entries[copy.entry_id or ""].lines[0]
    assert (copy.state, line.description, line.amount) == (CopyState.COPIED, "Corrected", 20000)


def test_an_update_that_did_not_name_a_change_is_refused_with_its_name(
    client: CheckingClient, house: House
) -> None:
    house.add()
    copied(client, house)
    page = dialog(client, f"{COPY}?action=update")
    edited_in_exact(house, description="Corrected")
    assert submit(client, form_of(page)).status_code == 200
    copy = house.work()
    assert (copy.state, copy.cause) == (CopyState.REFUSED, "exact_changed")
    progress = read_page(client.htmx(f"/copies/{copy.id}").text)
    assert "description of line 1" in progress.text
    assert find_named(progress, "a", "Open the copy again")


def test_without_scripts_the_three_sides_stand_in_the_page(client: CheckingClient, house: House) -> None:
    house.add()
    copied(client, house)
    edited_in_exact(house, description="Corrected")
    page = read_page(client.get(f"{COPY}?action=update").text)
    assert sides_of(page) == [["Line 1: Description", "Design", "Corrected", "Design"]]
    form = form_of(page) | {str(page.select("[type=radio]")[1]["name"]): "overwrite"}
    client.post(COPY, data=form)
    copy = house.work()
    assert house.ledger.entries[copy.entry_id or ""].lines[0].description == "Design"


@pytest.mark.parametrize(("gone", "first"), [(False, "Undo"), (True, "Create new")])
def test_what_exact_refuses_is_not_offered_first(
    client: CheckingClient, house: House, gone: bool, first: str
) -> None:
    house.add()
    entry_id = copied(client, house).entry_id or ""
    if gone:
        house.ledger.entries.clear()
    else:
        house.ledger.edit(entry_id, status=50)

    answer = seen(client.htmx(f"{COPY}/changes", "POST", data={"action": "update"}))
    actions = only(answer, "#copy-actions[hx-swap-oob]")
    page = read_page(client.get(f"{COPY}?action=update").text)

    for buttons in (actions, only(page, "#copy-actions")):
        assert only(buttons, ".btn-primary").get_text(strip=True) == first
        assert find_named(buttons, "button", "Copy invoice") is None


def test_an_update_without_changes_says_so(client: CheckingClient, house: House) -> None:
    house.add()
    copied(client, house)
    assert (
        "Nothing: the entry in Exact is already as the invoice says." in client.htmx(f"{COPY}/changes").text
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 50}, "is processed in Exact and can no longer change"),
        ({"entry_date": datetime(2019, 1, 1, tzinfo=UTC).date()}, "Exact has no financial period"),
        (None, "The entry no longer exists in Exact."),
    ],
)
def test_an_entry_that_exact_no_longer_lets_change_is_said(
    client: CheckingClient, house: House, change: dict[str, Any] | None, words: str
) -> None:
    house.add()
    entry_id = copied(client, house).entry_id or ""
    entry = house.ledger.entries.pop(entry_id)
    if change:
        house.ledger.entries[entry_id] = replace(entry, **change)
    page = dialog(client, f"{COPY}/changes")
    assert words in page.text
    assert find_named(page, "a", "Create new")


def test_closed_books_are_said_before_an_update(client: CheckingClient, house: House) -> None:
    house.add()
    copied(client, house)
    house.connection.books_closed_until = datetime(2026, 3, 31, tzinfo=UTC).date()
    assert "the books are closed until" in client.htmx(f"{COPY}/changes").text


def test_exact_being_away_is_said_in_the_fragment(client: CheckingClient, house: House) -> None:
    house.add()
    copied(client, house)
    house.ledger.fail("read_entry", UnreachableError("Exact is away."))
    assert "Exact could not be read: “Exact is away.”" in client.htmx(f"{COPY}/changes").text


def test_an_old_reading_is_refreshed_when_the_dialog_opens(client: CheckingClient, house: House) -> None:
    house.add().read_at = NOW
    page = dialog(client)
    assert house.billing.count("read_invoices") == 1
    assert dialog(client).select("#copy-form")
    assert house.billing.count("read_invoices") == 1
    house.row().read_at = NOW
    house.billing.fail("read_invoices", UnreachableError("Productive is away."))
    assert (
        "Productive could not be read just now: “Productive is away.” This is the invoice"
        in dialog(client).text
    )
    assert page.select("#copy-form")


def test_an_invoice_that_vanished_is_a_problem(client: CheckingClient, house: House) -> None:
    house.add().read_at = NOW
    house.billing.invoices.clear()
    assert "This invoice was deleted in Productive." in only(dialog(client), "#copy-problems").text


def test_a_subsidiary_that_is_not_connected_says_so(client: CheckingClient, house: House) -> None:
    house.add(subsidiary_id="2")
    page = dialog(client)
    assert "This subsidiary is not connected to Exact." in page.text
    assert not page.select("form")


def test_a_preview_of_what_was_disconnected_meanwhile_says_so(client: CheckingClient, house: House) -> None:
    house.add()
    form = form_of(dialog(client))
    house.connection.live_subsidiary = None
    house.session.commit()
    answer = client.htmx(f"{COPY}/preview", "POST", data=form)
    assert answer.status_code == 200
    assert "This subsidiary is not connected to Exact." in answer.text


def test_enter_never_books_by_accident(client: CheckingClient, house: House) -> None:
    house.add()
    first = only(dialog(client), "#copy-form [type=submit]")
    assert first["formaction"] == f"{COPY}/preview"


def test_everything_works_without_scripts(client: CheckingClient, house: House) -> None:
    house.add()
    page = read_page(client.get(COPY).text)
    assert only(page, "h1").text.strip() == "Invoice 2026-0042"
    form = form_of(page) | {"customer": "", "customer_search": "acme"}
    page = read_page(client.post(f"{COPY}/preview", data=form).text)
    option = only(page, "main button[name=pick]")
    page = read_page(client.post(COPY, data=form_of(page) | {"pick": str(option["value"])}).text)
    assert labelled(page, "Exact customer")["value"] == "Acme BV"
    page = read_page(client.post(f"{COPY}/preview", data=form_of(page) | {"edit_line": "1"}).text)
    labelled(page, "Ledger code of line 1")
    assert client.post(COPY, data=form_of(page) | {"journal": "99"}).status_code == 422
    answer = client.post(COPY, data=form_of(page))
    assert answer.headers["Location"] == f"/copies/{house.latest().id}"
    copy = house.work()
    text = client.get(answer.headers["Location"]).text
    assert f"Exact booked it as entry {copy.entry_number}." in text
    assert client.get("/invoices/105/entry").headers["Location"] == copy.entry_url


def test_a_copy_of_an_invoice_that_changed_is_not_retried_unseen(
    client: CheckingClient, house: House
) -> None:
    house.add()
    submit(client, form_of(dialog(client)))
    house.billing.invoices["105"] = replace(house.billing.invoices["105"], pay_on=None)
    copy = house.work()
    assert copy.cause == "invoice changed"
    page = read_page(client.get("/invoices/105").text)
    assert find_named(page, "button", "Retry") is None
    answer = client.post(f"/copies/{copy.id}/retry", follow_redirects=True)
    assert "changed in Productive" in answer.text
    assert house.row().latest_copy_id == copy.id


def test_a_refused_copy_is_tried_again_from_its_page(client: CheckingClient, house: House) -> None:
    house.add()
    submit(client, form_of(dialog(client)))
    house.ledger.fail("create_entry", RefusedError("Nee"))
    copy = house.work()
    page = read_page(client.get("/invoices/105").text)
    assert find_named(page, "button", "Retry")
    client.post(f"/copies/{copy.id}/retry")
    assert house.work().state == CopyState.COPIED


def test_a_viewer_cannot_open_the_dialog(house: House, signed_in: SignedIn) -> None:
    house.add()
    viewer = signed_in("viewer")
    assert viewer.htmx(COPY).status_code == 403
    assert viewer.post(COPY).status_code == 403


def test_other_peoples_copies_do_not_exist(client: CheckingClient, house: House, signed_in: SignedIn) -> None:
    house.add()
    copy = copied(client, house)
    other = signed_in("finance", subsidiaries=["2"])
    assert other.get(f"/copies/{copy.id}").status_code == 404
    assert other.post(f"/copies/{copy.id}/retry").status_code == 404
    assert other.get("/copies/none").status_code == 404


def test_a_second_customer_can_be_picked(client: CheckingClient, house: House) -> None:

    beta = house.ledger.add_customer(a_customer("Beta BV", code="2".rjust(18)))
    house.session.add(customer_row(house.connection_id, beta))
    house.add()
    submit(client, form_of(dialog(client)), customer=beta.id)
    assert house.work().customer_id == beta.id


def test_a_question_is_answered_by_a_tick_that_stays(client: CheckingClient, house: House) -> None:
    line = replace(a_line(), quantity=-a_line().quantity, amount=-10000, amount_tax=-2100)
    house.add(lines=(line,), amount=-10000, amount_tax=-2100, amount_with_tax=-12100)
    form = form_of(dialog(client))
    del form["confirmed"]
    refused = submit(client, form)
    assert refused.status_code == 422
    page = read_page(refused.text)
    assert "gives €121.00 back" in only(page, "#copy-problems").text
    tick = labelled(page, "Yes, book it like this")
    assert (tick["name"], tick["value"], tick.has_attr("checked")) == (
        "confirmed",
        "invoice_gives_back",
        False,
    )

    preview = seen(client.htmx(f"{COPY}/preview", "POST", data=form | {"confirmed": "invoice_gives_back"}))
    assert not preview.select("#copy-problems")
    assert labelled(preview, "Yes, book it like this").has_attr("checked")
    assert submit(client, form, confirmed="invoice_gives_back").status_code == 200
    assert house.work().state == CopyState.COPIED


def test_an_invoice_as_last_read_is_asked_for_again_and_nothing_typed_is_lost(
    client: CheckingClient, house: House
) -> None:
    row = house.add()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    row.read_at = long_ago
    house.session.commit()
    busy = HeldBackError(
        "Other work keeps Productive busy.", retry_at=datetime.now(UTC) + timedelta(seconds=50)
    )
    house.billing.fail("read_invoices", busy, times=2)
    dialog = seen(client.htmx(COPY))
    asks = dialog.select_one("#copy-unread-again")
    assert asks is not None
    assert (asks["hx-get"], asks["hx-target"]) == (f"{COPY}/unread", "#copy-unread")
    assert str(asks["hx-trigger"]).startswith("every ")
    assert "Busy until" in dialog.text
    assert dialog.select_one("#copy-form") is not None
    still = client.htmx(f"{COPY}/unread?fingerprint={row.fingerprint}").text
    assert "hx-trigger" in still
    assert "<form" not in still
    done = client.htmx(f"{COPY}/unread?fingerprint={row.fingerprint}").text
    assert "Productive was read again. The invoice is as shown here." in done
    assert "hx-trigger" not in done
    other = client.htmx(f"{COPY}/unread?fingerprint=another").text
    assert "Open it as it is now" in other


@pytest.mark.parametrize(
    ("error", "asks"), [(UnreachableError("Exact is away."), True), (RefusedError("Exact says no."), False)]
)
def test_what_exact_did_not_tell_of_an_update_is_asked_again_only_where_that_helps(
    client: CheckingClient, house: House, error: RemoteError, asks: bool
) -> None:
    house.add()
    copied(client, house)
    house.ledger.fail("read_entry", error)
    shown = client.htmx(f"{COPY}/changes").text
    assert ('id="copy-changes-again"' in shown) is asks
    assert "copy-changes-again" not in client.htmx(f"{COPY}/changes").text
