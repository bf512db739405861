"""Book the credit entry that takes a copy's entry back: once, and equal to the cent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.create_entry import book
from portal.actions.copies.finish import refuse
from portal.actions.copies.settle_undo import find_heir, settle_credit
from portal.actions.copies.undo import draft_for, find_change
from portal.actions.engine.claim import Claim
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import AttemptKind
from portal.domain.copies.strangers import HeldEntry, find_strangers, reference_key
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, choices_from_row
from portal.store.invoices import InvoiceRow
from portal.store.looks import asides_of, keep_looks, linked_entries

GONE = "The entry was deleted in Exact meanwhile: there is nothing to credit. Open Undo again."


def credit_entry(
    session: Session, ledger: Ledger, claim: Claim, booked: BookedEntry | None, *, clock: Clock
) -> None:
    """Book what turns the entry's amounts, unless it changed, something is in the way or it was booked."""
    copy = claim.copy
    if booked is None:
        refuse(session, claim, cause=Cause.ENTRY_DELETED, text=GONE, now=clock())
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
    """Look for a credit entry that a backup forgot, that came late or that somebody booked by hand."""
    copy = claim.copy
    asked_at = clock()
    held = ledger.find_held([wanted.your_ref])
    turned = [entry for entry in held if entry.gross is not None and entry.gross * booked.gross < 0]
    strangers = find_strangers(
        turned,
        linked=linked_entries(session, [entry.id for entry in turned]),
        set_aside={aside.entry_id for aside in asides_of(session, copy.invoice_id)},
    )

    _keep_look(session, copy, wanted.your_ref, held, asked_at)
    session.commit()

    ours = [entry for entry in strangers if entry.markers and entry.gross == -booked.gross]

    if len(ours) == 1 and ours[0].markers == (copy.marker,) and (made := ledger.read_entry(ours[0].id)):
        heir = find_heir(session, ledger, copy)
        url = ledger.entry_url(made.id)
        settle_credit(session, claim, made, heir, url=url, now=clock())
    elif strangers:
        numbers = ", ".join(str(entry.entry_number) for entry in ours or strangers)
        code = "credit_exists" if ours else "credit_by_hand"
        exists = problem(code, found=numbers, entry=str(booked.entry_number))
        refuse(session, claim, cause=exists.code, text=exists.text, now=clock())

    return bool(strangers)


def _keep_look(
    session: Session, copy: CopyRow, reference: str, held: Sequence[HeldEntry], asked_at: datetime
) -> None:
    """Keep what was seen, so that a person can say on the invoice page that it is another one."""
    number = session.get_one(InvoiceRow, copy.invoice_id).number or ""
    if reference_key(number) == reference_key(reference):
        keep_looks(session, copy.connection_id, {number: held}, asked_at)


def _book(
    session: Session, ledger: Ledger, claim: Claim, booked: BookedEntry, wanted: SalesEntry, clock: Clock
) -> None:
    heir = find_heir(session, ledger, claim.copy)
    made = book(session, ledger, claim, wanted, AttemptKind.CREDIT_ENTRY, gross=-booked.gross, clock=clock)
    settle_credit(session, claim, made, heir, url=ledger.entry_url(made.id), now=clock())
