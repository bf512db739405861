"""Entries of somebody else's under an invoice's number: found, named, and set aside by a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.moving import read_named
from portal.domain.copies.strangers import HeldEntry, Stranger, find_strangers, judge_stranger, name_stranger
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.refused import Refused
from portal.domain.said import said
from portal.sentences.refusal import Refusal
from portal.store.catalogue import CustomerRow
from portal.store.connections import find_live_connection
from portal.store.entries import EntryRow, find_entries
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.looks import (
    LookRow,
    SetAsideRow,
    asides_of,
    find_look,
    linked_entries,
    read_since_looks,
)


class StrangerError(Refusal):
    """What was set aside is not there."""


def strangers_of(
    session: Session, connection_id: int, row: InvoiceRow, *, now: datetime | None = None
) -> tuple[HeldEntry, ...]:
    """Return the entries under the number that are linked to no copy, as far as is known."""
    # Without a moment the look counts however old it is.
    look = find_look(session, connection_id, row.number)
    counts = look is not None and (now is None or look.is_fresh(now))
    return strangers_under(session, connection_id, look, row, counts=counts)


def strangers_under(
    session: Session, connection_id: int, look: LookRow | None, row: InvoiceRow, *, counts: bool
) -> tuple[HeldEntry, ...]:
    """Return the entries of a look that counts, and those read since any, that nobody linked or set aside."""
    number = (row.number or "").strip()
    since = read_since_looks(session, connection_id, [number], {number: look} if look else {})
    return strangers_among(session, look if counts else None, since.get(number, ()), row)


def strangers_among(
    session: Session,
    look: LookRow | None,
    since: Iterable[HeldEntry],
    row: InvoiceRow,
    asides: Iterable[SetAsideRow] | None = None,
) -> tuple[HeldEntry, ...]:
    """Return which entries of a look, and of those read since, nobody linked or set aside."""
    # Who read already what was set aside brings it along.
    held = {entry.id: entry for entry in (*(look.held if look else ()), *since)}
    if not held:
        return ()

    return find_strangers(
        held.values(),
        linked=linked_entries(session, list(held)),
        set_aside={aside.entry_id for aside in (asides_of(session, row.id) if asides is None else asides)},
    )


def named_entries(session: Session, connection_id: int, rows: Sequence[InvoiceRow]) -> dict[str, HeldEntry]:
    """Return the entries that another link named, by their ids, as far as they were read."""
    ids = [named for row in rows if (named := read_named(row.export_id))]
    found = find_entries(session, connection_id, ids)
    return {row.id: _as_held(row) for row in found.values() if row.gone_at is None}


def _as_held(row: EntryRow) -> HeldEntry:
    return HeldEntry(
        row.id,
        row.entry_number,
        row.your_ref,
        row.journal,
        row.entry_date,
        row.customer_id,
        row.currency,
        row.gross,
        invoice_number=row.invoice_number,
    )


def judge_entries(
    session: Session,
    connection_id: int,
    row: InvoiceRow,
    entries: Iterable[HeldEntry],
    customer_id: str | None,
) -> list[Stranger]:
    """Say of each entry what agrees with the invoice and its customer."""
    return [
        judge_stranger(
            entry,
            customer_id=customer_id,
            customer=_customer_name(session, connection_id, entry.customer_id),
            gross=row.amount_with_tax,
            currency=row.currency,
        )
        for entry in entries
    ]


def _customer_name(session: Session, connection_id: int, customer_id: str | None) -> str:
    found = session.get(CustomerRow, (connection_id, customer_id)) if customer_id else None
    return found.name if found else ""


def stranger_problems(
    session: Session,
    connection_id: int,
    row: InvoiceRow,
    customer_id: str | None,
    *,
    now: datetime | None = None,
) -> tuple[Problem, ...]:
    """Name each entry that a copy would be booked beside."""
    entries = strangers_of(session, connection_id, row, now=now)
    return tuple(map(name_stranger, judge_entries(session, connection_id, row, entries, customer_id)))


def set_aside(
    session: Session, invoice_id: str, entry_ids: Sequence[str], *, actor: str, now: datetime
) -> None:
    """Keep that a person says of exactly these entries that they are others."""
    row = session.get_one(InvoiceRow, invoice_id, with_for_update=True, populate_existing=True)
    connection = find_live_connection(session, row.subsidiary_id)
    strangers = strangers_of(session, connection.id, row) if connection else ()
    named = named_entries(session, connection.id, [row]) if connection else {}
    under = {entry.id: entry for entry in strangers}
    chosen = [entry for entry in (named | under).values() if entry.id in entry_ids]
    done = {aside.entry_id for aside in asides_of(session, row.id)}

    if connection is None or not chosen:
        session.rollback()
        if set(entry_ids) <= done and entry_ids:
            return
        raise StrangerError(said(Refused.NO_SUCH_ENTRY))

    is_under = any(entry.id in under for entry in chosen)
    numbers = ", ".join(str(entry.entry_number) for entry in chosen)
    with transaction(session):
        for entry in chosen:
            session.add(
                SetAsideRow(
                    invoice_id=row.id,
                    entry_id=entry.id,
                    connection_id=connection.id,
                    entry_number=str(entry.entry_number),
                    set_aside_by=actor,
                    set_aside_at=now,
                )
            )

        note_event(
            session,
            at=now,
            actor=actor,
            kind=EventKind.SET_ASIDE,
            said=said(Happened.ANOTHER_BY_NUMBER if is_under else Happened.ANOTHER_NAMED, numbers=numbers),
            subsidiary_id=row.subsidiary_id,
            invoice_id=row.id,
        )
