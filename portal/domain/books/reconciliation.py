"""Whether an invoice in Productive and an entry in Exact agree, and in what they differ; amounts in cents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain.periods import month_of

EQUAL = "equal"
DIFFERENT = "different"
ONLY_PRODUCTIVE = "productive"
ONLY_EXACT = "exact"
EXPLAINED = "explained"
DIFFERING = (DIFFERENT, ONLY_PRODUCTIVE, ONLY_EXACT)

# In what both sides differ, in the order in which people ask.
AMOUNT = "amount"
VAT = "vat"
CURRENCY = "currency"
LEDGER = "ledger"
DATE = "date"
CUSTOMER = "customer"
OPEN = "open"
PAID = "paid"
DETAILS = "details"
CHANGED = "changed"
UNLINKED = "unlinked"
DIFFERENCES = (AMOUNT, VAT, CURRENCY, LEDGER, DATE, CUSTOMER, OPEN, PAID, DETAILS, CHANGED, UNLINKED)
# Why only one side has it.
NOT_COPIED = "not copied"
ELSEWHERE = "copied elsewhere"
EXCLUDED = "do not copy"
EARLY = "early"
ON_ITS_WAY = "on its way"
UNCERTAIN = "uncertain"
REFUSED = "refused"
UNDONE = "undone"
SEVERAL = "several entries"
GONE = "deleted in exact"
STRANGER = "stranger"
OLDER = "older copy"
INVOICE_GONE = "deleted in productive"
CREDITED = "credited"
# Two entries of one request, and an entry under the number of an invoice that has another one.
TWIN = "twin"
BESIDE = "beside"

_OF_PAYMENTS = frozenset({OPEN, PAID})


@dataclass(frozen=True, slots=True)
class Billed:
    """The invoice's side; ``state`` says why no entry of ours stands in Exact, where none does."""

    gross: int
    vat: int
    currency: str
    day: date
    unpaid: int
    state: str = NOT_COPIED
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """The entry's side, as last read, else as the copy booked it; None where that is not known.

    ``drift`` names the kinds of what changed since it was booked; ``open`` is what Exact still expects.
    """

    gross: int
    vat: int | None
    currency: str
    day: date | None
    open: int | None = None
    drift: frozenset[str] = frozenset()
    linked: bool = True
    other_customer: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a comparison: one of five words, and why."""

    word: str
    codes: tuple[str, ...] = ()


def compare(billed: Billed, posted: Posted | None, *, accepted: bool = False) -> Verdict:
    """Compare an invoice with its entry; ``accepted``: a person accepted Exact's version as it is."""
    if posted is None:
        explained = accepted or billed.state in (EXCLUDED, EARLY)
        return Verdict(EXPLAINED if explained else ONLY_PRODUCTIVE, (billed.state,))

    found = frozenset(_each_difference(billed, posted))
    codes = tuple(code for code in DIFFERENCES if code in found)
    if not codes:
        return Verdict(EQUAL)
    if not accepted:
        return Verdict(DIFFERENT, codes)

    left = tuple(code for code in codes if code in _OF_PAYMENTS)
    return Verdict(DIFFERENT, left) if left else Verdict(EXPLAINED, codes)


def compare_alone(reason: str, *, accepted: bool = False) -> Verdict:
    """Judge an entry that no invoice stands for; ``accepted`` says that it belongs to Exact alone."""
    return Verdict(EXPLAINED if accepted or reason == CREDITED else ONLY_EXACT, (reason,))


def _each_difference(billed: Billed, posted: Posted) -> Iterator[str]:
    """Yield every kind of difference."""
    yield from posted.drift
    if not posted.linked:
        yield UNLINKED

    if posted.other_customer:
        yield CUSTOMER

    if billed.changed:
        yield CHANGED

    if posted.day and month_of(posted.day) != month_of(billed.day):
        yield DATE

    if posted.currency != billed.currency:
        yield CURRENCY
        return

    if posted.gross != billed.gross:
        yield AMOUNT

    if posted.vat is not None and posted.vat != billed.vat:
        yield VAT

    # Productive keeps no open amount of credit notes that Exact would agree to.
    if posted.open is None or billed.gross <= 0:
        return

    if posted.open != billed.unpaid:
        yield OPEN
        if 0 in (posted.open, billed.unpaid):
            yield PAID
