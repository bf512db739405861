"""The jobs on catalogues and grants call their actions, and ask for the rest."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from jobs.catalogue import refresh_catalogue
from portal.domain.connections.states import ConnectionState
from portal.extensions import db
from portal.store.connections import ConnectionRow
from tests.actions.some_connections import a_live_connection, some_offer
from tests.fakes import NOW, FakeWiring
from tests.web.connected import wire_fakes


@pytest.fixture
def fakes(app: Flask) -> FakeWiring:
    fakes = wire_fakes(app)
    with app.app_context():
        fakes.sessions = sessionmaker(db.engine)
    return fakes


@pytest.fixture
def connection(session: Session, fakes: FakeWiring) -> ConnectionRow:
    some_offer(session)
    row = a_live_connection(session, fakes.fake_ledger)
    fakes.now = NOW + timedelta(hours=21)
    return row


def test_the_timetable_asks_for_what_is_due(app: Flask, fakes: FakeWiring, connection: ConnectionRow) -> None:
    with app.app_context():
        refresh_catalogue()
    assert fakes.nudge.woken == [("jobs.catalogue.refresh_catalogue", str(connection.id))]


def test_a_live_connection_is_refreshed(
    app: Flask, session: Session, fakes: FakeWiring, connection: ConnectionRow
) -> None:
    session.commit()
    with app.app_context():
        refresh_catalogue(str(connection.id))
        refresh_catalogue()
    session.commit()
    assert connection.catalogue_at == fakes.now
    assert fakes.nudge.woken == []


def test_a_connection_that_ended_is_left_alone(
    app: Flask, session: Session, fakes: FakeWiring, connection: ConnectionRow
) -> None:
    connection.state = ConnectionState.DISCONNECTED
    session.commit()
    before = fakes.fake_ledger.count("read_catalogue")
    with app.app_context():
        refresh_catalogue(str(connection.id))
    assert fakes.fake_ledger.count("read_catalogue") == before
