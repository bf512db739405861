"""How amounts and numbers are written in a language."""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, format_decimal

from portal.domain.money import to_decimal
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
