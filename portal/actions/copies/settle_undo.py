"""How an undo ends: which copies no longer count, which one counts again, and what Productive is told."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.finish import note_end
from portal.actions.copies.turn import CopyTurn
from portal.actions.engine.turn import let_go
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import IN_EXACT, AttemptKind, Ending
from portal.domain.copies.troubles import Trouble
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import Amount, said
from portal.store.copies import AttemptRow, CopyRow
from portal.store.findings import keep_findings
from portal.store.invoices import ELSEWHERE, InvoiceRow
from portal.store.terms import touch


def settle_undo(turn: CopyTurn, heir: CopyRow | None) -> None:
    """Finish an undo whose entry is deleted."""
    # The heir is found before, so that one commit says it all.
    with turn.transaction():
        _end(turn, heir, Ending.DELETED)
        note_end(turn, EventKind.UNDONE, said(Happened.ENTRY_DELETED, entry=turn.copy.entry_number or ""))


def settle_credit(turn: CopyTurn, made: BookedEntry, heir: CopyRow | None) -> None:
    """Finish a credit that Exact holds."""
    # A difference in the totals is said, never hidden.
    copy = turn.copy
    url = turn.ledger.entry_url(made.id)

    with turn.transaction():
        _end(turn, heir, Ending.CREDITED)
        copy.credit(made, url)
        note_end(turn, EventKind.CREDITED, said(Happened.ENTRY_CREDITED, entry=copy.entry_number or ""))

        if made.gross != copy.gross_sent:
            copy.cause = Cause.DIFFERENCE
            copy.trouble = said(
                Trouble.CREDITED_DIFFERENTLY,
                booked=Amount(made.gross, copy.currency),
                wanted=Amount(copy.gross_sent or 0, copy.currency),
                entry=copy.entry_number or "",
            )
            different = said(
                Happened.CREDIT_DIFFERENT,
                booked=Amount(made.gross, copy.currency),
                sent=Amount(copy.gross_sent or 0, copy.currency),
                entry=copy.entry_number or "",
            )
            note_end(turn, EventKind.CREDITED_WITH_DIFFERENCE, different)


def settle_unlink(turn: CopyTurn, heir: CopyRow | None) -> None:
    """Let go of an entry that somebody else booked."""
    # It stays as it is, and so does another link's mark.
    copy = turn.copy

    with turn.transaction():
        ours = _marked_by_us(turn.session, copy)
        _end(turn, heir, Ending.UNLINKED)
        copy.ending = Ending.UNLINKED
        copy.mark_due = copy.mark_due and ours
        row = turn.session.get_one(InvoiceRow, copy.invoice_id)

        if heir is None and row.exported and not ours:
            row.copy_state = ELSEWHERE
            row.latest_copy_id = None

        note_end(turn, EventKind.UNLINKED, said(Happened.ENTRY_UNLINKED, entry=copy.entry_number or ""))


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


def find_heir(turn: CopyTurn) -> CopyRow | None:
    """Find the newest older copy whose entry is still in Exact."""
    # Those whose entry is gone count no more.
    session = turn.session
    copy = turn.copy
    older = older_copies(session, copy.invoice_id, copy.undoes)
    let_go(session)

    for each in older:
        elsewhere = each.connection_id != copy.connection_id
        if elsewhere or turn.ledger.read_entry(each.entry_id or "") is not None:
            return each

        with turn.transaction():
            for gone in _copies_of(session, each.invoice_id, each.entry_id):
                gone.count_no_more(Ending.DELETED, said(Trouble.ENTRY_DELETED))

    return None


def _end(turn: CopyTurn, heir: CopyRow | None, ending: Ending) -> None:
    """End the wish, so that the copies of its entry count no more and an older one may count again."""
    session = turn.session
    copy = turn.copy
    row = session.get_one(InvoiceRow, copy.invoice_id, with_for_update=True, populate_existing=True)
    copy.take_back(turn.now(), unmark=heir is None)
    for each in _copies_of(session, copy.invoice_id, copy.undoes):
        each.count_no_more(ending)

    keep_findings(session, copy, {}, turn.now())
    row.copy_state = copy.state
    row.latest_copy_id = copy.id
    row.changed_since_copied = False

    if heir is not None:
        _count_again(session, row, heir)
        again = said(Happened.COUNTS_AGAIN, entry=heir.entry_number or "")
        note_end(turn, EventKind.COUNTS_AGAIN, again)


def _copies_of(session: Session, invoice_id: str, entry_id: str | None) -> Sequence[CopyRow]:
    """Return the copies of an entry that count."""
    return session.scalars(
        select(CopyRow).where(
            CopyRow.invoice_id == invoice_id, CopyRow.entry_id == entry_id, CopyRow.state.in_(IN_EXACT)
        )
    ).all()


def _count_again(session: Session, row: InvoiceRow, heir: CopyRow) -> None:
    """Let an older copy count: its payments are compared, Productive gets its entry."""
    heir.count_again()
    row.copy_state = heir.state
    row.latest_copy_id = heir.id
    row.changed_since_copied = heir.fingerprint != row.fingerprint
    if heir.entry_id:
        touch(session, heir.connection_id, [heir.entry_id])
