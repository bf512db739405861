"""The credit entry that takes a booked entry back: the same accounts and VAT codes, every amount turned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.booking.catalogue import CREDIT_JOURNAL, SALES_JOURNAL, Catalogue, Division, Journal, shown
from portal.domain.booking.draft import Policy
from portal.domain.booking.header import DESCRIPTION_LIMIT, check_booking_date, find_journal
from portal.domain.booking.kind import check_credit_journal, choose_credit_journal
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, Problem, SalesEntry, SalesEntryLine
from portal.domain.currencies import decimals_of, say_decimals
from portal.domain.imprint import credit_text
from portal.domain.said import said
from portal.domain.text import cut, one_line

MIRRORED = "mirrored"
TEXT_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Credit:
    """The credit entry as it will be booked, None exactly when there are problems."""

    entry: SalesEntry | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    journal: str = ""
    booking_date: str = ""


def draft_credit(
    booked: BookedEntry,
    choices: Choices,
    *,
    number: str,
    catalogue: Catalogue,
    division: Division,
    policy: Policy,
) -> Credit:
    """Mirror an entry as Exact has it, or say everything in the way."""
    # ``number`` stands in where the entry has no reference.
    own = find_journal(catalogue, booked.journal)
    code = choices.journal or choose_credit_journal(booked, own, policy)
    day = read_day(choices)
    journal = find_journal(catalogue, code)
    problems = (
        *check_journal(journal, code, booked.currency, division),
        *(check_credit_journal(booked, journal, policy) if journal else ()),
        *check_booking_date(day, choices, catalogue, policy),
        *_check_lines(booked, catalogue),
    )

    rate, notes = _choose_rate(booked, journal, division)
    entry = None

    if not problems and journal and day:
        kind = CREDIT_JOURNAL if policy.send_credit_type and booked.gross > 0 else None
        entry = _build(booked, booked.your_ref.strip() or number, journal, day, rate, kind)

    return Credit(entry, problems, notes, code, choices.booking_date or "")


def read_day(choices: Choices) -> date | None:
    """Return the chosen booking date, None where it is no date."""
    try:
        return date.fromisoformat(choices.booking_date or "")
    except ValueError:
        return None


def check_journal(journal: Journal | None, code: str, currency: str, division: Division) -> Iterator[Problem]:
    """Yield what is wrong with the journal of a credit entry."""
    if journal is None:
        yield problem("journal_unknown", "journal", journal=shown(code))
        return

    if journal.blocked:
        yield problem("journal_blocked", "journal", journal=shown(code))

    if journal.type not in (SALES_JOURNAL, CREDIT_JOURNAL):
        yield problem("journal_type", "journal", journal=shown(code))

    if (decimals_of(currency) or 0) > 2:
        yield problem("currency_decimals", currency=currency, decimals=say_decimals(currency))

    allowed = shown(journal.currency or division.currency)
    if allowed != currency and not journal.any_currency:
        yield problem("journal_currency", "journal", journal=shown(code), allowed=allowed, currency=currency)


def _check_lines(booked: BookedEntry, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield the accounts and VAT codes of the entry that Exact takes no more."""
    accounts = {line.ledger_id for line in booked.lines}
    codes = {shown(line.vat_code or "") for line in booked.lines}

    for account in catalogue.accounts:
        if account.id in accounts and account.blocked:
            yield problem("credit_blocked", what=said("the_ledger_account", code=shown(account.code)))

    for code in catalogue.vat_codes:
        if shown(code.code) in codes and code.blocked:
            yield problem("credit_blocked", what=said("the_vat_code", code=shown(code.code)))


def _choose_rate(
    booked: BookedEntry, journal: Journal | None, division: Division
) -> tuple[Decimal | None, tuple[str, ...]]:
    """Return the entry's own exchange rate where it may be sent, so that the books come out even."""
    if booked.currency == division.currency:
        return None, ()
    if journal is not None and journal.any_rate and booked.rate:
        return booked.rate, ()

    note = (
        f"Exact's exchange rate of the booking date is used for {booked.currency}, not the one of entry "
        f"{booked.entry_number}; an exchange difference may stay."
    )

    return None, (note,)


def _build(
    booked: BookedEntry, ref: str, journal: Journal, day: date, rate: Decimal | None, kind: int | None
) -> SalesEntry:
    text = one_line(credit_text(booked.entry_number, booked.description))
    return SalesEntry(
        customer_id=booked.customer_id,
        journal=journal.code,
        entry_date=day,
        due_date=None,
        your_ref=ref,
        payment_reference=ref,
        description=cut(text, DESCRIPTION_LIMIT),
        currency=booked.currency,
        rate=rate,
        type=kind,
        lines=tuple(_turn(line) for line in booked.lines),
    )


def _turn(line: BookedLine) -> SalesEntryLine:
    """Turn one line."""
    # Its quantity is not read back from Exact, and an amount counts for one.
    return SalesEntryLine(
        invoice_line_id=line.id,
        ledger_id=line.ledger_id,
        amount=-line.amount,
        vat_code=line.vat_code,
        vat_amount=-line.vat_amount,
        description=cut(line.description, TEXT_LIMIT),
        quantity=Decimal(1),
        cost_center=line.cost_center,
        ledger_source=MIRRORED,
        vat_source=MIRRORED,
    )
