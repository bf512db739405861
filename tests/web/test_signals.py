"""The navigation says how much needs somebody."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actions.copies.ready import keep_ready
from portal.domain.booking.mapping import MappingKind
from portal.domain.copies.states import CopyState
from portal.store.invoices import InvoiceRow
from portal.store.mappings import MappingRow
from tests.conftest import SignedIn
from tests.fakes import NOW
from tests.pages import CheckingClient, seen
from tests.web.invoices import House, only

PAGE = "/mappings"


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    house.add()
    return signed_in("finance")


def navigation(client: CheckingClient) -> BeautifulSoup:
    return seen(client.get(PAGE))


def refuse_all(session: Session) -> None:
    session.execute(update(InvoiceRow).values(copy_state=CopyState.REFUSED))
    session.commit()


def test_nothing_is_said_where_nothing_needs_somebody(client: CheckingClient) -> None:
    page = navigation(client)
    assert only(page, "#signal-invoices").has_attr("hidden")
    assert only(page, "#signal-invoices").get_text(strip=True) == ""


def test_a_refused_copy_is_counted_beside_the_name_and_in_the_menu(
    client: CheckingClient, session: Session
) -> None:
    refuse_all(session)
    page = navigation(client)
    link = only(page, "#app-nav a[href='/invoices']")
    assert link["aria-label"] == "Invoices"
    said = only(page, f"#{link['aria-describedby']}")
    assert said.get_text(" ", strip=True) == "1 1 needs you"
    assert only(page, "#signal-all").get_text(strip=True) == said.get_text(strip=True)


def test_another_subsidiary_is_not_counted(client: CheckingClient, session: Session) -> None:
    chosen = session.query(InvoiceRow.subsidiary_id).limit(1).scalar()
    refuse_all(session)
    session.execute(update(InvoiceRow).values(subsidiary_id="another"))
    session.commit()
    page = seen(client.get(PAGE, query_string={"subsidiary": chosen}))
    assert only(page, "#signal-invoices").has_attr("hidden")


def test_what_lacks_a_mapping_is_counted_once_for_all_its_invoices(
    client: CheckingClient, house: House, session: Session
) -> None:
    for at in range(3):
        house.add(id=f"more-{at}", number=f"M-{at}")

    session.query(MappingRow).filter_by(kind=MappingKind.TAX).delete()
    session.commit()
    keep_ready(session, clock=lambda: NOW)
    page = navigation(client)
    assert only(page, "#signal-mappings span").get_text(strip=True) == "1"
    assert only(page, "#signal-invoices span").get_text(strip=True) == "4"
