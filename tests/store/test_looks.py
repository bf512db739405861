"""Looks by number: kept once per number, the newest wins, and two who look at once do not collide."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.copies.strangers import HeldEntry
from portal.store import looks
from portal.store.looks import find_look, keep_looks
from tests.actions.office import an_office

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
ENTRY = HeldEntry("e", 1, "N", "70", date(2026, 3, 9), "c", "EUR", -12100, ("ABCDEFGH",))


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        an_office(session)
        session.commit()
        yield session


def held(session: Session) -> list[HeldEntry]:
    row = find_look(session, 1, "N")
    assert row is not None
    return row.held


def test_what_was_seen_comes_back_as_it_was(session: Session) -> None:
    bare = HeldEntry("f", 2, "")
    keep_looks(session, 1, {" N ": [ENTRY, bare]}, NOW)
    session.commit()
    assert held(session) == [ENTRY, bare]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_an_older_look_that_comes_late_changes_nothing(session: Session, seconds: int) -> None:
    keep_looks(session, 1, {"N": [ENTRY]}, NOW)
    session.commit()
    keep_looks(session, 1, {"N": []}, NOW + timedelta(seconds=seconds))
    session.commit()
    assert held(session) == ([ENTRY] if seconds < 0 else [])


def test_two_who_look_for_the_first_time_at_once_do_not_collide(session: Session) -> None:
    keep_looks(session, 1, {"N": [replace(ENTRY, id="theirs")]}, NOW - timedelta(seconds=5))
    session.commit()
    real = looks.find_look
    seen = iter([True, False, False])

    def find(*args: object) -> object:
        return None if next(seen, False) else real(*args)  # type: ignore[arg-type] # passed through

    with patch.object(looks, "find_look", find):
        keep_looks(session, 1, {"N": [ENTRY]}, NOW)
    session.commit()
    assert held(session) == [ENTRY]


def test_a_look_is_fresh_for_less_than_ten_minutes(session: Session) -> None:
    keep_looks(session, 1, {"N": []}, NOW)
    row = find_look(session, 1, "N")
    assert row is not None
    assert row.is_fresh(NOW + timedelta(minutes=8, seconds=59))
    assert not row.is_fresh(NOW + timedelta(minutes=9))
