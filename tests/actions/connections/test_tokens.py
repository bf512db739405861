"""The lease on a grant: one renewal at a time, and a pair stored before it is used."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from portal.actions.connections import tokens
from portal.actions.connections.keep_alive import due_grants
from portal.actions.connections.tokens import GrantAccess
from portal.actions.house.keys import rotate_keys
from portal.domain.connections.states import GrantState, SignInCause
from portal.domain.said import as_written
from portal.remote.clock import RemoteClock
from portal.remote.deadline import PersonsWait, a_person_waits
from portal.remote.errors import (
    BadAnswerError,
    HeldBackError,
    LostReplyError,
    MisconfiguredError,
    NotRenewedError,
    RateLimitedError,
    RefusedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    TooEarlyError,
    UnreachableError,
)
from portal.remote.tokens import TokenPair
from portal.store.grants import GrantRow
from portal.store.vault import ACCESS, REFRESH, Vault, place_of_grant
from tests.furnishing import connections as furnished
from tests.telling import told_events

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
VAULT = Vault([KEY])
U1_ACCESS, U1_REFRESH = (place_of_grant("NL", "u1", column) for column in (ACCESS, REFRESH))
EARLY = "access_denied: Rate limit exceeded: access_token not expired"
OLD = "unauthorized_client: Old refresh token used."
LAPSED = "invalid_request: The refresh token expired at 12/23/2026 10:00:00 AM and it is now 12/24/2026"
WRONG_SECRET = "invalid_client: The client id or secret is wrong."


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
        self.refresh = f"refresh-{number}"
        self.issued = self.now
        return TokenPair(f"access-{number}", self.refresh, self.now, 600)


@pytest.fixture
def exact() -> Exact:
    return Exact()


@pytest.fixture
def grant(session_factory: sessionmaker[Session]) -> int:
    return add_grant(session_factory)


def add_grant(sessions: sessionmaker[Session], **changes: Any) -> int:
    pair = TokenPair("access-0", "refresh-0", START, 600)
    with sessions.begin() as session:
        return furnished.add_grant(session, vault=VAULT, pair=pair, **changes).id


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
        return list(told_events(session))


def test_a_young_token_is_used_as_it_is(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(571.9)
    assert an_access(session_factory, grant, exact).current() == "access-0"
    assert exact.asked == []


def test_a_token_is_renewed_from_570_seconds_and_stored_before_its_use(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(572)
    assert an_access(session_factory, grant, exact).current() == "access-1"
    row = stored(session_factory, grant)
    assert VAULT.open(row.access_sealed or "", U1_ACCESS) == "access-1"
    assert VAULT.open(row.refresh_sealed or "", U1_REFRESH) == "refresh-1"
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
    start = threading.Barrier(20)
    pause = threading.Event()
    exact.during = lambda: pause.wait(0.3)

    def go(number: int) -> str:
        access = an_access(session_factory, grant, exact, sleep=lambda _: pause.wait(0.02))
        access.used = "access-0"
        start.wait(20)
        return access.after_expired() if number % 2 else access.current()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(go, range(20))) == {"access-1"}
    assert exact.asked == ["refresh-0"]


def test_too_early_is_no_failure_and_is_not_asked_for_again_at_once(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    """Our clock runs ahead; the answer itself tells the right time."""
    exact.pass_time(400)
    exact.during = lambda: clocks.pop(0) if len(clocks) > 1 else None
    clocks = [START + timedelta(seconds=580), exact.now]
    access = an_access(session_factory, grant, exact, clock=lambda: clocks[0])
    assert [access.current() for _ in range(5)] == ["access-0"] * 5
    row = stored(session_factory, grant)
    assert (row.state, row.cause, row.lease_until, row.obtained_at) == (GrantState.LIVE, None, None, START)
    assert row.next_renewal_at == START + timedelta(seconds=572)
    assert exact.asked == ["refresh-0"]
    exact.pass_time(172)
    clocks = [exact.now]
    assert access.current() == "access-1"


def test_too_early_for_a_token_that_no_longer_works_is_tried_later(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    exact.faults = [TooEarlyError(EARLY)]
    with pytest.raises(NotRenewedError) as early:
        an_access(session_factory, grant, exact).current()
    assert early.value.retry_at == exact.now + timedelta(seconds=120)
    assert stored(session_factory, grant).state == GrantState.LIVE
    exact.pass_time(120)
    assert an_access(session_factory, grant, exact).current() == "access-1"


def test_a_token_refused_as_expired_is_not_given_out_again(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    access = an_access(session_factory, grant, exact)
    access.current()
    with pytest.raises(NotRenewedError):
        access.after_expired()


SILENT = [LostReplyError("No answer."), TemporaryError("", status=500), BadAnswerError("", status=200)]


@pytest.mark.parametrize("lost", SILENT)
def test_after_an_unknown_outcome_the_same_token_is_tried_once_more_at_once(
    session_factory: sessionmaker[Session], grant: int, exact: Exact, lost: RemoteError
) -> None:
    exact.pass_time(700)
    exact.faults = [lost]
    assert an_access(session_factory, grant, exact).current() == "access-1"
    assert exact.asked == ["refresh-0", "refresh-0"]
    row = stored(session_factory, grant)
    assert (row.unknown_outcomes, row.cause, row.failing_since) == (0, None, None)


@pytest.mark.parametrize("lost", SILENT)
def test_no_answer_for_long_ends_no_sign_in_and_is_asked_for_ever_more_rarely(
    session_factory: sessionmaker[Session], grant: int, exact: Exact, lost: RemoteError
) -> None:
    exact.pass_time(700)
    exact.faults = [lost] * 6
    access = an_access(session_factory, grant, exact)
    began = exact.now
    asked: list[float] = []
    while not asked or exact.faults:
        with pytest.raises(NotRenewedError) as held:
            access.current()
        assert held.value.retry_at is not None
        assert not held.value.may_have_happened
        asked.append((held.value.retry_at - exact.now).total_seconds())
        exact.pass_time(asked[-1])
    assert asked == [60, 300, 600, 600, 600]
    row = stored(session_factory, grant)
    assert (row.state, row.cause, row.failing_since) == (GrantState.LIVE, SignInCause.NO_ANSWER, began)
    assert access.current() == "access-1"
    assert events(session_factory) == []


def test_a_reply_lost_after_the_work_was_done_is_recognised_at_once(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    exact.turn_over("refresh-0")
    exact.faults = [LostReplyError("No answer.")]
    access = an_access(session_factory, grant, exact)
    for _ in range(3):
        with pytest.raises(SignInLostError, match="Sign in again; everything is kept"):
            access.current()
    assert exact.asked == ["refresh-0", "refresh-0"]
    row = stored(session_factory, grant)
    assert (row.state, row.cause, events(session_factory)) == (
        GrantState.LOST,
        SignInCause.RENEWAL_LOST,
        [f"“{OLD}”"],
    )


def test_a_sign_in_that_lapsed_says_so(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(31 * 86400)
    exact.faults = [SignInLostError(LAPSED, status=400)]
    with pytest.raises(SignInLostError, match="lapsed"):
        an_access(session_factory, grant, exact).current()
    assert stored(session_factory, grant).cause == SignInCause.EXPIRED


@pytest.mark.parametrize(
    ("refusal", "cause", "kind", "sentence"),
    [
        (
            MisconfiguredError(WRONG_SECRET, status=401),
            SignInCause.APP_REFUSED,
            MisconfiguredError,
            "EXACT_NL_CLIENT_SECRET",
        ),
        (
            RefusedError("The answer was 404.", status=404),
            SignInCause.RENEWAL_REFUSED,
            NotRenewedError,
            "404",
        ),
    ],
)
def test_a_refusal_that_is_not_about_the_sign_in_keeps_it(
    session_factory: sessionmaker[Session],
    grant: int,
    exact: Exact,
    refusal: RemoteError,
    cause: str,
    kind: type[RemoteError],
    sentence: str,
) -> None:
    exact.pass_time(700)
    exact.faults = [refusal, refusal]
    access = an_access(session_factory, grant, exact)
    for _ in range(5):
        with pytest.raises(kind, match=sentence) as failed:
            access.current()
        assert failed.value.helps_to_retry
    assert exact.asked == ["refresh-0"]
    exact.pass_time(600)
    with pytest.raises(kind):
        access.current()
    row = stored(session_factory, grant)
    assert (row.state, row.cause, row.unknown_outcomes) == (GrantState.LIVE, cause, 0)
    exact.pass_time(600)
    assert access.current() == "access-1"
    assert stored(session_factory, grant).cause is None
    assert events(session_factory) == [f"“{refusal.text}”", "The sign-in of Anna works again"]


def test_the_present_token_serves_out_its_time_while_renewals_fail(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(580)
    exact.faults = [MisconfiguredError(WRONG_SECRET)]
    access = an_access(session_factory, grant, exact)
    assert [access.current(), access.current()] == ["access-0", "access-0"]
    exact.pass_time(21)
    with pytest.raises(MisconfiguredError):
        access.current()
    assert len(exact.asked) == 1


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
        with pytest.raises(NotRenewedError):
            access.current()
        exact.pass_time(15)
    assert access.current() == "access-1"


def test_a_refusal_that_says_until_when_is_heeded(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    until = exact.now + timedelta(seconds=61)
    exact.faults = [RateLimitedError("Later.", status=429, retry_at=until)]
    with pytest.raises(NotRenewedError) as held:
        an_access(session_factory, grant, exact).current()
    assert held.value.retry_at == until


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
    with pytest.raises(NotRenewedError) as held:
        an_access(session_factory, grant, exact).current()
    assert held.value.retry_at is not None
    assert held.value.retry_at > exact.now
    exact.pass_time(120)
    exact.during = lambda: unknown.append(stored(session_factory, grant).unknown_outcomes)
    unknown: list[int] = []
    assert access.current() == "access-1"
    assert (unknown, exact.asked) == ([1], ["refresh-0", "refresh-0"])


def test_a_new_pair_outlives_a_database_that_is_away(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    access = an_access(session_factory, grant, exact)
    away = [True, True]
    write = GrantAccess._write

    def fail_first(self: GrantAccess, *given: Any, **values: Any) -> bool:
        if away:
            away.pop()
            raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))
        return write(self, *given, **values)

    with pytest.MonkeyPatch.context() as patch, capture_logs() as logged:
        patch.setattr(GrantAccess, "_write", fail_first)
        assert access.current() == "access-1"
    assert [line["event"] for line in logged] == ["a renewed sign-in cannot be stored"] * 2
    assert exact.asked == ["refresh-0"]


def test_a_process_that_has_not_heard_from_exact_goes_by_what_another_learned(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    """Our clock is ten minutes ahead of Exact's; a worker's process knows nothing of it at first."""
    change(session_factory, grant, ahead=-600)
    clock = RemoteClock(lambda: exact.now + timedelta(minutes=10))
    access = an_access(session_factory, grant, exact, clock=clock.now, suppose=clock.suppose)
    assert access.current() == "access-0"
    assert exact.asked == []


def test_copies_that_waited_for_a_renewal_go_on_after_it(
    session_factory: sessionmaker[Session], grant: int, exact: Exact, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tokens, "wake_copies", lambda _session, grant_id, _now: woken.append(grant_id))
    exact.pass_time(700)
    exact.faults = [UnreachableError("No connection could be made.")]
    access = an_access(session_factory, grant, exact)
    with pytest.raises(NotRenewedError):
        access.current()
    exact.pass_time(15)
    access.current()
    exact.pass_time(700)
    access.current()
    assert woken == [grant]


def test_the_lease_does_not_depend_on_the_clock_of_the_remote(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    ahead = lambda: exact.now + timedelta(hours=1)  # noqa: E731

    def meanwhile() -> None:
        with pytest.raises(NotRenewedError):
            an_access(session_factory, grant, exact, clock=ahead, sleep=lambda _: None).current()

    exact.during = meanwhile
    assert an_access(session_factory, grant, exact).current() == "access-1"
    assert exact.asked == ["refresh-0"]


def test_a_sign_in_that_a_new_consent_replaced_is_not_lost(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)

    def consent() -> None:
        exact.refresh = "refresh-9"
        exact.issued = exact.now
        fresh = {
            "access_sealed": VAULT.seal("access-9", U1_ACCESS),
            "refresh_sealed": VAULT.seal("refresh-9", U1_REFRESH),
        }
        now = {"obtained_at": exact.now, "expires_at": exact.now + timedelta(seconds=600)}
        fence = stored(session_factory, grant).fence + 1
        change(session_factory, grant, **fresh, **now, fence=fence, lease_owner=None, lease_until=None)

    exact.during = consent
    assert an_access(session_factory, grant, exact).current() == "access-9"
    assert stored(session_factory, grant).state == GrantState.LIVE
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
    assert (stored(session_factory, grant).state, events(session_factory)) == (GrantState.LIVE, [])


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
    lost = add_grant(
        session_factory,
        exact_user_id="u2",
        state=GrantState.LOST,
        cause=SignInCause.EXPIRED,
        trouble=as_written("It expired"),
    )
    for grant, sentence in ((empty, "no sign-in"), (lost, r"lapsed \(It expired\)"), (99, "no sign-in")):
        with pytest.raises(SignInLostError, match=sentence):
            an_access(session_factory, grant, exact).current()
    assert exact.asked == []


def test_live_grants_that_lay_idle_for_a_week_or_failed_are_renewed(
    session_factory: sessionmaker[Session],
) -> None:
    now = START + timedelta(days=7)
    idle = add_grant(session_factory)
    fresh = {"obtained_at": START + timedelta(days=6), "failing_since": now}
    failing = add_grant(session_factory, exact_user_id="failing", next_renewal_at=now, **fresh)
    add_grant(session_factory, exact_user_id="soon", next_renewal_at=now + timedelta(seconds=1), **fresh)
    add_grant(session_factory, exact_user_id="busy", obtained_at=START + timedelta(seconds=1))
    add_grant(session_factory, exact_user_id="lost", state=GrantState.LOST)
    add_grant(session_factory, exact_user_id="left", access_sealed=None, refresh_sealed=None)
    with session_factory() as session:
        assert due_grants(session, now) == [idle, failing]


def test_an_access_shows_no_token(session_factory: sessionmaker[Session], grant: int, exact: Exact) -> None:
    access = an_access(session_factory, grant, exact)
    assert access.current() == "access-0"
    assert "access-0" not in repr(access)
    assert KEY not in repr(access)


def test_whether_a_sign_in_serves_is_known_without_asking(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(700)
    access = an_access(session_factory, grant, exact)
    access.check()
    exact.faults = [MisconfiguredError(WRONG_SECRET)]
    for ask in (access.current, access.check):
        with pytest.raises(MisconfiguredError):
            ask()
    exact.pass_time(600)
    access.check()
    change(session_factory, grant, state=GrantState.LOST, cause=SignInCause.RENEWAL_LOST)
    with pytest.raises(SignInLostError):
        access.check()
    assert exact.asked == ["refresh-0"]


def test_a_date_in_the_future_makes_no_process_refuse_a_good_token(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    misled = an_access(session_factory, grant, exact, clock=lambda: exact.now + timedelta(hours=8))
    other = an_access(session_factory, grant, exact)
    for _ in range(12):
        assert (misled.current(), other.current()) == ("access-0", "access-0")
        exact.pass_time(40)
    row = stored(session_factory, grant)
    assert (row.state, row.cause, row.next_renewal_at) == (
        GrantState.LIVE,
        None,
        START + timedelta(seconds=572),
    )
    assert exact.asked == ["refresh-0"]
    exact.pass_time(120)
    assert (misled.current(), other.current()) == ("access-1", "access-1")


@pytest.mark.parametrize("slow", [timedelta(hours=5.6), timedelta(days=900)])
def test_a_slow_clock_puts_no_renewal_off_for_longer_than_a_token_is_young(
    session_factory: sessionmaker[Session], grant: int, exact: Exact, slow: timedelta
) -> None:
    exact.faults = [TooEarlyError(EARLY)]
    access = an_access(session_factory, grant, exact, clock=lambda: exact.now - slow)
    exact.pass_time(572)
    access.current()
    row = stored(session_factory, grant)
    assert row.next_renewal_at is not None
    assert row.next_renewal_at - exact.now <= timedelta(seconds=572)


def test_a_renewal_that_was_put_off_for_hours_is_tried_all_the_same(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    change(session_factory, grant, next_renewal_at=START + timedelta(hours=5.6))
    exact.pass_time(600)
    assert an_access(session_factory, grant, exact).current() == "access-1"


def test_a_token_called_expired_is_renewed_though_it_was_called_too_young(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(600)
    change(session_factory, grant, next_renewal_at=exact.now + timedelta(seconds=300))
    access = an_access(session_factory, grant, exact, local=lambda: exact.now, clock=lambda: START)
    access.used = "access-0"
    assert access.after_expired() == "access-1"
    assert exact.asked == ["refresh-0"]


def test_a_pair_with_a_wrong_date_is_renewed_when_it_is_due_by_our_own_clock(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    """The answer that brought the pair had a date of tomorrow, and the next ones are right again."""
    tomorrow = START + timedelta(days=1)
    wrong = {"obtained_at": tomorrow, "expires_at": tomorrow + timedelta(seconds=600), "ahead": 86400}
    change(session_factory, grant, **wrong)
    access = an_access(session_factory, grant, exact)
    assert access.current() == "access-0"
    exact.pass_time(572)
    assert access.current() == "access-1"


def test_a_renewal_goes_on_when_the_person_who_waits_for_it_is_answered(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(600)
    answers = threading.Event()
    exact.during = lambda: answers.wait(20)
    with a_person_waits(PersonsWait(0.3)), pytest.raises(NotRenewedError) as busy:
        an_access(session_factory, grant, exact).current()
    assert (busy.value.may_have_happened, busy.value.retry_at) == (False, exact.now + timedelta(seconds=2))
    answers.set()
    for renewal in threading.enumerate():
        if renewal.name.endswith("(_renew_under)"):
            renewal.join(20)
    assert an_access(session_factory, grant, exact).current() == "access-1"
    assert exact.asked == ["refresh-0"]


def test_a_person_without_time_takes_no_lease(
    session_factory: sessionmaker[Session], grant: int, exact: Exact
) -> None:
    exact.pass_time(600)
    with a_person_waits(PersonsWait(0)), pytest.raises(HeldBackError):
        an_access(session_factory, grant, exact).current()
    assert (stored(session_factory, grant).lease_until, exact.asked) == (None, [])
