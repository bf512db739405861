"""Suggest which customer a company is, with the evidence, and link those that a person accepts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.actions.customers.alike import all_alike
from portal.actions.customers.change_link import CannotLinkError, LinkedCompany, link_company
from portal.actions.customers.finder import names_near, score_names
from portal.actions.engine.turn import transaction
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.suggest import Reason, Suggested, Suggestion, Tie, because
from portal.domain.customers import evidence
from portal.domain.customers.directory import Directory
from portal.domain.customers.matching import certain_match, suggest_customers
from portal.domain.customers.signs import UNUSABLE, Sign
from portal.store.catalogue import all_customers, customers_by_id, some_customers
from portal.store.connections import ConnectionRow
from portal.store.customer_links import find_link, newest_invoice, newest_invoices
from portal.store.proposals import COMPANY, Proposed, find_proposals, proposed_of
from portal.store.unlinked import UnlinkedCompany
from portal.vat_numbers import read_vat

MOST_TIED = 4
# How much stronger the best evidence must be than the next.
CLEARLY = 10.0
# As many comparisons of a company with a customer are made while a page waits.
MOST_WEIGHED = 1000


@dataclass(frozen=True, slots=True)
class CustomerSuggestion:
    """What is suggested for a company, with the evidence for and against it."""

    # A certain one is taken by itself when an invoice is copied.

    suggestion: Suggested | Tie
    candidates: tuple[evidence.Suggestion, ...]
    is_certain: bool

    @property
    def customer(self) -> Customer:
        """Return the customer that fits best."""
        return self.candidates[0].customer

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Return what speaks for and against it."""
        first = self.candidates[0]
        return (*first.agrees, *first.contradicts)


def suggest_customer(
    session: Session, connection: ConnectionRow, company_id: str, *, today: date
) -> CustomerSuggestion | None:
    """Suggest which customer a company is that is not linked yet. None where nobody fits."""
    if find_link(session, connection.id, company_id) is not None:
        return None

    invoice = newest_invoice(session, connection.id, company_id)
    return judge(invoice, all_customers(session, connection.id), today)


def suggest_customers_of(
    session: Session, connection: ConnectionRow, companies: Sequence[UnlinkedCompany], *, today: date
) -> Mapping[str, CustomerSuggestion | None]:
    """Weigh customers for several companies, and read the customers once."""
    invoices, found = _find_certain(session, connection, companies, today)
    return found | _weigh(session, connection, invoices, found, today)


def read_suggestions(
    session: Session, connection: ConnectionRow, companies: Sequence[UnlinkedCompany], *, today: date
) -> Mapping[str, CustomerSuggestion | None]:
    """Return which customers are suggested, as was weighed beforehand. Who was not yet is left out."""
    invoices, found = _find_certain(session, connection, companies, today)
    subjects = {f"{COMPANY}:{company_id}": company_id for company_id, one in found.items() if one is None}
    kept = {
        subjects[subject]: proposed_of(row)
        for subject, row in find_proposals(session, connection.id, list(subjects)).items()
    }
    wanted = {target for one in kept.values() for target in one.targets}
    customers = customers_by_id(session, connection.id, wanted)
    known = {
        company_id: _of_kept(one, customers)
        for company_id, one in kept.items()
        if set(one.targets) <= set(customers)
    }

    told = {company_id: one for company_id, one in found.items() if one is not None} | known
    missing = {company_id: invoice for company_id, invoice in invoices.items() if company_id not in told}
    # What nobody weighed yet is weighed here where that is little, and by the job where it is much.
    some = some_customers(session, connection.id, MOST_WEIGHED // max(len(missing), 1)) if missing else None
    weighed = {each: judge(invoice, some, today) for each, invoice in missing.items()} if some else {}
    nobody = {company_id: None for company_id in found if company_id not in invoices}
    return nobody | told | weighed


def _of_kept(kept: Proposed, customers: Mapping[str, Customer]) -> CustomerSuggestion | None:
    if not kept.targets:
        return None

    suggestion = Suggested(kept.target, kept.because) if kept.target else Tie(kept.targets)
    candidates = tuple(evidence.Suggestion(customers[target], (), (), 0.0) for target in kept.targets)
    return CustomerSuggestion(suggestion, candidates, is_certain=False)


def _find_certain(
    session: Session, connection: ConnectionRow, companies: Sequence[UnlinkedCompany], today: date
) -> tuple[Mapping[str, Invoice], dict[str, CustomerSuggestion | None]]:
    """Return the newest invoices of companies, and who is certain without a look at all customers."""
    ids = [each.company_id for each in companies]
    invoices = newest_invoices(session, connection.subsidiary_id, ids)
    buyers = {company_id: invoice.bill_to for company_id, invoice in invoices.items() if invoice.bill_to}
    alike = all_alike(session, connection.id, buyers.values())

    found: dict[str, CustomerSuggestion | None] = dict.fromkeys(ids)
    for company_id, buyer in buyers.items():
        certain = certain_match(buyer, alike.alike(buyer), read_vat=read_vat, today=today)
        if certain is not None:
            found[company_id] = CustomerSuggestion(_suggested(certain), (certain,), is_certain=True)

    return invoices, found


def _weigh(
    session: Session,
    connection: ConnectionRow,
    invoices: Mapping[str, Invoice],
    found: Mapping[str, CustomerSuggestion | None],
    today: date,
) -> dict[str, CustomerSuggestion | None]:
    """Weigh whoever is in doubt against all customers."""
    doubtful = [each for each, invoice in invoices.items() if invoice.bill_to and found[each] is None]
    if not doubtful:
        return {}

    customers = all_customers(session, connection.id)
    directory = Directory(customers, near=names_near, read_vat=read_vat)
    return {company_id: judge_by(directory, invoices[company_id], today) for company_id in doubtful}


def judge_by(directory: Directory, invoice: Invoice, today: date) -> CustomerSuggestion | None:
    """Weigh those of many customers that may be the buyer of an invoice, as if all of them were weighed."""
    return judge(invoice, directory.likely(invoice.bill_to), today) if invoice.bill_to else None


def accept_customer(session: Session, company: LinkedCompany, customer_id: str) -> None:
    """Link a company to a customer that was suggested. Raises CannotLinkError."""
    with transaction(session):
        link_company(session, company, customer_id)


def accept_customers(
    session: Session, connection_id: int, customers: Mapping[str, str], who: LinkedCompany
) -> list[str]:
    """Link companies to their customers in one transaction, and return which. Those linked meanwhile stay."""
    linked: list[str] = []
    with transaction(session):
        for company_id, customer_id in customers.items():
            try:
                link_company(session, LinkedCompany(connection_id, company_id, who.by, who.at), customer_id)
            except CannotLinkError:
                continue
            linked.append(company_id)

    return linked


def judge(invoice: Invoice | None, customers: Sequence[Customer], today: date) -> CustomerSuggestion | None:
    """Weigh all customers against the buyer of an invoice."""
    if invoice is None or invoice.bill_to is None:
        return None

    certain = certain_match(invoice.bill_to, customers, read_vat=read_vat, today=today)
    if certain is not None:
        return CustomerSuggestion(_suggested(certain), (certain,), is_certain=True)

    found = suggest_customers(
        invoice.bill_to, customers, MOST_TIED, score_names, read_vat=read_vat, today=today
    )
    usable = tuple(each for each in found if not UNUSABLE & set(each.contradicts))
    suggestion = _choose(usable)
    return CustomerSuggestion(suggestion, usable, is_certain=False) if suggestion else None


def _choose(found: Sequence[evidence.Suggestion]) -> Suggestion:
    """Return the one with clearly the best evidence, else all that are about as good."""
    if not found:
        return None

    close = [each for each in found if found[0].strength - each.strength < CLEARLY]
    if len(close) == 1:
        return _suggested(close[0])

    return Tie(tuple(each.customer.id for each in close))


def _suggested(found: evidence.Suggestion) -> Suggested:
    signs = ",".join((*found.agrees, *found.contradicts))
    return Suggested(found.customer.id, because(Reason.EVIDENCE, signs=signs))
