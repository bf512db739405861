"""Book an entry for a copy, its customer first: once, and not beside one that Exact holds already."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.attempts import attempt, new_attempt
from portal.actions.claim import Claim
from portal.actions.create_customer import with_customer
from portal.actions.draft_copy import draft_copy, entry_to_row
from portal.actions.finish_copy import adopt_entry, refuse, settle_with
from portal.actions.ports import Ledger
from portal.domain.ids import find_marker
from portal.domain.invoice import Invoice
from portal.domain.sales_entry import BookedEntry, SalesEntry
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow

Clock = Callable[[], datetime]


def create_entry(session: Session, ledger: Ledger, claim: Claim, invoice: Invoice, *, clock: Clock) -> None:
    """Book the invoice as it is now, or adopt the entry that was booked for it before."""
    if _adopted(session, ledger, claim, invoice, clock):
        return
    choices = with_customer(session, ledger, claim, invoice, clock)
    connection = session.get_one(ConnectionRow, claim.copy.connection_id)
    draft = draft_copy(session, connection, invoice, choices)
    if draft.entry is None:
        text = " ".join(problem.text for problem in draft.problems)
        refuse(session, claim, cause=draft.problems[0].code, text=text, now=clock())
        return
    booked = book(session, ledger, claim, draft.entry, "entry", gross=draft.entry.gross, clock=clock)
    settle_with(session, claim, booked, url=ledger.entry_url(booked.id), now=clock())


def _adopted(session: Session, ledger: Ledger, claim: Claim, invoice: Invoice, clock: Clock) -> bool:
    """Adopt an entry that Productive's mark names but this portal does not know, as after a restore."""
    known = invoice.export_id is not None and is_known(session, invoice.export_id)
    session.commit()
    if not invoice.exported or known or not invoice.number:
        return False
    found = ledger.find_entries(invoice.number)
    strangers = [entry for entry in found if not is_known(session, entry.id)]
    session.commit()
    ours = [entry for entry in strangers if entry.id == invoice.export_id or _is_copy_of(entry, invoice)]
    if len(ours) == 1:
        adopt_entry(session, claim, ours[0], url=ledger.entry_url(ours[0].id), now=clock())
    elif strangers:
        numbers = ", ".join(str(entry.entry_number) for entry in strangers)
        text = f"Exact already holds entry {numbers} for {invoice.number}. Link it on the invoice page."
        refuse(session, claim, cause="entry exists", text=text, now=clock())
    return bool(strangers)


def _is_copy_of(entry: BookedEntry, invoice: Invoice) -> bool:
    """Say whether an entry carries one of our markers and the invoice's total."""
    marked = any(find_marker(line.notes) for line in entry.lines)
    return marked and (entry.gross, entry.currency) == (invoice.amount_with_tax, invoice.currency)


def is_known(session: Session, entry_id: str) -> bool:
    """Say whether an entry in Exact is a copy's here."""
    return session.scalar(select(CopyRow.id).where(CopyRow.entry_id == entry_id).limit(1)) is not None


def book(
    session: Session,
    ledger: Ledger,
    claim: Claim,
    wanted: SalesEntry,
    kind: str,
    *,
    gross: int,
    clock: Clock,
) -> BookedEntry:
    """Make the attempt at an entry, under the copy's marker; ``gross`` is what Exact is to make of it."""
    copy, sent = claim.copy, entry_to_row(wanted)
    copy.entry, copy.gross_sent, copy.journal = sent, gross, wanted.journal
    row = new_attempt(copy, kind, sent, clock())
    claim.still_ours(session)
    return attempt(
        session,
        row,
        lambda: ledger.create_entry(wanted, marker=copy.marker),
        clock=clock,
        told=lambda b: {"entry": b.id, "number": b.entry_number, "gross": b.gross},
    )
