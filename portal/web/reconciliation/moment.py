"""Reads everything that a page shows of both books at one moment, and says which."""

from collections.abc import Callable
from typing import Any

from portal.extensions import db
from portal.store.book_moment import BookMomentRow, moment_of_books

TRIES = 3
Words = dict[str, Any]


def at_one_moment(read: Callable[[], Words]) -> Words:
    """Return what was read, with the moment of all of it.

    Where a comparison ended in between, it is read again.
    """
    session = db.session()
    for _try in range(TRIES):
        before = _number(moment_of_books(session))
        words = read()
        after = moment_of_books(session)
        if _number(after) == before:
            break
        session.expire_all()

    return words | {"moment": after.compared_at, "moment_number": _number(after)}


def _number(row: BookMomentRow) -> int:
    return row.number or 0
