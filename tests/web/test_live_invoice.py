"""An open invoice tells the truth whoever changed it, by the one request of its page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.copies.states import CopyState, Ending
from portal.domain.events import EventKind
from portal.domain.said import as_written
from portal.store.copies import CopyRow
from portal.store.events import note_event
from tests.conftest import SignedIn
from tests.fakes import OTHER_REVENUE
from tests.pages import CheckingClient, read_page, seen
from tests.web.invoices import House, a_still_house, form_of, only
from tests.web.payments_story import a_payment
from tests.web.test_reconciliation import read_books

PAGE = "/invoices/105"


@pytest.fixture
def house(app: Flask, session: Session) -> House:
    return a_still_house(app, session)


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    house.connection.default_journal = "70"
    house.add()
    return signed_in("finance")


class Open:
    """A page that is open, with all that it sends along."""

    def __init__(self, client: CheckingClient, address: str = PAGE) -> None:
        self.client = client
        self.page = seen(client.get(address))
        self.live = str(only(self.page, "#live")["hx-get"])
        self.marks = {str(part["id"]): str(part["data-live"]) for part in self.page.select("[data-live]")}
        self.version = str(only(self.page, "#live-version")["value"])

    def ask(self) -> BeautifulSoup | None:
        """Ask as htmx does every two seconds, and take in what comes."""
        query = {"v": self.version, "rows": " ".join(self.marks.values())}
        answer = self.client.htmx(self.live, query_string=query)
        if answer.status_code == 204:
            return None

        found = read_page(answer.text)
        self.version = str(only(found, "#live-version")["value"])
        self.marks |= {str(part["id"]): str(part["data-live"]) for part in found.select("[data-live]")}
        return found


def copy_it(house: House, client: CheckingClient) -> None:
    page = read_page(client.get(f"{PAGE}/copy").text)
    client.post(f"{PAGE}/copy", data=form_of(page))
    house.work()


def latest(house: House) -> CopyRow:
    return house.session.scalars(select(CopyRow)).one()


def changed_in_productive(house: House) -> None:
    house.add(subject="Another subject")


def renumbered(house: House) -> None:
    house.add(number="2026-9999")


def paid(house: House) -> None:
    house.add(amount_paid=9999, amount_unpaid=2101)


def deleted(house: House) -> None:
    house.row().deleted = True
    house.session.commit()


def excluded(house: House) -> None:
    row = house.row()
    row.copy_state = "do not copy"
    row.exclude_reason = "It is in last year’s books."
    house.session.commit()


def elsewhere(house: House) -> None:
    row = house.row()
    row.copy_state = "copied elsewhere"
    row.export_id = "77"
    house.session.commit()


def noted(house: House) -> None:
    note_event(
        house.session,
        at=datetime.now(UTC),
        actor="Ilse",
        kind=EventKind.LINKED,
        said=as_written("Somebody linked it."),
        invoice_id="105",
    )
    house.session.commit()


def disconnected(house: House) -> None:
    house.connection.disconnect(datetime.now(UTC))
    house.session.commit()


# What somebody else does while the page is open, and what it then says.
KINDS: dict[str, tuple[Callable[[House], None], str]] = {
    "changed in Productive": (changed_in_productive, "Another subject"),
    "renumbered": (renumbered, "2026-9999"),
    "paid": (paid, "€99.99"),
    "deleted in Productive": (deleted, "This invoice was deleted in Productive."),
    "kept from being copied": (excluded, "It is in last year’s books."),
    "exported by another link": (elsewhere, "another link exported this invoice (77)"),
    "something happened": (noted, "Somebody linked it."),
    "disconnected": (disconnected, "This subsidiary is not connected to Exact."),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_open_invoice_says_what_changed_by_one_request(
    house: House, client: CheckingClient, kind: str
) -> None:
    shown = Open(client)
    assert shown.ask() is None
    change, words = KINDS[kind]
    assert words not in only(shown.page, "main").get_text(" ")
    change(house)

    found = shown.ask()
    assert found is not None
    assert words in found.get_text(" ")
    assert found.select("#invoice-page[hx-swap-oob]")
    assert shown.ask() is None


def test_a_copy_of_somebody_else_brings_another_button_and_its_undoing_the_first(
    house: House, client: CheckingClient
) -> None:
    shown = Open(client)
    copy_it(house, client)
    found = shown.ask()
    assert found is not None
    assert "Invoice copied" in only(found, "#invoice-control-105").get_text(" ")
    assert "in Exact" in only(found, "#invoice-page").get_text(" ")


def payment_pulled(house: House) -> None:
    a_payment(house.session, latest(house), amount=4711)
    house.session.commit()


def compared(house: House) -> None:
    (entry,) = house.ledger.entries.values()
    lines = tuple(replace(line, ledger_id=OTHER_REVENUE) for line in entry.lines)
    house.ledger.edit(entry.id, lines=lines)
    read_books(house)


def changed_since(house: House) -> None:
    house.row().changed_since_copied = True
    house.session.commit()


def unlinked(house: House) -> None:
    copy = latest(house)
    copy.state = CopyState.UNDONE
    copy.ending = Ending.UNLINKED
    house.row().copy_state = CopyState.UNDONE
    house.session.commit()


# The same of an invoice that was copied.
KINDS_OF_COPIED: dict[str, tuple[Callable[[House], None], str]] = {
    "a payment was pulled": (payment_pulled, "€47.11"),
    "changed in Exact": (compared, "Changed in Exact since it was copied"),
    "unlinked": (unlinked, "Undone"),
    "changed in Productive": (changed_since, "The invoice changed in Productive after"),
    "deleted in Productive": (deleted, "This invoice was deleted in Productive."),
}


@pytest.mark.parametrize("kind", KINDS_OF_COPIED)
def test_an_open_copied_invoice_says_what_changed_by_one_request(
    house: House, client: CheckingClient, kind: str
) -> None:
    copy_it(house, client)
    shown = Open(client)
    assert shown.ask() is None
    change, words = KINDS_OF_COPIED[kind]
    assert words not in only(shown.page, "main").get_text(" ")
    change(house)

    found = shown.ask()
    assert found is not None
    assert words in found.get_text(" ")
    assert shown.ask() is None


def test_what_changed_elsewhere_leaves_an_open_invoice_alone(house: House, client: CheckingClient) -> None:
    shown = Open(client)
    house.add(id="106", number="K-106")
    found = shown.ask()
    assert found is not None
    assert not found.select("#invoice-page, [id^=invoice-control], #invoice-heading")


def test_only_the_part_that_an_open_menu_kept_back_is_sent_again(
    house: House, client: CheckingClient
) -> None:
    shown = Open(client)
    before = shown.marks["invoice-control-105"]
    copy_it(house, client)
    shown.ask()
    # The browser kept the button, for its menu was open, and asks for all anew.
    shown.marks["invoice-control-105"] = before
    shown.version = ""
    found = shown.ask()
    assert found is not None
    assert found.select("#invoice-control-105")
    assert not found.select("#invoice-page")


def test_an_open_invoice_of_another_subsidiary_is_not_there(
    house: House, client: CheckingClient, signed_in: SignedIn
) -> None:
    assert signed_in("finance", subsidiaries=["2"]).htmx(f"{PAGE}/live").status_code == 404


def test_without_script_the_address_leads_to_the_page(client: CheckingClient) -> None:
    assert client.get(f"{PAGE}/live").headers["Location"] == PAGE
