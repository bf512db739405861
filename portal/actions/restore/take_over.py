"""Take an entry of Exact over: as the copy that waited for it, or as one that is not known yet."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import adopted_copy, spell_difference
from portal.actions.copies.finish import adopt_entry
from portal.actions.copies.settle_undo import find_heir, settle_credit
from portal.actions.copies.turn import CopyTurn
from portal.actions.customers.link import link_customer
from portal.actions.engine.heartbeat import LEASE
from portal.actions.restore.adopting import Adopting
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.adoption import (
    CreditMatch,
    DoubtCause,
    FoundEntry,
    Match,
    doubt,
)
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import IN_EXACT, OPEN, CopyAction, CopyState
from portal.domain.customers.states import LinkOrigin
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.ids import new_id
from portal.domain.said import Said, said
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.leases import take_over
from portal.store.terms import touch

# An entry without a marker is no news where the invoice is copied, by us or by another link, or is not to be.


def take_over_entry(adopting: Adopting, found: FoundEntry, match: Match, pending: Sequence[CopyRow]) -> None:
    """Make the entry a copy: the one that waited for it, else a new one."""
    session = adopting.session
    row = adopting.session.get_one(InvoiceRow, match.invoice_id)
    url = adopting.ledger.entry_url(found.entry.id)
    waiting = next((copy for copy in pending if copy.in_flight is not None), None)

    if waiting is not None:
        copy = waiting
        _close_attempts(session, copy, found.entry.id, adopting.now)
        adopt_entry(hold(adopting, copy), found.entry)
        copy.let_go()
    else:
        copy = _new_copy(adopting, row, found, match.marker, url)

    adopting.told.entries += 1
    adopting.told.different += copy.state == CopyState.DIFFERENT
    touch(session, adopting.connection.id, [found.entry.id])
    if row.latest_copy_id == copy.id:
        link_customer(session, copy, adopting.now, LinkOrigin.ENTRY)


def take_back_copy(
    adopting: Adopting, found: FoundEntry, match: CreditMatch, pending: Sequence[CopyRow]
) -> None:
    """Let a credit entry take its copy back: by the wish that waited for it, else by a new one."""
    session = adopting.session
    entry = found.entry
    named = select(CopyRow).where(
        CopyRow.invoice_id == match.invoice_id,
        CopyRow.connection_id == adopting.connection.id,
        CopyRow.entry_number == match.credited,
        CopyRow.state.in_(IN_EXACT),
    )

    credited = session.scalars(named.order_by(CopyRow.requested_at.desc())).first()
    if credited is None:
        adopting.report(
            entry.id,
            f"entry {entry.entry_number}",
            entry.your_ref,
            doubt(DoubtCause.NO_ENTRY, number=match.credited),
        )
        return

    copy = next((each for each in pending if each.action == CopyAction.CREDIT), None)
    if copy is None:
        copy = _new_credit(credited, found, match.marker)
        session.add(copy)

    _close_attempts(session, copy, entry.id, adopting.now)
    turn = hold(adopting, copy)
    settle_credit(turn, entry, find_heir(turn))
    copy.let_go()
    adopting.told.credits += 1
    touch(session, adopting.connection.id, [credited.entry_id or "", entry.id])


def _new_credit(credited: CopyRow, found: FoundEntry, marker: str) -> CopyRow:
    return CopyRow(
        id=new_id(),
        invoice_id=credited.invoice_id,
        connection_id=credited.connection_id,
        marker=marker,
        state=CopyState.WAITING,
        action=CopyAction.CREDIT,
        requested_by="portal",
        requested_at=found.created,
        fingerprint="",
        choices={},
        undoes=credited.entry_id,
        customer_id=found.entry.customer_id,
        currency=found.entry.currency,
        gross_sent=-(credited.gross_booked or 0),
    )


def hold(adopting: Adopting, copy: CopyRow) -> CopyTurn:
    """Hold a copy, which nobody else does while copying is closed."""
    lease = take_over(adopting.session, copy, until=adopting.now + LEASE)
    connection = adopting.session.get_one(ConnectionRow, copy.connection_id)
    # Its attempts are closed by what is found, not resolved.
    return CopyTurn(
        adopting.session, copy, lease, adopting.desk, was_interrupted=False, connection=connection
    )


def _close_attempts(session: Session, copy: CopyRow, entry_id: str, now: datetime) -> None:
    """Write down what the open attempts of a copy came to: its entry is there, so its customer is too."""
    for row in open_attempts(session, copy):
        row.succeed({"found": entry_id}, now)


def open_attempts(session: Session, copy: CopyRow) -> Sequence[AttemptRow]:
    """Return the attempts of a copy whose outcome is not known."""
    return session.scalars(
        select(AttemptRow).where(AttemptRow.copy_id == copy.id, AttemptRow.state.in_(OPEN))
    ).all()


def _new_copy(adopting: Adopting, row: InvoiceRow, found: FoundEntry, marker: str, url: str) -> CopyRow:
    """Write down a copy that the database knows nothing of."""
    # An invoice's youngest entry is its latest.
    session = adopting.session
    entry = found.entry
    copy = adopted_copy(row, entry, adopting.connection.id, url=url, actor="portal", now=found.created)
    copy.marker = marker
    copy.finished_at = adopting.now
    copy.mark_due = False
    session.add(copy)
    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None

    if latest is None or latest.requested_at <= found.created or latest.state not in IN_EXACT:
        row.copy_state = copy.state
        row.latest_copy_id = copy.id
        row.changed_since_copied = False
        copy.mark_due = row.export_id != entry.id

    is_different = copy.state == CopyState.DIFFERENT
    told = Happened.ENTRY_ADOPTED_DIFFERENT if is_different else Happened.ENTRY_ADOPTED
    _note(adopting, row, copy, said(told, entry=str(entry.entry_number)))
    return copy


def refresh_copy(adopting: Adopting, copies: Sequence[CopyRow], entry: BookedEntry) -> None:
    """Take over the totals of a known entry that an update changed after the backup."""
    adopting.told.known += 1
    copy = next((each for each in copies if each.state in IN_EXACT), None)
    if copy is None or copy.gross_booked == entry.gross:
        return

    row = adopting.session.get_one(InvoiceRow, copy.invoice_id)
    equal = (entry.gross, entry.currency) == (row.amount_with_tax, row.currency)
    copy.gross_booked = entry.gross
    copy.customer_id = entry.customer_id
    copy.state = CopyState.COPIED if equal else CopyState.DIFFERENT
    copy.cause = None if equal else Cause.DIFFERENCE
    copy.trouble = None if equal else spell_difference(row, entry)
    if row.latest_copy_id == copy.id:
        row.copy_state = copy.state

    adopting.told.changed += 1
    touch(adopting.session, adopting.connection.id, [entry.id])
    taken_over = said(Happened.ENTRY_CHANGED_AFTER_BACKUP, entry=str(entry.entry_number))
    _note(adopting, row, copy, taken_over)


def _note(adopting: Adopting, row: InvoiceRow, copy: CopyRow, happened: Said) -> None:
    note_event(
        adopting.session,
        at=adopting.now,
        actor="portal",
        kind=EventKind.ADOPTED,
        said=happened,
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
        copy_id=copy.id,
    )
