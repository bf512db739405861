"""How an undo ends: which copies no longer count, which one counts again, and what Productive is told."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.finish import note_end
from portal.actions.engine.claim import Claim
from portal.actions.engine.ports import Ledger
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import IN_EXACT, AttemptKind, CopyState, Ending
from portal.domain.events import EventKind
from portal.domain.money import to_decimal
from portal.store.copies import AttemptRow, CopyRow
from portal.store.findings import keep_findings
from portal.store.invoices import ELSEWHERE, InvoiceRow
from portal.store.terms import touch

GONE = "The entry was deleted in Exact."


def settle_undo(session: Session, claim: Claim, heir: CopyRow | None, *, now: datetime) -> None:
    """Finish an undo whose entry is deleted; the heir is found before, so that one commit says it all."""
    _end(session, claim, heir, cause=Ending.DELETED, now=now)
    note_end(session, claim, EventKind.UNDONE, f"Entry {claim.copy.entry_number} deleted in Exact", now)
    session.commit()


def settle_credit(
    session: Session, claim: Claim, made: BookedEntry, heir: CopyRow | None, *, url: str, now: datetime
) -> None:
    """Finish a credit that Exact holds; a difference in the totals is said, never hidden."""
    _end(session, claim, heir, cause=Ending.CREDITED, now=now)
    copy = claim.copy
    copy.entry_id = made.id
    copy.gross_booked = made.gross
    copy.entry_url = url
    copy.entry_number = str(made.invoice_number or made.entry_number)
    copy.customer_id = made.customer_id
    copy.journal = made.journal
    note_end(session, claim, EventKind.CREDITED, f"Credit entry {copy.entry_number} booked in Exact", now)

    if made.gross != copy.gross_sent:
        copy.cause = Cause.DIFFERENCE
        copy.trouble = (
            f"Exact booked the credit entry as {to_decimal(made.gross)} {copy.currency} instead of "
            f"{to_decimal(copy.gross_sent or 0)}. Correct credit entry {copy.entry_number} in Exact."
        )
        note_end(session, claim, EventKind.CREDITED_WITH_DIFFERENCE, copy.trouble, now)

    session.commit()


def settle_unlink(session: Session, claim: Claim, heir: CopyRow | None, *, now: datetime) -> None:
    """Let go of an entry that somebody else booked; it stays as it is, and so does another link's mark."""
    copy = claim.copy
    ours = _marked_by_us(session, claim.copy)
    _end(session, claim, heir, cause=Ending.UNLINKED, now=now)
    copy.cause = Ending.UNLINKED
    copy.mark_due = copy.mark_due and ours
    row = session.get_one(InvoiceRow, copy.invoice_id)

    if heir is None and row.exported and not ours:
        row.copy_state = ELSEWHERE
        row.latest_copy_id = None

    note_end(session, claim, EventKind.UNLINKED, f"Entry {copy.entry_number} in Exact is linked no more", now)
    session.commit()


def _marked_by_us(session: Session, copy: CopyRow) -> bool:
    """Say whether this portal marked the invoice with the entry, or may have."""
    marked = (
        select(AttemptRow.id)
        .join(CopyRow, CopyRow.id == AttemptRow.copy_id)
        .where(CopyRow.invoice_id == copy.invoice_id, CopyRow.entry_id == copy.undoes)
        .where(AttemptRow.kind == AttemptKind.MARK)
    )
    return session.scalar(marked.limit(1)) is not None


def older_copies(session: Session, invoice_id: str, entry_id: str | None) -> list[CopyRow]:
    """Return the newest copy of each other entry of an invoice that is in Exact as far as is known."""
    rows = session.scalars(
        select(CopyRow)
        .where(CopyRow.invoice_id == invoice_id, CopyRow.state.in_(IN_EXACT), CopyRow.entry_id != entry_id)
        .order_by(CopyRow.requested_at.desc(), CopyRow.id)
    )

    newest: dict[str | None, CopyRow] = {}
    for each in rows:
        newest.setdefault(each.entry_id, each)

    return list(newest.values())


def find_heir(session: Session, ledger: Ledger, copy: CopyRow) -> CopyRow | None:
    """Find the newest older copy whose entry is still in Exact; those whose entry is gone count no more."""
    for each in older_copies(session, copy.invoice_id, copy.undoes):
        session.commit()
        elsewhere = each.connection_id != copy.connection_id
        if elsewhere or ledger.read_entry(each.entry_id or "") is not None:
            return each

        _count_no_more(session, each.invoice_id, each.entry_id, cause=Ending.DELETED, trouble=GONE)

    session.commit()
    return None


def _end(session: Session, claim: Claim, heir: CopyRow | None, *, cause: str, now: datetime) -> None:
    """End the wish; the copies of its entry count no more, and an older one counts again. Commits nothing."""
    claim.still_ours(session)
    copy = claim.copy
    row = session.get_one(InvoiceRow, copy.invoice_id, with_for_update=True, populate_existing=True)
    copy.state = CopyState.UNDONE
    copy.finished_at = now
    copy.tries = 0
    copy.mark_due = heir is None
    copy.in_flight = None
    copy.next_try_at = None
    copy.cause = None
    copy.trouble = None
    copy.remote_text = None
    _count_no_more(session, copy.invoice_id, copy.undoes, cause=cause)
    keep_findings(session, copy, {}, now)
    row.copy_state = CopyState.UNDONE
    row.latest_copy_id = copy.id
    row.changed_since_copied = False

    if heir is not None:
        _count_again(session, row, heir)
        text = f"Entry {heir.entry_number} of an older copy is still in Exact and counts as the copy again"
        note_end(session, claim, EventKind.COUNTS_AGAIN, text, now)


def _count_no_more(
    session: Session, invoice_id: str, entry_id: str | None, *, cause: str, trouble: str | None = None
) -> None:
    """Let an entry's copies count no more; nothing more is asked of Productive for them. Commits nothing."""
    rows = session.scalars(
        select(CopyRow).where(
            CopyRow.invoice_id == invoice_id, CopyRow.entry_id == entry_id, CopyRow.state.in_(IN_EXACT)
        )
    )
    for each in rows:
        each.state = CopyState.UNDONE
        each.cause = cause
        each.trouble = trouble
        each.mark_due = False
        each.number_due = None
        each.next_try_at = None
        each.mark_trouble = None


def _count_again(session: Session, row: InvoiceRow, heir: CopyRow) -> None:
    """Let an older copy count: its payments are compared, Productive gets its entry. Commits nothing."""
    row.copy_state = heir.state
    row.latest_copy_id = heir.id
    row.changed_since_copied = heir.fingerprint != row.fingerprint
    heir.mark_due = True
    heir.next_try_at = None
    if heir.entry_id:
        touch(session, heir.connection_id, [heir.entry_id])
