"""One renewal at a time: the lease on a grant, and the pair stored before it is used."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.renewal import cannot_renew, learn_from
from portal.actions.copies.wake import wake_copies
from portal.actions.engine.desk import Clock
from portal.domain.connections.states import GrantState, SignInCause
from portal.domain.events import EventKind
from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.said import Said, as_written, said
from portal.remote.clock import utc_now
from portal.remote.deadline import does_person_wait, persons_seconds_left
from portal.remote.errors import NotRenewedError, RemoteError, SignInLostError
from portal.remote.tokens import MARGIN, RENEWABLE_AFTER, TokenPair, may_renew
from portal.store.connections import live_subsidiaries
from portal.store.events import note_event
from portal.store.grants import GrantRow
from portal.store.leases import Lease, take_row
from portal.store.vault import Vault

LEASE = timedelta(seconds=120)
PATIENCE = 40.0
POLL = 0.2
STORING = 90.0
PAUSE = 1.0
SOON = timedelta(seconds=2)


Renew = Callable[[str], TokenPair]
log = structlog.get_logger("portal.tokens")


class Claim(NamedTuple):
    """A lease that was won, and how many tries of this token had no answer."""

    lease: Lease
    unknown: int


class Before(NamedTuple):
    """What was wrong with a sign-in before its renewal."""

    cause: SignInCause | None
    failing_since: datetime | None


@dataclass(slots=True)
class GrantAccess:
    """Gives the current access token of one grant, and renews it in time."""

    sessions: sessionmaker[Session]
    vault: Vault
    grant_id: int
    renew: Renew
    # The remote's clock, for ages.
    clock: Clock
    # Our clock, for the lease that all processes share.
    local: Clock = utc_now
    sleep: Callable[[float], None] = time.sleep
    # Tells the remote's clock what another process learned of it.
    suppose: Callable[[timedelta], None] = lambda _ahead: None
    used: str = field(default="", repr=False)

    def current(self) -> str:
        """Return an access token that should work."""
        self.used = self._get(self._is_young)
        return self.used

    def after_expired(self) -> str:
        """Return a token other than the last one used, which the remote called expired, at any age."""
        refused = self.used
        self.used = self._get(lambda row: self._open(row) != refused, refused=refused)
        return self.used

    def check(self) -> None:
        """Raise what the next call would raise, without asking Exact."""
        row = self._read()
        if _is_put_off(row, self.local()):
            self._present(row, "")

    def _get(self, serves: Callable[[GrantRow], bool], *, refused: str = "") -> str:
        """Return the stored token once it serves: renewed here, or by the one who holds the lease."""
        waited = 0.0
        tried = False

        while True:
            # A person who has no time left takes no lease, for nobody would give it back.
            patience = persons_seconds_left() if does_person_wait() else None
            row = self._read()
            now = self.local()
            is_free = row.lease_until is None or row.lease_until <= now
            # While somebody renews, the old token was called expired, however young it seems.
            if row.access_sealed and is_free and serves(row):
                return self._open(row)
            if _is_put_off(row, now) and (tried or not self._is_overruled(row, refused)):
                return self._present(row, refused)

            refresh = row.open_refresh(self.vault)
            if is_free and (claim := self._claim(row)):
                tried = True
                self._renew_in_time(row, claim, refresh, patience)
                continue

            if waited >= PATIENCE:
                raise NotRenewedError(said(Failed.SIGN_IN_BUSY), retry_at=row.lease_until)

            self.sleep(POLL)
            waited += POLL

    def _present(self, row: GrantRow, refused: str) -> str:
        """Return the present token while no renewal may be tried."""
        # What is too old by both clocks would be refused, and too many refusals block an endpoint.
        token = self._open(row)
        valid = (row.expires_at - row.obtained_at).total_seconds()
        if token and token != refused and min(self._ages(row)) < valid:
            return token
        raise cannot_renew(row)

    def _is_overruled(self, row: GrantRow, refused: str) -> bool:
        """Say whether Exact called a token expired that it had called too young before."""
        return row.failing_since is None and bool(refused) and self._open(row) == refused

    def _is_young(self, row: GrantRow) -> bool:
        return not may_renew(max(self._ages(row)))

    def _ages(self, row: GrantRow) -> tuple[float, float]:
        """Return the age of a pair on the remote's clock, and on ours."""
        # Either clock may be told wrongly.
        remote = self.clock() - row.obtained_at
        ours = self.local() - row.obtained_here
        return remote.total_seconds(), ours.total_seconds()

    def _open(self, row: GrantRow) -> str:
        return row.open_access(self.vault)

    def _read(self) -> GrantRow:
        with self.sessions() as session:
            # Every call reads this row, and on SQLite a read that takes the write lock would queue them up.
            session.connection(execution_options={"sqlite_begin": "DEFERRED"})
            row = session.get(GrantRow, self.grant_id)
            if row is None or row.refresh_sealed is None:
                raise SignInLostError(said(Failed.NO_SIGN_IN))
            if row.state == GrantState.LOST:
                raise cannot_renew(row)

            session.expunge(row)

        self.suppose(timedelta(seconds=row.ahead))
        return row

    def _claim(self, row: GrantRow) -> Claim | None:
        """Take the lease of the sign-in, if nobody renewed it meanwhile."""
        # One that lapsed unreturned is a try whose outcome nobody knows.
        same = and_(GrantRow.refresh_sealed == row.refresh_sealed, GrantRow.state == GrantState.LIVE)
        lapsed = case((GrantRow.lease_until.is_not(None), 1), else_=0)

        with self.sessions.begin() as session:
            taken = take_row(
                session,
                GrantRow,
                self.grant_id,
                now=self.local(),
                lasting=LEASE,
                only=same,
                unknown_outcomes=GrantRow.unknown_outcomes + lapsed,
            )
        return Claim(taken[1], taken[0].unknown_outcomes) if taken else None

    def _renew_in_time(self, row: GrantRow, claim: Claim, refresh: str, patience: float | None) -> None:
        """Renew here. Where a person waits in a thread, for a renewal is never given up half-way."""
        if patience is None:
            self._renew_under(row, claim, refresh)
            return

        renewal = threading.Thread(target=self._renew_under, args=(row, claim, refresh))
        renewal.start()
        renewal.join(patience)
        if renewal.is_alive():
            raise NotRenewedError(said(Failed.SIGN_IN_BUSY), retry_at=self.local() + SOON)

    def _renew_under(self, row: GrantRow, claim: Claim, refresh: str) -> None:
        """Renew under the lease and write down what came of it."""
        try:
            pair = self.renew(refresh)
        except RemoteError as error:
            self._write_down(row, claim, error)
        else:
            self._store(row, claim, pair)

    def _write_down(self, row: GrantRow, claim: Claim, error: RemoteError) -> None:
        age = min(self._ages(row))
        learn = partial(learn_from, error, unknown=claim.unknown, age=age, now=self.local())
        self._write(claim.lease.is_on(), learn)

    def _store(self, row: GrantRow, claim: Claim, pair: TokenPair) -> bool:
        """Store a pair before it is used, also while the database is away."""
        # A pair that came after the lease lapsed still follows its own.
        fits = or_(claim.lease.is_on(), GrantRow.refresh_sealed == row.refresh_sealed)
        waited = 0.0

        while True:
            try:
                return self._write(fits, lambda grant: grant.renew(pair, self.vault))
            except OperationalError:
                log.error("a renewed sign-in cannot be stored", grant=self.grant_id, waited=waited)
                if waited >= STORING:
                    raise

            self.sleep(PAUSE)
            waited += PAUSE

    def _write(self, fits: ColumnElement[bool], change: Callable[[GrantRow], None]) -> bool:
        """Change the row and let it go, if the condition still holds, and tell people of it."""
        with self.sessions.begin() as session:
            query = select(GrantRow).where(GrantRow.id == self.grant_id, fits).with_for_update()
            grant = session.scalar(query)
            if grant is None:
                return False

            before = Before(grant.cause, grant.failing_since)
            change(grant)
            grant.let_go()
            session.flush()
            self._tell(session, grant, before)
            return True

    def _tell(self, session: Session, grant: GrantRow, before: Before) -> None:
        """Note what changed for people, and wake what waited for the sign-in."""
        words = grant.trouble or as_written("")
        if grant.state == GrantState.LOST:
            self._note(session, EventKind.SIGN_IN_LOST, words)
        elif grant.cause not in (None, SignInCause.NO_ANSWER, before.cause):
            self._note(session, EventKind.SIGN_IN_NOT_RENEWED, words)
        elif before.failing_since and grant.failing_since is None:
            wake_copies(session, self.grant_id, self.local())
            if before.cause != SignInCause.NO_ANSWER:
                works = said(Happened.SIGN_IN_WORKS_AGAIN, user=grant.user_name)
                self._note(session, EventKind.SIGN_IN_RENEWED, works)

    def _note(self, session: Session, kind: EventKind, happened: Said) -> None:
        for subsidiary_id in live_subsidiaries(session, self.grant_id) or (None,):
            note_event(
                session,
                at=self.local(),
                actor="portal",
                kind=kind,
                said=happened,
                subsidiary_id=subsidiary_id,
            )


def _is_put_off(row: GrantRow, now: datetime) -> bool:
    """Say whether no renewal may be tried yet."""
    # "Too early" puts it off for the youth of a token at most.
    if row.next_renewal_at is None or now >= row.next_renewal_at:
        return False
    youth = timedelta(seconds=RENEWABLE_AFTER + MARGIN)
    return row.failing_since is not None or row.next_renewal_at <= now + youth
