"""The gate: a restored database is recognised by what it shows; until it is adopted nothing is written."""

from datetime import timedelta

from sqlalchemy import update

from portal.actions.engine.gate import close_copying, may_write, open_copying, waiting_connections
from portal.actions.house.sessions import begin_session
from portal.actions.house.sweep import sweep
from portal.domain.booking.sales_entry import Problem
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import CopyState
from portal.domain.house.states import Role
from portal.domain.said import as_written
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow
from portal.store.events import ONLY_FOR_ADMINISTRATORS, note_event
from portal.store.gate import AdoptionRow, GateRow, find_gate, the_gate
from portal.store.people import UserRow
from portal.store.sessions import SessionRow
from tests.actions.office import Office
from tests.actions.payments.paying import D1, Till
from tests.telling import told


def the(office: Office) -> GateRow:
    gate = find_gate(office.session)
    office.session.commit()
    assert gate
    return gate


def is_open(office: Office) -> bool:
    return may_write(office.session, office.marks, now=office.now)


def go_back(office: Office, writes: int) -> None:
    """Let the database be one that knows fewer writes."""
    office.session.execute(update(GateRow).values(writes=writes))
    office.session.commit()


def test_every_write_is_counted_and_remembered_elsewhere(office: Office) -> None:
    office.copied()
    assert (the(office).writes, office.session.query(AttemptRow).count()) == (2, 2)
    assert office.marks.seen == {the(office).database_id: 2}
    assert is_open(office)


def test_a_database_that_knows_fewer_writes_is_a_restored_one(office: Office) -> None:
    office.copied()
    go_back(office, 1)
    assert not is_open(office)
    assert told(the(office).closed_why) == (
        "This database is older than what this portal has done: it knows 1 writes, 2 were made."
    )
    assert the(office).known_until == office.now


def test_who_signs_in_before_a_restore_is_noticed_moves_no_day_and_signs_in_again(office: Office) -> None:
    office.copied()
    go_back(office, 1)
    known = office.now
    user = UserRow(email="a@example.com", name="A", password_hash="", role=Role.VIEWER, created_at=known)
    office.session.add(user)
    office.session.commit()
    office.now += timedelta(days=3)
    hour = timedelta(hours=1)
    begin_session(office.session, user, address="", browser="", idle=hour, now=office.now)
    for kind in ONLY_FOR_ADMINISTRATORS:
        note_event(office.session, at=office.now, actor="A", kind=kind, said=as_written("x"))
    office.session.commit()
    assert not is_open(office)
    assert the(office).known_until == known
    assert office.session.query(SessionRow).count() == 0


def test_a_lost_mark_closes_nothing(office: Office) -> None:
    office.copied()
    office.marks.seen.clear()
    assert is_open(office)
    assert office.marks.seen == {the(office).database_id: 2}


def test_writes_of_others_between_the_two_looks_close_nothing(office: Office) -> None:
    office.copied()

    def meanwhile(database_id: str) -> int:
        seen = office.marks.seen[database_id]
        office.session.execute(update(GateRow).values(writes=9))
        office.session.commit()
        office.marks.seen[database_id] = 9
        return seen

    office.marks.highest = meanwhile  # type: ignore[method-assign]
    assert may_write(office.session, office.marks, now=office.now)
    assert the(office).writes == 9


def test_a_count_that_others_raised_since_it_was_read_closes_nothing(office: Office) -> None:
    office.copied()

    def meanwhile(database_id: str) -> int:
        office.session.execute(update(GateRow).values(writes=9))
        office.session.commit()
        office.marks.seen[database_id] = 9
        return 9

    office.marks.highest = meanwhile  # type: ignore[method-assign]
    assert may_write(office.session, office.marks, now=office.now)
    assert (the(office).writes, the(office).closed_at) == (9, None)


def test_a_backup_knows_that_it_is_one(office: Office) -> None:
    the_gate(office.session).known_until = office.now - timedelta(days=2)
    office.session.commit()
    assert not is_open(office)
    assert told(the(office).closed_why) == "This database is a backup of 2026-03-08 09:00 UTC."
    assert the(office).known_until == office.now - timedelta(days=2)


def test_a_restored_dump_has_another_table(office: Office) -> None:
    assert is_open(office)
    if office.session.get_bind().dialect.name == "postgresql":
        assert the(office).table_number
    office.session.execute(update(GateRow).values(table_number="1-1"))
    office.session.commit()
    assert not is_open(office)
    assert told(the(office).closed_why) == "This database was restored from a dump."


def test_a_closed_gate_sends_nothing_and_loses_nothing(office: Office) -> None:
    copy = office.wish()
    close_copying(office.session, now=office.now)
    office.ledger.calls.clear()
    assert sweep(office.session, office.nudge, now=office.now, marks=office.marks) == 0
    assert office.perform(copy.id).state == CopyState.WAITING
    assert office.ledger.calls == office.billing.calls == []
    assert open_without_reading(office)
    assert office.perform(copy.id).state == CopyState.COPIED


def open_without_reading(office: Office) -> bool:
    office.connection().state = ConnectionState.DISCONNECTED
    office.session.commit()
    opened = open_copying(office.session, office.marks, now=office.now)
    office.connection().state = ConnectionState.LIVE
    office.session.commit()
    return opened


def test_a_gate_that_closes_meanwhile_stops_the_next_write(office: Office) -> None:
    copy = office.wish()
    office.billing.on_call = lambda _name: close_copying(office.session, now=office.now)
    held = office.perform(copy.id)
    assert (held.state, office.ledger.count("create_entry")) == (CopyState.WAITING, 0)
    assert "Copying is closed" in told(held.trouble)


def test_who_asks_meanwhile_is_told(office: Office) -> None:
    close_copying(office.session, now=office.now)
    (problem,) = office.wish()
    assert isinstance(problem, Problem)
    assert told(problem.said).startswith("Copying is closed")
    assert office.row().copy_state == "not copied"


def test_no_payment_is_made_while_it_is_closed(till: Till) -> None:
    till.ledger.receive(till.an_entry(), 12100, D1)
    close_copying(till.session, now=till.now)
    till.ledger.calls.clear()
    till.pull()
    till.pay()
    assert (till.paid(), till.ledger.calls) == ([], [])


def test_it_opens_when_every_live_connection_is_adopted(office: Office) -> None:
    office.copied()
    go_back(office, 0)
    assert not is_open(office)
    assert not open_copying(office.session, office.marks, now=office.now)
    gate = the(office)
    assert waiting_connections(office.session, gate) == [office.connection_id]
    assert gate.closed_at
    office.session.add(
        AdoptionRow(connection_id=office.connection_id, closed_at=gate.closed_at, ended_at=office.now)
    )
    office.session.commit()
    assert open_copying(office.session, office.marks, now=office.now)
    assert (the(office).writes, is_open(office)) == (3, True)


def test_an_adoption_of_an_earlier_closing_does_not_count(office: Office) -> None:
    earlier = office.now - timedelta(days=9)
    office.session.add(
        AdoptionRow(connection_id=office.connection_id, closed_at=earlier, ended_at=office.now)
    )
    close_copying(office.session, now=office.now)
    assert not open_copying(office.session, office.marks, now=office.now)
    assert office.session.query(ConnectionRow).count() == 1
