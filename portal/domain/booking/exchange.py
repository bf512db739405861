"""Whether Productive's exchange rate is sent to Exact, or why it is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.booking.catalogue import Division, ExchangeRate, Journal
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, Problem

ONE = Decimal(1)
FAR = Decimal("1.1")
# Nearer to one than this a rate and its inverse cannot be told apart.
NEAR_ONE = Decimal("1.01")
# Currencies that are worth exactly one unit of another.
PEGGED = frozenset(
    {
        ("USD", "BMD"),
        ("USD", "BSD"),
        ("USD", "PAB"),
        ("GBP", "FKP"),
        ("GBP", "GIP"),
        ("GBP", "SHP"),
        ("INR", "BTN"),
        ("SGD", "BND"),
        ("ZAR", "LSL"),
        ("ZAR", "NAD"),
        ("ZAR", "SZL"),
    }
)

LEFT_OUT = "Exact's own exchange rate for {currency} is used, not Productive's."
NO_RATE = f"Productive's exchange rate for {{currency}} is {{rate}}, which is no rate. {LEFT_OUT}"
DEFAULT = f"Productive's exchange rate for {{currency}} is 1, as it is where nobody set one. {LEFT_OUT}"
OFF = f"Productive's exchange rate for {{currency}} is {{rate}}, far from Exact's {{own}}. {LEFT_OUT}"


@dataclass(frozen=True, slots=True)
class RateChoice:
    """The rate that is sent, or None and what is said about it."""

    rate: Decimal | None
    note: str | None = None


def choose_rate(
    invoice: Invoice, division: Division, journal: Journal | None, rates: Sequence[ExchangeRate]
) -> RateChoice:
    """Choose the rate of an invoice: only one to the division's currency, and never a default."""
    if invoice.currency == division.currency:
        return RateChoice(None)

    given = invoice.exchange_rate
    fits = invoice.currency_default == division.currency and journal is not None and journal.any_rate
    if given is None or not fits:
        return _leave_out(LEFT_OUT, invoice)

    if not given.is_finite() or given <= 0:
        return _leave_out(NO_RATE, invoice)

    own = find_rate(rates, invoice.currency, division.currency, invoice.invoiced_on)
    if given == ONE:
        real = own == ONE or is_pegged(invoice.currency, division.currency)
        return RateChoice(given) if real else _leave_out(DEFAULT, invoice)

    if own is not None and is_far(given, own):
        return _leave_out(OFF, invoice, own)

    return RateChoice(given)


def _leave_out(why: str, invoice: Invoice, own: Decimal | None = None) -> RateChoice:
    rate = "" if invoice.exchange_rate is None else f"{invoice.exchange_rate:f}"
    spelt = "" if own is None else f"{own:.4f}" if own > Decimal("0.01") else f"{own:.3g}"
    return RateChoice(None, why.format(currency=invoice.currency, rate=rate, own=spelt))


def check_booked_rate(
    booked: BookedEntry, division: Division, rates: Sequence[ExchangeRate]
) -> Problem | None:
    """Say that an entry was booked at a default of 1, which no update can take back."""
    if booked.currency == division.currency or booked.rate != ONE:
        return None

    own = find_rate(rates, booked.currency, division.currency, booked.entry_date)
    if own == ONE or is_pegged(booked.currency, division.currency):
        return None

    return problem("rate_is_default", entry=str(booked.entry_number), currency=booked.currency)


def is_pegged(one: str, other: str) -> bool:
    """Say whether two currencies are worth the same by law."""
    return bool({(one, other), (other, one)} & PEGGED)


def find_rate(rates: Sequence[ExchangeRate], currency: str, to: str, day: date) -> Decimal | None:
    """Return what Exact takes a currency for on a day, by the oldest known rate for days before it."""
    known = sorted((rate for rate in rates if (rate.currency, rate.to) == (currency, to)), key=_start)
    before = [rate for rate in known if rate.since <= day]
    chosen = before[-1:] or known[:1]
    return chosen[0].rate if chosen else None


def _start(rate: ExchangeRate) -> date:
    return rate.since


def is_far(given: Decimal, own: Decimal) -> bool:
    """Say whether a rate is another than Exact's: a tenth away from it, or nearer to its inverse."""
    away = _apart(given, own)
    inverted = _apart(given, 1 / own)
    return away > FAR or (inverted < away and _apart(own, ONE) > NEAR_ONE)


def _apart(one: Decimal, other: Decimal) -> Decimal:
    """Return by what factor two rates differ."""
    return max(one / other, other / one)
