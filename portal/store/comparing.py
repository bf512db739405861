"""Everything a comparison is made of, read for many invoices or entries at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, insert, literal, select
from sqlalchemy.orm import Session

from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import IN_EXACT, CopyAction, CopyState, Ending
from portal.domain.payments.terms import Term
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.entries import AcceptedRow, EntryRow, acceptances
from portal.store.invoices import InvoiceRow
from portal.store.stale import INVOICE, SUBSIDIARY, StaleRow
from portal.store.terms import TermRow

Key = tuple[int, str]
# The invoice's columns without its long body.
COLUMNS: tuple[Any, ...] = (
    InvoiceRow.id,
    InvoiceRow.number,
    InvoiceRow.subsidiary_id,
    InvoiceRow.company_id,
    InvoiceRow.company_name,
    InvoiceRow.invoiced_on,
    InvoiceRow.pay_on,
    InvoiceRow.currency,
    InvoiceRow.amount_tax,
    InvoiceRow.amount_with_tax,
    InvoiceRow.amount_unpaid,
    InvoiceRow.deleted,
    InvoiceRow.sample,
    InvoiceRow.fingerprint,
    InvoiceRow.copy_state,
    InvoiceRow.changed_since_copied,
    InvoiceRow.latest_copy_id,
)


class Copied(NamedTuple):
    """What a comparison needs of a copy."""

    id: str
    connection_id: int
    entry_id: str
    entry: dict[str, Any] | None
    entry_number: str | None
    journal: str | None
    currency: str
    gross_booked: int | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sources:
    """What belongs to some invoices."""

    # Entries and terms are kept by connection and entry id.

    invoices: Sequence[Row[Any]]
    live: dict[str, ConnectionRow]
    connections: dict[int, ConnectionRow]
    copies: dict[str, Copied]
    entries: dict[Key, EntryRow]
    by_number: dict[Key, list[EntryRow]]
    owned: set[Key]
    terms: dict[Key, list[Term]]
    accepted: dict[Key, list[AcceptedRow]]
    links: dict[Key, str]


def read_sources(session: Session, invoice_ids: Sequence[str]) -> Sources:
    """Read all that some hundred invoices are compared by, in a dozen queries."""
    invoices: Sequence[Row[Any]] = session.execute(
        select(*COLUMNS).where(InvoiceRow.id.in_(invoice_ids))
    ).all()
    live = {
        row.subsidiary_id: row
        for row in session.scalars(select(ConnectionRow).where(ConnectionRow.state == ConnectionState.LIVE))
    }

    copies = _latest_copies(session, [row.latest_copy_id for row in invoices if row.latest_copy_id])
    keys = {(copy.connection_id, copy.entry_id) for copy in copies.values() if copy.entry_id}
    entries = _entries(session, keys)
    loose = [row for row in invoices if (row.latest_copy_id or "") not in copies and row.number]
    by_number = _entries_by_number(session, live, loose)
    numbered = {(entry.connection_id, entry.id) for found in by_number.values() for entry in found}
    keys |= numbered

    return Sources(
        invoices=invoices,
        live=live,
        connections={row.id: row for row in live.values()},
        copies=copies,
        entries=entries,
        by_number=by_number,
        owned=owned_entries(session, [entry_id for _, entry_id in keys]) | _twins(session, numbered),
        terms=_terms(session, keys),
        accepted=acceptances(session, sorted({entry_id for _, entry_id in keys})),
        links=_links(session, {str(row.company_id) for row in invoices}),
    )


def _latest_copies(session: Session, ids: Sequence[str]) -> dict[str, Copied]:
    """Return the copies of these ids that stand in Exact, by id."""
    columns: list[Any] = [getattr(CopyRow, name) for name in Copied._fields]
    query = select(*columns).where(
        CopyRow.id.in_(ids), CopyRow.state.in_(IN_EXACT), CopyRow.entry_id.is_not(None)
    )
    return {row.id: Copied(*row) for row in session.execute(query)}


def _entries(session: Session, keys: Collection[Key]) -> dict[Key, EntryRow]:
    query = select(EntryRow).where(
        EntryRow.connection_id.in_({connection_id for connection_id, _ in keys}),
        EntryRow.id.in_([entry_id for _, entry_id in keys]),
    )
    return {(row.connection_id, row.id): row for row in session.scalars(query)}


def _entries_by_number(
    session: Session, live: dict[str, ConnectionRow], invoices: Iterable[Row[Any]]
) -> dict[Key, list[EntryRow]]:
    """Return the entries that carry the number of an invoice without a copy, by connection and number."""
    numbers: dict[int, set[str]] = {}
    for row in invoices:
        if connection := live.get(str(row.subsidiary_id)):
            numbers.setdefault(connection.id, set()).add(str(row.number).strip())

    found: dict[Key, list[EntryRow]] = {}
    for connection_id, wanted in numbers.items():
        here = (EntryRow.connection_id == connection_id, EntryRow.your_ref.in_(wanted))
        for entry in session.scalars(select(EntryRow).where(*here, EntryRow.gone_at.is_(None))):
            found.setdefault((connection_id, entry.your_ref), []).append(entry)

    return found


def owned_entries(session: Session, entry_ids: Sequence[str]) -> set[Key]:
    """Return which of these entries belong to a copy, whatever became of it."""
    query = select(CopyRow.connection_id, CopyRow.entry_id).where(CopyRow.entry_id.in_(entry_ids))
    return {(connection_id, entry_id) for connection_id, entry_id in session.execute(query) if entry_id}


def _terms(session: Session, keys: Collection[Key]) -> dict[Key, list[Term]]:
    found: dict[Key, list[Term]] = {}
    columns: list[Any] = [getattr(TermRow, name) for name in Term.__slots__]
    query = select(TermRow.connection_id, *columns).where(
        TermRow.entry_id.in_([entry_id for _, entry_id in keys]),
        TermRow.connection_id.in_({connection_id for connection_id, _ in keys}),
        TermRow.deleted_at.is_(None),
    )
    for row in session.execute(query):
        found.setdefault((row[0], row.entry_id), []).append(Term(*row[1:]))

    return found


def _links(session: Session, companies: Collection[str]) -> dict[Key, str]:
    query = select(CustomerLinkRow).where(CustomerLinkRow.company_id.in_(companies))
    return {(row.connection_id, row.company_id): row.customer_id for row in session.scalars(query)}


def invoices_of_entries(session: Session, keys: Collection[Key]) -> dict[Key, set[str]]:
    """Return which invoices entries are compared with: by a copy, else by their reference."""
    ids = [entry_id for _, entry_id in keys]
    found: dict[Key, set[str]] = {}
    copies = select(CopyRow.connection_id, CopyRow.entry_id, CopyRow.invoice_id).where(
        CopyRow.entry_id.in_(ids)
    )
    for connection_id, entry_id, invoice_id in session.execute(copies):
        found.setdefault((connection_id, str(entry_id)), set()).add(invoice_id)

    numbers = (
        select(EntryRow.connection_id, EntryRow.id, InvoiceRow.id)
        .join(ConnectionRow, ConnectionRow.id == EntryRow.connection_id)
        .join(
            InvoiceRow,
            (InvoiceRow.number == EntryRow.your_ref)
            & (InvoiceRow.subsidiary_id == ConnectionRow.subsidiary_id),
        )
        .where(
            EntryRow.connection_id.in_({connection_id for connection_id, _ in keys}),
            EntryRow.id.in_(ids),
            EntryRow.your_ref != "",
        )
    )
    for connection_id, entry_id, invoice_id in session.execute(numbers):
        found.setdefault((connection_id, entry_id), set()).add(invoice_id)

    return {key: invoices for key, invoices in found.items() if key in set(keys)}


@dataclass(frozen=True, slots=True)
class Behind:
    """The invoice behind an entry that copies made, and what became of those copies."""

    number: str
    deleted: bool
    undone: bool
    credited: bool


def invoices_behind(session: Session, keys: Collection[Key]) -> dict[Key, Behind]:
    """Return which invoices entries were made for, by copies that count no more as well."""
    query = (
        select(CopyRow.connection_id, CopyRow.entry_id, CopyRow.state, CopyRow.ending, CopyRow.action)
        .add_columns(InvoiceRow.number, InvoiceRow.deleted)
        .join(InvoiceRow, InvoiceRow.id == CopyRow.invoice_id)
        .where(CopyRow.entry_id.in_([entry_id for _, entry_id in keys]))
    )

    found: dict[Key, Behind] = {}
    for connection_id, entry_id, state, ending, action, number, deleted in session.execute(query):
        before = found.get((connection_id, str(entry_id)))
        is_credit = state == CopyState.UNDONE and action == CopyAction.CREDIT
        credited = is_credit or ending == Ending.CREDITED
        found[connection_id, str(entry_id)] = Behind(
            number or "",
            deleted,
            undone=ending == Ending.DELETED or bool(before and before.undone),
            credited=credited or bool(before and before.credited),
        )

    return found


@dataclass(frozen=True, slots=True)
class Namesake:
    """The invoice that an entry without a copy names by its marker or number, and the entry linked to it."""

    invoice_id: str
    number: str
    linked: str
    by_marker: bool


def namesakes(session: Session, keys: Collection[Key]) -> dict[Key, Namesake]:
    """Return which entries carry a copy's marker, or the number of an invoice that has its entry."""
    ids = [entry_id for _, entry_id in keys]
    columns = (EntryRow.connection_id, EntryRow.id, InvoiceRow.id, InvoiceRow.number, CopyRow.entry_number)
    among = (
        # With its connection, for the key of an entry begins with that. Else all entries may be read.
        EntryRow.connection_id.in_({connection_id for connection_id, _ in keys}),
        EntryRow.id.in_(ids),
        CopyRow.entry_id.is_not(None),
        CopyRow.entry_id != EntryRow.id,
    )
    by_number = (
        select(*columns)
        .join(ConnectionRow, ConnectionRow.id == EntryRow.connection_id)
        .join(
            InvoiceRow,
            (InvoiceRow.number == EntryRow.your_ref)
            & (InvoiceRow.subsidiary_id == ConnectionRow.subsidiary_id),
        )
        .join(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id)
        .where(*among, CopyRow.state.in_(IN_EXACT), EntryRow.your_ref != "")
    )

    same = (CopyRow.marker == EntryRow.marker) & (CopyRow.connection_id == EntryRow.connection_id)
    by_marker = (
        select(*columns)
        .join(CopyRow, same)
        .join(InvoiceRow, InvoiceRow.id == CopyRow.invoice_id)
        .where(*among)
        .order_by(CopyRow.requested_at)
    )

    found: dict[Key, Namesake] = {}
    for query, marked in ((by_number, False), (by_marker, True)):
        for connection_id, entry_id, invoice_id, number, linked in session.execute(query):
            found[connection_id, entry_id] = Namesake(invoice_id, number or "", linked or "", marked)

    return {key: each for key, each in found.items() if key in set(keys)}


def _twins(session: Session, keys: Collection[Key]) -> set[Key]:
    """Return which of these entries carry the marker of a copy whose entry is another one."""
    named = namesakes(session, keys) if keys else {}
    return {key for key, each in named.items() if each.by_marker}


def marked_alike(session: Session, invoice_ids: Collection[str]) -> set[Key]:
    """Return the entries that carry the marker of one of these invoices' copies without being its entry."""
    same = (CopyRow.marker == EntryRow.marker) & (CopyRow.connection_id == EntryRow.connection_id)
    query = (
        select(EntryRow.connection_id, EntryRow.id)
        .join(CopyRow, same)
        .where(
            CopyRow.invoice_id.in_(invoice_ids),
            CopyRow.entry_id.is_not(None),
            CopyRow.entry_id != EntryRow.id,
        )
    )

    return {(connection_id, entry_id) for connection_id, entry_id in session.execute(query)}


def entries_numbered_as(session: Session, invoice_ids: Collection[str]) -> set[Key]:
    """Return the entries without a copy that carry the number of one of these invoices."""
    owned = select(CopyRow.id).where(CopyRow.entry_id == EntryRow.id)
    query = (
        select(EntryRow.connection_id, EntryRow.id)
        .join(ConnectionRow, ConnectionRow.id == EntryRow.connection_id)
        .join(
            InvoiceRow,
            (InvoiceRow.number == EntryRow.your_ref)
            & (InvoiceRow.subsidiary_id == ConnectionRow.subsidiary_id),
        )
        .where(
            InvoiceRow.id.in_(invoice_ids),
            ConnectionRow.state == ConnectionState.LIVE,
            ~owned.exists(),
        )
    )

    return {(connection_id, entry_id) for connection_id, entry_id in session.execute(query)}


def is_fresh(entry: EntryRow, copy: CopyRow | Copied) -> bool:
    """Say whether an entry was read after the portal last wrote it."""
    # Before that the copy knows it better.
    return copy.finished_at is None or entry.read_at >= copy.finished_at


def spread_subsidiaries(session: Session, subsidiaries: Iterable[str]) -> None:
    """Turn the notes of whole subsidiaries into one for each invoice, by date. Commits nothing."""
    for subject in sorted(set(subsidiaries)):
        same = (StaleRow.kind == SUBSIDIARY, StaleRow.subject == subject)
        session.execute(delete(StaleRow).where(*same))
        # By date, so that a batch touches few months' sums.
        every = select(literal(INVOICE), InvoiceRow.id).where(InvoiceRow.subsidiary_id == subject)
        every = every.order_by(InvoiceRow.invoiced_on)
        session.execute(insert(StaleRow).from_select(["kind", "subject"], every))
