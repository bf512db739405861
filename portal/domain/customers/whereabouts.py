"""Where the customer of an invoice is, by Exact's record of it, else by the invoice."""

from portal.domain.booking.catalogue import Customer, NewCustomer
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.place import Whereabouts
from portal.domain.countries import iso_country
from portal.domain.customers.place import LEFT_OUT, place_of, territory_of
from portal.domain.customers.vat_numbers import ReadVat


def find_whereabouts(
    customer: Customer | NewCustomer | None,
    bill_to: BillTo | None,
    division_country: str,
    read_vat: ReadVat,
) -> Whereabouts:
    """Say where a customer is. The EC sales list is made of Exact's record, so that one counts first."""
    invoiced = _territory(bill_to)
    if customer is None:
        return place_of(invoiced, read_vat(bill_to.vat if bill_to else None, invoiced), division_country)

    zipcode = customer.zipcode if isinstance(customer, NewCustomer) else None
    known = territory_of(iso_country(customer.country), zipcode)
    country = known or invoiced
    # Exact's record names the member where the invoice names the part of it.
    if known and invoiced and LEFT_OUT.get(invoiced) == known:
        country = invoiced

    return place_of(country, read_vat(customer.vat_number, country), division_country)


def _territory(bill_to: BillTo | None) -> str | None:
    if bill_to is None:
        return None
    return territory_of(iso_country(bill_to.country), bill_to.zipcode)
