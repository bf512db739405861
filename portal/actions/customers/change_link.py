"""What people do with the link of a company: confirm it, change it, or forget it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.customers.alike import customers_alike
from portal.actions.customers.decide import find_evidence
from portal.actions.customers.link import name_customer, write_link
from portal.actions.engine.turn import transaction
from portal.domain.booking.invoice import Invoice
from portal.domain.customers.states import LinkOrigin
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.here import day_here
from portal.domain.refused import Refused
from portal.domain.said import Said, said
from portal.sentences.refusal import Refusal
from portal.store.catalogue import CustomerRow, find_customer
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow, Link, newest_invoice
from portal.store.events import note_event


class CannotLinkError(Refusal):
    """What was asked cannot be done. The text says what to do instead."""


@dataclass(frozen=True, slots=True)
class LinkedCompany:
    """The company whose link somebody changes."""

    connection_id: int
    company_id: str
    by: str
    at: datetime


def confirm_link(session: Session, company: LinkedCompany) -> None:
    """Let a person say that a link is right, also for the buyer as the newest invoice names it."""
    with transaction(session):
        link = _link_or_refuse(session, company)
        customer = session.get(CustomerRow, (company.connection_id, link.customer_id))
        if customer is None or customer.deleted:
            raise CannotLinkError(said(Refused.CUSTOMER_GONE))

        link.confirm(by=company.by, at=company.at)
        invoice = newest_invoice(session, company.connection_id, company.company_id)
        if invoice is not None:
            link.remember_buyer(invoice.bill_to)

        who = f"{customer.code.strip()} {customer.name}"
        confirmed = said(Happened.CUSTOMER_CONFIRMED, company=_name(company, invoice), customer=who)
        _note(session, company, EventKind.CUSTOMER_LINK_CONFIRMED, confirmed)


def change_link(session: Session, company: LinkedCompany, customer_id: str) -> None:
    """Link a company to another customer, as a person chose."""
    with transaction(session):
        _link_or_refuse(session, company)
        _write_chosen(session, company, customer_id)


def link_company(session: Session, company: LinkedCompany, customer_id: str) -> None:
    """Link a company that has no customer yet, as a person chose. Commits nothing."""
    if _lock_link(session, company) is not None:
        raise CannotLinkError(said(Refused.LINKED_MEANWHILE))

    _write_chosen(session, company, customer_id)


def _write_chosen(session: Session, company: LinkedCompany, customer_id: str) -> None:
    """Write which customer a person chose, with the evidence."""
    connection_id = company.connection_id
    if find_customer(session, connection_id, customer_id) is None:
        raise CannotLinkError(said(Refused.CUSTOMER_FROM_LIST))

    invoice = newest_invoice(session, connection_id, company.company_id)
    if invoice is None:
        raise CannotLinkError(said(Refused.NO_INVOICES))

    customers = customers_alike(session, connection_id, invoice.bill_to, customer_id)
    evidence = find_evidence(invoice.bill_to, customer_id, customers, day_here(company.at))
    link = Link(customer_id, LinkOrigin.CHOSEN, evidence, company.by, company.at)
    write_link(session, connection_id, invoice, link)


def remove_link(session: Session, company: LinkedCompany) -> None:
    """Forget which customer a company is. Its next copy asks again."""
    with transaction(session):
        link = _lock_link(session, company)
        if link is None:
            return

        invoice = newest_invoice(session, company.connection_id, company.company_id)
        name = name_customer(session, company.connection_id, link.customer_id)
        session.delete(link)
        removed = said(Happened.CUSTOMER_LINK_REMOVED, company=_name(company, invoice), customer=name)
        _note(session, company, EventKind.CUSTOMER_LINK_REMOVED, removed)


def _link_or_refuse(session: Session, company: LinkedCompany) -> CustomerLinkRow:
    link = _lock_link(session, company)
    if link is None:
        raise CannotLinkError(said(Refused.LINK_REMOVED))
    return link


def _lock_link(session: Session, company: LinkedCompany) -> CustomerLinkRow | None:
    key = (company.connection_id, company.company_id)
    return session.get(CustomerLinkRow, key, with_for_update=True)


def _name(company: LinkedCompany, invoice: Invoice | None) -> str:
    return invoice.company_name if invoice else company.company_id


def _note(session: Session, company: LinkedCompany, kind: EventKind, happened: Said) -> None:
    note_event(
        session,
        at=company.at,
        actor=company.by,
        kind=kind,
        said=happened,
        subsidiary_id=session.get_one(ConnectionRow, company.connection_id).subsidiary_id,
    )
