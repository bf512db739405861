"""Counting tries, on both kinds of database, also when many come at once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.house.sign_in import MOST_FAILURES, SignInTry, WaitError, note_failure, try_sign_in
from portal.actions.house.throttle import claim_try
from portal.domain.house.states import Role
from portal.domain.house.throttle import PAIR, network_of
from portal.store.events import EventRow
from portal.store.people import UserRow
from portal.store.tries import TryRow, delete_old_tries, name_of
from tests.conftest import NOW
from tests.furnishing.passwords import PASSWORD
from tests.telling import told_events

MINUTE = timedelta(minutes=1)
NAME = name_of("pair", "a", "b")


def claim(session: Session, after: timedelta = timedelta(0)) -> timedelta:
    return claim_try(session, {NAME: PAIR}, now=NOW + after)


def test_the_wait_grows_and_is_forgotten_after_a_day(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        assert [claim(session) for _ in range(5)] == [timedelta(0)] * 5
        assert claim(session) == MINUTE
        assert claim(session, MINUTE / 2) == MINUTE / 2
        assert claim(session, MINUTE) == timedelta(0)
        assert claim(session, MINUTE) == 2 * MINUTE
        assert claim(session, timedelta(days=2)) == timedelta(0)
        assert session.scalars(select(TryRow.failures)).one() == 1
        assert delete_old_tries(session, now=NOW + timedelta(days=4)) == 1


def test_of_many_tries_at_once_no_more_pass_than_are_free(session_factory: sessionmaker[Session]) -> None:
    waits: list[timedelta] = []

    def go() -> None:
        with session_factory() as session:
            waits.append(claim(session))

    threads = [threading.Thread(target=go) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([wait for wait in waits if not wait]) == PAIR.free


def test_a_flood_of_failures_fills_no_table(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        for number in range(MOST_FAILURES + 30):
            note_failure(session, SignInTry(f"x{number}@example.com", "", f"10.0.0.{number}"), NOW)
        assert session.query(EventRow).count() == MOST_FAILURES + 1
        note_failure(session, SignInTry("x@example.com", "", ""), NOW + timedelta(hours=1))
        assert session.query(EventRow).count() == MOST_FAILURES + 2


def test_an_event_repeats_no_e_mail_that_nobody_has(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        note_failure(session, SignInTry("my secret password", "", "10.0.0.1"), NOW)
        (text,) = told_events(session)
        assert text == "A sign-in for an e-mail that nobody has failed, from 10.0.0.1"


def attempt(session: Session, password: str, address: str, device: str | None = None) -> UserRow | None:
    return try_sign_in(session, SignInTry("ann@example.com", password, address, device), now=NOW)


def test_strangers_keep_the_owner_out_neither_elsewhere_nor_in_a_known_browser(
    session_factory: sessionmaker[Session], password_hash: str
) -> None:
    with session_factory() as session:
        row = UserRow(
            email="ann@example.com", name="Ann", password_hash=password_hash, role=Role.VIEWER, created_at=NOW
        )
        session.add(row)
        session.commit()
        for _ in range(PAIR.free):
            assert attempt(session, "not this one", "10.0.0.1") is None
        with pytest.raises(WaitError) as wait:
            attempt(session, PASSWORD, "10.0.0.1")
        assert wait.value.seconds == 60
        assert attempt(session, PASSWORD, "10.0.0.1", device="1:x") == row
        assert attempt(session, PASSWORD, "10.9.9.9") == row


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::1", "::"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_a_household_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
