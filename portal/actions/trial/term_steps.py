"""The steps that look at receivables: the feeds before and after, a receipt, and what a deletion leaves."""

from collections.abc import Iterator
from itertools import islice

import msgspec

from portal.actions.engine.turn import let_go
from portal.actions.trial.entry_steps import CREDIT, ENTRY, find_entry
from portal.actions.trial.remove import remove
from portal.actions.trial.turn import Turn
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.payments.terms import Term
from portal.domain.trial import judge as j
from portal.domain.unreadable import readable
from portal.store.trials import Made, TrialThingRow, things_left

TERM_ENTITY = 10
# A feed is read to its end before anything is booked; a longer one than this is not.
MOST_PAGES = 8
MOST_OPEN_PAGES = 4
TERM_CURSOR = "term cursor"
DELETED_CURSOR = "deleted cursor"
TERMS = "terms"
CREDIT_TERMS = "credit terms"
MATCHED = "matched"


def read_to_end(turn: Turn) -> None:
    """Read both feeds to their end, so that what comes next is of this trial."""
    terms = turn.connection.payments.term_cursor
    tombstones = turn.connection.payments.deleted_cursor
    longest = 0
    pages = 0

    for page, highest in islice(turn.ledger.each_term_page(terms), MOST_PAGES):
        terms = highest
        pages += 1
        longest = max(longest, len(page))

    turn.keep(longest=longest, **{TERM_CURSOR: None if pages == MOST_PAGES else terms})

    pages = 0

    for _, highest in islice(turn.ledger.each_tombstone_page(tombstones), MOST_PAGES):
        tombstones = highest
        pages = pages + 1

    turn.keep(**{DELETED_CURSOR: None if pages == MOST_PAGES else tombstones})


def look_at_terms(turn: Turn) -> None:
    """Look for the new entries' terms in the feed."""
    entry = find_entry(turn, ENTRY)
    credit = find_entry(turn, CREDIT)
    if entry is None:
        return

    came = _read_terms(turn)
    if came is None:
        turn.see(*(j.not_seen(code, "feed too long") for code in ("term-feed", "term-sign", "term-kind")))
    else:
        own = [term for term in came if term.entry_id == entry.id]
        of_credit = [term for term in came if credit is not None and term.entry_id == credit.id]
        turn.keep(**{TERMS: msgspec.to_builtins(own), CREDIT_TERMS: msgspec.to_builtins(of_credit)})
        turn.see(*j.judge_terms(entry, own), j.judge_kinds(list(_pairs(entry, own, credit, of_credit))))


def look_at_open_terms(turn: Turn) -> None:
    """Look for the new entry's terms among all open ones."""
    entry = find_entry(turn, ENTRY)
    if entry is not None:
        turn.see(j.judge_open_terms(entry, list(_each_open_term(turn, entry))))


def _pairs(
    entry: BookedEntry, own: list[Term], credit: BookedEntry | None, of_credit: list[Term]
) -> Iterator[tuple[BookedEntry, list[Term]]]:
    yield entry, own
    if credit is not None:
        yield credit, of_credit


def ask_for_terms(turn: Turn) -> None:
    """Ask for the terms of one entry, as the portal does where they are unclear."""
    entry = find_entry(turn, ENTRY)
    if entry is not None:
        turn.see(j.judge_asked_terms(entry, turn.ledger.read_terms(entry.id)))


def _each_open_term(turn: Turn, entry: BookedEntry) -> Iterator[Term]:
    """Yield open terms until the entry's own came."""
    for page in islice(turn.ledger.each_open_term_page(), MOST_OPEN_PAGES):
        terms = readable(page)
        yield from terms
        if any(term.entry_id == entry.id for term in terms):
            return


def _read_terms(turn: Turn) -> list[Term] | None:
    """Return what came into the feed of terms since it was last read, None where that is not known."""
    cursor = turn.kept(TERM_CURSOR)
    if cursor is None:
        return None

    came: list[Term] = []
    for page, highest in turn.ledger.each_term_page(cursor):
        came += readable(page)
        cursor = highest

    turn.keep(**{TERM_CURSOR: cursor})
    return came


def _read_gone(turn: Turn) -> set[str] | None:
    """Return the terms that were deleted since the log was last read, None where that is not known."""
    cursor = turn.kept(DELETED_CURSOR)
    if cursor is None:
        return None

    gone: set[str] = set()
    for page, highest in turn.ledger.each_tombstone_page(cursor):
        gone |= {each.key for each in readable(page) if each.entity_type == TERM_ENTITY}
        cursor = highest

    turn.keep(**{DELETED_CURSOR: cursor})
    return gone


def delete_credit(turn: Turn) -> None:
    """Delete the credit note, or the entry where there is none, and look for its terms in the log."""
    name = CREDIT if turn.kept(CREDIT) else ENTRY
    entry = find_entry(turn, name)
    thing = None if entry is None else _thing_of(turn, entry)
    if entry is None or thing is None or (name == ENTRY and turn.trial.with_receipt):
        return

    gone = remove(turn, thing)
    seen = "as assumed" if gone else "refused"
    turn.see(j.judge("entry-deleted", gone, seen, text=thing.trouble or ""))
    if not gone:
        return

    terms = [each["id"] for each in turn.kept(CREDIT_TERMS if name == CREDIT else TERMS) or []]
    log = _read_gone(turn)

    if log is None:
        turn.see(j.not_seen("deleted-terms", "feed too long"))
    else:
        turn.see(j.judge_tombstones(terms, log))


def _thing_of(turn: Turn, entry: BookedEntry) -> TrialThingRow | None:
    left = things_left(turn.session, turn.connection.id)
    let_go(turn.session)
    return next((each for each in left if each.kind == Made.ENTRY and each.key == entry.id), None)


def look_at_receipt(turn: Turn) -> None:
    """Look how a receipt that a person matched split the entry's terms."""
    entry = find_entry(turn, ENTRY)
    before = turn.kept(TERMS)

    if entry is None or not before or turn.trial.answer != MATCHED:
        turn.see(j.not_seen("receipt-split", "no receipt"))
        return

    known = msgspec.convert(before, list[Term])
    came = _read_terms(turn)
    gone = _read_gone(turn)

    if came is None or gone is None:
        turn.see(j.not_seen("receipt-split", "feed too long"))
        return

    after = j.merge_terms(known, [term for term in came if term.entry_id == entry.id], gone)
    turn.see(j.judge_receipt(entry, known, after))
