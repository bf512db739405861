"""How amounts, numbers and days are spelled in each country, as a table."""

from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.web.common.formats import cents, day, money, number
from portal.web.common.words import locale_of

DAY = date(2026, 3, 5)
SPELLED = {
    "nl-NL": ("€ 1.234.567,89", "€ -1.234,50", "US$ 12,00", "1.234,50", "12.345", "5 mrt 2026"),
    "nl-BE": ("€ 1.234.567,89", "€ -1.234,50", "US$ 12,00", "1.234,50", "12.345", "5 mrt 2026"),
    "fr-BE": ("1 234 567,89 €", "-1 234,50 €", "12,00 $US", "1 234,50", "12 345", "5 mars 2026"),
    "de-DE": ("1.234.567,89 €", "-1.234,50 €", "12,00 $", "1.234,50", "12.345", "05.03.2026"),
    "en-GB": ("€1,234,567.89", "-€1,234.50", "US$12.00", "1,234.50", "12,345", "5 Mar 2026"),
}


@pytest.mark.parametrize("tag", SPELLED)
def test_figures_and_days_are_spelled_as_in_their_country(app: Flask, tag: str) -> None:
    with app.test_request_context(), force_locale(str(locale_of(tag))):
        told = (
            money(123_456_789, "EUR"),
            money(-123_450, "EUR"),
            money(1200, "USD"),
            cents(123_450),
            number(12_345),
            day(DAY),
        )
    # A space that does not break is a space for whoever reads it.
    assert tuple(" ".join(one.split()) for one in told) == SPELLED[tag]
