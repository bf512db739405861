"""Odd records of Productive, over the wire: listed with their reason, tried again, and no neighbour waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.invoices.pull import pull_invoices, pull_one
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable
from portal.productive.client import ProductiveClient
from portal.remote.odd import UnreadableError
from portal.store.connections import ProductiveRow, SubsidiaryRow
from portal.store.invoices import InvoiceRow
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.unreadable import PRODUCTIVE, UnreadableRow, note_unreadable, open_of
from tests.furnishing.clients import a_billing
from tests.furnishing.connections import add_productive
from tests.furnishing.sandboxes import an_empty_productive
from tests.furnishing.wires import Mortal, StillClock, Wire
from tests.oddities.kinds import AROUND, HARMLESS, INVOICES, LINES, LISTED, Odd
from tests.sandbox.productive.conftest import Caller

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
ROWS: Mapping[Kind, Any] = {
    Kind.SERVICE_TYPE: ServiceTypeRow,
    Kind.TAX_RATE: TaxRateRow,
    Kind.SUBSIDIARY: SubsidiaryRow,
}


@dataclass
class House:
    """Productive over a wire without sockets, with three invoices, and the portal's database."""

    call: Caller
    billing: ProductiveClient
    session: Session
    ids: list[str]
    now: datetime = START

    def pull(self) -> None:
        """Read what changed, some minutes later each time."""
        self.now += timedelta(minutes=15)
        pull_invoices(self.session, self.billing, now=self.now)

    def spoil(self, type_: str, id_: str, **how: object) -> None:
        """Make a record odd."""
        self.call.door("POST", "/odd", {"type": type_, "id": id_, **how})

    def mend(self) -> None:
        """Let every record be as it was."""
        self.call.door("DELETE", "/odd")

    def listed(self, *kinds: Kind) -> list[UnreadableRow]:
        """Return what cannot be read."""
        found = list(open_of(self.session, PRODUCTIVE, *(kinds or tuple(Kind))))
        self.session.commit()
        return found

    def kept(self) -> set[str]:
        """Return the invoices that the portal has."""
        found = set(self.session.scalars(select(InvoiceRow.id)))
        self.session.commit()
        return found

    def first(self, type_: str, invoice_id: str) -> str:
        """Return a record of a type that an invoice is read with."""
        line = self.call.data(f"/line_items?filter[invoice_id]={invoice_id}&include=tax_rate,service_type")[0]
        relations = {"tax_rates": "tax_rate", "service_types": "service_type"}
        if type_ in relations:
            return str(line["relationships"][relations[type_]]["data"]["id"])
        if type_ == "line_items":
            return str(line["id"])
        shown = self.call.data(f"/invoices/{invoice_id}?include=company")
        return str(shown["relationships"]["company"]["data"]["id"])


@pytest.fixture
def house(session_factory: sessionmaker[Session]) -> Iterator[House]:
    clock = StillClock(START)
    app, _state = an_empty_productive(clock)
    call = Caller(app)
    billing = a_billing(Wire(app, Mortal()), clock)
    rates = [("BTW 21%", "Design"), ("BTW 9%", "Development"), ("Geen btw", "Hosting")]
    ids = [
        call.make(
            number=f"2026-{at}",
            company={"name": f"Company {at}"},
            lines=[
                {"description": f"Work {at}", "quantity": "1", "unit_price": 10000, "tax_rate": rate}
                | {"service_type": service}
            ],
        )
        for at, (rate, service) in enumerate(rates)
    ]
    with session_factory() as session:
        add_productive(session, START)
        session.commit()
        yield House(call, billing, session, ids)


@pytest.mark.parametrize("odd", INVOICES, ids=str)
def test_an_odd_invoice_is_listed_with_its_number_and_reason_and_goes_when_it_reads(
    house: House, odd: Odd
) -> None:
    first, second, third = house.ids
    house.spoil("invoices", second, attributes=odd.values)
    house.pull()
    assert house.kept() == {first, third}
    (row,) = house.listed()
    assert (row.kind, row.remote_id, row.number) == (Kind.INVOICE, second, "2026-1")
    assert (row.reason, row.field, row.part) == (odd.reason, odd.field, None)
    productive = house.session.get_one(ProductiveRow, 1)
    assert productive.trouble is None
    assert productive.invoices_pulled_at == house.now
    house.pull()
    (row,) = house.listed()
    assert row.first_seen < row.last_seen == house.now
    house.mend()
    house.pull()
    assert house.listed() == []
    assert house.kept() == {first, second, third}


@pytest.mark.parametrize(("values", "name", "kept"), HARMLESS, ids=str)
def test_what_is_odd_without_harm_is_read_clean(
    house: House, values: dict[str, object], name: str, kept: object
) -> None:
    house.spoil("invoices", house.ids[1], attributes=values)
    house.pull()
    assert house.listed() == []
    shown = getattr(house.session.get_one(InvoiceRow, house.ids[1]), name)
    assert (shown.isoformat() if name.endswith("_on") and shown else shown) == kept


@pytest.mark.parametrize("odd", LINES, ids=str)
def test_an_invoice_with_an_odd_line_is_never_read_without_it(house: House, odd: Odd) -> None:
    second = house.ids[1]
    house.spoil("line_items", house.first("line_items", second), attributes=odd.values)
    house.pull()
    assert second not in house.kept()
    (row,) = house.listed()
    assert (row.kind, row.remote_id, row.number) == (Kind.INVOICE, second, "2026-1")
    assert (row.reason, row.field, row.part) == (odd.reason, odd.field, Kind.LINE)
    house.mend()
    house.pull()
    assert house.listed() == []
    assert second in house.kept()


def test_a_price_with_parts_of_a_cent_is_read_where_the_amounts_are_whole(house: House) -> None:
    line = house.first("line_items", house.ids[1])
    house.spoil("line_items", line, attributes={"unit_price": 0.33, "quantity": "30000"})
    house.pull()
    assert house.listed() == []
    (read,) = house.session.get_one(InvoiceRow, house.ids[1]).invoice().lines
    assert (str(read.unit_price), read.amount) == ("0.33", 10000)


@pytest.mark.parametrize("relation", ["invoice", "tax_rate"])
def test_a_line_that_leads_nowhere_hides_only_its_own_invoice(house: House, relation: str) -> None:
    line = house.first("line_items", house.ids[1])
    house.spoil("line_items", line, relationships={relation: {"data": {"type": "people", "id": None}}})
    house.pull()
    assert house.kept() == {house.ids[0], house.ids[2]}
    assert [row.remote_id for row in house.listed(Kind.INVOICE)] == [house.ids[1]]


@pytest.mark.parametrize(("type_", "kind", "odd"), AROUND, ids=str)
def test_what_an_invoice_is_read_with_hides_only_the_invoices_that_need_it(
    house: House, type_: str, kind: Kind, odd: Odd
) -> None:
    second = house.ids[1]
    house.spoil(type_, house.first(type_, second), attributes=odd.values)
    house.pull()
    assert house.kept() == {house.ids[0], house.ids[2]}
    (row,) = house.listed(Kind.INVOICE)
    assert (row.remote_id, row.reason, row.field, row.part) == (second, odd.reason, odd.field, kind)
    house.mend()
    house.pull()
    assert house.listed() == []
    assert second in house.kept()


@pytest.mark.parametrize(("type_", "kind", "odd"), LISTED, ids=str)
def test_one_odd_row_of_a_list_stays_as_it_was_and_is_not_archived(
    house: House, type_: str, kind: Kind, odd: Odd
) -> None:
    house.pull()
    rows = {row.id: row.name for row in house.session.scalars(select(ROWS[kind]))}
    house.session.commit()
    spoilt = str(house.call.data(f"/{type_}?page[size]=200")[0]["id"])
    house.spoil(type_, spoilt, attributes=odd.values)
    house.pull()
    (row,) = house.listed(kind)
    assert (row.remote_id, row.reason, row.field) == (spoilt, odd.reason, odd.field)
    assert {each.id: each.name for each in house.session.scalars(select(ROWS[kind]))} == rows
    assert not house.session.get_one(ROWS[kind], spoilt).archived
    house.session.commit()
    house.mend()
    house.pull()
    assert house.listed() == []


def test_an_invoice_that_cannot_be_read_is_not_deleted(house: House) -> None:
    house.pull()
    house.spoil("invoices", house.ids[1], attributes={"amount": None})
    with pytest.raises(UnreadableError, match="2026-1"):
        pull_one(house.session, house.billing, house.ids[1], now=house.now)
    assert not house.session.get_one(InvoiceRow, house.ids[1]).deleted
    assert [row.remote_id for row in house.listed()] == [house.ids[1]]


def test_what_was_deleted_goes_from_the_list(house: House) -> None:
    house.spoil("invoices", house.ids[1], attributes={"amount": None})
    house.pull()
    house.spoil("invoices", house.ids[1], times=0)
    house.pull()
    assert house.listed() == []


def test_a_record_that_comes_twice_is_one(house: House) -> None:
    for type_ in ("invoices", "line_items", "companies", "tax_rates", "service_types"):
        id_ = house.ids[1] if type_ == "invoices" else house.first(type_, house.ids[1])
        house.spoil(type_, id_, times=3)
    house.pull()
    assert house.listed() == []
    assert len(house.session.get_one(InvoiceRow, house.ids[1]).invoice().lines) == 1


@pytest.mark.parametrize(
    "odd",
    [
        Odd({"amount": None}, Reason.MISSING, "amount"),
        Odd({"amount": 0.5}, Reason.NO_CENTS, "amount"),
        Odd({"amount": 10**30}, Reason.TOO_LARGE, "amount"),
        Odd({"paid_on": "yesterday"}, Reason.NO_DATE, "paid_on"),
        Odd({"paid_on": None, "written_off_on": None}, Reason.MISSING, "paid_on"),
    ],
    ids=str,
)
def test_a_payment_that_cannot_be_read_stands_in_its_place(house: House, odd: Odd) -> None:
    payments = [house.call.door("POST", "/payments", {"invoice": id_, "amount": "1.00"}) for id_ in house.ids]
    assert payments
    shown = house.call.data("/payments?page[size]=200&include=invoice")
    mine = next(one for one in shown if one["relationships"]["invoice"]["data"]["id"] == house.ids[1])
    house.spoil("payments", mine["id"], attributes=odd.values)
    found = house.billing.find_payments(house.ids)
    (hidden,) = [one for one in found if isinstance(one, Unreadable)]
    assert (hidden.parent, hidden.fault.reason, hidden.fault.field) == (house.ids[1], odd.reason, odd.field)
    assert len(found) == 3


def test_what_tells_no_key_is_listed_until_it_did_not_come_for_a_week(house: House) -> None:
    house.pull()
    session = house.session
    now = house.now
    stray = Unreadable(Kind.INVOICE, "?0123456789ab", "", Fault(Reason.NO_RECORD))
    note_unreadable(session, PRODUCTIVE, [stray], now)
    session.commit()
    house.pull()
    assert [row.remote_id for row in house.listed()] == ["?0123456789ab"]
    house.now += timedelta(days=8)
    house.pull()
    assert house.listed() == []
