"""The demo has every awkward kind, always."""

from decimal import Decimal

import pytest
import time_machine

from portal.sandbox.common.former_link import entry_of
from portal.sandbox.productive.rows import Invoice, Tables
from tests.sandbox.productive.conftest import Caller

DAYS = ["2026-11-23", "2027-01-01", "2026-02-28", "2028-12-31"]


@pytest.fixture(params=DAYS)
def tables(request: pytest.FixtureRequest) -> Tables:
    """The demo as it is on different days."""
    from portal.sandbox.productive import create_productive_app

    with time_machine.travel(f"{request.param}T12:00:00Z", tick=False):
        found = create_productive_app().extensions["sandbox"].tables
    assert isinstance(found, Tables)
    return found


def live(tables: Tables) -> list[Invoice]:
    return [each for each in tables.invoices.values() if each.is_live]


def test_there_is_a_year_of_finalised_invoices(tables: Tables) -> None:
    finalised = [each for each in live(tables) if each.finalized_on and not each.sample_data]
    assert len(finalised) >= 66
    assert sum(each.subsidiary_id == 1 for each in finalised) > 50
    assert len(live(tables)) - len(finalised) == 5
    assert len({each.number for each in finalised}) == len(finalised)


def test_two_were_copied_long_ago_and_forty_until_last_month(tables: Tables) -> None:
    marked = [each for each in tables.invoices.values() if each.exported]
    assert all(each.export_integration_type_id == 4 and each.export_id for each in marked)
    early = [each for each in marked if each.number and each.export_id != entry_of(each.number)]
    assert [each.number and each.number[-4:] for each in early] == ["0003", "0004"]
    assert len(marked) - len(early) in (38, 39, 40)
    assert sum(1 for each in tables.invoices.values() if each.deleted_at) == 1


def test_every_awkward_kind_is_there(tables: Tables) -> None:
    invoices = live(tables)
    lines = tables.line_items.values()
    assert any(each.is_credit_note and each.amount < 0 and each.parent_invoice_id for each in invoices)
    assert any(each.credited for each in invoices)
    assert {each.currency for each in invoices} == {"EUR", "USD", "SEK"}
    assert any(each.discount == "7.5" for each in invoices)
    assert any(len(each.lines) == 120 for each in invoices)
    assert any(len(each.number or "") > 30 for each in invoices)
    assert sum(each.sent_on is None for each in invoices if each.finalized_on) >= 4
    assert any(each.service_type_id is None for each in lines)
    assert any(each.expense_id for each in lines)
    assert any(-Decimal(each.quantity).as_tuple().exponent == 4 for each in lines)  # type: ignore[operator]
    assert any("<strong>" in (each.description or "") for each in lines)
    archived = {each.id for each in tables.tax_rates.values() if each.archived_at}
    assert archived & {each.tax_rate_id for each in lines}
    assert any(len({tables.line_items[id_].tax_rate_id for id_ in each.lines}) == 3 for each in invoices)


def test_one_invoice_has_another_tax_than_its_lines(tables: Tables) -> None:
    different = [
        each
        for each in live(tables)
        if not each.discount
        and each.amount_tax != sum(tables.line_items[id_].amount_tax for id_ in each.lines)
    ]
    assert [each.rounding for each in different] == ["subtotal"]


def test_the_customers_are_complete(demo: Caller) -> None:
    companies = demo.data("/companies")
    assert len(companies) == 29
    countries = {each["attributes"]["contact"]["addresses"][0]["country"] for each in companies}
    assert {"Netherlands", "Belgium", "Germany", "Poland", "Japan", "Denmark", "United States"} == countries
    assert max(len(each["attributes"]["name"]) for each in companies) >= 60
