"""How amounts, numbers and days are written in a language."""

import re
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from portal.domain.money import to_decimal
from portal.domain.said import Amount
from portal.domain.text import doubt_of

# What a page spells, others spell again: the same amounts are looked at.
MOST = 8192
LETTERS_BEFORE_DIGIT = re.compile(r"([A-Z]{3})(?=\d)")


@lru_cache(MOST, typed=True)
def money_in(cents: int | Decimal, currency: str, locale: Locale) -> str:
    """Spell cents with their currency in a language."""
    parts = cents != int(cents)
    amount = Decimal(cents) / 100 if parts else to_decimal(int(cents))
    spelt = str(
        format_currency(
            amount, currency, locale=locale, currency_digits=False, decimal_quantization=not parts
        )
    )

    return LETTERS_BEFORE_DIGIT.sub("\\1\N{NO-BREAK SPACE}", spelt) + doubt_of(currency)


@lru_cache(MOST, typed=True)
def number_in(value: int | Decimal, locale: Locale) -> str:
    """Spell a number in a language."""
    return str(format_decimal(value, locale=locale))


class LocalFigures:
    """Writes numbers, amounts and days as one country does, by one clock."""

    def __init__(self, locale: Locale, zone: tzinfo) -> None:
        self._locale = locale
        self._zone = zone

    def number(self, value: int) -> str:
        """Write a number."""
        return number_in(value, self._locale)

    def amount(self, value: Amount) -> str:
        """Write an amount."""
        return money_in(value.cents, value.currency, self._locale)

    def day(self, value: date) -> str:
        """Write a day."""
        return str(format_date(value, "medium", locale=self._locale))

    def moment(self, value: datetime) -> str:
        """Write a moment in local time."""
        return str(format_datetime(value, "medium", tzinfo=self._zone, locale=self._locale))
