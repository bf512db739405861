"""Sessions as rows, on both kinds of database."""

from datetime import timedelta

from sqlalchemy.orm import Session, sessionmaker

from portal.actions.house.sessions import (
    MOST_OF_ONE,
    begin_session,
    clean_sessions,
    end_other_sessions,
    end_session,
    renew_token,
)
from portal.domain.house.states import Role
from portal.store.people import UserRow
from portal.store.sessions import SessionRow, find_session, hash_of, sessions_of
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def somebody(session: Session, email: str = "ann@example.com") -> UserRow:
    user = UserRow(email=email, name="Ann", password_hash="", role=Role.VIEWER, created_at=NOW)
    session.add(user)
    session.commit()
    return user


def begin(session: Session, user: UserRow, after: timedelta = timedelta(0)) -> tuple[SessionRow, str]:
    return begin_session(session, user, address="10.0.0.1", browser="Firefox", idle=HOUR, now=NOW + after)


def test_only_a_hash_of_the_token_is_kept(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        row, token = begin(session, user := somebody(session))
        assert len(token) >= 43
        assert row.token_hash == hash_of(token)
        assert token not in repr(row)
        assert find_session(session, token) == (row, user)
        assert find_session(session, row.token_hash) is None
        assert find_session(session, "") is None


def test_a_renewed_token_leaves_the_old_one_useless(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        row, old = begin(session, user := somebody(session))
        new = renew_token(session, row.id)
        assert find_session(session, old) is None
        assert find_session(session, new) == (row, user)


def test_people_end_their_own_sessions_and_nobody_elses(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        ann = somebody(session)
        bob = somebody(session, "bob@example.com")
        (mine, _), (theirs, kept) = begin(session, ann), begin(session, bob)
        assert not end_session(session, ann.id, theirs.id)
        assert end_session(session, ann.id, mine.id)
        assert not end_session(session, ann.id, mine.id)
        here, _ = begin(session, ann)
        begin(session, ann)
        begin(session, ann)
        assert end_other_sessions(session, ann.id, but=here.id) == 2
        assert [row.id for row in sessions_of(session, ann.id, idle=HOUR, now=NOW)] == [here.id]
        assert find_session(session, kept) is not None


def test_what_has_ended_is_cleaned_away_and_nothing_else(session_factory: sessionmaker[Session]) -> None:
    with session_factory() as session:
        ann = somebody(session)
        for after in (timedelta(0), 30 * timedelta(minutes=1), 2 * HOUR):
            begin(session, ann, after)
        long_used, _ = begin(session, ann)
        long_used.seen_at = NOW + 2 * HOUR
        session.commit()
        assert clean_sessions(session, idle=HOUR, now=NOW + 2 * HOUR) == 2
        assert session.query(SessionRow).count() == 2
        assert clean_sessions(session, idle=100 * HOUR, now=NOW + 12 * HOUR) == 1


def test_a_person_has_twenty_sessions_at_most_and_the_oldest_go(
    session_factory: sessionmaker[Session],
) -> None:
    with session_factory() as session:
        ann = somebody(session)
        tokens = [begin(session, ann, timedelta(seconds=at))[1] for at in range(MOST_OF_ONE + 5)]
        alive = [find_session(session, token) is not None for token in tokens]
        assert alive == [False] * 5 + [True] * MOST_OF_ONE
