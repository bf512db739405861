"""Cut-over: invoices that another link copied, or that shall not be copied at all."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.kind import turns
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.exact_changes import as_linked
from portal.domain.copies.failures import Cause
from portal.domain.copies.moving import FoundEntry, names_entry
from portal.domain.copies.states import IN_EXACT, IN_FLIGHT, CopyAction, CopyState, Ending
from portal.domain.copies.strangers import reference_key
from portal.domain.copies.troubles import Trouble
from portal.domain.currencies import has_cents, say_decimals
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.ids import marker_of, new_id
from portal.domain.refused import Refused
from portal.domain.said import Amount, Said, said
from portal.domain.text import MOST_REASON, is_too_long
from portal.sentences.refusal import Refusal
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, entry_to_row
from portal.store.events import note_event
from portal.store.invoices import ELSEWHERE, EXCLUDED, NOT_COPIED, InvoiceRow


class CutOverError(Refusal):
    """What was asked cannot be done."""


def cut_over_of(connection: ConnectionRow | None, row: InvoiceRow) -> date | None:
    """Return the day from which invoices are copied if an invoice is dated before it."""
    since = connection.copy_from if connection else None
    return since if since and row.invoiced_on < since else None


def exclude_invoice(session: Session, invoice_id: str, *, reason: str, actor: str, now: datetime) -> None:
    """Set an invoice to "do not copy", with the reason."""
    with transaction(session):
        row = _free(session, invoice_id)
        if not reason.strip():
            raise CutOverError(said(Refused.SAY_WHY_NOT_COPIED))
        if is_too_long(reason):
            raise CutOverError(said(Refused.SAY_WHY_SHORTER, most=MOST_REASON))

        row.copy_state = EXCLUDED
        row.exclude_reason = reason.strip()
        _note(
            session,
            row,
            actor,
            EventKind.DO_NOT_COPY,
            said(Happened.NOT_TO_BE_COPIED, reason=reason.strip()),
            now,
        )


def include_invoice(session: Session, invoice_id: str, *, actor: str, now: datetime) -> None:
    """Take "do not copy" back."""
    with transaction(session):
        row = session.get_one(InvoiceRow, invoice_id)
        if row.copy_state == EXCLUDED:
            row.copy_state = ELSEWHERE if row.exported else NOT_COPIED
            row.exclude_reason = None
            _note(session, row, actor, EventKind.MAY_BE_COPIED, said(Happened.MAY_BE_COPIED), now)


def find_existing(session: Session, ledger: Ledger, invoice_id: str) -> list[BookedEntry]:
    """Find the entries in Exact that carry the invoice's number, and the one that Productive names."""
    row = session.get_one(InvoiceRow, invoice_id)
    number = row.number
    export_id = row.export_id
    let_go(session)
    found = ledger.find_entries(number) if number else []

    if export_id and is_guid(export_id) and export_id not in {entry.id for entry in found}:
        named = ledger.read_entry(export_id)
        found = [named, *found] if named else found

    return found


def is_guid(text: str) -> bool:
    """Say whether a text is an id as Exact gives them."""
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def link_existing(
    session: Session, ledger: Ledger, invoice_id: str, entry_id: str, *, actor: str, now: datetime
) -> CopyRow:
    """Adopt an entry that somebody else booked as this invoice's copy."""
    _free(session, invoice_id)
    let_go(session)
    entry = ledger.read_entry(entry_id) if is_guid(entry_id) else None
    row = _free(session, invoice_id)
    if entry is None:
        raise CutOverError(said(Refused.ENTRY_NO_LONGER_THERE))

    same = reference_key(entry.your_ref) == reference_key(row.number or "")
    if not names_entry(row.export_id, entry) and not same:
        raise CutOverError(
            said(Refused.OTHER_REFERENCE, entry=str(entry.entry_number), reference=entry.your_ref)
        )
    if turns(entry.gross, row.amount_with_tax):
        raise CutOverError(say_turned(entry, row))

    if not has_cents(row.currency):
        decimals = say_decimals(row.currency)
        found = problem("currency_decimals", currency=row.currency, decimals=decimals)
        raise CutOverError(found.said)

    if is_taken(session, entry.id):
        raise CutOverError(said(Refused.OTHER_COPYS, entry=str(entry.entry_number)))

    connection = session.scalars(
        select(ConnectionRow).where(ConnectionRow.live_subsidiary == row.subsidiary_id)
    ).one()
    url = ledger.entry_url(entry.id)
    with transaction(session):
        return adopt(session, row, entry, connection.id, url=url, actor=actor, now=now)


def is_taken(session: Session, entry_id: str) -> bool:
    """Say whether an entry belongs to a copy already. A link that was taken back counts no more."""
    taken = select(CopyRow.id).where(
        CopyRow.entry_id == entry_id,
        CopyRow.ending.is_distinct_from(Ending.UNLINKED),
    )
    return session.scalar(taken.limit(1)) is not None


def adopt(
    session: Session,
    row: InvoiceRow,
    entry: FoundEntry,
    connection_id: int,
    *,
    url: str,
    actor: str,
    now: datetime,
) -> CopyRow:
    """Let an entry count as an invoice's copy, and note it. The caller commits."""
    copy = adopted_copy(row, entry, connection_id, url=url, actor=actor, now=now)
    session.add(copy)
    row.copy_state = copy.state
    row.latest_copy_id = copy.id
    row.changed_since_copied = False
    _note(session, row, actor, EventKind.LINKED, said(Happened.LINKED, entry=str(entry.entry_number)), now)

    return copy


def adopted_copy(
    row: InvoiceRow, entry: FoundEntry, connection_id: int, *, url: str, actor: str, now: datetime
) -> CopyRow:
    """Describe the copy that an entry found in Exact is."""
    # ``now`` is when it was booked or linked.
    copy_id = new_id()
    equal = (entry.gross, entry.currency) == (row.amount_with_tax, row.currency)
    return CopyRow(
        id=copy_id,
        invoice_id=row.id,
        connection_id=connection_id,
        marker=marker_of(copy_id),
        state=CopyState.COPIED if equal else CopyState.DIFFERENT,
        action=CopyAction.ADOPT,
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
        mark_due=not row.exported,
        linked=_as_it_stands(entry),
        cause=None if equal else Cause.DIFFERENCE,
        trouble=None if equal else spell_difference(row, entry),
    )


def _as_it_stands(entry: FoundEntry) -> dict[str, Any] | None:
    """Return what stands in Exact now, as far as it was read with its lines."""
    if not isinstance(entry, BookedEntry) or not entry.lines:
        return None
    return entry_to_row(as_linked(entry))


def say_turned(entry: BookedEntry, row: InvoiceRow) -> Said:
    """Say that an entry charges what the invoice gives back, or the other way round."""
    return said(
        Refused.TURNED,
        entry=str(entry.entry_number),
        booked=Amount(entry.gross, entry.currency),
        number=row.number or "",
        wanted=Amount(row.amount_with_tax, row.currency),
    )


def spell_difference(row: InvoiceRow, entry: FoundEntry) -> Said:
    """Say by how much an entry and its invoice differ."""
    return said(
        Trouble.LINKED_DIFFERENTLY,
        entry=str(entry.entry_number),
        booked=Amount(entry.gross, entry.currency),
        wanted=Amount(row.amount_with_tax, row.currency),
    )


def _free(session: Session, invoice_id: str) -> InvoiceRow:
    """Lock an invoice that is neither being copied nor copied."""
    row = session.get_one(InvoiceRow, invoice_id, with_for_update=True, populate_existing=True)
    if row.copy_state in IN_FLIGHT:
        raise CutOverError(said(Refused.BEING_COPIED))
    if row.copy_state in IN_EXACT:
        raise CutOverError(said(Refused.COPIED_ALREADY))

    return row


def _note(
    session: Session, row: InvoiceRow, actor: str, kind: EventKind, happened: Said, now: datetime
) -> None:
    note_event(
        session,
        at=now,
        actor=actor,
        kind=kind,
        said=happened,
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
    )
