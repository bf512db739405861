"""Book the credit entry that takes a copy's entry back: once, and equal to the cent."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.claim import Claim
from portal.actions.create_entry import book, is_known
from portal.actions.draft_copy import choices_from_row
from portal.actions.finish_copy import refuse
from portal.actions.ports import Ledger
from portal.actions.settle_undo import find_heir, settle_credit
from portal.actions.undo_copy import draft_for, find_change
from portal.domain.ids import find_marker
from portal.domain.problems import problem
from portal.domain.sales_entry import BookedEntry, SalesEntry
from portal.store.connections import ConnectionRow
from portal.store.invoices import InvoiceRow

Clock = Callable[[], datetime]
CREDIT_ENTRY = "credit entry"
GONE = "The entry was deleted in Exact meanwhile: there is nothing to credit. Open Undo again."


def credit_entry(
    session: Session, ledger: Ledger, claim: Claim, booked: BookedEntry | None, *, clock: Clock
) -> None:
    """Book what turns the entry's amounts, unless it changed, something is in the way or it was booked."""
    copy = claim.copy
    if booked is None:
        refuse(session, claim, cause="entry deleted", text=GONE, now=clock())
        return
    connection = session.get_one(ConnectionRow, copy.connection_id)
    row = session.get_one(InvoiceRow, copy.invoice_id)
    credit = draft_for(session, connection, row, booked, choices_from_row(copy.choices))
    changed = find_change(copy, booked)
    session.commit()
    problems = [changed] if changed else list(credit.problems)
    if credit.entry is None or problems:
        text = " ".join(each.text for each in problems)
        refuse(session, claim, cause=problems[0].code, text=text, now=clock())
    elif not _was_booked(session, ledger, claim, booked, credit.entry, clock):
        _book(session, ledger, claim, booked, credit.entry, clock)


def _was_booked(
    session: Session, ledger: Ledger, claim: Claim, booked: BookedEntry, wanted: SalesEntry, clock: Clock
) -> bool:
    """Look for a credit entry that a restored backup forgot, or that came late; none is booked beside it."""
    found = [
        entry
        for entry in ledger.find_entries(wanted.your_ref, customer_id=wanted.customer_id)
        if entry.gross == -booked.gross and any(find_marker(line.notes) for line in entry.lines)
    ]
    others = [entry for entry in found if not is_known(session, entry.id)]
    session.commit()
    if len(others) == 1 and find_marker(others[0].lines[0].notes) == claim.copy.marker:
        heir, url = find_heir(session, ledger, claim.copy), ledger.entry_url(others[0].id)
        settle_credit(session, claim, others[0], heir, url=url, now=clock())
    elif others:
        numbers = ", ".join(str(entry.entry_number) for entry in others)
        exists = problem("credit_exists", found=numbers, entry=str(booked.entry_number))
        refuse(session, claim, cause=exists.code, text=exists.text, now=clock())
    return bool(others)


def _book(
    session: Session, ledger: Ledger, claim: Claim, booked: BookedEntry, wanted: SalesEntry, clock: Clock
) -> None:
    heir = find_heir(session, ledger, claim.copy)
    made = book(session, ledger, claim, wanted, CREDIT_ENTRY, gross=-booked.gross, clock=clock)
    settle_credit(session, claim, made, heir, url=ledger.entry_url(made.id), now=clock())
