"""Create the customer of a copy in Exact, once, and link the company to it."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.turn import CopyTurn
from portal.actions.customers.link import link_customer
from portal.actions.engine.attempts import new_attempt
from portal.domain.booking.catalogue import Customer, NewCustomer
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import OPEN, AttemptKind
from portal.domain.customers.new_customer import new_customer_from
from portal.domain.customers.states import LinkOrigin
from portal.domain.failed import Failed
from portal.domain.ids import tag_of
from portal.domain.said import said
from portal.remote.errors import HeldBackError
from portal.store.catalogue import CustomerRow, customer_fields
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, choices_from_row
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import InvoiceRow
from portal.vat_numbers import read_vat

SOON = timedelta(seconds=10)
CLOCKS_DIFFER = timedelta(minutes=15)


def with_customer(turn: CopyTurn, invoice: Invoice) -> Choices:
    """Create the customer if that was chosen and not done before, and name it in the choices."""
    # ``keep_customer`` then keeps it.
    session = turn.session
    copy = turn.copy
    choices = choices_from_row(copy.choices)
    if choices.new_customer and copy.customer_id is None:
        _check_alone(session, copy, invoice.company_id, turn.now())

    known = copy.customer_id or _made_meanwhile(session, copy, invoice.company_id, choices)
    if known is None and choices.new_customer:
        details = choices.customer or _from_invoice(invoice)
        known = _create_customer(turn, details).id if details else None

    if known is not None:
        choices = replace(choices, customer_id=known, new_customer=False)

    return choices


def keep_customer(turn: CopyTurn, choices: Choices) -> None:
    """Keep which customer a copy uses, and link the company to it. The caller commits."""
    # Written with what follows.
    with turn.session.no_autoflush:
        turn.copy.customer_id = choices.customer_id
        link_customer(turn.session, turn.copy, turn.now())


def _create_customer(turn: CopyTurn, details: NewCustomer) -> Customer:
    """Create the customer under the copy's marker, and remember it."""
    copy = turn.copy
    wanted = replace(details, remarks=tag_of(copy.marker))
    sent = {"name": wanted.name, "vat_number": wanted.vat_number, "country": wanted.country}
    row = new_attempt(copy, AttemptKind.CUSTOMER, sent, turn.now())
    made = turn.attempt(
        row,
        lambda: turn.ledger.create_customer(wanted),
        told=lambda customer: {"id": customer.id, "code": customer.code},
    )

    with turn.transaction():
        keep_new_customer(turn.session, copy, made, turn.now())

    return made


def _check_alone(session: Session, copy: CopyRow, company_id: str, now: datetime) -> None:
    """Raise HeldBackError while another copy makes this company's customer."""
    # None begins to make one until the commit.
    # Rows that point at the connection are written meanwhile all the same.
    session.get_one(ConnectionRow, copy.connection_id, with_for_update={"key_share": True})
    others = (
        select(AttemptRow.id)
        .join(CopyRow, CopyRow.id == AttemptRow.copy_id)
        .join(InvoiceRow, InvoiceRow.id == CopyRow.invoice_id)
        .where(CopyRow.connection_id == copy.connection_id, CopyRow.id != copy.id)
        .where(CopyRow.in_flight.is_not(None), InvoiceRow.company_id == company_id)
        .where(AttemptRow.kind == AttemptKind.CUSTOMER, AttemptRow.state.in_(OPEN))
    )
    if session.scalar(others.limit(1)) is not None:
        raise HeldBackError(said(Failed.CUSTOMER_BEING_MADE), retry_at=now + SOON)


def _made_meanwhile(session: Session, copy: CopyRow, company_id: str, choices: Choices) -> str | None:
    """Return the customer that another copy made for this company since this one was asked for."""
    if not choices.new_customer:
        return None

    link = session.get(CustomerLinkRow, (copy.connection_id, company_id), populate_existing=True)
    if link is None or link.customer_id == choices.linked_seen:
        return None
    return link.customer_id if link.linked_at > copy.requested_at - CLOCKS_DIFFER else None


def _from_invoice(invoice: Invoice) -> NewCustomer | None:
    return new_customer_from(invoice.bill_to, read_vat) if invoice.bill_to else None


def customer_row(connection_id: int, customer: Customer) -> CustomerRow:
    """Spell a customer for the catalogue's table, with its search keys."""
    return CustomerRow(connection_id=connection_id, **customer_fields(customer))


def keep_new_customer(session: Session, copy: CopyRow, customer: Customer, now: datetime) -> None:
    """Remember a customer that this copy created or found again, and link its company to it."""
    session.merge(customer_row(copy.connection_id, customer))
    copy.customer_id = customer.id
    link_customer(session, copy, now, LinkOrigin.CREATED)
