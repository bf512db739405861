"""A portal with one connected subsidiary, its mappings and as many invoices as a test wants."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.perform import perform_copy
from portal.actions.copies.ready import keep_ready
from portal.actions.engine.desk import Desk
from portal.domain.booking.mapping import MappingKind
from portal.store.catalogue import keep_catalogue
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow, keep_invoice
from portal.store.mappings import MappingRow, ServiceTypeRow, TaxRateRow
from tests.actions.office import some_invoice
from tests.fakes import REVENUE, FakeBilling, FakeLedger, FakeWiring, a_customer
from tests.furnishing.connections import add_grant, add_productive, add_ready_connection, add_subsidiaries
from tests.web.connected import wire_fakes

# Columns of the list by their place.
PAID = "td:nth-child(5)"
ACTION = "td:nth-child(8)"


@dataclass
class House:
    """What a web test of invoices and copies looks at."""

    session: Session
    wiring: FakeWiring
    connection_id: int = 0

    @property
    def ledger(self) -> FakeLedger:
        return self.wiring.fake_ledger

    @property
    def billing(self) -> FakeBilling:
        return self.wiring.fake_billing

    @property
    def connection(self) -> ConnectionRow:
        return self.session.get_one(ConnectionRow, self.connection_id)

    @property
    def customer_id(self) -> str:
        return next(iter(self.ledger.customers))

    def add(self, **given: Any) -> InvoiceRow:
        invoice = some_invoice(**given)
        self.billing.invoices[invoice.id] = invoice
        row = keep_invoice(self.session, invoice, datetime.now(UTC))
        self.session.commit()
        return row

    def map_design(self, ledger_id: str) -> None:
        """Map the lines' service type to another ledger account."""
        self.session.query(MappingRow).filter_by(
            kind=MappingKind.SERVICE, source_id="design"
        ).one().target = ledger_id
        self.session.commit()

    def add_sources(self, *, service: tuple[str, str], rate: tuple[str, str, str]) -> None:
        """Add a service type and a tax rate that lead nowhere yet."""
        subsidiary = self.connection.subsidiary_id
        self.session.merge(ServiceTypeRow(id=service[0], name=service[1]))
        self.session.merge(TaxRateRow(id=rate[0], name=rate[1], percentage=rate[2], subsidiary_id=subsidiary))
        self.session.commit()

    def make_ready(self) -> None:
        """Look at every invoice beforehand, as the job does."""
        while keep_ready(self.session, clock=lambda: datetime.now(UTC)):
            pass
        self.session.commit()

    def row(self, invoice_id: str = "105") -> InvoiceRow:
        self.session.commit()
        return self.session.get_one(InvoiceRow, invoice_id, populate_existing=True)

    def latest(self, invoice_id: str = "105") -> CopyRow:
        self.session.commit()
        found = select(CopyRow).where(CopyRow.invoice_id == invoice_id).order_by(CopyRow.requested_at.desc())
        return self.session.scalars(found.execution_options(populate_existing=True)).first() or self.none()

    def none(self) -> CopyRow:
        raise AssertionError("nothing was copied")

    def look_beforehand(self) -> None:
        """Let the job look which invoices are ready."""
        self.session.commit()
        keep_ready(self.session, clock=lambda: datetime.now(UTC))
        self.session.commit()

    def work(self) -> CopyRow:
        """Carry out the latest copy as the worker does."""
        copy_id = self.latest().id
        desk = Desk(lambda: self.billing, lambda _id: self.ledger, lambda: datetime.now(UTC), 5)
        perform_copy(self.session, desk, copy_id)
        return self.latest()


def a_still_house(app: Flask, session: Session) -> House:
    """Return a connected house whose clock stands still."""
    fakes = wire_fakes(app)
    fakes.now = datetime.now(UTC) + timedelta(hours=1)
    return a_house(session, fakes)


def a_house(session: Session, wiring: FakeWiring) -> House:
    house = House(session, wiring)
    customer = house.ledger.add_customer(a_customer("Acme BV", vat_number="NL001234567B01"))
    now = datetime.now(UTC)
    add_subsidiaries(session)
    add_productive(session, now)
    connection = add_ready_connection(session, house.ledger.catalogue, customer, REVENUE, now)
    house.connection_id = connection.id
    session.commit()
    return house


def without_vat_codes(house: House) -> None:
    """Let Exact have no VAT codes."""
    catalogue = replace(house.ledger.catalogue, vat_codes=(), vat_percentages=())
    house.ledger.catalogue = catalogue
    keep_catalogue(house.session, house.connection_id, catalogue, datetime.now(UTC))
    house.session.commit()


def sign_in_at_exact(house: House) -> None:
    """Give the connection a sign-in."""
    grant = add_grant(house.session, datetime.now(UTC))
    house.connection.grant_id = grant.id
    house.session.commit()


def only(page: BeautifulSoup | Tag, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found, f"{selector} is not on the page"
    return found


def labelled(page: BeautifulSoup | Tag, name: str) -> Tag:
    """Find a field by its label's words."""
    label = next((one for one in page.find_all("label") if one.get_text(strip=True) == name), None)
    assert label, f"no field is called {name}"
    return only(page, f"[id='{label['for']}']")


def chosen_in(page: BeautifulSoup | Tag, name: str) -> str | None:
    """Return the value that is selected in a field."""
    option = labelled(page, name).select_one("option[selected]")
    return str(option["value"]) if option else None


def form_of(page: BeautifulSoup, form_id: str = "copy-form") -> dict[str, str]:
    """Return what a browser would submit; the client adds the token itself."""
    form: dict[str, str] = {}
    for field in page.select(f"#{form_id} [name]:not(button, [disabled], [name=csrf_token])"):
        chosen = field.select_one("option[selected]") if field.name == "select" else field
        form[str(field["name"])] = str(chosen.get("value", "")) if chosen else ""
    return form
