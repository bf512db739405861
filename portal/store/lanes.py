"""The lane that all processes share: one request at a time per remote account, within its limits."""

# People and payment pulls go before batches. A person's request waits for the call that is under way and for
# nothing else: a second one that finds the lane taken, or the limits used up, is told so at once.

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.failed import Failed
from portal.domain.ids import new_id
from portal.domain.said import said
from portal.remote.deadline import does_person_wait, persons_seconds_left
from portal.remote.errors import HeldBackError
from portal.remote.pace import Opening, Pace, Reader
from portal.store.lane_rows import LaneRow, add_lane, take_lane
from portal.store.leases import Lease, leave

PATIENCE = 70.0
POLL = 0.05
# As long as the call that is under way usually takes.
PERSONS_PATIENCE = 0.5
# A person's call is over soon; so is the lane of a process that died in it.
PERSONS_HOLD = 30
MANNERS = timedelta(seconds=2)
LATER = timedelta(seconds=10)
SOON = timedelta(seconds=2)
_waiting: set[str] = set()
_waiting_lock = threading.Lock()


class OpenLane:
    """A lane that holds nothing back, for what follows a consent."""

    def __init__(self, lane: "StoredLane") -> None:
        self._lane = lane

    @contextmanager
    def turn(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Iterator[None]:  # noqa: ARG002 - as every lane
        """Wait for nobody."""
        self._lane.count()
        yield

    def peek(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Opening:
        """Say what holds for others."""
        return self._lane.peek(endpoint=endpoint, interactive=interactive, pull=pull)

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        """Take over what an answer says about the limits."""
        self._lane.learn(headers, status, endpoint, now)


@contextmanager
def _only_one_waits(name: str) -> Iterator[bool]:
    """Say whether no other person here waits for the lane."""
    with _waiting_lock:
        first = name not in _waiting
        _waiting.add(name)

    try:
        yield first
    finally:
        if first:
            with _waiting_lock:
                _waiting.discard(name)


class StoredLane:
    """A lane on a row. ``hold`` seconds outlast the longest request."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        name: str,
        *,
        start: Pace,
        reader: Reader,
        clock: Callable[[], datetime],
        hold: int,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = PATIENCE,
    ) -> None:
        self._sessions = sessions
        self._name = name
        self._start = start
        self._reader = reader
        self._clock = clock
        self._hold = hold
        self._sleep = sleep
        self._patience = patience
        self._lease: Lease | None = None

    @contextmanager
    def turn(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Iterator[None]:
        """Wait for the lane and for the pace, or raise HeldBackError."""
        lease = self._enter(endpoint, interactive, pull)
        self._lease = lease
        try:
            yield
        finally:
            with self._sessions.begin() as session:
                leave(session, lease)

    def peek(self, *, endpoint: str, interactive: bool = False, pull: bool = False) -> Opening:
        """Say when a call may go, by the pace alone."""
        now = self._clock()
        with self._sessions() as session:
            row = session.get(LaneRow, self._name)
            pace = self._pace(row) if row else self._start
        return pace.opening(now, endpoint=endpoint, interactive=interactive, pull=pull)

    def count(self) -> None:
        """Count a call that waits for nothing."""
        now = self._clock()
        with self._sessions.begin() as session:
            add_lane(session, self._name)
            row = session.get_one(LaneRow, self._name, with_for_update=True)
            row.pace = msgspec.to_builtins(self._pace(row).spend(now))

    def learn(self, headers: Mapping[str, str], status: int, endpoint: str, now: datetime) -> None:
        """Learn the limits from an answer, unless others called since."""
        with self._sessions.begin() as session:
            row = session.get_one(LaneRow, self._name, with_for_update=True)
            is_newest = self._lease is None or self._lease.fence == row.fence
            told = self._reader(headers, status, now) if is_newest else ()
            pace = self._pace(row).learn(told, status, endpoint, now)
            row.pace = msgspec.to_builtins(pace)

    def _pace(self, row: LaneRow) -> Pace:
        return msgspec.convert(row.pace, Pace) if row.pace else self._start

    def _enter(self, endpoint: str, interactive: bool, pull: bool) -> Lease:
        if not does_person_wait():
            return self._wait(endpoint, interactive, pull, self._patience)
        persons_seconds_left()
        with _only_one_waits(self._name) as first:
            return self._wait(endpoint, interactive, pull, PERSONS_PATIENCE if first else 0.0)

    def _wait(self, endpoint: str, interactive: bool, pull: bool, patience: float) -> Lease:
        """Wait so long for the lane, and for the pace."""
        owner = new_id()
        waited = 0.0

        while True:
            now = self._clock()
            got = self._try(owner, endpoint, interactive, pull, now)
            if isinstance(got, Lease):
                return got

            wait = POLL if got is None else max((got.at - now).total_seconds(), POLL)
            if waited + wait > patience or (got and does_person_wait()):
                held = got or Opening(
                    now + (SOON if does_person_wait() else LATER), said(Failed.OTHERS_FIRST)
                )
                raise HeldBackError(held.why, retry_at=held.at)

            self._sleep(wait)
            waited += wait

    def _try(
        self, owner: str, endpoint: str, interactive: bool, pull: bool, now: datetime
    ) -> Lease | Opening | None:
        """Take the lane, or say when the pace allows it."""
        urgent = interactive or pull
        with self._sessions.begin() as session:
            only = None if urgent else _no_urgent_one(now)
            taken = take_lane(session, self._name, now=now, lasting=self._hold_for(), owner=owner, only=only)
            if taken is None:
                if urgent:
                    self._show_manners(session, now)
                return None

            row, lease = taken
            pace = self._pace(row)
            opening = pace.opening(now, endpoint=endpoint, interactive=interactive, pull=pull)

            if opening.at <= now:
                row.pace = msgspec.to_builtins(pace.spend(now))
                return lease

            leave(session, lease)
            return opening

    def _hold_for(self) -> timedelta:
        return timedelta(seconds=min(self._hold, PERSONS_HOLD) if does_person_wait() else self._hold)

    def _show_manners(self, session: Session, now: datetime) -> None:
        session.execute(
            update(LaneRow).where(LaneRow.name == self._name).values(interactive_until=now + MANNERS)
        )


def _no_urgent_one(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that no urgent call waits for the lane."""
    return or_(LaneRow.interactive_until.is_(None), LaneRow.interactive_until <= now)


def read_paces(session: Session, names: Collection[str]) -> dict[str, Pace]:
    """Return what is known of some lanes' limits, by one statement. A lane without a call is left out."""
    return _paces(session, LaneRow.name.in_(names))


def read_all_paces(session: Session) -> dict[str, Pace]:
    """Return what is known of the limits of every lane that was called."""
    return _paces(session, true())


def _paces(session: Session, which: ColumnElement[bool]) -> dict[str, Pace]:
    known = session.execute(select(LaneRow.name, LaneRow.pace).where(which))
    return {name: msgspec.convert(pace, Pace) for name, pace in known if pace}
