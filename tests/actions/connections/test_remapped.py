"""What a changed mapping leaves behind for the worker: a row first, then a nudge, and both may be lost."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections import remapped
from portal.actions.connections.mapping import CannotMapError, Change, set_mappings, undo_mappings
from portal.actions.connections.remapped import look_at_held
from portal.actions.engine.jobs import Job
from portal.actions.house.sweep import sweep
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.store.connections import ConnectionRow
from portal.store.remapped import note_remapped, remapped_connections
from tests.actions.some_connections import ACTOR, a_live_connection, some_offer
from tests.fakes import DEBTORS, NOW, REVENUE, FakeLedger, FakeNudge


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        some_offer(session)
        yield session


@pytest.fixture
def connection(session: Session) -> ConnectionRow:
    return a_live_connection(session, FakeLedger())


def a_change(connection: ConnectionRow) -> Change:
    return Change(connection.id, MappingKind.SERVICE, [MappingKey(MappingKind.SERVICE, "21")], ACTOR, NOW)


def looks_asked(nudge: FakeNudge) -> list[str]:
    return [subject for job, subject in nudge.woken if job == Job.LOOK_AT_HELD]


def test_a_change_and_its_undo_ask_for_a_look_at_what_is_held(
    session: Session, connection: ConnectionRow
) -> None:
    nudge = FakeNudge()
    set_mappings(session, nudge, a_change(connection), REVENUE)
    undo_mappings(session, nudge, a_change(connection))
    assert looks_asked(nudge) == [str(connection.id)] * 2
    assert remapped_connections(session) == [connection.id]


def test_what_is_refused_asks_for_nothing(session: Session, connection: ConnectionRow) -> None:
    nudge = FakeNudge()
    with pytest.raises(CannotMapError):
        set_mappings(session, nudge, a_change(connection), DEBTORS)
    assert not session.in_transaction()
    assert (nudge.woken, remapped_connections(session)) == ([], [])


def test_an_undo_of_nothing_asks_for_nothing(session: Session, connection: ConnectionRow) -> None:
    nudge = FakeNudge()
    undo_mappings(session, nudge, a_change(connection))
    assert (nudge.woken, remapped_connections(session)) == ([], [])


def test_the_row_stands_before_the_nudge(
    session: Session, session_factory: sessionmaker[Session], connection: ConnectionRow
) -> None:
    seen: list[tuple[str, str, list[int]]] = []

    def nudge(job: str, subject: str) -> None:
        with session_factory() as worker:
            seen.append((job, subject, list(remapped_connections(worker))))

    set_mappings(session, nudge, a_change(connection), REVENUE)
    assert seen == [(Job.LOOK_AT_HELD, str(connection.id), [connection.id])]


def test_the_sweep_finds_a_lost_nudge_until_somebody_has_looked(
    session: Session, connection: ConnectionRow
) -> None:
    set_mappings(session, FakeNudge(), a_change(connection), REVENUE)
    nudge = FakeNudge()
    sweep(session, nudge, now=NOW)
    assert looks_asked(nudge) == [str(connection.id)]

    for _ in range(2):
        look_at_held(session, connection.id, now=NOW)
        assert not session.in_transaction()

    nudge = FakeNudge()
    sweep(session, nudge, now=NOW)
    assert looks_asked(nudge) == []


def test_a_look_that_dies_is_asked_for_again(
    session: Session, connection: ConnectionRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_given: object) -> None:
        raise KeyError("killed")

    set_mappings(session, FakeNudge(), a_change(connection), REVENUE)
    monkeypatch.setattr(remapped, "look_again", die)
    with pytest.raises(KeyError):
        look_at_held(session, connection.id, now=NOW)

    session.rollback()
    assert remapped_connections(session) == [connection.id]


def test_a_change_during_a_look_is_looked_at_too(
    session: Session, connection: ConnectionRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def look(session: Session, connection_id: int, _now: object) -> None:
        looks.append(connection_id)
        if len(looks) == 1:
            note_remapped(session, connection_id)

    set_mappings(session, FakeNudge(), a_change(connection), REVENUE)
    monkeypatch.setattr(remapped, "look_again", look)
    for _ in range(3):
        look_at_held(session, connection.id, now=NOW)

    assert looks == [connection.id] * 2
    assert remapped_connections(session) == []
