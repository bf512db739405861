"""Which Exact customer a company is: how that was decided, and when it must be asked anew."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.countries import iso_country
from portal.domain.customers.matching import certain_match, judge_customer
from portal.domain.customers.name_fit import NameFit, fit_names
from portal.domain.customers.states import LinkOrigin
from portal.domain.events import EventKind
from portal.store.catalogue import CustomerRow, all_customers, find_customer
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.vat_numbers import read_vat

WORDS = {
    LinkOrigin.CERTAIN: "by the portal, for the evidence left no doubt",
    LinkOrigin.CHOSEN: "by choice",
    LinkOrigin.CREATED: "made for it",
    LinkOrigin.ENTRY: "by an entry in Exact",
    LinkOrigin.UNKNOWN: "as before",
}


class CannotLinkError(ValueError):
    """What was asked cannot be done. The text says what to do instead."""


def find_link(session: Session, connection_id: int, company_id: str) -> CustomerLinkRow | None:
    """Find the customer that a company is linked to."""
    return session.get(CustomerLinkRow, (connection_id, company_id))


def find_doubt(
    session: Session, connection_id: int, invoice: Invoice, customer_id: str | None = None
) -> Problem | None:
    """Say why a company's customer must be chosen anew: gone from Exact, or the buyer changed since.

    ``customer_id`` is the chosen one, which only counts where it is gone.
    """
    link = find_link(session, connection_id, invoice.company_id)
    wanted = customer_id or (link.customer_id if link else None)
    row = session.get(CustomerRow, (connection_id, wanted)) if wanted else None
    if row is None:
        return None
    if row.deleted:
        return problem("customer_gone", "customer", code=row.code.strip(), name=row.name)
    if customer_id or link is None or invoice.bill_to is None:
        return None

    return _find_change(session, link, row, invoice, invoice.bill_to)


def _find_change(
    session: Session, link: CustomerLinkRow, row: CustomerRow, invoice: Invoice, bill_to: BillTo
) -> Problem | None:
    """Say what changed since the link was made, unless all evidence still names the linked customer."""
    country = iso_country(bill_to.country)
    old_vat = read_vat(link.seen_vat, country)
    new_vat = read_vat(bill_to.vat, country)
    changed = None

    if old_vat and new_vat and old_vat.key != new_vat.key:
        changed = ("customer_vat_changed", old_vat.number, new_vat.number)
    elif link.seen_name and fit_names(link.seen_name, bill_to.name) is NameFit.OTHER:
        changed = ("customer_name_changed", link.seen_name, bill_to.name)

    if changed is None:
        return None

    certain = certain_match(
        bill_to, all_customers(session, link.connection_id), read_vat=read_vat, today=invoice.invoiced_on
    )
    if certain is not None and certain.customer.id == link.customer_id:
        return None

    code, old, new = changed
    return problem(
        code, "customer", company=invoice.company_name, code=row.code.strip(), name=row.name, old=old, new=new
    )


def find_linked(session: Session, connection_id: int, invoice: Invoice) -> str | None:
    """Return the customer that a company is linked to, None where it must be chosen anew."""
    link = find_link(session, connection_id, invoice.company_id)
    if link is None:
        return None
    doubt = find_doubt(session, connection_id, invoice)
    return link.customer_id if doubt is None or doubt.code == "customer_gone" else None


def note_decision(
    session: Session, connection_id: int, invoice: Invoice, choices: Choices, today: date
) -> Choices:
    """Note in the choices how their existing customer was decided, and by which evidence."""
    choices = replace(choices, customer_how=None, evidence=())
    if choices.new_customer or choices.customer_id is None or invoice.bill_to is None:
        return choices

    link = find_link(session, connection_id, invoice.company_id)
    is_linked = link is not None and link.customer_id == choices.customer_id
    if is_linked and find_doubt(session, connection_id, invoice) is None:
        return choices

    customers = all_customers(session, connection_id)
    certain = certain_match(invoice.bill_to, customers, read_vat=read_vat, today=today)

    if link is None and certain is not None and certain.customer.id == choices.customer_id:
        evidence = (*certain.agrees, *certain.contradicts)
        return replace(choices, customer_how=LinkOrigin.CERTAIN, evidence=tuple(map(str, evidence)))

    return replace(
        choices,
        customer_how=LinkOrigin.CHOSEN,
        evidence=_evidence(session, connection_id, invoice.bill_to, choices.customer_id, customers, today),
    )


def _evidence(
    session: Session,
    connection_id: int,
    bill_to: BillTo | None,
    customer_id: str,
    customers: list[Customer],
    today: date,
) -> tuple[str, ...]:
    customer = find_customer(session, connection_id, customer_id)
    if customer is None or bill_to is None:
        return ()
    judged = judge_customer(bill_to, customer, customers, read_vat=read_vat, today=today)
    return tuple(map(str, (*judged.agrees, *judged.contradicts)))


def link_customer(session: Session, copy: CopyRow, now: datetime, how: LinkOrigin | None = None) -> None:
    """Link the company to the customer that a copy used, for the next copy. Commits nothing.

    A link that holds already keeps how it was decided, unless a person chose it anew.
    """
    if not copy.customer_id:
        return

    invoice = session.get_one(InvoiceRow, copy.invoice_id).invoice()
    decided = how or _decided(copy)
    link = find_link(session, copy.connection_id, invoice.company_id)
    is_same = link is not None and link.customer_id == copy.customer_id
    is_later = link is not None and link.linked_at > copy.requested_at

    if link is not None and is_same and (is_later or decided is not LinkOrigin.CHOSEN):
        _remember_buyer(link, invoice.bill_to)
        return

    chosen_later = is_later and link is not None and link.how == LinkOrigin.CHOSEN
    if chosen_later and decided in (LinkOrigin.UNKNOWN, LinkOrigin.CERTAIN):
        return

    evidence = list(copy.choices.get("evidence") or ())
    _link(session, copy.connection_id, invoice, copy.customer_id, copy.requested_by, now, decided, evidence)


def _decided(copy: CopyRow) -> LinkOrigin:
    """Return how the customer of a copy was decided, as its choices say."""
    if copy.choices.get("new_customer"):
        return LinkOrigin.CREATED
    return LinkOrigin(copy.choices.get("customer_how") or LinkOrigin.UNKNOWN)


def _link(
    session: Session,
    connection_id: int,
    invoice: Invoice,
    customer_id: str,
    actor: str,
    now: datetime,
    how: LinkOrigin,
    evidence: list[str],
) -> None:
    link = find_link(session, connection_id, invoice.company_id)
    if link is None:
        link = CustomerLinkRow(
            connection_id=connection_id,
            company_id=invoice.company_id,
            customer_id=customer_id,
            linked_by=actor,
            linked_at=now,
        )

        session.add(link)

    link.customer_id = customer_id
    link.linked_by = actor
    link.linked_at = now
    link.how = how
    link.evidence = evidence
    link.confirmed_by = None
    link.confirmed_at = None
    _remember_buyer(link, invoice.bill_to)
    name = _name_of(session, connection_id, customer_id)
    text = f"Linked {invoice.company_name} to customer {name} in Exact, {WORDS[how]}"
    _note(session, connection_id, actor, EventKind.CUSTOMER_LINKED, text, now)


def _remember_buyer(link: CustomerLinkRow, bill_to: BillTo | None) -> None:
    if bill_to is not None:
        link.seen_name = bill_to.name
        link.seen_vat = bill_to.vat


def _name_of(session: Session, connection_id: int, customer_id: str) -> str:
    row = session.get(CustomerRow, (connection_id, customer_id))
    return f"{row.code.strip()} {row.name}" if row else "unknown"


def confirm_link(session: Session, connection_id: int, company_id: str, *, actor: str, now: datetime) -> None:
    """Let a person say that a link is right, also for the buyer as the newest invoice names it."""
    link = _link_or_refuse(session, connection_id, company_id)
    customer = session.get(CustomerRow, (connection_id, link.customer_id))
    if customer is None or customer.deleted:
        raise CannotLinkError("This customer is no longer in Exact. Choose another.")

    link.confirmed_by = actor
    link.confirmed_at = now
    invoice = newest_invoice(session, connection_id, company_id)
    if invoice is not None:
        _remember_buyer(link, invoice.bill_to)

    company = invoice.company_name if invoice else company_id
    text = f"Confirmed that {company} is customer {customer.code.strip()} {customer.name} in Exact"
    _note(session, connection_id, actor, EventKind.CUSTOMER_LINK_CONFIRMED, text, now)
    session.commit()


def change_link(
    session: Session, connection_id: int, company_id: str, customer_id: str, *, actor: str, now: datetime
) -> None:
    """Link a company to another customer, as a person chose."""
    _link_or_refuse(session, connection_id, company_id)
    customer = find_customer(session, connection_id, customer_id)
    if customer is None:
        raise CannotLinkError("Choose a customer from the list.")

    invoice = newest_invoice(session, connection_id, company_id)
    if invoice is None:
        raise CannotLinkError("This company has no invoices any more. Remove the link.")

    customers = all_customers(session, connection_id)
    evidence = _evidence(session, connection_id, invoice.bill_to, customer_id, customers, now.date())
    _link(session, connection_id, invoice, customer_id, actor, now, LinkOrigin.CHOSEN, list(evidence))
    session.commit()


def remove_link(session: Session, connection_id: int, company_id: str, *, actor: str, now: datetime) -> None:
    """Forget which customer a company is. Its next copy asks again."""
    link = find_link(session, connection_id, company_id)
    if link is None:
        session.commit()
        return

    invoice = newest_invoice(session, connection_id, company_id)
    company = invoice.company_name if invoice else company_id
    name = _name_of(session, connection_id, link.customer_id)
    session.delete(link)
    text = f"Removed the link of {company} to customer {name} in Exact"
    _note(session, connection_id, actor, EventKind.CUSTOMER_LINK_REMOVED, text, now)
    session.commit()


def _link_or_refuse(session: Session, connection_id: int, company_id: str) -> CustomerLinkRow:
    link = session.get(CustomerLinkRow, (connection_id, company_id), with_for_update=True)
    if link is None:
        session.commit()
        raise CannotLinkError("This link was removed meanwhile.")
    return link


def newest_invoice(session: Session, connection_id: int, company_id: str) -> Invoice | None:
    """Return the newest invoice of a company in a connection's subsidiary."""
    subsidiary = session.get_one(ConnectionRow, connection_id).subsidiary_id
    newest = (
        select(InvoiceRow)
        .where(InvoiceRow.company_id == company_id, InvoiceRow.subsidiary_id == subsidiary)
        .order_by(InvoiceRow.invoiced_on.desc(), InvoiceRow.id.desc())
    )

    row = session.scalars(newest.limit(1)).first()
    return row.invoice() if row else None


def _note(
    session: Session, connection_id: int, actor: str, kind: EventKind, text: str, now: datetime
) -> None:
    subsidiary = session.get_one(ConnectionRow, connection_id).subsidiary_id
    note_event(session, at=now, actor=actor, kind=kind, text=text, subsidiary_id=subsidiary)
