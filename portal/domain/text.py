"""Text for a system that counts in UTF-16 and for people who read sentences."""

from datetime import date
from decimal import Decimal

from portal.domain.characters import cut_at
from portal.domain.currencies import has_cents
from portal.domain.money import to_decimal

MOST_REASON = 200

UNSURE = " (?)"


def width(text: str) -> int:
    """Count a text as Exact's database does: an emoji takes two."""
    return len(text.encode("utf-16-le")) // 2


def is_too_long(reason: str) -> bool:
    """Say whether a reason that a person gives is longer than what is kept of one."""
    return len(reason.strip()) > MOST_REASON


def one_line(text: str) -> str:
    """Put a text on one line."""
    return " ".join(text.split())


def cut(text: str, limit: int) -> str:
    """Cut a text to ``limit``, never inside what a person sees as one character."""
    return text if width(text) <= limit else cut_at(text, lambda part: width(part) <= limit).rstrip()


def say_date(day: date) -> str:
    """Spell a day for a sentence."""
    return f"{day.day} {day:%B %Y}"


def say_money(cents: int, currency: str) -> str:
    """Spell an amount for a sentence. One that may be no hundredths says so."""
    return f"{currency} {to_decimal(cents):,}{doubt_of(currency)}"


def doubt_of(currency: str) -> str:
    """Return the mark that stands after an amount of which it is not known whether it is in hundredths."""
    return "" if has_cents(currency) else UNSURE


def say_percentage(percentage: Decimal) -> str:
    """Spell a percentage without idle zeros."""
    return f"{percentage.normalize():f}%"
