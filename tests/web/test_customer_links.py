"""The list of customer links: how each was decided, what the portal decided, and what people do about it."""

import pytest
from bs4 import BeautifulSoup

from portal.actions.copies.customer import customer_row
from portal.domain.booking.invoice import BillTo
from portal.domain.customers.signs import Sign
from portal.domain.customers.states import LinkOrigin
from portal.store.catalogue import CustomerRow
from portal.store.customer_links import CustomerLinkRow
from tests.conftest import SignedIn
from tests.fakes import NOW, a_customer
from tests.pages import CheckingClient, read_page, seen
from tests.web.invoices import House, only

PAGE = "/mappings/customers"


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    return signed_in("finance")


@pytest.fixture
def links(house: House) -> dict[str, str]:
    """A link by the portal beside the one that Anna made. The customers' ids by company."""
    house.add(bill_to=BillTo("Acme BV"))
    found = house.ledger.add_customer(a_customer("Zonnedak B.V.", code="20020"))
    house.session.add(customer_row(house.connection_id, found))
    house.session.add(
        CustomerLinkRow(
            connection_id=house.connection_id,
            company_id="8",
            customer_id=found.id,
            linked_by="Bea",
            linked_at=NOW,
            how=LinkOrigin.CERTAIN,
            evidence=[Sign.SAME_VAT, Sign.SIMILAR_NAME, Sign.OTHER_CITY, "of another version"],
            seen_name="Zonnedak",
        )
    )
    house.session.commit()
    return {"7": house.customer_id, "8": found.id}


def rows(page: BeautifulSoup) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.select(".link-table tbody tr")]


def test_all_links_are_in_one_list_with_how_they_were_decided(
    client: CheckingClient, links: dict[str, str]
) -> None:
    page = seen(client.get(PAGE))
    [acme, zonnedak] = rows(page)
    assert "Acme BV" in acme
    assert "Not recorded" in acme
    assert "Anna" in acme
    for words in (
        "Zonnedak B.V. 20020",
        "By the portal",
        "copy by Bea",
        "For: same VAT number, similar name",
        "Against: another city",
    ):
        assert words in zonnedak


def test_the_links_that_the_portal_made_can_be_looked_through(
    client: CheckingClient, links: dict[str, str]
) -> None:
    page = seen(client.get(f"{PAGE}?show=portal"))
    assert len(rows(page)) == 1
    assert [chip.get_text(" ") for chip in page.select("#customer-link-chips a")] == [
        "All 2",
        "Made by the portal 1",
        "Needs you 0",
    ]
    assert rows(seen(client.get(f"{PAGE}?q=zonne"))) == rows(page)
    assert rows(seen(client.get(f"{PAGE}?q=nobody"))) == []
    assert len(rows(seen(client.get(f"{PAGE}?show=nonsense&page=0")))) == 2


def test_a_person_confirms_a_link(client: CheckingClient, house: House, links: dict[str, str]) -> None:
    page = seen(client.get(f"{PAGE}?show=portal"))
    form = only(page, f"form[action='/mappings/customers/{house.connection_id}/8/confirm']")
    answer = client.post(str(form["action"]), data={"show": "portal"}, follow_redirects=True)
    [row] = rows(read_page(answer.text))
    assert "Confirmed by" in row
    assert "By the portal" in row
    link = house.session.get_one(CustomerLinkRow, (house.connection_id, "8"), populate_existing=True)
    assert link.confirmed_by


def test_a_person_changes_the_customer_of_a_company(
    client: CheckingClient, house: House, links: dict[str, str]
) -> None:
    page = seen(client.get(f"{PAGE}/{house.connection_id}/7?q=zonne"))
    [chosen] = page.select(".candidates input[name=customer]")
    data = {"customer": str(chosen["value"])}
    answer = client.post(f"{PAGE}/{house.connection_id}/7", data=data, follow_redirects=True)
    assert "The customer was changed." in answer.text
    link = house.session.get_one(CustomerLinkRow, (house.connection_id, "7"), populate_existing=True)
    assert (link.customer_id, link.how) == (links["8"], LinkOrigin.CHOSEN)


def test_a_customer_that_is_not_there_is_refused(
    client: CheckingClient, house: House, links: dict[str, str]
) -> None:
    where = f"{PAGE}/{house.connection_id}/7"
    answer = client.post(where, data={"customer": "nobody"}, follow_redirects=True)
    assert "Choose a customer from the list." in answer.text


def test_a_person_removes_a_link(client: CheckingClient, house: House, links: dict[str, str]) -> None:
    answer = client.post(f"{PAGE}/{house.connection_id}/8/remove", follow_redirects=True)
    assert "The link was removed." in answer.text
    assert len(rows(read_page(answer.text))) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"deleted": True}, "No longer in Exact. Choose another."),
        ({"blocked": True}, "Blocked in Exact."),
        ({"status": "P"}, "Not a customer in Exact."),
    ],
)
def test_a_customer_that_cannot_be_used_needs_somebody(
    client: CheckingClient, house: House, links: dict[str, str], changes: dict[str, object], words: str
) -> None:
    row = house.session.get_one(CustomerRow, (house.connection_id, links["8"]))
    for name, value in changes.items():
        setattr(row, name, value)
    house.session.commit()
    [needs] = rows(seen(client.get(f"{PAGE}?show=open")))
    assert words in needs
    page = seen(client.get(f"{PAGE}/{house.connection_id}/8"))
    assert ("is no longer in Exact" in page.text) == ("deleted" in changes)


def test_viewers_look_and_do_nothing(house: House, links: dict[str, str], signed_in: SignedIn) -> None:
    viewer = signed_in("viewer")
    page = seen(viewer.get(PAGE))
    assert len(rows(page)) == 2
    assert not page.select(".link-table button, .link-table a")
    assert viewer.get(f"{PAGE}/{house.connection_id}/8").status_code == 403


def test_an_unknown_company_or_connection_is_not_found(
    client: CheckingClient, house: House, links: dict[str, str]
) -> None:
    assert client.get(f"{PAGE}/{house.connection_id}/999").status_code == 404
    assert client.get(f"{PAGE}/999/7").status_code == 404


def test_the_mappings_lead_to_the_links(client: CheckingClient, links: dict[str, str]) -> None:
    page = seen(client.get("/mappings"))
    hrefs = [str(each["href"]) for each in page.select("nav.tabs a")]
    assert any(href.startswith(PAGE) for href in hrefs)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"default_journal": "99"}, "The default journal 99 is no longer in Exact."),
        ({"credit_journal": "98"}, "The credit journal 98 is no longer in Exact."),
        ({"default_ledger": "gone"}, "The default ledger is no longer in Exact."),
    ],
)
def test_a_default_that_is_gone_from_exact_is_said_on_the_card(
    house: House, signed_in: SignedIn, changes: dict[str, str], words: str
) -> None:
    client = signed_in()
    assert "is no longer in Exact" not in seen(client.get("/settings/apps")).text
    for name, value in changes.items():
        setattr(house.connection, name, value)
    house.session.commit()
    assert words in seen(client.get("/settings/apps")).text


def test_companies_without_a_customer_are_suggested_one_with_the_evidence(
    client: CheckingClient, house: House
) -> None:
    house.session.query(CustomerLinkRow).delete()
    house.add(bill_to=BillTo("Zonnedak B.V.", country="NL"))
    found = house.ledger.add_customer(a_customer("Zonnedak B.V.", code="20020", country="NL"))
    house.session.add(customer_row(house.connection_id, found))
    house.session.commit()

    page = seen(client.get(PAGE))
    [row] = page.select(".map-companies tbody tr")
    assert "Certain 20020 · Zonnedak B.V. same name, same country" in " ".join(row.get_text(" ").split())
    form = only(page, ".unlinked .section-head form")
    assert form.text.strip() == "Accept 1 certain one"
    wanted = [str(one["value"]) for one in form.select("input[name=accept]")]
    answer = client.post(str(form["action"]), data={"accept": wanted}, follow_redirects=True)
    assert "1 customer linked." in answer.text
    [link] = house.session.query(CustomerLinkRow)
    assert (link.customer_id, link.how) == (found.id, LinkOrigin.CHOSEN)


def test_a_company_without_a_customer_has_a_page_to_choose_one(client: CheckingClient, house: House) -> None:
    house.session.query(CustomerLinkRow).delete()
    row = house.add(bill_to=BillTo("Zonnedak B.V.", country="NL"))
    found = house.ledger.add_customer(a_customer("Zonnedak Holding", code="20021", country="NL"))
    house.session.add(customer_row(house.connection_id, found))
    house.session.commit()
    url = f"{PAGE}/{house.connection_id}/{row.company_id}"
    assert "Not linked yet." in client.get(url).text
    client.post(url, data={"customer": found.id, "unlinked": "1"})
    [link] = house.session.query(CustomerLinkRow)
    assert link.customer_id == found.id
