"""The mirror of Exact's sales entries: what was read, when, and which versions people accepted."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import DateTime, ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.sales_entry import OPEN, BookedEntry, BookedLine
from portal.domain.books.drift import content_key
from portal.domain.copies.adoption import DUTCH
from portal.domain.copies.exact_changes import as_linked
from portal.domain.copies.states import IN_EXACT, CopyAction
from portal.domain.ids import find_marker
from portal.domain.said import Said
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.store.base import Base, Instant, Large
from portal.store.copies import CopyRow, entry_from_row, entry_to_row
from portal.store.said_column import SaidColumn
from portal.store.stale import ENTRY, Compared, StaleKey, old_and_new
from portal.store.unreadable import end_unreadable, note_unreadable
from portal.store.unready import NUMBER, Foreseen, UnreadyKey

SOME = 500


class EntryRow(Compared, Foreseen, Base):
    """A sales entry as Exact last showed it."""

    # ``gone_at`` is when it was found deleted. ``lines`` is None where Exact gave none along.

    __tablename__ = "entry"
    __table_args__ = (
        Index("ix_entry_booked", "connection_id", "entry_date"),
        Index("ix_entry_reference", "connection_id", "your_ref"),
        Index("ix_entry_marker", "connection_id", "marker"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    entry_number: Mapped[int]
    invoice_number: Mapped[int | None]
    customer_id: Mapped[str]
    journal: Mapped[str]
    entry_date: Mapped[date]
    due_date: Mapped[date | None]
    your_ref: Mapped[str]
    description: Mapped[str]
    currency: Mapped[str]
    gross: Mapped[Large]
    vat: Mapped[Large]
    status: Mapped[int]
    type: Mapped[int]
    content: Mapped[str]
    read_at: Mapped[datetime] = mapped_column(Instant)
    marker: Mapped[str | None] = mapped_column(default=None)
    lines: Mapped[str | None] = mapped_column(Text, default=None)
    gone_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def each_stale(self) -> Iterator[StaleKey]:
        """Name the comparison of the entry."""
        yield StaleKey(ENTRY, self.connection_id, self.id)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoices of the number that it carries, or carried."""
        for number in old_and_new(self, "your_ref"):
            yield UnreadyKey(NUMBER, number, self.connection_id)

    def entry(self) -> BookedEntry:
        """Return the domain's entry, without lines where they were not read."""
        fields = {name: getattr(self, name) for name in HEADER}
        lines = msgspec.json.decode(self.lines, type=tuple[BookedLine, ...]) if self.lines else ()
        return BookedEntry(**fields, lines=lines)


HEADER = tuple(set(EntryRow.__table__.columns.keys()) & set(BookedEntry.__slots__) - {"lines"})


class EntryFeedRow(Base):
    """How far the entries of a connection were read."""

    # ``cursor`` is Exact's clock at the last change seen.
    # The next reading begins at ``again_from``, or at ``whole_from`` if none did since ``whole_at``. After
    # many changes at once the former spares most of the overlap, the latter none. None is the usual overlap.

    __tablename__ = "entry_feed"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    cursor: Mapped[datetime | None] = mapped_column(DateTime, default=None)
    again_from: Mapped[datetime | None] = mapped_column(DateTime, default=None)
    whole_from: Mapped[datetime | None] = mapped_column(DateTime, default=None)
    whole_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    read_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)


class EntryReadingRow(Base):
    """One month of a connection's entries: when it was wanted, and when it was last read as a whole."""

    __tablename__ = "entry_reading"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    wanted_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    whole_wanted: Mapped[bool] = mapped_column(default=False)
    read_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    entries: Mapped[int] = mapped_column(default=0)


class AcceptedRow(Compared, Base):
    """A version of an entry that a person accepted as it is, while neither side changes."""

    # ``content`` is the entry's hash, "gone" for a deleted one. ``fingerprint`` is the invoice's, None for an
    # entry that belongs to Exact alone.

    __tablename__ = "accepted_entry"
    __table_args__ = (Index("ix_accepted_entry_entry", "entry_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    entry_id: Mapped[str]
    content: Mapped[str]
    accepted_by: Mapped[str]
    accepted_at: Mapped[datetime] = mapped_column(Instant)
    what: Mapped[str]
    invoice_id: Mapped[str | None] = mapped_column(index=True, default=None)
    fingerprint: Mapped[str | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def each_stale(self) -> Iterator[StaleKey]:
        """Name the comparison of the entry."""
        yield StaleKey(ENTRY, self.connection_id, self.entry_id)


GONE = "gone"


def keep_entries(
    session: Session, connection_id: int, entries: Sequence[BookedEntry], read_at: datetime
) -> None:
    """Insert or refresh entries as they were read."""
    known = find_entries(session, connection_id, [entry.id for entry in entries])
    for entry in entries:
        fields = fields_of(entry)
        row = known.get(entry.id)

        if row is None:
            known[entry.id] = EntryRow(connection_id=connection_id, read_at=read_at, **fields)
            session.add(known[entry.id])
            continue

        for name, value in fields.items():
            setattr(row, name, value)

        row.read_at = read_at
        row.gone_at = None

    _keep_linked(session, connection_id, entries)


def _keep_linked(session: Session, connection_id: int, entries: Sequence[BookedEntry]) -> None:
    """Keep with their lines the entries that were linked without them and that nobody changed since."""
    by_id = {entry.id: entry for entry in entries if entry.lines and entry.modified is not None}
    if not by_id:
        return

    bare = select(CopyRow).where(
        CopyRow.connection_id == connection_id,
        CopyRow.entry_id.in_(by_id),
        CopyRow.action == CopyAction.ADOPT,
        CopyRow.linked.is_(None),
    )
    for copy in session.scalars(bare):
        entry = by_id[copy.entry_id or ""]
        if copy.finished_at is not None and _is_before(entry.modified, copy.finished_at):
            copy.linked = entry_to_row(as_linked(entry))


def _is_before(modified: datetime | None, linked_at: datetime) -> bool:
    """Say whether an entry was changed last before it was linked, by Exact's own clock."""
    return modified is not None and modified.replace(tzinfo=DUTCH) < linked_at


def fields_of(entry: BookedEntry) -> dict[str, Any]:
    """Return an entry's columns."""
    fields: dict[str, Any] = {name: getattr(entry, name) for name in HEADER}
    fields["lines"] = msgspec.json.encode(entry.lines).decode() if entry.lines else None
    fields["marker"] = next(filter(None, (find_marker(line.notes) for line in entry.lines)), None)
    fields["content"] = content_key(entry)
    fields["your_ref"] = entry.your_ref.strip()
    return fields


def find_entries(session: Session, connection_id: int, ids: Sequence[str]) -> dict[str, EntryRow]:
    """Return the entries of these ids that the mirror has."""
    found: dict[str, EntryRow] = {}
    for at in range(0, len(ids), SOME):
        some = (EntryRow.connection_id == connection_id, EntryRow.id.in_(ids[at : at + SOME]))
        found |= {row.id: row for row in session.scalars(select(EntryRow).where(*some))}
    return found


def feed_of(session: Session, connection_id: int) -> EntryFeedRow:
    """Return how far a connection was read, or a new row."""
    row = session.get(EntryFeedRow, connection_id)
    if row is None:
        row = EntryFeedRow(connection_id=connection_id)
        session.add(row)
        session.flush()
    return row


def reading_of(session: Session, connection_id: int, month: str) -> EntryReadingRow:
    """Return the reading of a month, or a new row."""
    row = session.get(EntryReadingRow, (connection_id, month))
    if row is None:
        row = EntryReadingRow(connection_id=connection_id, month=month)
        session.add(row)
        session.flush()
    return row


def wanted_months(session: Session, connection_id: int) -> Sequence[EntryReadingRow]:
    """Return the months that wait to be read, oldest first."""
    wanted = (EntryReadingRow.connection_id == connection_id, EntryReadingRow.wanted_at.is_not(None))
    return session.scalars(select(EntryReadingRow).where(*wanted).order_by(EntryReadingRow.month)).all()


def acceptances(session: Session, entry_ids: Sequence[str]) -> dict[tuple[int, str], list[AcceptedRow]]:
    """Return what was accepted of these entries and was not taken back, the newest last."""
    found: dict[tuple[int, str], list[AcceptedRow]] = {}
    query = select(AcceptedRow).where(AcceptedRow.entry_id.in_(entry_ids), AcceptedRow.ended_at.is_(None))
    for row in session.scalars(query.order_by(AcceptedRow.accepted_at)):
        found.setdefault((row.connection_id, row.entry_id), []).append(row)
    return found


def keep_read(
    session: Session, connection_id: int, entry_id: str, entry: BookedEntry | None, asked_at: datetime
) -> None:
    """Keep an entry as it was read by itself, or note that it is gone. Commits nothing."""
    if entry is not None:
        keep_entries(session, connection_id, [entry], asked_at)
    elif row := find_entries(session, connection_id, [entry_id]).get(entry_id):
        row.gone_at = asked_at
        row.read_at = asked_at
    else:
        _note_gone(session, connection_id, entry_id, asked_at)


def _note_gone(session: Session, connection_id: int, entry_id: str, now: datetime) -> None:
    """Note an entry that was deleted before it was ever read, as its copy booked it."""
    copy = session.scalars(
        select(CopyRow).where(
            CopyRow.entry_id == entry_id,
            CopyRow.connection_id == connection_id,
            CopyRow.state.in_(IN_EXACT),
        )
    ).first()
    if copy is None or copy.entry is None:
        return

    sent = entry_from_row(copy.entry)
    number = copy.entry_number or ""
    entry = BookedEntry(
        id=entry_id,
        entry_number=int(number) if number.isdecimal() else 0,
        invoice_number=None,
        customer_id=sent.customer_id,
        journal=sent.journal,
        entry_date=sent.entry_date,
        due_date=sent.due_date,
        your_ref=sent.your_ref,
        description=sent.description,
        currency=sent.currency,
        gross=copy.gross_booked or sent.gross,
        vat=sent.vat,
        status=OPEN,
        type=sent.type or 20,
    )

    row = EntryRow(connection_id=connection_id, read_at=now, gone_at=now, **fields_of(entry))
    session.add(row)


def keep_page(
    session: Session, connection_id: int, page: Sequence[BookedEntry | Unreadable], asked_at: datetime
) -> list[BookedEntry]:
    """Keep entries. One that cannot be read stays as it was. Returns what was read. Commits nothing."""
    entries = readable(page)
    keep_entries(session, connection_id, entries, asked_at)
    note_unreadable(session, connection_id, unreadable(page), asked_at)
    end_unreadable(session, connection_id, Kind.ENTRY, [entry.id for entry in entries], asked_at)
    return entries
