"""What every page shows besides its own content is read once, and anew after a write."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.connections.states import ConnectionState
from portal.domain.house.states import Role
from portal.domain.said import as_written
from portal.extensions import db
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow
from portal.store.frame import read_places, read_singles
from portal.store.gate import THE_ONE, GateRow
from portal.store.pulse import read_version
from portal.web.common import frame
from portal.web.common.access import Person
from tests.conftest import NOW, SignedIn
from tests.furnishing.connections import add_grant, add_productive, add_subsidiaries
from tests.pages import CheckingClient
from tests.web.test_live import queries

# Pages that have little of their own to read.
PLAIN = ("/settings", "/settings/users/new", "/nowhere")


def a_connection(subsidiary: str, state: ConnectionState = ConnectionState.LIVE) -> ConnectionRow:
    live = subsidiary if state == ConnectionState.LIVE else None
    return ConnectionRow(
        subsidiary_id=subsidiary, locale="NL", created_at=NOW, state=state, live_subsidiary=live
    )


def test_what_there_is_one_of_is_read_in_one_statement(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        empty = read_singles(session, None)
        assert (empty.productive, empty.gate, empty.signals.total) == (None, None, 0)

        add_productive(session, NOW)
        gate = GateRow(id=THE_ONE, database_id="d")
        session.add(gate)
        session.commit()
        opened = read_singles(session, ("1",))
        assert opened.productive is session.get_one(ProductiveRow, 1)
        assert opened.gate is None
        assert opened.version == read_version(session) != empty.version

        gate.closed_at = NOW
        gate.closed_why = as_written("A restore.")
        session.commit()
        closed = read_singles(session, None).gate
        assert closed is not None
        assert (closed.closed_why, closed.known_until) == (as_written("A restore."), None)


def test_places_are_sorted_and_whole(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        grant = add_grant(session, NOW)
        session.add_all(
            [
                SubsidiaryRow(id="3", name="Zeta"),
                SubsidiaryRow(id="4", name="Alpha", archived=True),
                SubsidiaryRow(id="5", name="Beta"),
                a_connection("3"),
                a_connection("3", ConnectionState.DRAFT),
                a_connection("5"),
                # Its subsidiary was never read.
                a_connection("6", ConnectionState.DISCONNECTED),
            ]
        )
        session.flush()
        session.query(ConnectionRow).filter_by(subsidiary_id="5").one().grant_id = grant.id
        session.commit()

        found = read_places(session, None)
        assert [row.name for row in found.subsidiaries] == ["Beta", "Zeta", "Alpha"]
        assert [row.subsidiary_id for row in found.connections] == ["3", "3", "5", "6"]
        assert [row.subsidiary_id for row in found.live()] == ["3", "5"]
        assert [row.state for row in found.in_use(("3",))] == [ConnectionState.LIVE, ConnectionState.DRAFT]
        assert found.connections[0].payments.connection is found.connections[0]
        assert [found.grant_of(row) for row in found.live()] == [None, grant]

        few = read_places(session, ("5", "6"))
        assert [row.id for row in few.subsidiaries] == ["5"]
        assert [row.subsidiary_id for row in few.connections] == ["5", "6"]
        assert read_places(session, ()).connections == []


def test_what_another_session_wrote_is_seen(session_factory: sessionmaker[Session], engine: Engine) -> None:
    with session_factory() as session:
        session.add_all([SubsidiaryRow(id="3", name="Before"), a_connection("3")])
        session.commit()
        known = read_places(session, None)
        session.commit()

        with session_factory() as other:
            other.query(SubsidiaryRow).one().name = "After"
            other.query(ConnectionRow).one().division_name = "Books"
            other.commit()

        again = read_places(session, None)
        assert again.subsidiaries[0] is known.subsidiaries[0]
        assert (again.subsidiaries[0].name, again.connections[0].division_name) == ("After", "Books")


@pytest.mark.parametrize("page", PLAIN)
def test_the_frame_costs_three_statements(
    app: Flask, session: Session, signed_in: SignedIn, page: str
) -> None:
    add_subsidiaries(session)
    add_productive(session, NOW)
    client = signed_in()
    client.get(page)
    with queries(app) as asked:
        client.get(page)
    assert len(asked) == 3, "\n".join(asked)


def test_before_sign_in_nothing_is_read(app: Flask, client: CheckingClient) -> None:
    with queries(app) as asked:
        client.get("/sign-in")
    assert asked == []


def test_within_a_request_it_is_read_once_and_anew_after_a_write(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_subsidiaries(session)
    session.commit()
    monkeypatch.setattr(frame, "current_person", a_person)
    monkeypatch.setattr(frame, "subsidiary_scope", lambda: None)
    with app.test_request_context(), queries(app) as asked:
        first = frame.places()
        assert frame.places() is first
        version = frame.singles().version
        assert len(asked) == 2

        db.session.get_one(SubsidiaryRow, "1").name = "Another"
        db.session.commit()
        assert frame.name_of_subsidiary("1") == "Another"
        assert frame.places() is not first
        assert frame.singles().version != version


def a_person() -> Person:
    return Person(1, "a@b.c", "A", Role.VIEWER, "en", None, False, False, 1, NOW - timedelta(1), "t")
