"""Records of Productive and Exact that cannot be read: which, why, and since when. Commits nothing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, Select, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.connections.states import ConnectionState
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable
from portal.store.base import Base, Instant, Large
from portal.store.connections import ConnectionRow
from portal.store.pulse import QUIET, note_written
from portal.store.unready import INVOICE, Foreseen, UnreadyKey, note_keys

# Stands for a connection where a record is Productive's, which all connections share.
PRODUCTIVE = 0
SOME = 500
LOST_AFTER = timedelta(days=7)
# What everybody may see, for it belongs to no subsidiary.
SHARED = (Kind.SERVICE_TYPE,)


class UnreadableRow(Foreseen, Base):
    """A record that cannot be read, until ``ended_at``: then it was read, or was no longer there."""

    __tablename__ = "unreadable"
    __table_args__ = (Index("ix_unreadable_open", "ended_at", "connection_id", "kind", "last_seen"),)

    connection_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    remote_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    reason: Mapped[str]
    field: Mapped[str]
    value: Mapped[str]
    part: Mapped[str | None]
    part_name: Mapped[str]
    parent: Mapped[str]
    account: Mapped[str]
    place: Mapped[Large]
    subsidiary_id: Mapped[str]
    first_seen: Mapped[datetime] = mapped_column(Instant)
    last_seen: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoice that cannot be read."""
        if self.connection_id == PRODUCTIVE and self.kind == Kind.INVOICE:
            yield UnreadyKey(INVOICE, self.remote_id)

    def record(self) -> Unreadable:
        """Return what the domain says of the record."""
        part = Kind(self.part) if self.part else None
        fault = Fault(Reason(self.reason), self.field, self.value, part, self.part_name)
        return Unreadable(
            Kind(self.kind),
            self.remote_id,
            self.number,
            fault,
            parent=self.parent,
            account=self.account,
            place=self.place,
            subsidiary=self.subsidiary_id,
        )


def note_unreadable(
    session: Session, connection_id: int, records: Iterable[Unreadable], now: datetime
) -> None:
    """Keep what cannot be read. What was listed already stays listed since its first day."""
    for record in records:
        row = session.get(UnreadableRow, (connection_id, record.kind, record.id))
        if row is None:
            row = UnreadableRow(
                connection_id=connection_id,
                kind=record.kind,
                remote_id=record.id,
                place=0,
                first_seen=now,
                **_fields(record, now),
            )

            session.add(row)

        for name, value in _fields(record, now).items():
            setattr(row, name, value)

        row.place = record.place or row.place
        if row.ended_at is not None:
            row.first_seen = now
            row.ended_at = None

    session.flush()


def _fields(record: Unreadable, now: datetime) -> dict[str, Any]:
    fault = record.fault
    return {
        "number": record.number,
        "reason": fault.reason,
        "field": fault.field,
        "value": fault.value,
        "part": fault.part,
        "part_name": fault.part_name,
        "parent": record.parent,
        "account": record.account,
        "subsidiary_id": record.subsidiary,
        "last_seen": now,
    }


def end_unreadable(
    session: Session, connection_id: int, kind: Kind, ids: Sequence[str], now: datetime
) -> None:
    """Take from the list what was read, or is gone."""
    for at in range(0, len(ids), SOME):
        _end(session, now, *_of(connection_id, kind), UnreadableRow.remote_id.in_(ids[at : at + SOME]))


def note_whole(
    session: Session,
    connection_id: int,
    kinds: Sequence[Kind],
    records: Sequence[Unreadable],
    now: datetime,
) -> None:
    """Keep what a whole reading of some kinds could not read. What else was listed of them is over."""
    note_unreadable(session, connection_id, records, now)
    for kind in kinds:
        listed = [record.id for record in records if record.kind == kind]
        _end(session, now, *_of(connection_id, kind), UnreadableRow.remote_id.not_in(listed))


def end_between(
    session: Session, connection_id: int, kind: Kind, places: tuple[int, int], now: datetime
) -> None:
    """Take from the list what stood in a part of a feed and did not come again as unreadable just now."""
    first, last = places
    _end(
        session,
        now,
        *_of(connection_id, kind),
        UnreadableRow.place.between(first, last),
        UnreadableRow.last_seen < now,
    )


def end_of_parents(
    session: Session,
    connection_id: int,
    kind: Kind,
    parents: Sequence[str],
    now: datetime,
) -> None:
    """Take from the list what belongs to some invoices or entries, for all of theirs was read."""
    for at in range(0, len(parents), SOME):
        _end(
            session,
            now,
            *_of(connection_id, kind),
            UnreadableRow.parent.in_(parents[at : at + SOME]),
            UnreadableRow.last_seen < now,
        )


def end_placeless(session: Session, connection_id: int, kind: Kind, now: datetime) -> None:
    """Take from the list what tells no place in its feed, once it did not come for a week."""
    old = UnreadableRow.last_seen < now - LOST_AFTER
    _end(session, now, *_of(connection_id, kind), UnreadableRow.place == 0, old)


def end_keyless(session: Session, connection_id: int, kind: Kind, now: datetime) -> None:
    """Take from the list what tells no key to ask by, once it did not come for a week."""
    old = UnreadableRow.last_seen < now - LOST_AFTER
    _end(session, now, *_of(connection_id, kind), UnreadableRow.remote_id.startswith("?"), old)


def _of(connection_id: int, kind: Kind) -> tuple[ColumnElement[bool], ...]:
    return UnreadableRow.connection_id == connection_id, UnreadableRow.kind == kind


def _end(session: Session, now: datetime, *those: ColumnElement[bool]) -> None:
    # Most often there is nothing to end, which is no news for a page.
    ended = session.execute(
        update(UnreadableRow)
        .where(UnreadableRow.ended_at.is_(None), *those)
        .values(ended_at=now)
        .returning(UnreadableRow.connection_id, UnreadableRow.kind, UnreadableRow.remote_id)
        .execution_options(synchronize_session="fetch", **QUIET)
    ).all()
    if ended:
        note_written(session)

    note_keys(
        session,
        (
            UnreadyKey(INVOICE, remote_id)
            for connection_id, kind, remote_id in ended
            if connection_id == PRODUCTIVE and kind == Kind.INVOICE
        ),
    )


def open_of(session: Session, connection_id: int, *kinds: Kind) -> Sequence[UnreadableRow]:
    """Return what of some kinds cannot be read now, longest not tried first."""
    query = _open().where(UnreadableRow.connection_id == connection_id, UnreadableRow.kind.in_(kinds))
    return session.scalars(query.order_by(UnreadableRow.last_seen, UnreadableRow.remote_id)).all()


def hidden_terms(
    session: Session, connection_id: int, entry_id: str, accounts: Iterable[str]
) -> Sequence[UnreadableRow]:
    """Return the terms that cannot be read and may say how an entry was settled.

    They are its own, and those of its customer, which may be what settled it.
    """
    of = or_(
        UnreadableRow.parent == entry_id,
        UnreadableRow.account.in_([account for account in accounts if account]),
    )
    return session.scalars(_open().where(*_of(connection_id, Kind.TERM), of)).all()


def find_unreadable(session: Session, connection_id: int, kind: Kind, remote_id: str) -> UnreadableRow | None:
    """Return a record that cannot be read now."""
    row = session.get(UnreadableRow, (connection_id, kind, remote_id))
    return row if row is not None and row.ended_at is None else None


def open_for(
    session: Session,
    scope: Sequence[str] | None,
    kinds: Sequence[Kind] | None = None,
    *,
    most: int | None = None,
    after: int = 0,
) -> Sequence[UnreadableRow]:
    """Return what cannot be read and a person may see, by kind, oldest first."""
    order = (UnreadableRow.connection_id, UnreadableRow.kind, UnreadableRow.first_seen)
    query = open_for_query(scope, kinds).order_by(*order, UnreadableRow.remote_id)
    return session.scalars(query.limit(most).offset(after)).all()


def open_about(invoice: ColumnElement[str], kinds: Sequence[Kind]) -> tuple[ColumnElement[bool], ...]:
    """Choose what of some kinds cannot be read now and is about one invoice."""
    return (
        UnreadableRow.ended_at.is_(None),
        UnreadableRow.kind.in_(kinds),
        or_(UnreadableRow.remote_id == invoice, UnreadableRow.parent == invoice),
    )


def is_within(row: UnreadableRow, scope: Collection[str] | None, live: Collection[int]) -> bool:
    """Say whether a person may see what cannot be read, who sees these live connections."""
    if row.connection_id != PRODUCTIVE:
        return row.connection_id in live
    return scope is None or row.subsidiary_id in scope or row.kind in SHARED


def open_for_query(scope: Sequence[str] | None, kinds: Sequence[Kind] | None = None) -> Select[UnreadableRow]:
    """Return the query of what cannot be read and that a person may see, without order."""
    live = select(ConnectionRow.id).where(ConnectionRow.state == ConnectionState.LIVE)
    if scope is not None:
        live = live.where(ConnectionRow.subsidiary_id.in_(scope))

    own = UnreadableRow.connection_id == PRODUCTIVE
    if scope is not None:
        own = and_(own, or_(UnreadableRow.subsidiary_id.in_(scope), UnreadableRow.kind.in_(SHARED)))

    query = _open().where(or_(UnreadableRow.connection_id.in_(live), own))
    return query if kinds is None else query.where(UnreadableRow.kind.in_(kinds))


def _open() -> Select[UnreadableRow]:
    return select(UnreadableRow).where(UnreadableRow.ended_at.is_(None))
