"""Draft what a copy would book, from what the portal knows."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.actions.customers.doubt import find_doubt, find_linked
from portal.domain.booking.catalogue import Catalogue, Customer, Division
from portal.domain.booking.draft import Draft, DraftLine, Policy
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import Choices, Chosen, MappingRules
from portal.domain.booking.place import Whereabouts
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem, SalesEntryLine
from portal.domain.booking.translate import translate
from portal.domain.connections.states import NumberSource
from portal.domain.customers.whereabouts import find_whereabouts
from portal.domain.unreadable import Kind
from portal.store.catalogue import find_customer, read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, choices_from_row, entry_from_row
from portal.store.customer_links import CustomerLinkRow
from portal.store.mappings import mapping_rules
from portal.store.trials import failed_assumptions
from portal.store.unreadable import PRODUCTIVE, find_unreadable
from portal.vat_numbers import read_vat


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything besides the invoice and the choices that decides what is booked."""

    catalogue: Catalogue
    rules: MappingRules
    division: Division
    policy: Policy


def read_basis(session: Session, connection: ConnectionRow) -> Basis:
    """Read a connection's catalogue, mappings and policy."""
    catalogue = read_stored_catalogue(session, connection.id)
    return basis_of(connection, catalogue, mapping_rules(session, connection))


def basis_of(connection: ConnectionRow, catalogue: Catalogue, rules: MappingRules) -> Basis:
    """Return what decides with a catalogue and rules that were read."""
    return Basis(
        catalogue=catalogue,
        rules=rules,
        division=connection.the_division,
        policy=policy_of(connection),
    )


def policy_of(connection: ConnectionRow) -> Policy:
    """Return how a connection wants its entries booked."""
    return Policy(
        books_closed_until=connection.books_closed_until,
        number_source=connection.number_source,
        send_credit_type=connection.send_credit_type,
        credit_journal=connection.credit_journal,
        default_journal=connection.default_journal,
        failed=failed_assumptions(connection),
    )


def linked_customer(session: Session, connection_id: int, company_id: str) -> str | None:
    """Return the customer a company is linked to."""
    link = session.get(CustomerLinkRow, (connection_id, company_id))
    return link.customer_id if link else None


def find_made_meanwhile(
    session: Session, connection_id: int, company_id: str, choices: Choices
) -> tuple[Problem, ...]:
    """Say that a company got its customer since a person asked for a new one."""
    if not choices.new_customer:
        return ()

    linked = linked_customer(session, connection_id, company_id)
    customer = find_customer(session, connection_id, linked)
    if customer is None or linked == choices.linked_seen:
        return ()

    return (problem("customer_made", "name", code=customer.code.strip(), name=customer.name),)


def with_defaults(
    session: Session,
    connection: ConnectionRow,
    invoice: Invoice,
    choices: Choices,
    *,
    is_linked: bool = True,
) -> Choices:
    """Fill the choices a person left open: the linked customer and the default journal."""
    # Who knows that the company has no link says so, and it is not looked for.
    customer_id = choices.customer_id
    if customer_id is None and not choices.new_customer and is_linked:
        customer_id = find_linked(session, connection.id, invoice)

    journal = choices.journal
    if journal is None:
        credit = connection.credit_journal if invoice.is_credit_note else None
        journal = credit or connection.default_journal

    return replace(choices, customer_id=customer_id, journal=journal)


def draft_copy(
    session: Session,
    connection: ConnectionRow,
    invoice: Invoice,
    choices: Choices,
    *,
    basis: Basis | None = None,
    unreadable: bool | None = None,
    is_linked: bool = True,
) -> Draft:
    """Draft the entry that these choices would book, with every problem at once."""
    # Who drafts many knows already what cannot be read now, or that the company has no link.
    basis = basis or read_basis(session, connection)
    customer = find_customer(session, connection.id, choices.customer_id)
    doubt = None
    if customer is None and (choices.customer_id or is_linked):
        doubt = find_doubt(session, connection.id, invoice, choices.customer_id)

    draft = translate(
        invoice,
        rules=basis.rules,
        choices=choices,
        catalogue=basis.catalogue,
        division=basis.division,
        customer=customer,
        policy=basis.policy,
        doubt=doubt,
        where=where_of(invoice, customer, choices, basis.division),
    )
    if unreadable is None:
        unreadable = find_unreadable(session, PRODUCTIVE, Kind.INVOICE, invoice.id) is not None
    if not unreadable:
        return draft

    return replace(draft, entry=None, problems=(problem("invoice_unreadable"), *draft.problems))


def where_of(
    invoice: Invoice, customer: Customer | None, choices: Choices, division: Division
) -> Whereabouts:
    """Say where the chosen customer is, or the new one, else the buyer on the invoice."""
    chosen = choices.customer if choices.new_customer else customer
    return find_whereabouts(chosen, invoice.bill_to, division.country, read_vat)


def keep_numbers(basis: Basis) -> Basis:
    """Return the basis of a later copy or an update, which never change a number."""
    return replace(basis, policy=replace(basis.policy, number_source=NumberSource.PRODUCTIVE))


def choices_of(copy: CopyRow) -> Choices:
    """Return what was chosen for a copy, with the customer and journal that it got."""
    chosen = choices_from_row(copy.choices) if copy.choices else Choices()
    customer_id = copy.customer_id or chosen.customer_id
    journal = copy.journal or chosen.journal
    if customer_id is None:
        return replace(chosen, journal=journal)

    return replace(chosen, customer_id=customer_id, new_customer=False, customer=None, journal=journal)


def as_copied(draft: Draft, copy: CopyRow) -> Draft:
    """Show a draft's lines with what a copy used for them, whatever the mappings say now."""
    if copy.entry is None:
        return draft
    used = {line.invoice_line_id: line for line in entry_from_row(copy.entry).lines}
    return replace(draft, lines=tuple(_as_used(line, used.get(line.line.id)) for line in draft.lines))


def _as_used(line: DraftLine, used: SalesEntryLine | None) -> DraftLine:
    if used is None:
        return line
    vat = Chosen(used.vat_code, used.vat_source, used.vat_why) if used.vat_code else None
    ledger = Chosen(used.ledger_id, used.ledger_source, used.ledger_why)
    return replace(line, ledger=ledger, vat=vat, cost_center=used.cost_center)
