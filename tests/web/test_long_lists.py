"""With hundreds of ledger accounts no page carries them all, and each can still be chosen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from portal.domain.booking.catalogue import LedgerAccount
from portal.store.catalogue import keep_catalogue
from portal.store.mappings import mappings_of
from tests.conftest import SignedIn
from tests.fakes import REVENUE
from tests.pages import CheckingClient, read_page, seen
from tests.web.invoices import House, form_of, labelled

COPY = "/invoices/105/copy"
LAST = "a0499"


@pytest.fixture
def client(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    many = [
        LedgerAccount(f"a{at:04}", f"{4000 + at:>9}", f"Account number {at}", 110, "W", False, 0)
        for at in range(500)
    ]
    catalogue = house.ledger.catalogue
    house.ledger.catalogue = replace(catalogue, accounts=(*catalogue.accounts, *many))
    keep_catalogue(house.session, house.connection_id, house.ledger.catalogue, datetime.now(UTC))
    house.connection.default_ledger = LAST
    house.connection.copy_from = date(2026, 1, 1)
    house.add_sources(service=("21", "Design"), rate=("odd", "VAT 21 percent", "21"))
    house.add()
    return signed_in("administrator")


@dataclass(frozen=True)
class Place:
    """Where a ledger account is chosen: the page, its search, and the name of the list."""

    page: Callable[[House], str]
    search: Callable[[House], str]
    label: str
    kilobytes: int


PLACES = {
    "the dialog": Place(lambda _: COPY, lambda _: f"{COPY}/ledgers?ledger_search=", "Ledger code", 40),
    "a row": Place(
        lambda house: f"/mappings/{house.connection_id}/service/21/edit",
        lambda house: f"/mappings/{house.connection_id}/service/21/choices?q=",
        "Ledger code for Design",
        10,
    ),
    "several rows": Place(
        lambda _: "/mappings",
        lambda house: f"/mappings/{house.connection_id}/service/~/choices?q=",
        "Map ticked rows to",
        30,
    ),
    "the wizard": Place(
        lambda house: f"/connections/{house.connection_id}/mappings",
        lambda house: f"/mappings/{house.connection_id}/default/ledger/choices?q=",
        "Default ledger",
        30,
    ),
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_list_is_short_and_a_search_finds_the_rest(client: CheckingClient, house: House, kind: str) -> None:
    place = PLACES[kind]
    is_part = kind in ("the dialog", "a row")
    answer = client.htmx(place.page(house)) if is_part else client.get(place.page(house))
    page = read_page(answer.text)
    options = [str(one["value"]) for one in page.select("select option")]

    assert len(answer.data) <= place.kilobytes * 1000
    assert len(options) < 150
    assert page.select("input[aria-label='Search ledger accounts']")

    found = read_page(client.htmx(place.search(house) + "number+321").text)
    assert "a0321" in [one["value"] for one in found.select("option")]


def test_what_is_chosen_stands_in_the_list(client: CheckingClient, house: House) -> None:
    page = seen(client.htmx(COPY))
    assert form_of(page)["ledger"] == LAST
    found = read_page(client.htmx(f"{COPY}/ledgers?ledger_search=number+3&ledger={LAST}").text)
    assert [one["value"] for one in found.select("option[selected]")] == [LAST]


def test_without_script_a_search_shows_what_it_finds_and_keeps_what_was_chosen(
    client: CheckingClient, house: House
) -> None:
    form = form_of(read_page(client.get(COPY).text)) | {"ledger_search": "number 321", "ledger": REVENUE}
    page = read_page(client.post(f"{COPY}/preview", data=form).text)
    options = [one["value"] for one in labelled(page, "Ledger code").select("option")]
    assert {"a0321", REVENUE} <= set(options)

    row = f"/mappings/{house.connection_id}/service/21"
    opened = read_page(client.get(f"{row}/edit?q=number+321", follow_redirects=True).text)
    assert [one["value"] for one in opened.select("#mapping-service-21-target option[value=a0321]")]


def test_any_account_can_be_mapped(client: CheckingClient, house: House) -> None:
    client.htmx(f"/mappings/{house.connection_id}/service/21", "POST", data={"target": "a0321"})
    house.session.expire_all()
    rows = mappings_of(house.session, house.connection_id)
    assert "a0321" in {row.target for row in rows.values()}
