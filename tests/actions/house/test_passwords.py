"""Passwords that are taken, and those that are not."""

from contextlib import suppress

import pytest
from argon2.profiles import RFC_9106_LOW_MEMORY
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.actions.house.passwords import BadPasswordError, hasher, refuse_used, refuse_weak, take_password
from portal.domain.house.states import PasswordFault, Role
from portal.store.people import UserRow
from tests.conftest import NOW
from tests.furnishing.passwords import EARNEST

ABOUT = ("Ann de Boer", "ann.deboer@kade.example", "boekhouding.kade.example")
# What is tried first: by length, from lists of common ones, from keys and repeats, and from what it is about.
REFUSED = {
    "": PasswordFault.SHORT,
    "short": PasswordFault.SHORT,
    "x" * 11: PasswordFault.SHORT,
    "password1234": PasswordFault.GUESSABLE,
    "passwordpassword": PasswordFault.GUESSABLE,
    "P@ssw0rd1234": PasswordFault.GUESSABLE,
    "123456789012": PasswordFault.GUESSABLE,
    "000000000000": PasswordFault.GUESSABLE,
    "qwertyuiop12": PasswordFault.GUESSABLE,
    "asdfghjkl;'asdf": PasswordFault.GUESSABLE,
    "1q2w3e4r5t6y": PasswordFault.GUESSABLE,
    "aaaaaaaaaaaa": PasswordFault.GUESSABLE,
    "abcabcabcabc": PasswordFault.GUESSABLE,
    "abcdefghijklm": PasswordFault.GUESSABLE,
    "a" * 200: PasswordFault.GUESSABLE,
    "administrator": PasswordFault.GUESSABLE,
    "Welcome12345": PasswordFault.GUESSABLE,
    "letmeinletmein": PasswordFault.GUESSABLE,
    "portalportal": PasswordFault.GUESSABLE,
    "portalportal1": PasswordFault.GUESSABLE,
    "productive12": PasswordFault.GUESSABLE,
    "exactonline1": PasswordFault.GUESSABLE,
    "exactonline2026": PasswordFault.GUESSABLE,
    "portal-demo-1": PasswordFault.GUESSABLE,
    "ann.deboer@kade.example": PasswordFault.GUESSABLE,
    "Ann.DeBoer@Kade.Example": PasswordFault.GUESSABLE,
    "ann.deboer@kade.example1": PasswordFault.GUESSABLE,
    "Ann de Boer!": PasswordFault.GUESSABLE,
    "boekhouding1": PasswordFault.GUESSABLE,
    "boekhouding.kade.example": PasswordFault.GUESSABLE,
}
TAKEN = (
    "long enough it is",
    "correct horse battery",
    "another long password",
    "zes paarden in de kast",
    "Grüße an die Brücke",
    "x7$kQ!92mzLp",
    "viewer-pass-1234",
    "三只猫坐在蓝色的屋顶上",
    "correct horse battery staple " * 6,
)


@pytest.mark.parametrize(("password", "why"), REFUSED.items())
def test_a_password_that_is_guessed_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(BadPasswordError) as bad:
        refuse_weak(password, ABOUT)
    assert bad.value.why == why


@pytest.mark.parametrize("password", [one for one in TAKEN if len(one) >= 12])
def test_some_words_that_do_not_belong_together_are_taken(password: str) -> None:
    refuse_weak(password, ABOUT)


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="abcdefghjkmnpqrstuvwxyz23456789", min_size=16, max_size=40))
def test_whatever_is_typed_is_judged(password: str) -> None:
    with suppress(BadPasswordError):
        refuse_weak(password, ABOUT)


def test_a_hash_costs_in_earnest_what_the_rfc_asks() -> None:
    # https://www.rfc-editor.org/rfc/rfc9106#section-4
    assert EARNEST == RFC_9106_LOW_MEMORY


def test_a_password_that_was_had_before_is_not_taken_again() -> None:
    had = [f"number {each} of some words" for each in range(6)]
    user = UserRow(
        email="a@example.com", name="A", password_hash=hasher.hash(had[0]), role=Role.VIEWER, created_at=NOW
    )
    user.former_hashes = []
    for each in had[1:]:
        take_password(user, each)
    for each in had[2:]:
        with pytest.raises(BadPasswordError) as bad:
            refuse_used(user, each)
        assert bad.value.why == PasswordFault.USED
    refuse_used(user, "none of these")
