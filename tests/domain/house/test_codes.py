"""Codes as people type them, and recovery codes by chance."""

from math import log2

import pytest

from portal.domain.house.codes import (
    ALPHABET,
    CODES,
    clean_code,
    is_changing,
    new_recovery_codes,
    spell_code,
)

# As typed, as compared, and whether it has the shape of six digits.
TYPED = {
    "123456": ("123456", True),
    " 123 456 ": ("123456", True),
    "123\N{NO-BREAK SPACE}456": ("123456", True),
    "123-456": ("123456", True),
    "123\N{EN DASH}456": ("123456", True),
    "12345": ("12345", False),
    "1234567": ("1234567", False),
    "١٢٣٤٥٦": ("١٢٣٤٥٦", False),
    "²²²²²²": ("²²²²²²", False),
    "": ("", False),
    "ABCD-efgh-2345-wxyz": ("abcdefgh2345wxyz", False),
}


@pytest.mark.parametrize("typed", TYPED)
def test_what_people_put_between_the_parts_counts_for_nothing(typed: str) -> None:
    code, changes = TYPED[typed]
    assert clean_code(typed) == code
    assert is_changing(code) == changes


def test_recovery_codes_are_by_chance_and_read_without_doubt() -> None:
    codes = [*new_recovery_codes(), *new_recovery_codes()]
    assert len(set(codes)) == 2 * CODES
    assert {letter for code in codes for letter in code} <= set(ALPHABET)
    # Fewer than 112 bits would need the slow hash of a password.
    assert all(len(code) * log2(len(ALPHABET)) >= 112 for code in codes)
    assert not set("10ilo") & set(ALPHABET)
    assert [code for code in codes if clean_code(spell_code(code).upper()) != code] == []
    assert [code for code in codes if is_changing(code)] == []
