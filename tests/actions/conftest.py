"""Where most stories begin: an office ready to copy, and one whose payments are switched on."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.actions.office import Office, an_office
from tests.actions.payments.paying import Till, a_till


@pytest.fixture
def office(session_factory: sessionmaker[Session]) -> Iterator[Office]:
    """An office with one invoice, not copied yet."""
    with session_factory() as session:
        yield an_office(session)


@pytest.fixture
def till(session_factory: sessionmaker[Session]) -> Iterator[Till]:
    """A till: nothing copied yet, payments on."""
    with session_factory(expire_on_commit=False) as session:
        yield a_till(session)
