"""The copy dialog mends and remembers, says why, and goes on with the next invoice of the list."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.copies.states import CopyState
from portal.extensions import db
from portal.remote.errors import RefusedError
from portal.sentences.voice import in_source_language
from portal.store.copies import CopyRow
from portal.store.mappings import mappings_of
from tests.conftest import SignedIn
from tests.domain.builders import a_line
from tests.fakes import OTHER_REVENUE, REVENUE, FakeLedger
from tests.pages import CheckingClient, read_page, seen
from tests.web.connected import find_named
from tests.web.invoices import House, form_of, labelled, only

COPY = "/invoices/105/copy"
WEB = MappingKey(MappingKind.SERVICE, "web")
ODD = MappingKey(MappingKind.TAX, "odd")


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


def an_unmapped(house: House, **given: Any) -> None:
    """Add an invoice whose service type and tax rate lead nowhere yet."""
    house.add_sources(service=("web", "Web design"), rate=("odd", "VAT 21 percent", "21"))
    line = a_line(
        service_type_id="web", service_type="Web design", tax_rate_id="odd", tax_rate="VAT 21 percent"
    )
    house.add(lines=(line,), **given)


def dialog(client: CheckingClient, url: str = COPY) -> BeautifulSoup:
    return seen(client.htmx(url))


def mapped(house: House) -> dict[MappingKey, str | None]:
    house.session.expire_all()
    return {key: row.target for key, row in mappings_of(house.session, house.connection_id).items()}


def test_what_is_chosen_is_remembered_with_the_copy_unless_that_is_unticked(
    client: CheckingClient, house: House
) -> None:
    an_unmapped(house)
    form = form_of(dialog(client)) | {"ledger": REVENUE, "vat-odd": "2  "}
    assert labelled(dialog(client), "Remember for Web design").has_attr("checked")

    answer = client.htmx(COPY, "POST", data=form | {"remember": "service:web"})

    assert answer.status_code == 200
    found = mapped(house)
    assert found[WEB] == REVENUE
    assert ODD not in found
    assert house.work().state == CopyState.COPIED


def test_nothing_is_remembered_of_a_copy_that_is_refused(client: CheckingClient, house: House) -> None:
    an_unmapped(house)
    form = form_of(dialog(client)) | {"ledger": REVENUE, "remember": "service:web"}

    assert client.htmx(COPY, "POST", data=form).status_code == 422
    assert WEB not in mapped(house)
    assert house.session.query(CopyRow).count() == 0


def test_a_box_that_was_unticked_stays_so(client: CheckingClient, house: House) -> None:
    an_unmapped(house)
    form = form_of(dialog(client)) | {"ledger": REVENUE}
    form.pop("remember", None)
    preview = read_page(client.htmx(f"{COPY}/preview", "POST", data=form).text)
    assert not labelled(preview, "Remember for Web design").has_attr("checked")


def test_what_is_mapped_already_is_remembered_only_on_purpose(client: CheckingClient, house: House) -> None:
    house.add()
    form = form_of(dialog(client)) | {"vat-high": "6  "}
    preview = read_page(client.htmx(f"{COPY}/customer", "POST", data=form | {"vat-high": "1  "}).text)
    assert not labelled(preview, "Remember for VAT 21%").has_attr("checked")


def test_a_suggestion_stands_where_it_is_missing_and_is_taken_by_one_button(
    client: CheckingClient, house: House
) -> None:
    an_unmapped(house)
    page = dialog(client)
    accept = only(page, ".ask .suggested button[name=take]")
    assert accept["value"] == "tax:odd:2  "
    assert "for sales" in only(page, ".ask .suggested").text

    form = form_of(page) | {"take": str(accept["value"])}
    taken = seen(client.htmx(str(accept["hx-post"]), "POST", data=form))

    assert form_of(taken)["vat-odd"] == "2  "
    assert not taken.select(".ask select[name=vat-odd]")
    assert labelled(taken, "Remember for VAT 21 percent").has_attr("checked")


def test_the_suggested_ledger_account_is_the_first_that_the_list_offers(
    client: CheckingClient, house: House
) -> None:
    house.add_sources(service=("dev", "Development"), rate=("odd", "VAT 21 percent", "21"))
    house.add(lines=(a_line(service_type_id="dev", service_type="Development"),))
    page = dialog(client)
    [taken] = {
        str(button["value"]).rpartition(":")[2]
        for button in page.select("button[name=take]")
        if str(button["value"]).startswith("service:")
    }
    offered = [str(option["value"]) for option in page.select("#copy-ledger option") if option["value"]]
    assert taken == OTHER_REVENUE
    assert offered[:2] == [OTHER_REVENUE, REVENUE]


def test_each_code_says_why_it_is_there(client: CheckingClient, house: House) -> None:
    house.add()
    page = dialog(client)
    (ledger, vat) = page.select("#copy-preview [role=tooltip]")
    assert ledger.text.startswith("Design work is mapped to it. Set by")
    assert vat.text.startswith("VAT 21% is mapped to it, for every customer. Set by")
    for tip in (ledger, vat):
        assert only(page, f"[aria-describedby='{tip['id']}']").name == "button"


def two_more(house: House) -> None:
    house.add()
    house.add(id="106", number="2026-0043")
    house.add(id="107", number="2026-0044")


def test_after_the_copy_the_dialog_goes_on_with_the_next_of_the_list(
    client: CheckingClient, house: House
) -> None:
    two_more(house)
    house.make_ready()
    page = dialog(client, "/invoices/107/copy?list=sort=-number")
    assert "1 of 3 that are ready" in only(page, ".dialog-head").text
    form = form_of(page) | {"then": "next"}

    answer = client.htmx("/invoices/107/copy", "POST", data=form)

    following = read_page(answer.text)
    assert only(following, "#copy-form")["action"] == "/invoices/106/copy"
    assert "2026-0044 is being copied" in answer.headers["HX-Trigger"]
    assert form_of(following)["list"] == "sort=-number"
    assert house.latest("107").state == CopyState.WAITING


def test_the_last_of_the_list_ends_in_its_progress(client: CheckingClient, house: House) -> None:
    house.add()
    house.make_ready()
    page = dialog(client)
    assert find_named(page, "button", "Copy and next") is None
    answer = client.htmx(COPY, "POST", data=form_of(page) | {"then": "next"})
    assert f"copy-progress-{house.latest().id}" in answer.text


def test_without_scripts_the_next_one_is_a_page_and_closing_leads_back_to_the_row(
    client: CheckingClient, house: House
) -> None:
    two_more(house)
    house.make_ready()
    page = read_page(client.get("/invoices/107/copy?list=sort=-number").text)
    assert only(page, "#copy-actions a")["href"] == "/invoices?sort=-number#invoice-row-107"
    answer = client.post("/invoices/107/copy", data=form_of(page) | {"then": "next"})
    assert answer.headers["Location"].startswith("/invoices/106/copy?list=sort")


def test_an_old_copy_still_says_why_its_codes_were_chosen(client: CheckingClient, house: House) -> None:
    house.add()
    client.htmx(COPY, "POST", data=form_of(dialog(client)))
    copy = house.work()
    house.map_design(OTHER_REVENUE)
    page = read_page(client.get("/invoices/105").text)

    told = only(page, f"#copy-why-{copy.id}").get_text(" ", strip=True)

    assert "Ledger 8000: Design work is mapped to it. Set by" in told
    assert "VAT code 2: VAT 21% is mapped to it, for every customer." in told
    assert "1300 Debtors" in told
    tips = [one.text for one in page.select("[role=tooltip]")]
    assert tips[0].startswith("Design work is mapped to it.")


def test_the_invoice_page_shows_its_entry_in_debit_and_credit(client: CheckingClient, house: House) -> None:
    house.add()
    page = read_page(client.get("/invoices/105").text)
    totals = [cell.get_text(strip=True) for cell in page.select(".postings tfoot td")]
    assert totals == ["121.00", "121.00"]


def test_a_refused_copy_says_its_reason_at_the_top_of_the_invoice_page(
    client: CheckingClient, house: House
) -> None:
    house.add()
    client.htmx(COPY, "POST", data=form_of(dialog(client)))
    house.ledger.fail("create_entry", RefusedError("Grootboekrekening geblokkeerd"))
    copy = house.work()
    page = read_page(client.get("/invoices/105").text)

    told = only(page, "#invoice-page > .notice-error").get_text(" ", strip=True)

    assert "The last copy was refused: refused by Exact" in told
    assert "Grootboekrekening geblokkeerd" in told
    assert (in_source_language(copy.trouble) if copy.trouble else "-") in told
    assert find_named(page, "a", "Open the copy again")


def test_an_update_is_called_one_by_its_title_and_its_answer(client: CheckingClient, house: House) -> None:
    house.add()
    client.htmx(COPY, "POST", data=form_of(dialog(client)))
    number = house.work().entry_number
    house.add(subject="Another subject")
    page = dialog(client, f"{COPY}?action=update")
    assert only(page, "#copy-title").get_text(strip=True) == f"Update entry {number}"
    client.htmx(COPY, "POST", data=form_of(page))
    copy = house.work()
    ended = read_page(client.htmx(f"/copies/{copy.id}").text)
    assert only(ended, "#copy-title").get_text(strip=True) == f"Update entry {number}"
    assert "Entry updated." in ended.text


def test_no_transaction_is_open_while_exact_is_asked_for_the_three_sides(
    client: CheckingClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add()
    client.htmx(COPY, "POST", data=form_of(dialog(client)))
    house.work()
    page = dialog(client, f"{COPY}?action=update")
    opened: list[bool] = []
    make = house.wiring.ledger

    def ledger(connection_id: int) -> FakeLedger:
        opened.append(db.session().in_transaction())
        return make(connection_id)

    monkeypatch.setattr(house.wiring, "ledger", ledger)
    assert client.htmx(f"{COPY}/changes", "POST", data=form_of(page)).status_code == 200
    assert opened == [False]
