"""Codes that somebody types after their password: six digits that change, or one that is used up."""

import re
import secrets
from collections.abc import Sequence

DIGITS = 6
CODES = 10
GROUPS = 6
# Letters and digits of which no two look alike. Twenty-four of them are 118 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
BETWEEN = re.compile(r"[\s\-\u2010-\u2015]+")


def clean_code(typed: str) -> str:
    """Return a code without what people put between its parts, in small letters."""
    return BETWEEN.sub("", typed).lower()


def is_changing(code: str) -> bool:
    """Say whether this has the shape of a code that changes."""
    return code.isascii() and code.isdecimal() and len(code) == DIGITS


def new_recovery_codes() -> Sequence[str]:
    """Make codes by chance, as they are kept and compared."""
    return ["".join(secrets.choice(ALPHABET) for _letter in range(4 * GROUPS)) for _code in range(CODES)]


def spell_code(code: str) -> str:
    """Write a recovery code in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
