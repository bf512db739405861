"""Reads everything that a page shows of both books at one moment, and says which."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.extensions import db
from portal.store.book_moment import moment_of_books

TRIES = 3
Words = dict[str, Any]


def at_one_moment(read: Callable[[], Words]) -> Words:
    """Return what was read, of one moment: it reads its moment first, see ``moment_words``.

    Where a comparison ended in between, it is read again.
    """
    session = db.session()
    words = read()
    # SQLite shows a transaction the database as it was when that began. PostgreSQL shows what is committed.
    if session.get_bind().dialect.name == "sqlite":
        return words

    for _try in range(TRIES - 1):
        if (moment_of_books(session).number or 0) == words["moment_number"]:
            break
        session.expire_all()
        words = read()

    return words


def moment_words(number: int, compared_at: datetime | None) -> Words:
    """Return what says of which moment a page is."""
    return {"moment": compared_at, "moment_number": number}


def now_words() -> Words:
    """Return what says of which moment the books are now."""
    row = moment_of_books(db.session())
    return moment_words(row.number or 0, row.compared_at)
