"""The lease on a grant: one renewal at a time, and a pair stored before it is used."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.rotate_keys import rotate_keys
from portal.actions.tokens import LOST_TWICE, GrantAccess, idle_grants
from portal.remote.errors import (
    BadAnswerError,
    HeldBackError,
    LostReplyError,
    RateLimitedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    TooEarlyError,
    UnreachableError,
)
from portal.remote.tokens import TokenPair
from portal.store.events import EventRow
from portal.store.grants import LIVE, LOST, GrantRow
from portal.store.vault import Vault

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
VAULT = Vault([KEY])
EARLY = "access_denied: Rate limit exceeded: access_token not expired"
OLD = "unauthorized_client: Old refresh token used."


@dataclass
class Exact:
    """Renews as Exact does: a refresh token once, never before 570 seconds; ``faults`` come first."""

    now: datetime = START
    refresh: str = "refresh-0"
    issued: datetime = START
    asked: list[str] = field(default_factory=list)
    faults: list[RemoteError] = field(default_factory=list)
    during: Callable[[], object] = lambda: None
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def renew(self, refresh: str) -> TokenPair:
        assert self._busy.acquire(blocking=False), "two renewals at a time"
        try:
            self.asked.append(refresh)
            self.during()
            if self.faults:
                raise self.faults.pop(0)
            return self.turn_over(refresh)
        finally:
            self._busy.release()

    def turn_over(self, refresh: str) -> TokenPair:
        if refresh != self.refresh:
            raise SignInLostError(OLD, status=401)
        if self.now < self.issued + timedelta(seconds=570):
            raise TooEarlyError(EARLY, status=400)
        number = int(self.refresh.partition("-")[2]) + 1
        self.refresh, self.issued = f"refresh-{number}", self.now
        return TokenPair(f"access-{number}", self.refresh, self.now, 600)


@pytest.fixture
def exact() -> Exact:
    return Exact()


@pytest.fixture
def grant(session_factory: sessionmaker[Session]) -> int:
    return add_grant(session_factory)


def add_grant(sessions: sessionmaker[Session], **changes: Any) -> int:
    usual: dict[str, Any] = {
        "locale": "NL",
        "exact_user_id": "u1",
        "user_name": "Anna",
        "user_email": "anna@example.com",
        "home_division": 101,
        "access_sealed": VAULT.seal("access-0"),
        "refresh_sealed": VAULT.seal("refresh-0"),
        "obtained_at": START,
        "expires_at": START + timedelta(seconds=600),
    }
    with sessions.begin() as session:
        row = GrantRow(**(usual | changes))
        session.add(row)
        session.flush()
        return row.id


def an_access(sessions: sessionmaker[Session], grant: int, exact: Exact, **changes: Any) -> GrantAccess:
    usual: dict[str, Any] = {
        "renew": exact.renew,
        "clock": lambda: exact.now,
        "local": lambda: exact.now,
        "sleep": exact.pass_time,
    }
    return GrantAccess(sessions=sessions, vault=VAULT, grant_id=grant, **(usual | changes))


def stored(sessions: sessionmaker[Session], grant: int) -> GrantRow:
    with sessions() as session:
        return session.get_one(GrantRow, grant)


def change(sessions: sessionmaker[Session], grant: int, **changes: Any) -> None:
    with sessions.begin() as session:
        row = session.get_one(GrantRow, grant)
        for name, value in changes.items():
            setattr(row, name, value)


def events(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(EventRow.text)))


def test_a_young_token_is_used_as_it_is(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(569.9)
    assert an_access(session_factory, grant, exact).current() == "access-0"
    assert exact.asked == []


def test_a_token_is_renewed_from_570_seconds_and_stored_before_its_use(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(570)
    assert an_access(session_factory, grant, exact).current() == "access-1"
    row = stored(session_factory, grant)
    assert VAULT.open(row.access_sealed or "") == "access-1"
    assert VAULT.open(row.refresh_sealed or "") == "refresh-1"
    assert (row.obtained_at, row.expires_at) == (exact.now, exact.now + timedelta(seconds=600))
    assert (row.lease_owner, row.lease_until, row.unknown_outcomes) == (None, None, 0)
    assert an_access(session_factory, grant, exact).current() == "access-1"
    assert exact.asked == ["refresh-0"]


def test_a_token_called_expired_is_renewed_at_any_local_age(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    access = an_access(session_factory, grant, exact, clock=lambda: START)
    assert access.current() == "access-0"
    exact.pass_time(3600)
    assert access.after_expired() == "access-1"
    assert access.current() == "access-1"


def test_a_token_that_another_process_renewed_is_taken_over(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    first, second = (an_access(session_factory, grant, exact, clock=lambda: START) for _ in range(2))
    assert (first.current(), second.current()) == ("access-0", "access-0")
    exact.pass_time(3600)
    assert (first.after_expired(), second.after_expired()) == ("access-1", "access-1")
    assert exact.asked == ["refresh-0"]


def test_twenty_threads_with_an_expired_token_renew_it_once(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    start, pause = threading.Barrier(20), threading.Event()
    exact.during = lambda: pause.wait(0.3)

    def go(number: int) -> str:
        access = an_access(session_factory, grant, exact, sleep=lambda _: pause.wait(0.02))
        access.used = "access-0"
        start.wait(20)
        return access.after_expired() if number % 2 else access.current()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(go, range(20))) == {"access-1"}
    assert exact.asked == ["refresh-0"]


def test_too_early_is_no_failure(session_factory: sessionmaker[Session], grant: int, exact: Exact) -> None:
    access = an_access(session_factory, grant, exact, clock=lambda: START + timedelta(seconds=580))
    assert access.current() == "access-0"
    row = stored(session_factory, grant)
    assert (row.state, row.lease_until, row.obtained_at) == (LIVE, None, START)
    assert exact.asked == ["refresh-0"]


def test_too_early_for_a_token_that_no_longer_works_is_tried_later(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    exact.faults = [TooEarlyError(EARLY)]
    with pytest.raises(TooEarlyError) as early:
        an_access(session_factory, grant, exact).current()
    assert early.value.retry_at == exact.now + timedelta(seconds=570)
    assert stored(session_factory, grant).state == LIVE


def test_a_token_refused_as_expired_is_not_given_out_again(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    access = an_access(session_factory, grant, exact)
    access.current()
    with pytest.raises(TooEarlyError):
        access.after_expired()


@pytest.mark.parametrize(
    "lost", [LostReplyError("No answer."), TemporaryError("", status=500), BadAnswerError("", status=200)]
)
def test_after_an_unknown_outcome_the_same_token_is_tried_once_more(
    session_factory: sessionmaker[Session], grant: int, exact: Exact, lost: RemoteError
) -> None:
    exact.pass_time(700)
    exact.faults = [lost]
    with pytest.raises(type(lost)):
        an_access(session_factory, grant, exact).current()
    assert stored(session_factory, grant).unknown_outcomes == 1
    assert an_access(session_factory, grant, exact).current() == "access-1"
    assert exact.asked == ["refresh-0", "refresh-0"]
    assert stored(session_factory, grant).unknown_outcomes == 0


def test_a_second_unknown_outcome_ends_the_sign_in(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    exact.faults = [LostReplyError("No answer."), LostReplyError("No answer.")]
    access = an_access(session_factory, grant, exact)
    with pytest.raises(LostReplyError):
        access.current()
    for _ in range(3):
        with pytest.raises(SignInLostError, match="lost twice"):
            access.current()
    assert exact.asked == ["refresh-0", "refresh-0"]
    assert stored(session_factory, grant).state == LOST
    assert events(session_factory) == [LOST_TWICE]


def test_a_reply_lost_after_the_work_was_done_ends_in_a_new_consent(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    exact.turn_over("refresh-0")
    exact.faults = [LostReplyError("No answer.")]
    access = an_access(session_factory, grant, exact)
    with pytest.raises(LostReplyError):
        access.current()
    with pytest.raises(SignInLostError, match="Old refresh token"):
        access.current()
    assert (stored(session_factory, grant).state, events(session_factory)) == (LOST, [OLD])


@pytest.mark.parametrize(
    "error",
    [
        UnreachableError("No connection could be made."),
        RateLimitedError("Later.", status=429),
        TemporaryError("", status=503),
    ],
)
def test_a_refusal_before_any_work_may_be_tried_for_ever(
    session_factory: sessionmaker[Session], grant: int, exact: Exact, error: RemoteError
) -> None:
    exact.pass_time(700)
    exact.faults = [error] * 5
    access = an_access(session_factory, grant, exact)
    for _ in range(5):
        with pytest.raises(type(error)):
            access.current()
    assert access.current() == "access-1"


def test_a_renewal_that_died_counts_as_an_unknown_outcome(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)

    def die() -> None:
        raise KeyboardInterrupt

    exact.during = die
    access = an_access(session_factory, grant, exact)
    with pytest.raises(KeyboardInterrupt):
        access.current()
    with pytest.raises(HeldBackError) as held:
        an_access(session_factory, grant, exact).current()
    assert held.value.retry_at is not None
    assert held.value.retry_at > exact.now
    exact.pass_time(120)
    with pytest.raises(KeyboardInterrupt):
        access.current()
    exact.pass_time(120)
    with pytest.raises(SignInLostError, match="lost twice"):
        access.current()
    assert exact.asked == ["refresh-0", "refresh-0"]


def test_the_lease_does_not_depend_on_the_clock_of_the_remote(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    ahead = lambda: exact.now + timedelta(hours=1)  # noqa: E731

    def meanwhile() -> None:
        with pytest.raises(HeldBackError):
            an_access(session_factory, grant, exact, clock=ahead, sleep=lambda _: None).current()

    exact.during = meanwhile
    assert an_access(session_factory, grant, exact).current() == "access-1"
    assert exact.asked == ["refresh-0"]


def test_a_sign_in_that_a_new_consent_replaced_is_not_lost(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)

    def consent() -> None:
        exact.refresh, exact.issued = "refresh-9", exact.now
        fresh = {"access_sealed": VAULT.seal("access-9"), "refresh_sealed": VAULT.seal("refresh-9")}
        now = {"obtained_at": exact.now, "expires_at": exact.now + timedelta(seconds=600)}
        fence = stored(session_factory, grant).fence + 1
        change(session_factory, grant, **fresh, **now, fence=fence, lease_owner=None, lease_until=None)

    exact.during = consent
    assert an_access(session_factory, grant, exact).current() == "access-9"
    assert stored(session_factory, grant).state == LIVE
    assert events(session_factory) == []


def test_a_pair_that_comes_after_a_disconnect_is_not_stored_and_not_used(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)

    def disconnect() -> None:
        fence = stored(session_factory, grant).fence + 1
        change(session_factory, grant, access_sealed=None, refresh_sealed=None, fence=fence)

    exact.during = disconnect
    with pytest.raises(SignInLostError, match="no sign-in"):
        an_access(session_factory, grant, exact).current()
    assert stored(session_factory, grant).refresh_sealed is None


def test_a_pair_that_comes_after_the_lease_lapsed_is_used_by_all(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    """The first renewal hangs beyond its lease; the second finds the refresh token spent."""
    exact.pass_time(700)
    pair = exact.turn_over("refresh-0")
    slow = an_access(session_factory, grant, exact)
    row = slow._read()
    claim = slow._claim(row)
    assert claim is not None
    exact.pass_time(121)
    exact.during = lambda: slow._store(row, claim, pair)
    assert an_access(session_factory, grant, exact).current() == "access-1"
    assert (stored(session_factory, grant).state, events(session_factory)) == (LIVE, [])


def test_a_pair_that_comes_too_late_still_saves_the_sign_in(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    pair = exact.turn_over("refresh-0")
    slow = an_access(session_factory, grant, exact)
    row = slow._read()
    claim = slow._claim(row)
    assert claim is not None
    exact.pass_time(121)
    with pytest.raises(SignInLostError):
        an_access(session_factory, grant, exact).current()
    assert slow._store(row, claim, pair)
    assert an_access(session_factory, grant, exact).current() == "access-1"


def test_keys_may_be_rotated_while_a_token_is_renewed(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)

    def rotate() -> None:
        with session_factory() as session:
            rotate_keys(session, VAULT)

    exact.during = rotate
    assert an_access(session_factory, grant, exact).current() == "access-1"


def test_a_grant_without_tokens_or_with_a_lost_sign_in_says_so(
    session_factory: sessionmaker[Session], exact: Exact
) -> None:
    empty = add_grant(session_factory, access_sealed=None, refresh_sealed=None)
    lost = add_grant(session_factory, exact_user_id="u2", state=LOST, trouble="It expired.")
    for grant, sentence in ((empty, "no sign-in"), (lost, "It expired"), (99, "no sign-in")):
        with pytest.raises(SignInLostError, match=sentence):
            an_access(session_factory, grant, exact).current()
    assert exact.asked == []


def test_only_live_grants_that_lay_idle_for_a_week_are_renewed(
    session_factory: sessionmaker[Session],
) -> None:
    now = START + timedelta(days=7)
    idle = add_grant(session_factory)
    add_grant(session_factory, exact_user_id="busy", obtained_at=START + timedelta(seconds=1))
    add_grant(session_factory, exact_user_id="lost", state=LOST)
    add_grant(session_factory, exact_user_id="left", access_sealed=None, refresh_sealed=None)
    with session_factory() as session:
        assert idle_grants(session, now) == [idle]


def test_an_access_shows_no_token(session_factory: sessionmaker[Session], grant: int, exact: Exact) -> None:
    access = an_access(session_factory, grant, exact)
    assert access.current() == "access-0"
    assert "access-0" not in repr(access)
    assert KEY not in repr(access)
