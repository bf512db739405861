"""Who in Exact the buyer of an invoice is: preselected, asked for, explained and searched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rapidfuzz.fuzz import token_sort_ratio
from rapidfuzz.process import extract
from sqlalchemy.orm import Session

from portal.actions.customers.alike import customers_alike
from portal.actions.customers.doubt import find_doubt, find_linked
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.countries import iso_country
from portal.domain.customers.evidence import Suggestion
from portal.domain.customers.likeness import SIMILAR
from portal.domain.customers.matching import certain_match, suggest_customers
from portal.domain.customers.search import search_customers
from portal.domain.customers.signs import AGAINST, Sign
from portal.domain.customers.vat_numbers import VatNumber
from portal.domain.words import words_of
from portal.store.catalogue import customers_by_id, customers_having, some_customers
from portal.store.customer_links import CustomerLinkRow, find_link
from portal.store.proposals import COMPANY, find_proposals
from portal.vat_numbers import read_vat

MOST_FOUND = 8
# A little below what counts as similar, so that no rounding leaves one out.
NEAR = SIMILAR * 100 - 1
MOST_ASKED = 4
# More customers than these are not weighed while a person waits.
MOST_WEIGHED = 500


@dataclass(frozen=True, slots=True)
class Question:
    """Who the customer may be. ``vat`` is what the invoice gives as the buyer's VAT number."""

    candidates: tuple[Suggestion, ...]
    vat: VatNumber


@dataclass(frozen=True, slots=True)
class Decision:
    """How the customer was decided: by a link, else by evidence."""

    link: CustomerLinkRow | None
    signs: tuple[Sign, ...]


class CustomerFinder:
    """Finds the buyer of one invoice among a connection's customers, which it reads once."""

    def __init__(self, session: Session, connection_id: int, invoice: Invoice, today: date) -> None:
        self.session = session
        self.connection_id = connection_id
        self.invoice = invoice
        self.today = today

    @cached_property
    def alike(self) -> list[Customer]:
        """Return those who may be certain, or stand in the way of another's being so."""
        return customers_alike(self.session, self.connection_id, self.invoice.bill_to)

    @cached_property
    def near(self) -> list[Customer]:
        """Return all customers where they are few, else those that were weighed beforehand or are alike."""
        return customers_near(
            self.session, self.connection_id, self.invoice.company_id, self.invoice.bill_to, self.alike
        )

    @cached_property
    def link(self) -> CustomerLinkRow | None:
        """Return how the company was linked before."""
        return find_link(self.session, self.connection_id, self.invoice.company_id)

    @cached_property
    def certain(self) -> Suggestion | None:
        """Return the customer that is the buyer without a doubt."""
        buyer = self.invoice.bill_to
        if buyer is None:
            return None
        return certain_match(buyer, self.alike, read_vat=read_vat, today=self.today)

    def preselect(self) -> str | None:
        """Return the linked customer, else the one that is certainly the buyer."""
        return self._preselected

    @cached_property
    def _preselected(self) -> str | None:
        if self.link is not None:
            return find_linked(self.session, self.connection_id, self.invoice)
        return self.certain.customer.id if self.certain else None

    def ask(self, chosen: Customer | None, choices: Choices) -> Question | None:
        """Return who the customer may be, where none is chosen."""
        buyer = self.invoice.bill_to
        if chosen is not None or choices.new_customer or buyer is None:
            return None

        candidates = find_among(self.near, buyer, today=self.today, limit=MOST_ASKED)
        return Question(tuple(candidates), read_buyer_vat(buyer))

    def explain(self, choices: Choices) -> Decision | None:
        """Say how the chosen customer was decided. Nothing where a person chose it just now."""
        if not choices.customer_id or self.invoice.bill_to is None:
            return None
        if self.link is not None:
            return self._explain_link(self.link, choices.customer_id)
        if self.certain is None or self.certain.customer.id != choices.customer_id:
            return None

        return Decision(None, (*self.certain.agrees, *self.certain.contradicts))

    def _explain_link(self, link: CustomerLinkRow, customer_id: str) -> Decision | None:
        if link.customer_id != customer_id or find_doubt(self.session, self.connection_id, self.invoice):
            return None
        return Decision(link, read_signs(link.evidence))

    def search(self, query: str) -> list[Suggestion]:
        """Return the customers that a search finds."""
        hits = search_stored(self.session, self.connection_id, query)
        return _with_evidence(hits, find_among(self.near, self.invoice.bill_to, today=self.today))


def customers_near(
    session: Session,
    connection_id: int,
    company_id: str,
    bill_to: BillTo | None,
    alike: Sequence[Customer] | None = None,
) -> list[Customer]:
    """Return all customers where they are few, else those that were weighed beforehand or are alike."""
    some = some_customers(session, connection_id, MOST_WEIGHED)
    if some is not None:
        return some

    subject = f"{COMPANY}:{company_id}"
    kept = find_proposals(session, connection_id, [subject]).get(subject)
    weighed = customers_by_id(session, connection_id, kept.targets if kept else [])
    same = customers_alike(session, connection_id, bill_to) if alike is None else alike
    return [*{each.id: each for each in (*same, *weighed.values())}.values()]


def find_candidates(
    session: Session, connection_id: int, company_id: str, bill_to: BillTo | None, query: str, *, today: date
) -> list[Suggestion]:
    """Return the customers that a search finds, or who may be the buyer."""
    near = customers_near(session, connection_id, company_id, bill_to) if bill_to else []
    suggested = find_among(near, bill_to, today=today)
    if not query.strip():
        return suggested

    return _with_evidence(search_stored(session, connection_id, query), suggested)


def search_stored(session: Session, connection_id: int, query: str) -> list[Customer]:
    """Return the customers that have every part of a query, best first. Only those are read."""
    parts = words_of(query)
    if not parts:
        return []

    vat = read_vat(query, None)
    some = customers_having(session, connection_id, parts, vat.key if vat else "")
    return search_customers(query, some, limit=MOST_FOUND, read_vat=read_vat)


def find_among(
    customers: Sequence[Customer], bill_to: BillTo | None, *, today: date, limit: int = MOST_FOUND
) -> list[Suggestion]:
    """Return those of some customers who may be the buyer."""
    if bill_to is None:
        return []
    return suggest_customers(
        bill_to, customers, limit=limit, score=score_names, read_vat=read_vat, today=today
    )


def _with_evidence(hits: Sequence[Customer], suggested: Sequence[Suggestion]) -> list[Suggestion]:
    """Return what was found, with the evidence where it is known."""
    known = {each.customer.id: each for each in suggested}
    return [known.get(each.id, Suggestion(each, (), (), 0.0)) for each in hits]


def score_names(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1."""
    return token_sort_ratio(one, other) / 100


def names_near(name: str, names: Sequence[str]) -> Iterable[int]:
    """Return the places of the names that are about as alike as a similar one is."""
    found = extract(name, names, scorer=token_sort_ratio, score_cutoff=NEAR, limit=None)
    return [place for _name, _score, place in found]


def read_buyer_vat(bill_to: BillTo) -> VatNumber:
    """Return what an invoice gives as its buyer's VAT number."""
    return read_vat(bill_to.vat, iso_country(bill_to.country))


def read_signs(codes: list[str]) -> tuple[Sign, ...]:
    """Return the signs that are kept with a link, those against it last."""
    known = [Sign(code) for code in codes if code in set(Sign)]
    return tuple(sorted(known, key=lambda sign: sign in AGAINST))
