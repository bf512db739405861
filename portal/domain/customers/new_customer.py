"""A new customer, prefilled from an invoice's buyer."""

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.invoice import BillTo
from portal.domain.countries import iso_country
from portal.domain.customers.place import member_of
from portal.domain.customers.vat_numbers import ReadVat

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


def _plain(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def find_too_long(customer: NewCustomer) -> dict[str, int]:
    """Return the fields that are longer than Exact takes, with the number of characters it takes."""
    return {field: limit for field, limit in LIMITS.items() if len(getattr(customer, field) or "") > limit}
