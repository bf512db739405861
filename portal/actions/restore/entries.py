"""Adopt the entries that were booked since the backup, or report them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select

from portal.actions.engine.turn import let_go, transaction
from portal.actions.restore.adopting import Adopting
from portal.actions.restore.take_over import refresh_copy, take_back_copy, take_over_entry
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.adoption import (
    Claimant,
    CreditMatch,
    Doubt,
    DoubtCause,
    FoundEntry,
    Match,
    doubt,
    find_twins,
    judge_entry,
)
from portal.domain.copies.states import IN_EXACT
from portal.domain.unreadable import Unreadable, readable, unreadable
from portal.remote.odd import UnreadableError
from portal.store.copies import CopyRow
from portal.store.invoices import ELSEWHERE, EXCLUDED, InvoiceRow

# Exact tells days in Dutch time, and a day begun elsewhere may be yesterday there.
MARGIN = timedelta(days=1)
SETTLED = (*IN_EXACT, ELSEWHERE, EXCLUDED)


def adopt_entries(adopting: Adopting, *, since: date) -> None:
    """Read what was booked or changed since a day, once."""
    # Each entry is taken over in a transaction of its own.
    let_go(adopting.session)
    begin = datetime.combine(since - MARGIN, time())
    changed = [entry for page in adopting.ledger.each_changed_page(begin) for entry in page]
    whole = [_whole(adopting, each) for each in readable(changed)]
    for record in [*unreadable(changed), *unreadable(whole)]:
        unsure = doubt(DoubtCause.ENTRY_NOT_READ, why=UnreadableError(record).said)
        adopting.report(record.id, f"entry {record.number}", "", unsure)

    found = sorted(readable(whole), key=lambda one: (one.created, one.entry.id))
    twins = find_twins(found)

    for each in found:
        with transaction(adopting.session):
            _adopt(adopting, each, twins)


def _whole(adopting: Adopting, entry: BookedEntry) -> FoundEntry | Unreadable:
    """Return an entry with its lines, read apart where Exact gives none along."""
    try:
        whole = entry if entry.lines else adopting.ledger.read_entry(entry.id) or entry
    except UnreadableError as error:
        return error.record
    return FoundEntry(replace(entry, lines=whole.lines))


def _adopt(adopting: Adopting, found: FoundEntry, twins: set[str]) -> None:
    if known := _copies_on(adopting, found.entry.id):
        return refresh_copy(adopting, known, found.entry)

    pending = _pending(adopting, found)
    verdict = judge_entry(
        found,
        [_claimant(row) for row in _invoices(adopting, found.entry, pending)],
        taken={copy.marker: copy.entry_id for copy in pending if copy.entry_id},
        twins=twins,
    )

    if isinstance(verdict, Doubt):
        entry = found.entry
        adopting.report(entry.id, f"entry {entry.entry_number}", entry.your_ref, verdict)
    elif isinstance(verdict, Match):
        take_over_entry(adopting, found, verdict, pending)
    elif isinstance(verdict, CreditMatch):
        take_back_copy(adopting, found, verdict, pending)

    return None


def _copies_on(adopting: Adopting, entry_id: str) -> Sequence[CopyRow]:
    """Return the copies of an entry that is known already, the newest first."""
    query = select(CopyRow).where(
        CopyRow.connection_id == adopting.connection.id, CopyRow.entry_id == entry_id
    )
    return adopting.session.scalars(query.order_by(CopyRow.requested_at.desc())).all()


def _pending(adopting: Adopting, found: FoundEntry) -> Sequence[CopyRow]:
    """Return the copies whose marker the entry carries: asked for before the backup, booked after it."""
    query = select(CopyRow).where(
        CopyRow.connection_id == adopting.connection.id, CopyRow.marker.in_(found.markers)
    )
    return adopting.session.scalars(query.order_by(CopyRow.requested_at)).all()


def _invoices(adopting: Adopting, entry: BookedEntry, pending: Sequence[CopyRow]) -> Sequence[InvoiceRow]:
    """Return the invoices that an entry may be of: its copy's, else by its number or by Productive's mark."""
    query = select(InvoiceRow)
    if pending:
        return adopting.session.scalars(query.where(InvoiceRow.id == pending[0].invoice_id)).all()

    by_number = (
        (InvoiceRow.number == entry.your_ref.strip())
        & (InvoiceRow.subsidiary_id == adopting.connection.subsidiary_id)
        & InvoiceRow.deleted.is_(False)
        & (entry.your_ref.strip() != "")
    )

    return adopting.session.scalars(query.where(or_(by_number, InvoiceRow.export_id == entry.id))).all()


def _claimant(row: InvoiceRow) -> Claimant:
    return Claimant(
        row.id, row.number or row.id, row.currency, row.amount_with_tax, row.copy_state in SETTLED
    )
