"""What Exact was seen to hold under the numbers of invoices, and what people set aside of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import JSON, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.copies.strangers import HeldEntry
from portal.store.base import Base, Instant, insert_or
from portal.store.copies import CopyRow
from portal.store.entries import EntryRow
from portal.store.invoices import InvoiceRow
from portal.store.unready import INVOICE, NUMBER, Foreseen, UnreadyKey, note_keys

# Nothing is booked on a look that is older.
FRESH = timedelta(minutes=10)
# Between the look of a job and its POST a customer may be created, and a lane waited for.
MARGIN = timedelta(minutes=1)


class LookRow(Foreseen, Base):
    """The last look at what Exact holds under a number. ``looked_at`` is when it was asked."""

    __tablename__ = "look"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime] = mapped_column(Instant)
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoices of the number."""
        yield UnreadyKey(NUMBER, self.number, self.connection_id)

    @property
    def held(self) -> list[HeldEntry]:
        """The entries that were there."""
        return msgspec.convert(self.found, list[HeldEntry])

    def is_fresh(self, now: datetime) -> bool:
        """Say whether a copy may be booked on it now."""
        return now - self.looked_at < FRESH - MARGIN


class SetAsideRow(Foreseen, Base):
    """An entry of which a person said that it is not this invoice's, but another one."""

    __tablename__ = "set_aside"

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    entry_number: Mapped[str]
    set_aside_by: Mapped[str]
    set_aside_at: Mapped[datetime] = mapped_column(Instant)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoice."""
        yield UnreadyKey(INVOICE, self.invoice_id)


def find_look(session: Session, connection_id: int, number: str | None) -> LookRow | None:
    """Return the last look at a number."""
    key = (connection_id, (number or "").strip())
    return session.get(LookRow, key, populate_existing=True)


def looks_of(session: Session, connection_id: int, numbers: Sequence[str]) -> dict[str, LookRow]:
    """Return the last looks at some numbers, by number."""
    wanted = {number.strip() for number in numbers}
    query = select(LookRow).where(LookRow.connection_id == connection_id, LookRow.number.in_(wanted))
    found = session.scalars(query.execution_options(populate_existing=True))
    return {row.number: row for row in found}


def read_since_looks(
    session: Session, connection_id: int, numbers: Sequence[str], looks: Mapping[str, LookRow]
) -> dict[str, list[HeldEntry]]:
    """Return the entries that a reading of both books showed under each number since its last look."""
    by_number: dict[str, list[EntryRow]] = {}
    for row in entries_under(session, connection_id, numbers):
        by_number.setdefault(row.your_ref, []).append(row)

    found = {number: list(each_since(rows, looks.get(number))) for number, rows in by_number.items()}
    return {number: held for number, held in found.items() if held}


def entries_under(session: Session, connection_id: int, numbers: Sequence[str]) -> Sequence[EntryRow]:
    """Return the entries that a reading of both books showed under some numbers."""
    wanted = {number.strip() for number in numbers} - {""}
    query = select(EntryRow).where(
        EntryRow.connection_id == connection_id, EntryRow.your_ref.in_(wanted), EntryRow.gone_at.is_(None)
    )
    return session.scalars(query).all() if wanted else []


def each_since(rows: Iterable[EntryRow], look: LookRow | None) -> Iterator[HeldEntry]:
    """Yield the entries under one number that were read since its last look."""
    for row in rows:
        # A look that shows an entry no longer knows better than what was read before it.
        if look is None or row.read_at > look.looked_at:
            yield _as_held(row)


def _as_held(row: EntryRow) -> HeldEntry:
    """Return an entry as a look by its number shows it."""
    return HeldEntry(
        id=row.id,
        entry_number=row.entry_number,
        your_ref=row.your_ref,
        journal=row.journal,
        entry_date=row.entry_date,
        customer_id=row.customer_id,
        currency=row.currency,
        gross=row.gross,
        markers=(row.marker,) if row.marker else (),
    )


def keep_looks(
    session: Session,
    connection_id: int,
    held: Mapping[str, Sequence[HeldEntry]],
    looked_at: datetime,
) -> None:
    """Keep what stood under each number, unless a later look came first."""
    found = {number.strip(): msgspec.to_builtins(entries) for number, entries in held.items()}
    rows = [
        {"connection_id": connection_id, "number": number, "looked_at": looked_at, "found": entries}
        for number, entries in sorted(found.items())
    ]
    if not rows:
        return

    new = insert_or(session, LookRow).values(rows)
    session.execute(
        new.on_conflict_do_update(
            index_elements=[LookRow.connection_id, LookRow.number],
            set_={"looked_at": new.excluded.looked_at, "found": new.excluded.found},
            where=LookRow.looked_at <= new.excluded.looked_at,
        )
    )
    # Written past the session, so what it makes unready is noted here.
    note_keys(session, (UnreadyKey(NUMBER, number, connection_id) for number in found))


def forget_looks(session: Session) -> None:
    """Forget every look."""
    session.execute(delete(LookRow))


def linked_entries(session: Session, entry_ids: Collection[str]) -> set[str]:
    """Return which of these entries copies made or linked. A link that was taken back counts no more."""
    counts = CopyRow.ending.is_distinct_from(Ending.UNLINKED)
    query = select(CopyRow.entry_id).where(CopyRow.entry_id.in_(entry_ids), counts)
    return {entry_id for entry_id in session.scalars(query) if entry_id}


def asides_of(session: Session, invoice_id: str) -> Sequence[SetAsideRow]:
    """Return what was set aside for an invoice, the oldest first."""
    query = select(SetAsideRow).where(SetAsideRow.invoice_id == invoice_id)
    return session.scalars(query.order_by(SetAsideRow.set_aside_at, SetAsideRow.entry_id)).all()


def waiting_numbers(session: Session, connection_id: int, most: int, now: datetime) -> list[str]:
    """Return the numbers of the next copies that wait to be booked and have no fresh look."""
    fresh = select(LookRow.number).where(
        LookRow.connection_id == connection_id, LookRow.looked_at > now - (FRESH - MARGIN)
    )
    query = (
        select(InvoiceRow.number)
        .join(CopyRow, CopyRow.in_flight == InvoiceRow.id)
        .where(
            CopyRow.connection_id == connection_id,
            CopyRow.state == CopyState.WAITING,
            CopyRow.action == CopyAction.CREATE,
            CopyRow.hold_id.is_(None),
            InvoiceRow.number.not_in(fresh),
        )
        .order_by(CopyRow.requested_at, CopyRow.id)
    )

    return [number.strip() for number in session.scalars(query.limit(most)) if number and number.strip()]
