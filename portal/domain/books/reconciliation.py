"""Judges whether an invoice and its entry agree, and in what they differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain.books.states import DIFFERENCES, Agreement, Why
from portal.domain.periods import month_of

_OF_PAYMENTS = frozenset({Why.OPEN, Why.PAID})


@dataclass(frozen=True, slots=True)
class Billed:
    """The invoice's side of a comparison."""

    # ``state`` says why no entry of ours stands in Exact, where none does.

    gross: int
    vat: int
    currency: str
    day: date
    unpaid: int
    state: Why = Why.NOT_COPIED
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """The entry's side, as last read, else as the copy booked it."""

    # ``drift`` names the kinds of what changed since it was booked, ``open`` is what Exact still expects.

    gross: int
    vat: int | None
    currency: str
    day: date | None
    open: int | None = None
    drift: frozenset[Why] = frozenset()
    linked: bool = True
    other_customer: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a comparison: one of five words, and why."""

    word: Agreement
    codes: tuple[Why, ...] = ()


def compare(billed: Billed, posted: Posted | None, *, accepted: bool = False) -> Verdict:
    """Compare an invoice with its entry, or with none."""
    # ``accepted`` says that a person accepted Exact's version as it is.
    if posted is None:
        explained = accepted or billed.state in (Why.EXCLUDED, Why.EARLY)
        return Verdict(Agreement.EXPLAINED if explained else Agreement.ONLY_PRODUCTIVE, (billed.state,))

    found = frozenset(_each_difference(billed, posted))
    codes = tuple(code for code in DIFFERENCES if code in found)
    if not codes:
        return Verdict(Agreement.EQUAL)
    if not accepted:
        return Verdict(Agreement.DIFFERENT, codes)

    left = tuple(code for code in codes if code in _OF_PAYMENTS)
    return Verdict(Agreement.DIFFERENT, left) if left else Verdict(Agreement.EXPLAINED, codes)


def compare_alone(reason: Why, *, accepted: bool = False) -> Verdict:
    """Judge an entry that no invoice stands for."""
    # ``accepted`` says that it belongs to Exact alone.
    return Verdict(
        Agreement.EXPLAINED if accepted or reason == Why.CREDITED else Agreement.ONLY_EXACT, (reason,)
    )


def _each_difference(billed: Billed, posted: Posted) -> Iterator[Why]:
    """Yield every kind of difference."""
    yield from posted.drift
    if not posted.linked:
        yield Why.UNLINKED

    if posted.other_customer:
        yield Why.CUSTOMER

    if billed.changed:
        yield Why.CHANGED

    if posted.day and month_of(posted.day) != month_of(billed.day):
        yield Why.DATE

    if posted.currency != billed.currency:
        yield Why.CURRENCY
        return

    if posted.gross != billed.gross:
        yield Why.AMOUNT

    if posted.vat is not None and posted.vat != billed.vat:
        yield Why.VAT

    # Productive keeps no open amount of credit notes that Exact would agree to.
    if posted.open is None or billed.gross <= 0:
        return

    if posted.open != billed.unpaid:
        yield Why.OPEN
        if 0 in (posted.open, billed.unpaid):
            yield Why.PAID
