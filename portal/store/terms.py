"""The mirror of receivable terms: rows of the feeds, and what was read of a single entry. Commits nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.payments.feeds import BEGINNING
from portal.domain.payments.terms import SALES, TERM_MATCHED, Term, Tombstone
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.store.base import Base, Instant, Large
from portal.store.catalogue import CustomerRow
from portal.store.leases import check_held
from portal.store.stale import ENTRY, Compared, StaleKey, old_and_new
from portal.store.unreadable import end_unreadable, note_unreadable

ACCOUNT = 2
PAYMENT_TERM = 10
SOME = 500
Days = dict[str, set[date | None]]
# What a term says of itself; the other two only tell when.
SAID = tuple(name for name in Term.__slots__ if name not in ("timestamp", "modified"))


class TermRow(Compared, Base):
    """A receivable term as Exact last showed it. ``deleted_at`` when its tombstone came.

    ``timestamp`` 0 means that the row was not shown again since the feed was begun anew.
    """

    __tablename__ = "term"
    __table_args__ = (
        Index("ix_term_entry", "connection_id", "entry_id"),
        Index("ix_term_timestamp", "connection_id", "timestamp"),
        Index("ix_term_account_end", "connection_id", "account_id", "ended_on"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    timestamp: Mapped[Large]
    entry_id: Mapped[str]
    transaction_id: Mapped[str]
    transaction_type: Mapped[int]
    line_type: Mapped[int]
    status: Mapped[int]
    account_id: Mapped[str]
    amount: Mapped[Large]
    amount_dc: Mapped[Large]
    transaction_amount: Mapped[Large]
    currency: Mapped[str]
    discount: Mapped[Large]
    last_payment_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    due_on: Mapped[date | None]
    your_ref: Mapped[str]
    invoice_number: Mapped[int | None]
    entry_number: Mapped[int | None]
    journal: Mapped[str]
    fully_paid: Mapped[bool]
    # By Exact's own clock, local time without a zone.
    modified: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def each_stale(self) -> Iterator[StaleKey]:
        """Name the comparisons of its entry, and of the one that it belonged to."""
        for entry_id in old_and_new(self, "entry_id"):
            yield StaleKey(ENTRY, self.connection_id, entry_id)

    def term(self) -> Term:
        """Return the domain term."""
        return Term(**{name: getattr(self, name) for name in Term.__slots__})


settled_on: ColumnElement[date | None] = func.coalesce(TermRow.ended_on, TermRow.last_payment_on)


class TouchedEntryRow(Base):
    """An entry whose terms changed and that is still to be compared. It outlives a crash between the two."""

    __tablename__ = "touched_entry"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(primary_key=True)


def keep_terms(session: Session, connection_id: int, terms: Sequence[Term]) -> None:
    """Keep what the feed showed and touch its entries. An older version never replaces a newer one."""
    known = known_terms(session, connection_id, [term.id for term in terms])
    touched: set[str] = set()
    left: Days = {}

    for term in terms:
        row = known.get(term.id)
        if row is None or _is_news(row, term):
            touched |= {term.entry_id} | ({row.entry_id} if row else set())
            if row is not None and row.status == TERM_MATCHED and row.transaction_type != SALES:
                left.setdefault(row.account_id, set()).add(row.term().matched_on)
            known[term.id] = _keep(session, connection_id, term, row)
        else:
            row.timestamp = row.timestamp or term.timestamp
            row.modified = row.modified or term.modified

    touch(session, connection_id, touched | find_settled(session, connection_id, left))


def keep_term_page(
    session: Session, connection_id: int, page: Sequence[Term | Unreadable], now: datetime
) -> None:
    """Keep a page of the feed. The entries of what cannot be read are looked at."""
    terms = readable(page)
    keep_terms(session, connection_id, terms)
    odd = [_completed(session, connection_id, one) for one in unreadable(page)]
    note_unreadable(session, connection_id, odd, now)
    touch(session, connection_id, {one.parent for one in odd if one.parent})
    end_unreadable(session, connection_id, Kind.TERM, [term.id for term in terms], now)


def _completed(session: Session, connection_id: int, record: Unreadable) -> Unreadable:
    """Complete a term that cannot be read by what an older version of it said."""
    known = session.get(TermRow, (connection_id, record.id))
    if known is None:
        return record
    account = record.account or known.account_id
    return replace(record, parent=record.parent or known.entry_id, account=account)


def keep_tombstone_page(
    session: Session, connection_id: int, page: Sequence[Tombstone | Unreadable], now: datetime
) -> None:
    """Keep a page of what was deleted."""
    keep_tombstones(session, connection_id, readable(page), now)
    note_unreadable(session, connection_id, unreadable(page), now)


def find_settled(session: Session, connection_id: int, days: Days, *among: ColumnElement[bool]) -> set[str]:
    """Return the entries, ``among`` some, that were settled on some days of some accounts."""
    settled = select(TermRow.account_id, settled_on, TermRow.entry_id).where(
        TermRow.connection_id == connection_id, TermRow.status == TERM_MATCHED, *among
    )
    accounts = sorted(days)
    found = set[str]()

    for at in range(0, len(accounts), SOME):
        rows = session.execute(settled.where(TermRow.account_id.in_(accounts[at : at + SOME])))
        found.update(entry_id for account_id, day, entry_id in rows if day in days[account_id])

    return found


def _is_news(row: TermRow, term: Term) -> bool:
    """Say whether a row says something that the mirror does not know yet."""
    if row.timestamp > term.timestamp:
        return False

    return (
        row.deleted_at is not None
        or any(getattr(row, name) != getattr(term, name) for name in SAID)
        or 0 < row.timestamp < term.timestamp
    )


def _keep(session: Session, connection_id: int, term: Term, known: TermRow | None) -> TermRow:
    fields = {name: getattr(term, name) for name in Term.__slots__}
    row = TermRow(connection_id=connection_id, deleted_at=None, **fields)
    if known is not None:
        return session.merge(row)

    session.add(row)
    return row


def known_terms(session: Session, connection_id: int, ids: Sequence[str]) -> dict[str, TermRow]:
    """Return the rows of these ids that the mirror has, in one query. Merging them then costs none."""
    found: dict[str, TermRow] = {}
    for at in range(0, len(ids), SOME):
        some = (TermRow.connection_id == connection_id, TermRow.id.in_(ids[at : at + SOME]))
        found |= {row.id: row for row in session.scalars(select(TermRow).where(*some))}
    return found


def keep_tombstones(
    session: Session, connection_id: int, tombstones: Sequence[Tombstone], now: datetime
) -> None:
    """Bury the terms that vanished and touch their entries. Mark the customers that did."""
    for tombstone in tombstones:
        if tombstone.entity_type == ACCOUNT:
            customer = session.get(CustomerRow, (connection_id, tombstone.key))
            if customer is not None:
                customer.deleted = True

    keys = [each.key for each in tombstones if each.entity_type == PAYMENT_TERM]
    _bury(session, connection_id, known_terms(session, connection_id, keys).values(), now)


def _bury(session: Session, connection_id: int, rows: Iterable[TermRow], now: datetime) -> None:
    buried = [row for row in rows if row.deleted_at is None]
    for row in buried:
        row.deleted_at = now
    touch(session, connection_id, {row.entry_id for row in buried})


def keep_read(
    session: Session, connection_id: int, entry_id: str, terms: Sequence[Term], now: datetime
) -> None:
    """Let the mirror have exactly what was read of one entry. What the feed shows later is newer."""
    check_held(session)
    present = {row.id: row for row in live_rows(session, connection_id, entry_id)}
    known = known_terms(session, connection_id, [term.id for term in terms])

    for term in terms:
        row = known.get(term.id)
        fields = {name: getattr(term, name) for name in Term.__slots__}
        fields["timestamp"] = (row.timestamp if row else 0) or BEGINNING
        session.merge(TermRow(connection_id=connection_id, deleted_at=None, **fields))
        present.pop(term.id, None)

    for row in present.values():
        row.deleted_at = now


def live_rows(session: Session, connection_id: int, entry_id: str) -> Sequence[TermRow]:
    """Return the rows that the mirror has of an entry."""
    query = select(TermRow).where(
        TermRow.connection_id == connection_id, TermRow.entry_id == entry_id, TermRow.deleted_at.is_(None)
    )
    return session.scalars(query).all()


def touch(session: Session, connection_id: int, entry_ids: Iterable[str]) -> None:
    """Remember that entries are to be compared."""
    ids = sorted(set(entry_ids))
    for at in range(0, len(ids), SOME):
        some = ids[at : at + SOME]
        here = (TouchedEntryRow.connection_id == connection_id, TouchedEntryRow.entry_id.in_(some))
        there = set(session.scalars(select(TouchedEntryRow.entry_id).where(*here)))
        session.add_all(
            TouchedEntryRow(connection_id=connection_id, entry_id=entry_id)
            for entry_id in some
            if entry_id not in there
        )

        session.flush()
