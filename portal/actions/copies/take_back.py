"""Carry out an undo: delete the entry that a person saw, or book the credit entry instead."""

import msgspec

from portal.actions.copies.credit import credit_entry
from portal.actions.copies.finish import refuse_problems
from portal.actions.copies.settle_undo import find_heir, settle_undo, settle_unlink
from portal.actions.copies.turn import CopyTurn
from portal.actions.copies.undo import find_change, find_undo_refusal
from portal.actions.engine.attempts import new_attempt
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.states import AttemptKind, CopyAction
from portal.store.connections import ConnectionRow


def take_back(turn: CopyTurn) -> None:
    """Undo, credit or let go of the copy's entry."""
    # An undo of an entry that is gone is done.
    copy = turn.copy
    if copy.action == CopyAction.UNLINK:
        settle_unlink(turn, find_heir(turn))
        return

    booked = turn.ledger.read_entry(copy.undoes or "")
    if copy.action == CopyAction.CREDIT:
        credit_entry(turn, booked)
    elif booked is None:
        settle_undo(turn, find_heir(turn))
    else:
        _delete(turn, booked)


def _delete(turn: CopyTurn, booked: BookedEntry) -> None:
    """Delete the entry if that is still allowed and it is the one that was shown."""
    session = turn.session
    copy = turn.copy
    terms = turn.ledger.read_terms(booked.id)
    connection = session.get_one(ConnectionRow, copy.connection_id)
    found = find_undo_refusal(session, connection, booked, terms) or find_change(copy, booked)

    if found:
        refuse_problems(turn, (found,))
        return

    heir = find_heir(turn)
    row = new_attempt(copy, AttemptKind.DELETE_ENTRY, msgspec.to_builtins(booked), turn.now())
    turn.attempt(row, lambda: turn.ledger.delete_entry(booked.id))
    settle_undo(turn, heir)
