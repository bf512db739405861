"""The Timestamps of postings, which are computed and not stored: anew for every entry that changed."""

from portal.sandbox.exact.postings import each_posting_of
from portal.sandbox.exact.statements import statements_of
from portal.sandbox.exact.store import Books

TRANSACTION_LINES = 1


def stamp_postings(books: Books) -> None:
    """Stamp the postings of what changed since, and log those that are gone."""
    if not books.unstamped:
        return

    changed = sorted(books.unstamped)
    books.unstamped = set()
    statements = statements_of(books)

    for entry_id in changed:
        ids = [str(row["ID"]) for row in each_posting_of(books, entry_id, statements.get(entry_id, []))]
        for key in books.stamps.pop(entry_id, {}):
            if key not in ids:
                books.log_deletion(TRANSACTION_LINES, key)

        if ids:
            books.stamps[entry_id] = {key: books.counters.next_rowversion() for key in ids}
