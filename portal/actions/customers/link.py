"""Link a company to its Exact customer, so that its next copy need not ask."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.booking.invoice import Invoice
from portal.domain.customers.states import LinkOrigin
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import Said, said
from portal.store.catalogue import CustomerRow
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow, Link, find_link
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow

LINKED = {
    LinkOrigin.CERTAIN: Happened.CUSTOMER_LINKED_CERTAIN,
    LinkOrigin.CHOSEN: Happened.CUSTOMER_LINKED_CHOSEN,
    LinkOrigin.CREATED: Happened.CUSTOMER_LINKED_CREATED,
    LinkOrigin.ENTRY: Happened.CUSTOMER_LINKED_ENTRY,
    LinkOrigin.UNKNOWN: Happened.CUSTOMER_LINKED_BEFORE,
}


def link_customer(session: Session, copy: CopyRow, now: datetime, how: LinkOrigin | None = None) -> None:
    """Link the company to the customer that a copy used, for the next copy."""
    if not copy.customer_id:
        return

    invoice = session.get_one(InvoiceRow, copy.invoice_id).invoice()
    decided = how or _decided(copy)
    known = find_link(session, copy.connection_id, invoice.company_id)

    if known is not None and _stays(known, copy, decided):
        known.remember_buyer(invoice.bill_to)
    elif known is None or not _is_chosen_since(known, copy, decided):
        evidence = copy.choices.get("evidence") or ()
        link = Link(copy.customer_id, decided, evidence, copy.requested_by, now)
        write_link(session, copy.connection_id, invoice, link)


def _decided(copy: CopyRow) -> LinkOrigin:
    """Return how the customer of a copy was decided, as its choices say."""
    if copy.choices.get("new_customer"):
        return LinkOrigin.CREATED
    return LinkOrigin(copy.choices.get("customer_how") or LinkOrigin.UNKNOWN)


def _stays(known: CustomerLinkRow, copy: CopyRow, decided: LinkOrigin) -> bool:
    """Say whether a link holds already, and keeps how it was decided."""
    is_chosen_anew = decided is LinkOrigin.CHOSEN and known.linked_at <= copy.requested_at
    return known.customer_id == copy.customer_id and not is_chosen_anew


def _is_chosen_since(known: CustomerLinkRow, copy: CopyRow, decided: LinkOrigin) -> bool:
    """Say whether a person has chosen another customer after the copy was asked for."""
    is_later = known.linked_at > copy.requested_at
    is_weaker = decided in (LinkOrigin.UNKNOWN, LinkOrigin.CERTAIN)
    return is_later and is_weaker and known.how is LinkOrigin.CHOSEN


def write_link(session: Session, connection_id: int, invoice: Invoice, link: Link) -> None:
    """Write the link of an invoice's company, and that it was made."""
    row = find_link(session, connection_id, invoice.company_id)
    if row is None:
        row = CustomerLinkRow(
            connection_id=connection_id,
            company_id=invoice.company_id,
            customer_id=link.customer_id,
            linked_by=link.by,
            linked_at=link.at,
        )
        session.add(row)

    row.lead_to(link)
    row.remember_buyer(invoice.bill_to)

    name = name_customer(session, connection_id, link.customer_id)
    note_event(
        session,
        at=link.at,
        actor=link.by,
        kind=EventKind.CUSTOMER_LINKED,
        said=said(LINKED[link.how], company=invoice.company_name, customer=name),
        subsidiary_id=session.get_one(ConnectionRow, connection_id).subsidiary_id,
    )


def name_customer(session: Session, connection_id: int, customer_id: str) -> str | Said:
    """Return what people call a customer, gone ones too."""
    row = session.get(CustomerRow, (connection_id, customer_id))
    return f"{row.code.strip()} {row.name}" if row else said(Happened.UNKNOWN_CUSTOMER)
