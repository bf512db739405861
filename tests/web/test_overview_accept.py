"""What needs somebody: suggestions are accepted in their rows, which stay and say so."""

from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.domain.booking.mapping import MappingKind
from portal.domain.copies.standing import Standing
from portal.store.catalogue import CustomerRow, keep_customers
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import InvoiceRow
from portal.store.mappings import MappingRow, ServiceTypeRow, TaxRateRow
from tests.conftest import SignedIn
from tests.fakes import a_customer
from tests.pages import CheckingClient, seen, words
from tests.web.invoices import House, only
from tests.web.test_overview import PAGE, add, look

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    """Two invoices whose tax rate, service type and customer nobody decided yet."""
    house.session.add_all(
        [
            TaxRateRow(id="high", name="BTW hoog", percentage="21", subsidiary_id="1"),
            ServiceTypeRow(id="design", name="Design"),
        ]
    )
    house.session.execute(delete(MappingRow))
    house.session.execute(delete(CustomerLinkRow))
    house.session.commit()
    add(house, "1")
    add(house, "2")
    look(house)
    return signed_in("finance")


def fixes(page: BeautifulSoup) -> dict[str, dict[str, str]]:
    """What a browser would send to accept each suggestion, by its reason."""
    found = {}
    for row in page.select("#needs .fix"):
        fields = [*row.select("button[name]"), *page.select("#accept-one [name]")]
        sent = {str(one["name"]): str(one.get("value", "")) for one in fields if one["name"] != "csrf_token"}
        found[only(row, "strong").get_text(strip=True)] = sent
    return found


def mapped(session: Session, kind: MappingKind) -> list[str | None]:
    session.commit()
    return list(session.scalars(select(MappingRow.target).where(MappingRow.kind == kind)))


def test_each_reason_says_what_is_suggested_and_why(client: CheckingClient) -> None:
    page = seen(client.get(PAGE))
    row = next(one for one in page.select(".fix") if "VAT code for BTW hoog" in one.get_text())
    assert only(row, ".suggest-word").get_text(strip=True) == "Suggested"
    assert only(row, ".suggest-value").get_text(strip=True).startswith("2 ·")
    assert "21 %, for sales" in only(row, ".suggest-why").get_text()
    assert only(row, "button").get_text(strip=True) == "Accept"
    assert "Choose another" in words(row, ".fix-do a")


def test_accepting_maps_and_the_row_stays_and_says_so(house: House, client: CheckingClient) -> None:
    page = seen(client.get(PAGE))
    before = words(page, "#accept-all button")
    form = fixes(page)["VAT code for BTW hoog"]
    answer = seen(client.post("/overview/accept", data=form, headers=HTMX))

    row = only(answer, ".fix.is-accepted")
    assert row["id"] in {one["id"] for one in page.select(".fix")}
    assert row.has_attr("hx-swap-oob")
    assert only(row, ".fix-done").get_text(strip=True).startswith("Accepted: 2 ·")
    assert only(row, "[autofocus]").get_text(strip=True) == "Change"
    assert words(answer, "#accept-all button") != before
    assert mapped(house.session, MappingKind.TAX) == ["2  "]


def test_before_the_job_has_looked_again_a_decided_reason_says_so(client: CheckingClient) -> None:
    form = fixes(seen(client.get(PAGE)))["VAT code for BTW hoog"]
    client.post("/overview/accept", data=form)
    page = seen(client.get(PAGE))
    row = next(one for one in page.select(".fix") if "VAT code for BTW hoog" in one.get_text())
    assert "Being looked at again" in only(row, ".fix-why").get_text()
    assert row.select("button") == []


def test_without_scripts_accepting_leads_back(client: CheckingClient) -> None:
    form = fixes(seen(client.get(PAGE)))["VAT code for BTW hoog"]
    answer = client.post("/overview/accept", data=form)
    assert answer.headers["Location"].startswith("/overview")
    assert "1 suggestion accepted." in seen(client.get(answer.headers["Location"])).get_text()


def test_all_suggestions_are_accepted_at_once_and_the_invoices_are_ready(
    house: House, client: CheckingClient
) -> None:
    page = seen(client.get(PAGE))
    count = len(page.select(".fix .suggest"))
    assert count >= 2
    assert words(page, "#accept-all button") == [f"Accept {count} suggestions"]
    named = [str(one["value"]) for one in page.select("#accept-all [name=suggestion]")]
    client.post("/overview/accept", data={"suggestion": named, "back": PAGE})

    look(house)
    left = seen(client.get(PAGE))
    decided = {"VAT code for BTW hoog"} | {
        only(one, "strong").get_text() for one in page.select(".fix:has(.suggest)")
    }
    assert not decided & {one.get_text(strip=True) for one in left.select(".fix strong")}
    if not left.select(".fix"):
        assert {row.standing for row in house.session.scalars(select(InvoiceRow))} == {Standing.READY}


def test_what_is_no_longer_suggested_is_not_accepted(house: House, client: CheckingClient) -> None:
    form = fixes(seen(client.get(PAGE)))["VAT code for BTW hoog"]
    form["suggestion"] = form["suggestion"].replace("target=2", "target=1")
    answer = seen(client.post("/overview/accept", data=form, headers=HTMX))
    assert "no longer suggested" in only(answer, "#needs-trouble").get_text()
    assert mapped(house.session, MappingKind.TAX) == []


def test_another_is_chosen_in_the_row(house: House, client: CheckingClient) -> None:
    page = seen(client.get(PAGE))
    row = next(one for one in page.select(".fix") if "VAT code for BTW hoog" in one.get_text())
    link = next(one for one in row.select(".fix-do a") if "Choose another" in one.get_text())
    edit = seen(client.get(str(link["href"]), headers=HTMX))
    select_field = only(edit, "select[name=target]")
    assert select_field.has_attr("autofocus")
    named = str(only(edit, "[name=named]")["value"])

    empty = client.post("/overview/choose", data={"named": named, "target": ""}, headers=HTMX)
    assert empty.status_code == 422
    answer = seen(client.post("/overview/choose", data={"named": named, "target": "2  "}, headers=HTMX))
    assert only(answer, ".fix-done").get_text(strip=True).startswith("Accepted: 2 ·")
    assert mapped(house.session, MappingKind.TAX) == ["2  "]


def test_without_scripts_another_is_chosen_on_mappings(client: CheckingClient) -> None:
    page = seen(client.get(PAGE))
    row = next(one for one in page.select(".fix") if "VAT code for BTW hoog" in one.get_text())
    link = next(one for one in row.select(".fix-do a") if "Choose another" in one.get_text())
    assert "/mappings/" in client.get(str(link["href"])).headers["Location"]


@pytest.mark.parametrize(
    "odd", ["", "x", "connection=1", "connection=x&kind=tax&source=&target=&fix=&title="]
)
def test_what_names_no_suggestion_is_not_accepted(house: House, client: CheckingClient, odd: str) -> None:
    assert client.post("/overview/accept", data={"suggestion": odd}).status_code == 302
    assert client.get(f"/overview/choose?{urlencode({'named': odd})}").status_code == 404
    assert client.post("/overview/choose", data={"named": odd}).status_code == 404
    assert mapped(house.session, MappingKind.TAX) == []


def test_nobody_accepts_for_another_subsidiary(client: CheckingClient, signed_in: SignedIn) -> None:
    form = fixes(seen(client.get(PAGE)))["VAT code for BTW hoog"]
    assert signed_in("finance", subsidiaries=["2"]).post("/overview/accept", data=form).status_code == 404
    assert signed_in("viewer").post("/overview/accept", data=form).status_code == 403


def test_a_customer_against_whom_something_speaks_is_accepted_by_itself_only(
    house: House, client: CheckingClient
) -> None:
    session = house.session
    session.execute(delete(CustomerRow))
    doubtful = a_customer("Iets Heel Anders B.V.", vat_number="NL344240113B01", city="Assen")
    keep_customers(session, house.connection_id, [doubtful])
    session.commit()
    look(house)

    page = seen(client.get(PAGE))
    row = next(one for one in page.select(".fix") if "Customer " in only(one, "strong").get_text())
    assert "against" in only(row, ".suggest-why").get_text()
    assert [one.get_text(strip=True) for one in row.select("button[form=accept-one]")] == ["Accept"]
    named = [str(one["value"]) for one in page.select("#accept-all [name=suggestion]")]
    assert named
    assert not [one for one in named if "kind=company" in one]
