"""A new customer, prefilled from an invoice's buyer."""

from collections.abc import Collection
from dataclasses import replace

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.place import member_of
from portal.domain.customers.vat_numbers import ReadVat

# Its fields, which are prefilled from the buyer on the invoice.
NEW_CUSTOMER = tuple(name for name in NewCustomer.__slots__ if name != "remarks")
LIMITS = {"name": 50, "address": 100, "zipcode": 20, "city": 100, "phone": 50}


def new_customer_from(bill_to: BillTo, read_vat: ReadVat) -> NewCustomer:
    """Prefill a new customer from a buyer."""
    # Nothing is cut, for ``find_too_long`` tells what must be shortened.
    country = member_of(iso_country(bill_to.country))
    lines = (line.strip(" ,") for line in (bill_to.address or "").splitlines())
    return NewCustomer(
        name=" ".join(bill_to.name.split()),
        vat_number=read_vat(bill_to.vat, country).number or None,
        chamber_of_commerce=None,
        email=_plain(bill_to.email),
        phone=_plain(bill_to.phone),
        website=_plain(bill_to.website),
        address=_plain(", ".join(filter(None, lines))),
        zipcode=_plain(bill_to.zipcode),
        city=_plain(bill_to.city),
        country=country,
    )


def prefill_again(
    customer: NewCustomer, buyer: BillTo, proposed: Collection[str], read_vat: ReadVat
) -> NewCustomer:
    """Prefill anew those fields of a new customer that nobody changed."""
    by_hand = "country" not in proposed
    made = prefill(customer, buyer, read_vat) if by_hand else new_customer_from(buyer, read_vat)
    return replace(customer, **{name: getattr(made, name) for name in NEW_CUSTOMER if name in proposed})


def prefill(customer: NewCustomer, buyer: BillTo, read_vat: ReadVat) -> NewCustomer:
    """Prefill a new customer as if the invoice named the country that is in its field."""
    # A VAT number without its letters is read by the rules of the country.
    return new_customer_from(replace(buyer, country=customer.country), read_vat)


def stands_as_proposed(customer: NewCustomer, buyer: BillTo, read_vat: ReadVat) -> dict[str, str]:
    """Return the fields of a new customer that are as they were prefilled, with their texts."""
    made = prefill(customer, buyer, read_vat)
    by_invoice = new_customer_from(buyer, read_vat)
    texts = {name: getattr(made, name) or "" for name in NEW_CUSTOMER}
    texts["country"] = by_invoice.country or ""
    return {name: text for name, text in texts.items() if (getattr(customer, name) or "") == text}


def _plain(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def find_too_long(customer: NewCustomer) -> dict[str, int]:
    """Return the fields that are longer than Exact takes, with the number of characters it takes."""
    return {field: limit for field, limit in LIMITS.items() if len(getattr(customer, field) or "") > limit}
