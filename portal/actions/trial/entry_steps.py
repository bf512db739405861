"""The steps that book in Exact: a customer, an invoice, a credit note, a foreign entry, and changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import TypeVar

import msgspec

from portal.actions.trial.turn import Turn
from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.trial import judge as j
from portal.domain.trial.samples import (
    CUSTOMER,
    sample_credit,
    sample_foreign,
    sample_invoice,
    sample_refused,
    without_blanks,
)
from portal.domain.unreadable import readable
from portal.remote.errors import BadAnswerError, LostReplyError, RefusedError
from portal.store.trials import Made

ENTRY = "entry"
CREDIT = "credit"
CUSTOMER_ID = "customer"
# Exact's times of change are whole seconds.
A_MOMENT = timedelta(seconds=2)
MOST_PAGES = 3
Found = TypeVar("Found")
CHANGED_DESCRIPTION = "Trial of the portal, changed"
CHANGED_LINE = "A line of a trial, changed"


def make_customer(turn: Turn) -> None:
    """Create a customer of the trial's own, and find it by its name."""
    name = f"{CUSTOMER} {turn.marker}"
    wanted = NewCustomer(
        name, None, None, None, None, None, None, None, None, None, remarks=f"[{turn.marker}]"
    )
    made = turn.make(Made.CUSTOMER, name, lambda: turn.ledger.create_customer(wanted), lambda made: made.id)
    turn.keep(**{CUSTOMER_ID: made.id})

    found = turn.ledger.find_customers(name)
    ours = [remarks for each, remarks in found if each.id == made.id and each.status.strip() == "C"]
    kept = any(turn.marker in remarks for remarks in ours)
    turn.see(j.judge("customer-made", kept, "as assumed" if kept else "not found"))


def book_invoice(turn: Turn) -> None:
    """Book the entry that most is seen by, and find it as a probe does."""
    customer = turn.kept(CUSTOMER_ID)
    if customer is None:
        return

    sent = sample_invoice(turn.material, turn.marker, customer)
    told = _post_either_way(turn, sent)
    search = partial(turn.ledger.find_entries, sent.your_ref, customer_id=customer, journal=sent.journal)
    found, calls = _count(turn, search)
    turn.see(j.judge_found(found))
    booked = found[0] if found else None
    if booked is None and told is not None:
        booked, calls = _count(turn, partial(turn.ledger.read_entry, told.id))

    if booked is None:
        return

    turn.identify(sent.your_ref, booked.id)
    turn.keep(**{ENTRY: msgspec.to_builtins(booked)})
    turn.see(j.judge("lines-along", calls == 1, "as assumed" if calls == 1 else "lines apart"))
    turn.see(j.judge_notes(booked, turn.marker), *j.judge_entry(sent, booked))
    if not turn.has_seen("padded-codes"):
        turn.see(j.judge_codes(sent, booked))


def _count(turn: Turn, call: Callable[[], Found]) -> tuple[Found, int]:
    """Make a call of the ledger. Returns what came and how many calls to Exact that took."""
    before = turn.calls
    return call(), turn.calls - before


def _post_either_way(turn: Turn, sent: SalesEntry) -> BookedEntry | None:
    """Post as the portal does, and without blanks where that is refused."""
    bare = without_blanks(sent)
    try:
        return _post(turn, sent)
    except RefusedError as error:
        if bare == sent:
            raise
        refusal = error.text

    told = _post(turn, bare)
    turn.see(j.judge("padded-codes", False, "without blanks", text=refusal))
    turn.keep(bare=True)

    return told


def _post(turn: Turn, sent: SalesEntry) -> BookedEntry | None:
    """Post an entry. An answer that does not hold it is seen, and the entry is found by its number."""
    try:
        told = _book(turn, sent)
    except BadAnswerError as error:
        turn.see(j.judge("post-answer", False, "not whole", text=error.text))
        return None

    turn.see(j.judge("post-answer", True, "entry", number=told.entry_number))
    return told


def _book(turn: Turn, sent: SalesEntry) -> BookedEntry:
    post = partial(turn.ledger.create_entry, sent, marker=turn.marker)
    return turn.make(Made.ENTRY, sent.your_ref, post, lambda made: made.id)


def _as_taken(turn: Turn, sent: SalesEntry) -> SalesEntry:
    return without_blanks(sent) if turn.kept("bare") else sent


def _book_and_find(turn: Turn, sent: SalesEntry) -> BookedEntry | None:
    """Book a further entry and return it as Exact has it."""
    try:
        told = _book(turn, sent)
    except BadAnswerError:
        # That an answer is not whole is seen with the first entry.
        found = next(iter(turn.ledger.find_entries(sent.your_ref)), None)
        if found is not None:
            turn.identify(sent.your_ref, found.id)
        return found

    return turn.ledger.read_entry(told.id)


def book_credit(turn: Turn) -> None:
    """Book a credit note as the portal does."""
    customer = turn.kept(CUSTOMER_ID)
    if customer is None:
        return

    sent = _as_taken(turn, sample_credit(turn.material, turn.marker, customer))
    try:
        found = _book_and_find(turn, sent)
    except RefusedError as error:
        turn.see(j.judge("credit-amounts", False, "refused", text=error.text))
        turn.see(j.not_seen("credit-type", "not reached"))
        return

    if found is not None:
        turn.keep(**{CREDIT: msgspec.to_builtins(found)})
        turn.see(*j.judge_credit(sent, found))


def book_foreign(turn: Turn) -> None:
    """Book an entry in a foreign currency without a rate."""
    customer = turn.kept(CUSTOMER_ID)
    currency = turn.material.foreign
    if currency is None:
        turn.see(j.not_seen("foreign-rate", "no currency"))

    if customer is None or currency is None:
        return

    sent = _as_taken(turn, sample_foreign(turn.material, turn.marker, customer, currency))
    try:
        found = _book_and_find(turn, sent)
    except RefusedError as error:
        turn.see(j.judge("foreign-rate", False, "refused", text=error.text))
        return

    if found is not None:
        turn.see(j.judge_rate(found))


def be_refused(turn: Turn) -> None:
    """Post what Exact is known to refuse with 500, which does not count as an error, and read why."""
    customer = turn.kept(CUSTOMER_ID)
    if customer is None:
        return

    sent = sample_refused(turn.material, turn.marker, customer)
    try:
        _book(turn, sent)
    except RefusedError as error:
        language = turn.kept("language") or "?"
        turn.see(j.judge("error-words", True, "words", language=language, text=error.text))
    except LostReplyError:
        turn.see(j.judge("error-words", False, "no words"))
    else:
        turn.see(j.judge("error-words", False, "not refused"))


def find_entry(turn: Turn, name: str = ENTRY) -> BookedEntry | None:
    """Return an entry as an earlier step kept it."""
    kept = turn.kept(name)
    return None if kept is None else msgspec.convert(kept, BookedEntry)


def change_line(turn: Turn) -> None:
    """Change one line and nothing else, and ask what changed since."""
    entry = find_entry(turn)
    if entry is None or not entry.lines:
        return

    sent = _as_taken(turn, sample_invoice(turn.material, turn.marker, entry.customer_id)).lines[0]
    line = next((each for each in entry.lines if each.amount == sent.amount), None)
    before = _changed_at(turn, entry)

    if line is None or before is None:
        turn.see(j.judge("line-modified", False, "not found"))
        return

    turn.desk.sleep(A_MOMENT.total_seconds())
    changed = replace(sent, description=CHANGED_LINE)
    turn.write(partial(turn.ledger.change_line, line.id, changed, marker=turn.marker))
    turn.see(j.judge_moved(before, _changed_at(turn, entry)))


def _changed_at(turn: Turn, entry: BookedEntry) -> datetime | None:
    """Return when an entry last changed by Exact's clock, as the reading of changes sees it."""
    # Exact's clock is an hour or two ahead of this one, so little is read besides.
    since = turn.ledger.remote_time().replace(tzinfo=None) - A_MOMENT
    for page in islice(turn.ledger.each_changed_page(since), MOST_PAGES):
        for each in readable(page):
            if each.id == entry.id:
                return each.modified
    return None


def change_entry(turn: Turn) -> None:
    """Change a text of the header, add a line and delete it again, and read the totals in between."""
    entry = find_entry(turn)
    if entry is None:
        return

    ledger = turn.ledger
    try:
        turn.write(partial(ledger.change_entry, entry.id, {"description": CHANGED_DESCRIPTION}))
    except RefusedError as error:
        turn.see(j.judge("header-change", False, "refused", text=error.text))

    line = _as_taken(turn, sample_refused(turn.material, turn.marker, entry.customer_id)).lines[0]
    try:
        added = turn.write(partial(ledger.create_line, entry.id, line, marker=turn.marker))
        more = ledger.read_entry(entry.id)
        turn.write(partial(ledger.delete_line, added))
    except RefusedError as error:
        turn.see(j.judge("line-totals", False, "refused", text=error.text))
        more = None

    again = ledger.read_entry(entry.id)
    if again is not None and not turn.has_seen("header-change"):
        turn.see(j.judge_text("header-change", CHANGED_DESCRIPTION, again.description))

    if again is not None and more is not None:
        turn.see(j.judge_totals(entry, more, again, line.amount + line.vat_amount))
