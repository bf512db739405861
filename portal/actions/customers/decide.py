"""How the customer of a copy was decided, and by which evidence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from portal.actions.customers.alike import customers_alike
from portal.actions.customers.doubt import find_doubt
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.customers.evidence import Suggestion
from portal.domain.customers.matching import certain_match, judge_customer
from portal.domain.customers.states import LinkOrigin
from portal.store.customer_links import find_link
from portal.vat_numbers import read_vat


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

    customers = customers_alike(session, connection_id, invoice.bill_to, choices.customer_id)
    certain = certain_match(invoice.bill_to, customers, read_vat=read_vat, today=today)
    if link is None and certain is not None and certain.customer.id == choices.customer_id:
        return replace(choices, customer_how=LinkOrigin.CERTAIN, evidence=spell_signs(certain))

    evidence = find_evidence(invoice.bill_to, choices.customer_id, customers, today)
    return replace(choices, customer_how=LinkOrigin.CHOSEN, evidence=evidence)


def find_evidence(
    bill_to: BillTo | None, customer_id: str, customers: Sequence[Customer], today: date
) -> tuple[str, ...]:
    """Return what speaks for and against a chosen customer."""
    customer = next((each for each in customers if each.id == customer_id), None)
    if customer is None or bill_to is None:
        return ()
    return spell_signs(judge_customer(bill_to, customer, customers, read_vat=read_vat, today=today))


def spell_signs(judged: Suggestion) -> tuple[str, ...]:
    """Spell the signs as they are kept."""
    return tuple(map(str, (*judged.agrees, *judged.contradicts)))
