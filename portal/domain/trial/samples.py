"""What a trial books: three lines, a credit note, a foreign entry, and one that Exact must refuse."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from portal.domain.booking.catalogue import (
    CREDIT_JOURNAL,
    Catalogue,
    Journal,
    LedgerAccount,
    VatCode,
    for_sales,
    is_revenue,
    shown,
    takes_revenue,
    takes_sales,
)
from portal.domain.booking.header import has_period
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem, SalesEntry, SalesEntryLine
from portal.domain.money import vat_of

# Each of these leaves a part of a cent, so that VAT by line and VAT by sum differ.
NETS = (1003, 2003, 3003)
ROUND_NET = 10000
CLEAR_OF_CONDITIONS = timedelta(days=37)
NO_JOURNAL = "~~"
MANDATORY_COST_CENTER = 1
CUSTOMER = "Portal trial"


@dataclass(frozen=True, slots=True)
class Material:
    """What of a division a trial books with."""

    journal: Journal
    credit_journal: Journal
    ledger_id: str
    vat_code: VatCode
    currency: str
    foreign: str | None
    send_credit_type: bool
    day: date


@dataclass(frozen=True, slots=True)
class Taste:
    """What a connection prefers of what its division offers."""

    journal: str | None
    credit_journal: str | None
    ledger_id: str | None
    currency: str
    send_credit_type: bool
    books_closed_until: date | None


def choose_material(catalogue: Catalogue, taste: Taste, day: date) -> Material | tuple[Problem, ...]:
    """Choose what a trial books with, or say everything that is missing."""
    journal = _choose_journal(catalogue, taste.journal, taste.currency)
    ledger = _choose_ledger(catalogue, taste.ledger_id)
    code = _choose_vat_code(catalogue)
    problems: list[Problem] = []
    if taste.books_closed_until and taste.books_closed_until >= day:
        problems.append(problem("trial_books_closed", closed=taste.books_closed_until))

    if not has_period(catalogue.periods, day):
        problems.append(problem("trial_no_period", date=day))

    if journal is None:
        problems.append(problem("trial_no_journal"))

    if ledger is None:
        problems.append(problem("trial_no_ledger"))

    if code is None:
        problems.append(problem("trial_no_vat_code"))

    if problems or journal is None or ledger is None or code is None:
        return tuple(problems)

    foreign = [shown(each) for each in catalogue.currencies if shown(each) != taste.currency]
    return Material(
        journal=journal,
        credit_journal=_find_journal(catalogue, taste.credit_journal) or journal,
        ledger_id=ledger.id,
        vat_code=code,
        currency=taste.currency,
        foreign=foreign[0] if foreign and journal.any_currency else None,
        send_credit_type=taste.send_credit_type,
        day=day,
    )


def _find_journal(catalogue: Catalogue, code: str | None) -> Journal | None:
    usable = [each for each in catalogue.journals if takes_sales(each)]
    return next((each for each in usable if code and shown(each.code) == shown(code)), None)


def _choose_journal(catalogue: Catalogue, wanted: str | None, currency: str) -> Journal | None:
    if found := _find_journal(catalogue, wanted):
        return found

    usable = [
        each
        for each in catalogue.journals
        if takes_sales(each) and (each.any_currency or shown(each.currency or currency) == currency)
    ]

    return min(usable, key=lambda each: (each.type, not each.any_currency, shown(each.code)), default=None)


def _choose_ledger(catalogue: Catalogue, wanted: str | None) -> LedgerAccount | None:
    usable = [
        each
        for each in catalogue.accounts
        if takes_revenue(each) and each.cost_center != MANDATORY_COST_CENTER
    ]

    return min(
        usable, key=lambda each: (each.id != wanted, not is_revenue(each), shown(each.code)), default=None
    )


def _choose_vat_code(catalogue: Catalogue) -> VatCode | None:
    usable = [
        each
        for each in catalogue.vat_codes
        if for_sales(each) and each.kind == "E" and each.percentage > 0 and not each.charged
    ]
    return max(usable, key=lambda each: (each.percentage, shown(each.code)), default=None)


def pinned_vats(percentage: Decimal) -> tuple[int, ...]:
    """Return VAT for each line that neither the lines' own nor their sum's working out gives."""
    own = [vat_of(net, percentage) for net in NETS]
    by_sum = vat_of(sum(NETS), percentage)
    step = -1 if sum(own) + 1 == by_sum else 1
    return (own[0] + step, *own[1:])


def reference_of(marker: str, place: int) -> str:
    """Spell the reference of a trial's entry. It fills the 30 characters that Exact takes."""
    return f"PORTAL-TRIAL-{marker}-{place}-SAMPLE"


def sample_invoice(material: Material, marker: str, customer_id: str) -> SalesEntry:
    """Build the entry that most is seen by: VAT a cent off, every text as long as it may be."""
    vats = pinned_vats(material.vat_code.percentage)
    lines = [
        _line(material, place, net, vat)
        for place, (net, vat) in enumerate(zip(NETS, vats, strict=True), start=1)
    ]
    return _entry(material, marker, 1, customer_id, lines)


def sample_credit(material: Material, marker: str, customer_id: str) -> SalesEntry:
    """Build a credit note as the portal books one."""
    vat = vat_of(ROUND_NET, material.vat_code.percentage)
    entry = _entry(material, marker, 2, customer_id, [_line(material, 1, -ROUND_NET, -vat)])
    kind = CREDIT_JOURNAL if material.send_credit_type else None
    return replace(entry, journal=material.credit_journal.code, type=kind)


def sample_foreign(material: Material, marker: str, customer_id: str, currency: str) -> SalesEntry:
    """Build an entry in a foreign currency, without a rate."""
    vat = vat_of(ROUND_NET, material.vat_code.percentage)
    entry = _entry(material, marker, 3, customer_id, [_line(material, 1, ROUND_NET, vat)])
    return replace(entry, currency=currency)


def sample_refused(material: Material, marker: str, customer_id: str) -> SalesEntry:
    """Build an entry in a journal that does not exist."""
    vat = vat_of(ROUND_NET, material.vat_code.percentage)
    entry = _entry(material, marker, 4, customer_id, [_line(material, 1, ROUND_NET, vat)])
    return replace(entry, journal=NO_JOURNAL)


def without_blanks(entry: SalesEntry) -> SalesEntry:
    """Return the same entry with its codes stripped."""
    lines = tuple(replace(line, vat_code=shown(line.vat_code or "")) for line in entry.lines)
    return replace(entry, journal=shown(entry.journal), lines=lines)


def _entry(
    material: Material, marker: str, place: int, customer_id: str, lines: Sequence[SalesEntryLine]
) -> SalesEntry:
    return SalesEntry(
        customer_id=customer_id,
        journal=material.journal.code,
        entry_date=material.day,
        due_date=material.day + CLEAR_OF_CONDITIONS,
        your_ref=reference_of(marker, place),
        payment_reference=reference_of(marker, place),
        description="Trial of the portal, which it deletes itself again",
        currency=material.currency,
        rate=None,
        type=None,
        lines=tuple(lines),
    )


def _line(material: Material, place: int, net: int, vat: int) -> SalesEntryLine:
    return SalesEntryLine(
        invoice_line_id=str(place),
        ledger_id=material.ledger_id,
        amount=net,
        vat_code=material.vat_code.code,
        vat_amount=vat,
        description=f"Line {place} of a trial that is deleted when the trial has ended".ljust(60, "."),
        quantity=Decimal(1),
        cost_center=None,
        ledger_source="trial",
        vat_source="trial",
    )
