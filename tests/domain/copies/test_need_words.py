"""What an invoice needs is said in a row in a word or two."""

import pytest

from portal.domain.booking.problems import FIXES
from portal.domain.copies.failures import Cause
from portal.domain.copies.need_words import WORDS

CODES = sorted({*FIXES, *map(str, Cause)})


@pytest.mark.parametrize("code", CODES)
def test_every_problem_and_every_cause_has_a_short_word(code: str) -> None:
    word = str(WORDS[code])
    assert 1 <= len(word.split()) <= 3
    assert len(word) <= 22


def test_no_word_is_of_a_code_that_nobody_uses() -> None:
    assert set(WORDS) == set(CODES)
