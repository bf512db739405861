"""Book the credit entry that takes a copy's entry back: once, and equal to the cent."""

from collections.abc import Sequence
from datetime import datetime

from portal.actions.copies.create_entry import book
from portal.actions.copies.finish import refuse, refuse_problems
from portal.actions.copies.settle_undo import find_heir, settle_credit
from portal.actions.copies.turn import CopyTurn
from portal.actions.copies.undo import draft_for, find_change
from portal.actions.engine.turn import transaction
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import AttemptKind
from portal.domain.copies.strangers import HeldEntry, find_strangers, reference_key
from portal.domain.copies.troubles import Trouble
from portal.domain.said import said
from portal.store.connections import ConnectionRow
from portal.store.copies import choices_from_row
from portal.store.invoices import InvoiceRow
from portal.store.looks import asides_of, keep_looks, linked_entries

GONE = "The entry was deleted in Exact meanwhile: there is nothing to credit. Open Undo again."


def credit_entry(turn: CopyTurn, booked: BookedEntry | None) -> None:
    """Book what turns the entry's amounts, unless it changed, something is in the way or it was booked."""
    if booked is None:
        refuse(turn, Cause.ENTRY_DELETED, said(Trouble.ENTRY_GONE))
        return

    session = turn.session
    copy = turn.copy
    with transaction(session):
        connection = session.get_one(ConnectionRow, copy.connection_id)
        row = session.get_one(InvoiceRow, copy.invoice_id)
        credit = draft_for(session, connection, row, booked, choices_from_row(copy.choices))
        changed = find_change(copy, booked)

    problems = [changed] if changed else list(credit.problems)
    if credit.entry is None or problems:
        refuse_problems(turn, problems)
    elif not _was_booked(turn, booked, credit.entry):
        _book(turn, booked, credit.entry)


def _was_booked(turn: CopyTurn, booked: BookedEntry, wanted: SalesEntry) -> bool:
    """Look for a credit entry that a backup forgot, that came late or that somebody booked by hand."""
    copy = turn.copy
    asked_at = turn.now()
    held = turn.ledger.find_held([wanted.your_ref])
    turned = [entry for entry in held if entry.gross is not None and entry.gross * booked.gross < 0]

    with transaction(turn.session):
        strangers = find_strangers(
            turned,
            linked=linked_entries(turn.session, [entry.id for entry in turned]),
            set_aside={aside.entry_id for aside in asides_of(turn.session, copy.invoice_id)},
        )
        _keep_look(turn, wanted.your_ref, held, asked_at)

    ours = [entry for entry in strangers if entry.markers and entry.gross == -booked.gross]
    is_mine = len(ours) == 1 and ours[0].markers == (copy.marker,)

    if is_mine and (made := turn.ledger.read_entry(ours[0].id)):
        settle_credit(turn, made, find_heir(turn))
    elif strangers:
        numbers = ", ".join(str(entry.entry_number) for entry in ours or strangers)
        code = "credit_exists" if ours else "credit_by_hand"
        refuse_problems(turn, [problem(code, found=numbers, entry=str(booked.entry_number))])

    return bool(strangers)


def _keep_look(turn: CopyTurn, reference: str, held: Sequence[HeldEntry], asked_at: datetime) -> None:
    """Keep what was seen, so that a person can say on the invoice page that it is another one."""
    number = turn.session.get_one(InvoiceRow, turn.copy.invoice_id).number or ""
    if reference_key(number) == reference_key(reference):
        keep_looks(turn.session, turn.copy.connection_id, {number: held}, asked_at)


def _book(turn: CopyTurn, booked: BookedEntry, wanted: SalesEntry) -> None:
    heir = find_heir(turn)
    made = book(turn, wanted, AttemptKind.CREDIT_ENTRY, gross=-booked.gross)
    settle_credit(turn, made, heir)
