"""Carry out an undo: delete the entry that a person saw, or book the credit entry instead; safe to repeat."""

import msgspec
from sqlalchemy.orm import Session

from portal.actions.copies.credit import credit_entry
from portal.actions.copies.finish import refuse
from portal.actions.copies.settle_undo import find_heir, settle_undo, settle_unlink
from portal.actions.copies.undo import find_change, find_undo_refusal
from portal.actions.engine.attempts import attempt, new_attempt
from portal.actions.engine.claim import Claim
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.domain.booking.sales_entry import BookedEntry
from portal.store.connections import ConnectionRow
from portal.store.copies import CREDIT, UNLINK

DELETE_ENTRY = "delete entry"


def take_back(session: Session, ledger: Ledger, claim: Claim, *, clock: Clock) -> None:
    """Undo, credit or let go of the copy's entry; an undo of an entry that is gone is done."""
    copy = claim.copy
    session.commit()

    if copy.action == UNLINK:
        settle_unlink(session, claim, find_heir(session, ledger, copy), now=clock())
        return

    booked = ledger.read_entry(copy.undoes or "")
    if copy.action == CREDIT:
        credit_entry(session, ledger, claim, booked, clock=clock)
    elif booked is None:
        settle_undo(session, claim, find_heir(session, ledger, copy), now=clock())
    else:
        _delete(session, ledger, claim, booked, clock)


def _delete(session: Session, ledger: Ledger, claim: Claim, booked: BookedEntry, clock: Clock) -> None:
    """Delete the entry if that is still allowed and it is the one that was shown."""
    copy = claim.copy
    terms = ledger.read_terms(booked.id)
    connection = session.get_one(ConnectionRow, copy.connection_id)
    found = find_undo_refusal(session, connection, booked, terms) or find_change(copy, booked)

    if found:
        refuse(session, claim, cause=found.code, text=found.text, now=clock())
        return

    heir = find_heir(session, ledger, copy)
    row = new_attempt(copy, DELETE_ENTRY, msgspec.to_builtins(booked), clock())
    claim.still_ours(session)
    attempt(session, row, lambda: ledger.delete_entry(booked.id), clock=clock)
    settle_undo(session, claim, heir, now=clock())
