"""Passwords of tests: hashed with little work, for hashing is slow on purpose."""

from argon2.profiles import CHEAPEST

from portal.actions.house.passwords import hasher

PASSWORD = "correct horse battery"
EARNEST = hasher._parameters


def hash_cheaply() -> None:
    """Let the portal's hasher work little in this process. What it does in earnest stands in EARNEST."""
    hasher._parameters = CHEAPEST
