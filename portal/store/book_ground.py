"""What a page of both books stands on: their moment, what is stale, and how far Exact was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.connections.states import ConnectionState
from portal.domain.periods import Period
from portal.store.book_moment import BookMomentRow
from portal.store.connections import ConnectionRow
from portal.store.entries import EntryFeedRow, EntryReadingRow
from portal.store.reconciliation import Scope
from portal.store.stale import StaleRow
from portal.store.unreadable import open_for_query


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """How the entries of one live connection were read, and those of a period."""

    connection: ConnectionRow
    read_at: datetime | None
    trouble: str | None
    # The oldest reading as a whole of a month that was read so, and the youngest that was wanted.
    whole_at: datetime | None
    wanted_at: datetime | None
    entries: int


@dataclass(frozen=True, slots=True)
class BookGround:
    """The moment of both books, and what there is to say of how they were read."""

    number: int
    compared_at: datetime | None
    is_stale: bool
    unreadable: int
    readings: Sequence[ReadSoFar]


def read_ground(session: Session, period: Period, scope: Scope) -> BookGround:
    """Read the ground of a page of both books, in one query."""
    first, last = period.months
    months = (
        select(
            EntryReadingRow.connection_id,
            func.min(EntryReadingRow.read_at).label("whole_at"),
            func.max(EntryReadingRow.wanted_at).label("wanted_at"),
            func.sum(EntryReadingRow.entries).label("entries"),
        )
        .where(EntryReadingRow.month >= first, EntryReadingRow.month <= last)
        .group_by(EntryReadingRow.connection_id)
        .subquery()
    )
    in_sight = ConnectionRow.state == ConnectionState.LIVE
    if scope is not None:
        in_sight &= ConnectionRow.subsidiary_id.in_(scope)

    # One row is there also where nothing is connected.
    one = select(literal(1).label("one")).subquery()
    unreadable = open_for_query(scope).with_only_columns(func.count()).order_by(None).scalar_subquery()
    query = (
        select(
            BookMomentRow.number, BookMomentRow.compared_at, select(StaleRow.id).limit(1).scalar_subquery()
        )
        .add_columns(unreadable, ConnectionRow, EntryFeedRow.read_at, EntryFeedRow.trouble)
        .add_columns(months.c.whole_at, months.c.wanted_at, months.c.entries)
        .select_from(one)
        .outerjoin(BookMomentRow, BookMomentRow.id == 1)
        .outerjoin(ConnectionRow, in_sight)
        .outerjoin(EntryFeedRow, EntryFeedRow.connection_id == ConnectionRow.id)
        .outerjoin(months, months.c.connection_id == ConnectionRow.id)
        # Its feeds are joined as it is, for nothing may be left out where nothing is connected.
        .options(
            joinedload(ConnectionRow.payments, innerjoin=False),
            joinedload(ConnectionRow.customers, innerjoin=False),
        )
        .order_by(ConnectionRow.id)
    )

    rows = session.execute(query).all()
    number, compared_at, stale, odd = rows[0][:4]
    readings = [
        ReadSoFar(connection, read_at, trouble, whole_at, wanted_at, int(entries or 0))
        for _, _, _, _, connection, read_at, trouble, whole_at, wanted_at, entries in rows
        if connection is not None
    ]
    return BookGround(number or 0, compared_at, stale is not None, odd, readings)
