"""Passwords: hashed, compared, and refused where they can be guessed or were had before."""

import re
from collections.abc import Iterable
from functools import cache
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from portal.domain.house.states import PasswordFault
from portal.store.people import UserRow, find_user

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
# The demo's, which stands in its documentation.
PUBLIC_PASSWORDS = ("portal-demo-1",)
PORTAL_WORDS = ("portal", "productive", "exact", "exactonline", "invoice", "invoices")
# Below a hundred million guesses a stolen hash is opened within days.
FEWEST_GUESSES = 10**8
LOOKED_AT = 72
REMEMBERED = 3
hasher = PasswordHasher()
_guessing = Lock()


class BadPasswordError(ValueError):
    """A password that is not taken."""

    def __init__(self, why: PasswordFault) -> None:
        super().__init__(why)
        self.why = why


@cache
def decoy_hash() -> str:
    """Return a hash to check against when nobody has the e-mail."""
    # The answer then takes as long as for somebody.
    return hasher.hash("nobody has this password")


def password_fits(password_hash: str, password: str) -> bool:
    """Check a password against a hash."""
    try:
        return hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def check_password(session: Session, email: str, password: str) -> UserRow | None:
    """Return the active user whom e-mail and password fit."""
    # Every other answer takes the same time.
    user = find_user(session, email)
    fits = password_fits(user.password_hash if user else decoy_hash(), password)
    return user if user and fits and user.active else None


def words_of(*texts: str) -> list[str]:
    """Return what somebody tries first: whole texts, such as the e-mail, and their words."""
    whole = [text.lower() for text in texts if text]
    return [*whole, *(word for text in whole for word in re.split(r"[^\w]+", text) if len(word) > 2)]


def refuse_weak(password: str, about: Iterable[str]) -> None:
    """Raise BadPasswordError for one that is short, or guessed from what it is about."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadPasswordError(PasswordFault.SHORT)

    # Its lists of words take 12 MB, which a process that sets no password goes without.
    from zxcvbn import zxcvbn

    # The library keeps the words in one place for all threads.
    with _guessing:
        guesses = zxcvbn(password[:LOOKED_AT], user_inputs=words_of(*PORTAL_WORDS, *about))["guesses"]

    if guesses < FEWEST_GUESSES or password in PUBLIC_PASSWORDS:
        raise BadPasswordError(PasswordFault.GUESSABLE)


def refuse_used(user: UserRow, password: str) -> None:
    """Raise BadPasswordError for the password that a person has, or had not long ago."""
    if any(password_fits(known, password) for known in (user.password_hash, *user.former_hashes)):
        raise BadPasswordError(PasswordFault.USED)


def take_password(user: UserRow, password: str) -> None:
    """Give a person a password and remember the last ones."""
    user.take_hash(hasher.hash(password), remembered=REMEMBERED)
