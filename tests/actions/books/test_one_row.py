"""What it costs to compare one row that changed, in a small house and in one ten times as large."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, delete, event, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.books.compare import compare_books
from portal.actions.books.prove_totals import prove_totals
from portal.actions.house.tallies import fold_tallies
from portal.cli.bench.seed import SEED, batches, keep, prepare
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import CopyState
from portal.domain.events import EventKind
from portal.store.book_sums import ComparedTotalRow
from portal.store.connections import ConnectionRow
from portal.store.entries import EntryRow
from portal.store.invoices import InvoiceRow
from portal.store.keep_compared import find_wrong_totals
from portal.store.reconciliation import ComparedRow
from portal.store.stale import ENTRY, INVOICE, SUBSIDIARY, StaleRow
from portal.store.statistics import count_all_tables
from portal.store.terms import TermRow
from tests.furnishing.databases import empty
from tests.telling import told_events

SMALL = 400
LARGE = 4_000
NOW = datetime(2026, 10, 12, 12, tzinfo=UTC)
# Of the steps of SQLite, one is counted for so many.
STEPS = 100
# The tables that grow with the house.
BIG = ("invoice", "copy", "entry", "term", "comparison", "payment", "stale_comparison")
# PostgreSQL reads a table of few rows as a whole, and one that grows by its indexes.
VISITED = text(
    "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)"
    " FROM pg_stat_xact_user_tables WHERE relname = ANY(:names)"
)
# What a transaction visited is told with the next one's, unless it is handed over as it ends.
FLUSHED = "SELECT pg_stat_force_next_flush()"


@dataclass
class Meter:
    """What the database did."""

    statements: list[str] = field(default_factory=list)
    work: int = 0
    is_on: bool = True

    def step(self) -> int:
        """Count some more steps of SQLite, whose connection keeps asking later on."""
        self.work += self.is_on
        return 0


@contextmanager
def measured(session: Session) -> Iterator[Meter]:
    """Count the statements of the block, and how many steps or rows they take."""
    meter = Meter()
    engine = session.get_bind()
    if engine.dialect.name == "postgresql":
        session.execute(text(FLUSHED))
        session.commit()

    def listen(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        raw = connection.connection.dbapi_connection
        if isinstance(raw, sqlite3.Connection):
            raw.set_progress_handler(meter.step, STEPS)
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            meter.statements.append(" ".join(statement.split()))

    def end(connection: Any) -> None:
        if engine.dialect.name == "postgresql":
            with connection.connection.dbapi_connection.cursor() as cursor:
                cursor.execute(str(VISITED).replace(":names", "%s"), (list(BIG),))
                meter.work += int(cursor.fetchone()[0])
                cursor.execute(FLUSHED)

    event.listen(engine, "before_cursor_execute", listen)
    event.listen(engine, "commit", end)
    try:
        yield meter
    finally:
        meter.is_on = False
        event.remove(engine, "before_cursor_execute", listen)
        event.remove(engine, "commit", end)


def furnish(session: Session, first: int, last: int) -> None:
    """Let a house grow to some invoices, all of them compared."""
    connection_id = prepare(session)
    for numbers in batches(first, last - first):
        keep(session, numbers, connection_id)

    # What is open is kept by due date, of which a house has as many as days, however large it is.
    session.execute(update(TermRow).values(due_on=NOW.date()))
    session.commit()
    fold_tallies(session)

    row = session.get_one(ConnectionRow, connection_id)
    row.state = ConnectionState.LIVE
    row.live_subsidiary = SEED
    row.payments.on = True
    row.payments.baseline_done = True
    # Nothing of the house was booked since, however long it takes to furnish.
    row.payments.began_at = datetime.now(UTC) + timedelta(hours=1)
    session.add(StaleRow(kind=SUBSIDIARY, subject=SEED))
    session.commit()
    compare_books(session, clock=partial(datetime.now, UTC))
    count_all_tables(session)
    session.commit()


def nothing(_session: Session) -> None:
    """Do no more."""


def read_all(session: Session) -> None:
    """Read a table that grows as a whole."""
    session.scalar(select(func.sum(ComparedRow.ours)))
    session.commit()


def change_one(session: Session, also: Callable[[Session], None] = nothing) -> Meter:
    """Change the invoice of one copy, as a pull would, and compare."""
    row = session.scalars(
        select(InvoiceRow).where(InvoiceRow.copy_state == CopyState.COPIED).order_by(InvoiceRow.id).limit(1)
    ).one()
    entry_id = session.scalar(select(ComparedRow.entry_id).where(ComparedRow.invoice_id == row.id).limit(1))
    connection_id = session.scalar(select(EntryRow.connection_id).where(EntryRow.id == entry_id))
    row.amount_with_tax += 100
    session.add(StaleRow(kind=ENTRY, connection_id=connection_id, subject=entry_id or ""))
    session.commit()
    session.expunge_all()
    with measured(session) as meter:
        assert compare_books(session, clock=partial(datetime.now, UTC)) == 2
        also(session)
    return meter


def has_grown(large: Meter, small: Meter) -> bool:
    """Say whether the work grew, with some room for what a tree has to be deeper."""
    return large.work > 1.2 * small.work + 30


def test_one_changed_row_costs_the_same_in_a_larger_house(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        furnish(session, 0, SMALL)
        change_one(session)
        small = change_one(session)
        seen = change_one(session, read_all)
        furnish(session, SMALL, LARGE)
        change_one(session)
        large = change_one(session)
        seen_in_large = change_one(session, read_all)

        assert len(large.statements) == len(small.statements)
        # Were one of the growing tables read as a whole, this would show.
        if session.get_bind().dialect.name == "postgresql":
            # Whether it reads the small house by its indexes is PostgreSQL's choice, of one run or another.
            assert large.work < LARGE < seen_in_large.work, "\n".join(large.statements)
        else:
            assert not has_grown(large, small), (large.work, small.work, "\n".join(large.statements))
            assert has_grown(seen_in_large, seen), (seen_in_large.work, seen.work)


def test_one_changed_row_costs_the_same_before_sqlite_counted_anything(sqlite_engine: Engine) -> None:
    empty(sqlite_engine)
    costs = []
    with sessionmaker(sqlite_engine, expire_on_commit=False)() as session:
        for first, last in ((0, SMALL), (SMALL, LARGE)):
            furnish(session, first, last)
            session.execute(text("DROP TABLE sqlite_stat1"))
            session.commit()
            change_one(session)
            costs.append(change_one(session))

    small, large = costs
    assert not has_grown(large, small), (large.work, small.work, "\n".join(large.statements))


def test_totals_are_kept_as_rows_change(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        furnish(session, 0, 300)
        assert session.scalar(select(func.sum(ComparedTotalRow.ours_count)))
        assert find_wrong_totals(session) == {}

        some = session.scalars(select(InvoiceRow).order_by(InvoiceRow.id).limit(60)).all()
        for at, row in enumerate(some):
            if at % 4 == 0:
                row.amount_with_tax += at
            elif at % 4 == 1:
                row.deleted = True
            elif at % 4 == 2:
                row.currency = "CHF"
            else:
                row.invoiced_on -= timedelta(days=40)

        session.commit()
        compare_books(session, clock=partial(datetime.now, UTC))
        assert find_wrong_totals(session) == {}

        kept = session.scalars(select(ComparedTotalRow).limit(1)).one()
        kept.ours += 1
        session.commit()
        assert len(find_wrong_totals(session)) == 1
        assert prove_totals(session, clock=lambda: NOW) == 1
        assert told_events(session, EventKind.COUNT_MENDED)
        assert (find_wrong_totals(session), prove_totals(session, clock=lambda: NOW)) == ({}, 0)


def test_a_row_is_named_once_in_a_transaction(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        furnish(session, 0, 20)
        session.execute(delete(StaleRow))
        session.commit()
        row = session.scalars(select(InvoiceRow).limit(1)).one()
        for amount in (1, 2, 3):
            row.amount_unpaid = amount
            session.flush()

        session.commit()
        assert session.execute(select(StaleRow.kind, StaleRow.subject)).all() == [(INVOICE, row.id)]

        with session.begin_nested() as savepoint:
            row.amount_unpaid = 4
            session.flush()
            savepoint.rollback()

        row.amount_unpaid = 5
        session.commit()
        assert session.scalar(select(func.count()).select_from(StaleRow)) == 2
