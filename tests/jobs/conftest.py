"""The fakes that a job finds instead of the real clients."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from tests.fakes import FakeWiring
from tests.web.connected import wire_fakes


@pytest.fixture
def wiring(app: Flask) -> Iterator[FakeWiring]:
    """The fakes, in the app context that the worker opens for every job."""
    with app.app_context():
        fakes = wire_fakes(app)
        fakes.sessions = sessionmaker(db.engine, expire_on_commit=False)
        yield fakes
