"""The copy dialog's form: what a person chose, read without trusting it."""

import msgspec
from werkzeug.datastructures import MultiDict

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.mapping import Choices

LINE_LEDGER = "line-ledger-"
LINE_CENTER = "cost-center-"
RATE = "vat-"
CUSTOMER_FIELDS = (
    "name",
    "vat_number",
    "chamber_of_commerce",
    "email",
    "phone",
    "website",
    "address",
    "zipcode",
    "city",
    "country",
)


def read_choices(form: MultiDict[str, str]) -> Choices:
    """Read the dialog; whether the values exist is for the draft to say."""
    new_customer = form.get("new_customer") == "1"
    return Choices(
        customer_id=None if new_customer else form.get("customer") or None,
        new_customer=new_customer,
        journal=form.get("journal"),
        ledger=form.get("ledger"),
        line_ledgers=_prefixed(form, LINE_LEDGER),
        vat_codes=_prefixed(form, RATE, even_cleared=True),
        cost_centers=_prefixed(form, LINE_CENTER),
        booking_date=form.get("booking_date"),
        customer=read_new_customer(form) if new_customer else None,
        linked_seen=form.get("linked") or None,
        confirmed=tuple(form.getlist("confirmed")),
    )


def read_new_customer(form: MultiDict[str, str]) -> NewCustomer:
    """Read the fields of a new customer."""
    fields = {name: form.get(f"new-{name}", "").strip() or None for name in CUSTOMER_FIELDS}
    return msgspec.convert(fields | {"name": fields["name"] or ""}, NewCustomer)


def _prefixed(form: MultiDict[str, str], prefix: str, *, even_cleared: bool = False) -> dict[str, str]:
    found = ((name.removeprefix(prefix), value) for name, value in form.items() if name.startswith(prefix))
    return {name: value for name, value in found if value or even_cleared}
