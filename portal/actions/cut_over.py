"""Cut-over: invoices that another link copied, or that shall not be copied at all."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.ports import Ledger
from portal.domain.ids import marker_of, new_id
from portal.domain.sales_entry import BookedEntry
from portal.store.connections import ConnectionRow
from portal.store.copies import ADOPT, COPIED, DIFFERENT, IN_FLIGHT, CopyRow
from portal.store.events import note_event
from portal.store.invoices import ELSEWHERE, EXCLUDED, NOT_COPIED, InvoiceRow


class CutOverError(ValueError):
    """What was asked cannot be done; the text says what to do instead."""


def exclude_invoice(session: Session, invoice_id: str, *, reason: str, actor: str, now: datetime) -> None:
    """Set an invoice to "do not copy", with the reason."""
    row = _free(session, invoice_id)
    if not reason.strip():
        raise CutOverError("Say why this invoice is not to be copied.")
    row.copy_state, row.exclude_reason = EXCLUDED, reason.strip()
    _note(session, row, actor, "do not copy", f"Not to be copied: {reason.strip()}", now)
    session.commit()


def include_invoice(session: Session, invoice_id: str, *, actor: str, now: datetime) -> None:
    """Take "do not copy" back."""
    row = session.get_one(InvoiceRow, invoice_id)
    if row.copy_state == EXCLUDED:
        row.copy_state = ELSEWHERE if row.exported else NOT_COPIED
        row.exclude_reason = None
        _note(session, row, actor, "may be copied", "May be copied again", now)
    session.commit()


def find_existing(session: Session, ledger: Ledger, invoice_id: str) -> list[BookedEntry]:
    """Find the entries in Exact that carry the invoice's number."""
    row = session.get_one(InvoiceRow, invoice_id)
    number = row.number
    session.commit()
    return ledger.find_entries(number) if number else []


def link_existing(
    session: Session, ledger: Ledger, invoice_id: str, entry_id: str, *, actor: str, now: datetime
) -> CopyRow:
    """Adopt an entry that somebody else booked as this invoice's copy."""
    row = _free(session, invoice_id)
    session.commit()
    entry = ledger.read_entry(entry_id)
    if entry is None:
        raise CutOverError("That entry is no longer in Exact. Search again.")
    if entry.your_ref.strip() != (row.number or "").strip():
        raise CutOverError(f"Entry {entry.entry_number} carries another reference: {entry.your_ref}.")
    if session.scalar(select(CopyRow.id).where(CopyRow.entry_id == entry.id)):
        raise CutOverError(f"Entry {entry.entry_number} already belongs to another copy.")
    copy = _adopted(session, row, entry, ledger.entry_url(entry.id), actor, now)
    _note(session, row, actor, "linked", f"Linked to entry {entry.entry_number} in Exact", now)
    session.commit()
    return copy


def _adopted(
    session: Session, row: InvoiceRow, entry: BookedEntry, url: str, actor: str, now: datetime
) -> CopyRow:
    connection = session.scalars(
        select(ConnectionRow).where(ConnectionRow.live_subsidiary == row.subsidiary_id)
    ).one()
    copy_id = new_id()
    copy = CopyRow(
        id=copy_id,
        invoice_id=row.id,
        connection_id=connection.id,
        marker=marker_of(copy_id),
        state=COPIED if entry.gross == row.amount_with_tax else DIFFERENT,
        action=ADOPT,
        requested_by=actor,
        requested_at=now,
        fingerprint=row.fingerprint,
        choices={},
        customer_id=entry.customer_id,
        journal=entry.journal,
        entry_id=entry.id,
        entry_number=str(entry.invoice_number or entry.entry_number),
        entry_url=url,
        currency=entry.currency,
        gross_sent=row.amount_with_tax,
        gross_booked=entry.gross,
        finished_at=now,
    )
    session.add(copy)
    row.copy_state, row.latest_copy_id, row.changed_since_copied = copy.state, copy.id, False
    return copy


def _free(session: Session, invoice_id: str) -> InvoiceRow:
    row = session.get_one(InvoiceRow, invoice_id, with_for_update=True)
    if row.copy_state in IN_FLIGHT:
        raise CutOverError("This invoice is being copied now. Wait until that has ended.")
    return row


def _note(session: Session, row: InvoiceRow, actor: str, kind: str, text: str, now: datetime) -> None:
    note_event(
        session, at=now, actor=actor, kind=kind, text=text, subsidiary_id=row.subsidiary_id, invoice_id=row.id
    )
