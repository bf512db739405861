"""What the copy dialog says about the customer: who it is and why, or the question who it may be."""

from dataclasses import dataclass

from flask_babel import gettext as _
from rapidfuzz.fuzz import token_sort_ratio
from sqlalchemy.orm import Session

from portal.actions.customers.link import find_doubt, find_link
from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.countries import iso_country
from portal.domain.customers.evidence import AGAINST, Sign, Suggestion
from portal.domain.customers.matching import certain_match, suggest_customers
from portal.domain.customers.search import search_customers
from portal.domain.customers.vat_numbers import VatNumber
from portal.store.catalogue import all_customers, find_customer
from portal.store.customer_links import CustomerLinkRow
from portal.vat_numbers import read_vat
from portal.web.common.clock import today

MOST_FOUND = 8
MOST_ASKED = 4


@dataclass(frozen=True, slots=True)
class Question:
    """Who the customer may be. ``vat`` is what the invoice gives as the buyer's VAT number."""

    candidates: tuple[Suggestion, ...]
    vat: VatNumber


@dataclass(frozen=True, slots=True)
class Decision:
    """How the customer in the field was decided: by a link that holds, else by evidence without a doubt."""

    link: CustomerLinkRow | None
    signs: tuple[Sign, ...]


def score_names(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1."""
    return token_sort_ratio(one, other) / 100


def find_certain(session: Session, connection_id: int, invoice: Invoice) -> str | None:
    """Return the customer that is certainly the buyer of a company that nobody linked yet."""
    if invoice.bill_to is None or find_link(session, connection_id, invoice.company_id):
        return None
    certain = _certain(session, connection_id, invoice.bill_to)
    return certain.customer.id if certain else None


def _certain(session: Session, connection_id: int, bill_to: BillTo) -> Suggestion | None:
    customers = all_customers(session, connection_id)
    return certain_match(bill_to, customers, read_vat=read_vat, today=today())


def ask_customer(session: Session, connection_id: int, invoice: Invoice, choices: Choices) -> Question | None:
    """Return who the customer may be where none is chosen, with the evidence for and against each."""
    is_chosen = find_customer(session, connection_id, choices.customer_id) is not None
    if is_chosen or choices.new_customer or invoice.bill_to is None:
        return None
    candidates = find_candidates(session, connection_id, invoice.bill_to, "", limit=MOST_ASKED)
    return Question(tuple(candidates), read_buyer_vat(invoice.bill_to))


def find_candidates(
    session: Session, connection_id: int, bill_to: BillTo | None, query: str, *, limit: int = MOST_FOUND
) -> list[Suggestion]:
    """Return the customers that a search finds. Where nothing is typed, those who may be the buyer."""
    customers = all_customers(session, connection_id)
    suggested: list[Suggestion] = []

    if bill_to is not None:
        suggested = suggest_customers(
            bill_to, customers, limit=limit, score=score_names, read_vat=read_vat, today=today()
        )

    if not query.strip():
        return suggested

    known = {each.customer.id: each for each in suggested}
    found = search_customers(query, customers, limit=limit, read_vat=read_vat)
    return [known.get(each.id, Suggestion(each, (), (), 0.0)) for each in found]


def explain_customer(
    session: Session, connection_id: int, invoice: Invoice, choices: Choices
) -> Decision | None:
    """Say how the chosen customer was decided. Nothing where a person chose it just now."""
    if not choices.customer_id or invoice.bill_to is None:
        return None

    link = find_link(session, connection_id, invoice.company_id)
    if link is not None:
        holds = (
            link.customer_id == choices.customer_id and find_doubt(session, connection_id, invoice) is None
        )
        return Decision(link, read_signs(link.evidence)) if holds else None

    certain = _certain(session, connection_id, invoice.bill_to)
    if certain is None or certain.customer.id != choices.customer_id:
        return None

    return Decision(None, (*certain.agrees, *certain.contradicts))


def read_buyer_vat(bill_to: BillTo) -> VatNumber:
    """Return what an invoice gives as its buyer's VAT number."""
    return read_vat(bill_to.vat, iso_country(bill_to.country))


def say_vat(buyer: BillTo | None, customer: NewCustomer | None) -> str | None:
    """Say what was left out as no VAT number, or that the check digit of the one that is taken is wrong."""
    if buyer is None or customer is None:
        return None

    given = read_buyer_vat(buyer)
    if given.is_several:
        several = str(_("“%(text)s” on the invoice holds more than one VAT number, so none is taken."))
        return several % {"text": given.given}

    if given.is_left_out:
        left_out = str(_("“%(text)s” on the invoice is not a VAT number, so it is left out."))
        return left_out % {"text": given.given}

    taken = read_vat(customer.vat_number, iso_country(customer.country))
    if taken and not taken.is_checked:
        wrong = str(_("The check digit of %(number)s is wrong. Check the number with the customer."))
        return wrong % {"number": taken.number}

    return None


def read_signs(codes: list[str]) -> tuple[Sign, ...]:
    """Return the signs that are kept with a link, those against it last."""
    known = [Sign(code) for code in codes if code in set(Sign)]
    return tuple(sorted(known, key=lambda sign: sign in AGAINST))
