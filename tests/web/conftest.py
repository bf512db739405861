"""The house that most pages are looked at in."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.web.connected import wire_fakes
from tests.web.invoices import House, a_house


@pytest.fixture
def house(app: Flask, session: Session) -> House:
    """A connected house, over fakes."""
    return a_house(session, wire_fakes(app))
