"""When the customer of a company must be chosen anew."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.actions.customers.alike import customers_alike
from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.countries import iso_country
from portal.domain.customers.matching import certain_match
from portal.domain.customers.name_fit import NameFit, fit_names
from portal.store.catalogue import CustomerRow
from portal.store.customer_links import CustomerLinkRow, find_link
from portal.vat_numbers import read_vat

GONE = "customer_gone"
VAT_CHANGED = "customer_vat_changed"
NAME_CHANGED = "customer_name_changed"


@dataclass(frozen=True, slots=True)
class BuyerChange:
    """What of a buyer is no longer as it was when the company was linked."""

    code: str
    old: str
    new: str


def find_doubt(
    session: Session, connection_id: int, invoice: Invoice, customer_id: str | None = None
) -> Problem | None:
    """Say why a company's customer must be chosen anew, None where it need not."""
    link = find_link(session, connection_id, invoice.company_id)
    wanted = customer_id or (link.customer_id if link else None)
    row = session.get(CustomerRow, (connection_id, wanted)) if wanted else None

    if row is None:
        return None
    if row.deleted:
        return problem(GONE, "customer", code=row.code.strip(), name=row.name)

    # A customer that is chosen just now only counts where it is gone.
    if customer_id or link is None or invoice.bill_to is None:
        return None

    change = _find_change(link, invoice.bill_to)
    if change is None or _is_certain_still(session, link, invoice, invoice.bill_to):
        return None

    return problem(
        change.code,
        "customer",
        company=invoice.company_name,
        code=row.code.strip(),
        name=row.name,
        old=change.old,
        new=change.new,
    )


def _find_change(link: CustomerLinkRow, bill_to: BillTo) -> BuyerChange | None:
    """Say what of the buyer changed since the link was made."""
    country = iso_country(bill_to.country)
    old_vat = read_vat(link.seen_vat, country)
    new_vat = read_vat(bill_to.vat, country)

    if old_vat and new_vat and old_vat.key != new_vat.key:
        return BuyerChange(VAT_CHANGED, old_vat.number, new_vat.number)
    if link.seen_name and fit_names(link.seen_name, bill_to.name) is NameFit.OTHER:
        return BuyerChange(NAME_CHANGED, link.seen_name, bill_to.name)

    return None


def _is_certain_still(session: Session, link: CustomerLinkRow, invoice: Invoice, bill_to: BillTo) -> bool:
    """Say whether all evidence still names the linked customer."""
    customers = customers_alike(session, link.connection_id, bill_to)
    certain = certain_match(bill_to, customers, read_vat=read_vat, today=invoice.invoiced_on)
    return certain is not None and certain.customer.id == link.customer_id


def find_linked(session: Session, connection_id: int, invoice: Invoice) -> str | None:
    """Return the customer that a company is linked to, None where it must be chosen anew."""
    link = find_link(session, connection_id, invoice.company_id)
    if link is None:
        return None

    doubt = find_doubt(session, connection_id, invoice)
    return link.customer_id if doubt is None or doubt.code == GONE else None
