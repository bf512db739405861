"""A beat follows every write of something that pages show, however it is written, and no other."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session, sessionmaker

from portal.store.base import add_once
from portal.store.connections import SubsidiaryRow
from portal.store.hints import HintRow
from portal.store.invoices import InvoiceRow, keep_invoice
from portal.store.lane_rows import LaneRow
from portal.store.leases import keep, take
from portal.store.pulse import KEPT, UNSEEN, PulseRow, forget_beats, read_version
from portal.store.rows import metadata
from portal.store.stale import StaleRow
from tests.domain.builders import an_invoice

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        keep_invoice(session, an_invoice(), NOW)
        session.commit()
        yield session


def beats_after(session: Session, write: Callable[[], object]) -> bool:
    """Say whether a write, once committed, gives another version."""
    before = read_version(session)
    session.rollback()
    write()
    session.commit()
    return read_version(session) != before


def flush_rename(session: Session) -> None:
    rename(session)
    session.flush()
    session.expire_all()


def rename(session: Session) -> None:
    session.get_one(InvoiceRow, "105").subject = "Anew"


SHOWN: dict[str, Callable[[Session], object]] = {
    "a new row": lambda session: keep_invoice(session, an_invoice(id="106"), NOW),
    "a changed row": rename,
    "a deleted row": lambda session: session.delete(session.get_one(InvoiceRow, "105")),
    "a statement that updates": lambda session: session.execute(update(InvoiceRow).values(subject="Anew")),
    "a statement that deletes": lambda session: session.execute(delete(InvoiceRow)),
    "a query that updates": lambda session: session.query(InvoiceRow).update({"subject": "Anew"}),
    "a query that deletes": lambda session: session.query(InvoiceRow).delete(),
    "rows in bulk": lambda session: session.execute(
        insert(SubsidiaryRow), [{"id": "9", "name": "Nine", "archived": False}]
    ),
    "a row flushed long before": flush_rename,
    "a row in a savepoint": lambda session: add_once(session, SubsidiaryRow(id="9", name="Nine")),
}
UNSHOWN: dict[str, Callable[[Session], object]] = {
    "nothing": lambda session: None,
    "a row read": lambda session: session.get(InvoiceRow, "105"),
    "a row set to what it was": lambda session: setattr(
        session.get_one(InvoiceRow, "105"), "subject", an_invoice().subject
    ),
    "what is to be compared": lambda session: session.add(StaleRow(kind="invoice", subject="105")),
    "a statement on the machine room": lambda session: session.execute(delete(HintRow)),
}


@pytest.fixture(autouse=True)
def _free_of_uses(session: Session) -> None:
    session.execute(delete(metadata.tables["line_use"]))
    session.commit()


@pytest.mark.parametrize("kind", SHOWN)
def test_what_pages_show_beats(session: Session, kind: str) -> None:
    assert beats_after(session, lambda: SHOWN[kind](session))


@pytest.mark.parametrize("kind", UNSHOWN)
def test_what_nobody_sees_does_not_beat(session: Session, kind: str) -> None:
    assert not beats_after(session, lambda: UNSHOWN[kind](session))


def test_what_is_rolled_back_does_not_beat_later(session: Session) -> None:
    before = read_version(session)
    rename(session)
    session.flush()
    session.rollback()
    session.commit()
    assert read_version(session) == before


def test_a_transaction_beats_once_however_much_it_writes(session: Session) -> None:
    before = session.query(PulseRow).count()
    for subject in ("One", "Two", "Three"):
        session.get_one(InvoiceRow, "105").subject = subject
        session.flush()
    session.execute(update(InvoiceRow).values(subject="Four"))
    session.commit()
    assert session.query(PulseRow).count() == before + 1


def test_keeping_a_lease_does_not_beat(session: Session) -> None:
    session.add(LaneRow(name="1"))
    session.commit()
    lease = take(session, LaneRow, "1", now=NOW, lasting=timedelta(minutes=1))
    assert lease
    session.commit()
    assert not beats_after(session, lambda: keep(session, lease, now=NOW, lasting=timedelta(minutes=2)))


def test_what_is_committed_out_of_order_is_seen(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as first:
        if first.get_bind().dialect.name == "sqlite":
            return
        with session_factory() as second:
            for at, each in enumerate((first, second)):
                keep_invoice(each, an_invoice(id=str(at)), NOW)
                each.execute(insert(PulseRow))
            second.commit()
            seen = read_version(second)
            second.rollback()
            first.commit()
            assert read_version(second) != seen


def test_beats_that_nobody_compares_with_are_forgotten(session: Session) -> None:
    session.execute(insert(PulseRow), [{} for _ in range(KEPT + 50)])
    session.commit()
    newest = max(row.id for row in session.query(PulseRow))
    forget_beats(session)
    session.commit()
    kept = sorted(row.id for row in session.query(PulseRow))
    assert (len(kept), kept[-1]) == (KEPT, newest)


def test_only_tables_that_there_are_count_as_unseen() -> None:
    assert set(metadata.tables) >= UNSEEN
