"""What stands above the lines of a sales entry: customer, journal, booking date, currency and texts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.booking.catalogue import (
    CREDIT_JOURNAL,
    SALES_JOURNAL,
    Catalogue,
    Customer,
    Division,
    Journal,
    Period,
    shown,
)
from portal.domain.booking.draft import Policy
from portal.domain.booking.exchange import choose_rate
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.connections.states import NumberSource
from portal.domain.currencies import has_cents, say_decimals
from portal.domain.said import Amount
from portal.domain.text import cut, one_line, width
from portal.domain.unreadable import Kind

REFERENCE_LIMIT = 30
DESCRIPTION_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Header:
    """The header as it will be booked."""

    # ``journal`` and ``booked_on`` are None where the choice is a problem.

    code: str | None
    journal: Journal | None
    booked_on: date | None
    rate: Decimal | None
    description: str
    notes: tuple[str, ...]


def choose_header(
    invoice: Invoice, *, choices: Choices, catalogue: Catalogue, division: Division, policy: Policy
) -> Header:
    """Choose everything above the lines."""
    code = choose_journal(invoice, choices, policy)
    journal = find_journal(catalogue, code)
    whole = one_line(f"{invoice.number or ''} {invoice.subject}")
    description = cut(whole, DESCRIPTION_LIMIT)
    chosen = choose_rate(invoice, division, journal, catalogue.rates)
    notes = [*((chosen.note,) if chosen.note else ()), *_note_number(invoice, policy)]
    if description != whole:
        notes.insert(0, f"The description is cut to “{description}”, as Exact takes 50 characters.")

    return Header(code, journal, read_booking_date(invoice, choices), chosen.rate, description, tuple(notes))


def choose_journal(invoice: Invoice, choices: Choices, policy: Policy) -> str | None:
    """Pick the journal: the dialog's, the one for credit notes, the default."""
    usual = (invoice.is_credit_note and policy.credit_journal) or policy.default_journal
    return (usual if choices.journal is None else choices.journal) or None


def find_journal(catalogue: Catalogue, code: str | None) -> Journal | None:
    """Return a journal by its code, padded or not."""
    return next((found for found in catalogue.journals if code and shown(found.code) == shown(code)), None)


def read_booking_date(invoice: Invoice, choices: Choices) -> date | None:
    """Return the chosen booking date, else the invoice's."""
    # None where the choice is no date.
    if choices.booking_date is None:
        return invoice.invoiced_on
    try:
        return date.fromisoformat(choices.booking_date)
    except ValueError:
        return None


def _note_number(invoice: Invoice, policy: Policy) -> Iterator[str]:
    """Say what becomes of the number where Exact generates it."""
    if policy.number_source != NumberSource.EXACT:
        return

    if invoice.sent_on:
        yield (
            f"The invoice is already marked as sent, so it keeps its number {invoice.number} in Productive. "
            "Exact's number is shown beside it."
        )
    else:
        yield "Exact generates the number. It replaces Productive's number after the copy."


def check_invoice(invoice: Invoice) -> Iterator[Problem]:
    """Yield what is wrong with the invoice itself."""
    if not has_cents(invoice.currency):
        decimals = say_decimals(invoice.currency)
        yield problem("currency_decimals", currency=invoice.currency, decimals=decimals)

    faults = {
        "not_finalized": invoice.finalized_on is None,
        "deleted": invoice.deleted,
        "sample": invoice.sample,
        "no_lines": not invoice.lines,
        "number_missing": not (invoice.number or "").strip(),
    }

    yield from (problem(code) for code, found in faults.items() if found)
    if (length := width(invoice.number or "")) > REFERENCE_LIMIT:
        yield problem("number_too_long", number=invoice.number or "", length=str(length))

    if invoice.amount + invoice.amount_tax != invoice.amount_with_tax:
        yield problem(
            "totals_do_not_add_up",
            net=Amount(invoice.amount, invoice.currency),
            vat=Amount(invoice.amount_tax, invoice.currency),
            total=Amount(invoice.amount_with_tax, invoice.currency),
        )


def check_customer(
    customer: Customer | None, choices: Choices, day: date | None, doubt: Problem | None = None
) -> Iterator[Problem]:
    """Yield what is wrong with the customer, unless it is a new one."""
    # ``doubt`` is why the linked customer cannot be taken as it is.
    if choices.new_customer:
        return

    if customer is None:
        yield doubt or problem("customer_missing", "customer")
        return

    if customer.status.strip() != "C":
        yield problem("customer_status", "customer", name=customer.name)

    if customer.blocked:
        yield problem("customer_blocked", "customer", name=customer.name)

    if customer.ended_on and day and customer.ended_on < day:
        yield problem("customer_ended", "customer", name=customer.name, date=customer.ended_on)


def check_journal(
    invoice: Invoice, header: Header, catalogue: Catalogue, division: Division
) -> Iterator[Problem]:
    """Yield what is wrong with the journal and the currency."""
    if invoice.currency not in {division.currency, *(shown(known) for known in catalogue.currencies)}:
        hidden = catalogue.hides(Kind.CURRENCY, invoice.currency)
        yield problem("currency_unreadable" if hidden else "currency_unknown", currency=invoice.currency)

    code = header.code
    journal = header.journal

    if journal is None:
        missing = problem("journal_missing", "journal")
        unknown = "journal_unreadable" if catalogue.hides(Kind.JOURNAL, code or "") else "journal_unknown"
        yield problem(unknown, "journal", journal=shown(code)) if code else missing
        return

    if journal.blocked:
        yield problem("journal_blocked", "journal", journal=shown(journal.code))

    if journal.type not in (SALES_JOURNAL, CREDIT_JOURNAL):
        yield problem("journal_type", "journal", journal=shown(journal.code))

    allowed = shown(journal.currency or division.currency)
    if allowed != invoice.currency and not journal.any_currency:
        values = {"journal": shown(journal.code), "allowed": allowed, "currency": invoice.currency}
        yield problem("journal_currency", "journal", **values)


def check_booking_date(
    day: date | None, choices: Choices, catalogue: Catalogue, policy: Policy
) -> Iterator[Problem]:
    """Yield what is wrong with the booking date."""
    if day is None:
        yield problem("booking_date_invalid", "booking_date", text=choices.booking_date or "")
        return

    if policy.books_closed_until and policy.books_closed_until >= day:
        yield problem("books_closed", "booking_date", closed=policy.books_closed_until)

    if not has_period(catalogue.periods, day):
        missing = "period_unreadable" if catalogue.hides(Kind.PERIOD) else "period_missing"
        yield problem(missing, "booking_date", date=day)


def has_period(periods: Iterable[Period], day: date) -> bool:
    """Say whether a day lies in a financial period."""
    return any(period.start <= day <= period.end for period in periods)
