"""Text for a system that counts in UTF-16 and for people who read sentences."""

import unicodedata
from datetime import date
from decimal import Decimal

from portal.domain.money import to_decimal

JOINER = "\u200d"
MOST_REASON = 200


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
    if width(text) <= limit:
        return text
    end = len(text)
    while width(text[:end]) > limit or (end and _is_inside(text, end)):
        end -= 1
    return text[:end].rstrip()


def _is_inside(text: str, end: int) -> bool:
    """Say whether a cut at ``end`` would part a letter from its accent or an emoji from its joiner."""
    after = text[end]
    return text[end - 1] == JOINER or after == JOINER or unicodedata.category(after) in ("Mn", "Me")


def say_date(day: date) -> str:
    """Spell a day for a sentence."""
    return f"{day.day} {day:%B %Y}"


def say_money(cents: int, currency: str) -> str:
    """Spell an amount for a sentence."""
    return f"{currency} {to_decimal(cents):,}"


def say_percentage(percentage: Decimal) -> str:
    """Spell a percentage without idle zeros."""
    return f"{percentage.normalize():f}%"
