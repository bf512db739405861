"""Where stories of connections begin: Productive's offer is read, and Exact is there."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.actions.some_connections import some_offer
from tests.fakes import FakeLedger


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    """A database that knows what Productive offers."""
    with session_factory() as session:
        some_offer(session)
        yield session


@pytest.fixture
def ledger() -> FakeLedger:
    """Exact."""
    return FakeLedger()
