"""Exchange rates as Productive gives them, beside Exact's own: what is sent, or what is said.

``own`` is what one unit of the invoice's currency is worth by Exact's table, None where it has none.
"""

from dataclasses import dataclass

DEFAULT = "is 1, as it is where"
FAR = "far from Exact's"
NO_RATE = "is no rate"
OWN = "Exact's own exchange rate"


@dataclass(frozen=True)
class RateCase:
    """One invoice of 1,000.00. ``said`` is None where the rate is sent, or where none is needed."""

    name: str
    rate: str | None
    own: str | None
    sent: str | None = None
    said: str | None = None
    currency: str = "USD"
    organization: str = "EUR"
    division: str = "EUR"
    journal: str = "72"


RATES = (
    RateCase("the issue's", "1.0", None, said=DEFAULT),
    RateCase("the issue's, beside Exact's", "1.0", "0.9217", said=DEFAULT),
    RateCase("1 without a point", "1", "0.9217", said=DEFAULT),
    RateCase("1 with many zeros", "1.0000000", None, said=DEFAULT),
    RateCase("1 where Exact has 1 too", "1.0", "1", "1.0"),
    RateCase("1 near parity", "1.0", "1.02", said=DEFAULT, currency="CHF"),
    RateCase("dollars of Panama in a dollar division", "1.0", None, "1.0", None, "PAB", "USD", "USD"),
    RateCase("dollars of Bermuda from the dollar's side", "1.0", None, "1.0", None, "USD", "BMD", "BMD"),
    RateCase("pounds of Gibraltar in a euro division", "1.0", None, said=DEFAULT, currency="GIP"),
    RateCase("a rate like Exact's", "0.9187", "0.9217", "0.9187"),
    RateCase("a rate where Exact has none", "0.9187", None, "0.9187"),
    RateCase("the rate of a bad year", "0.85", "0.9217", "0.85"),
    RateCase("the inverse", "1.0850", "0.9217", said=FAR),
    RateCase("the inverse near parity", "1.05", "0.9524", said=FAR, currency="CHF"),
    RateCase("a hair from parity", "1.002", "0.998", "1.002", currency="CHF"),
    RateCase("a point in the wrong place", "9.187", "0.9217", said=FAR),
    RateCase("ten percent away", "1.03", "0.9217", said=FAR),
    RateCase("a crown's rate", "0.0882", "0.0890", "0.0882", currency="SEK"),
    RateCase("a crown's inverse", "11.24", "0.0890", said=FAR, currency="SEK"),
    RateCase("a crown's rate of 1", "1.0", "0.0890", said=DEFAULT, currency="SEK"),
    RateCase("nothing", None, "0.9217", said=OWN),
    RateCase("zero", "0.0", "0.9217", said=NO_RATE),
    RateCase("below zero", "-0.9", "0.9217", said=NO_RATE),
    RateCase("no number", "NaN", "0.9217", said=NO_RATE),
    RateCase("without an end", "Infinity", "0.9217", said=NO_RATE),
    RateCase("a rate to another currency", "0.79", "0.9217", said=OWN, organization="GBP"),
    RateCase("a journal that takes no rate", "0.9187", "0.9217", said=OWN, journal="73"),
    RateCase("a euro invoice with a rate", "1.2", None, currency="EUR"),
    RateCase("a euro invoice with 1", "1.0", None, currency="EUR"),
    RateCase("a dollar division's own dollars", "1.0850", "0.9217", division="USD", organization="EUR"),
)
