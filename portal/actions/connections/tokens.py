"""One renewal at a time: the lease on a grant, and the pair stored before it is used."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, and_, case, or_, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.renewal import cannot_renew, learn_from
from portal.actions.copies.wake import wake_copies
from portal.actions.engine.desk import Clock
from portal.domain.connections.states import GrantState, SignInCause
from portal.domain.events import EventKind
from portal.remote.clock import utc_now
from portal.remote.deadline import does_person_wait, persons_seconds_left
from portal.remote.errors import NotRenewedError, RemoteError, SignInLostError
from portal.remote.tokens import MARGIN, RENEWABLE_AFTER, TokenPair, may_renew
from portal.store.connections import live_subsidiaries
from portal.store.events import note_event
from portal.store.grants import GrantRow
from portal.store.leases import Lease, leave, take
from portal.store.vault import ACCESS, REFRESH, Vault

LEASE = timedelta(seconds=120)
PATIENCE = 40.0
POLL = 0.2
STORING = 90.0
PAUSE = 1.0
SOON = timedelta(seconds=2)

NO_SIGN_IN = "This connection has no sign-in at Exact. Connect again."
BUSY = "Another process is renewing the sign-in at Exact."

Renew = Callable[[str], TokenPair]
log = structlog.get_logger("portal.tokens")


class Claim(NamedTuple):
    """A lease that was won; ``unknown`` counts the tries of this refresh token whose outcome is unknown."""

    lease: Lease
    unknown: int


@dataclass(slots=True)
class GrantAccess:
    """Gives the current access token of one grant, renewing it when it is time; one per thread.

    ``clock`` is the remote's, for ages; ``local`` is ours, for the lease that all processes share;
    ``suppose`` tells the remote's clock what another process learned of it. Raises SignInLostError when
    a person must consent, else NotRenewedError or MisconfiguredError: nothing was sent with the token.
    """

    sessions: sessionmaker[Session]
    vault: Vault
    grant_id: int
    renew: Renew
    clock: Clock
    local: Clock = utc_now
    sleep: Callable[[float], None] = time.sleep
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
        """Raise what the next call would raise without asking Exact; says nothing while it may serve."""
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

            refresh = self.vault.open(row.refresh_sealed or "", row.place_of(REFRESH))
            if is_free and (claim := self._claim(row)):
                tried = True
                self._renew_in_time(row, claim, refresh, patience)
                continue

            if waited >= PATIENCE:
                raise NotRenewedError(BUSY, retry_at=row.lease_until)

            self.sleep(POLL)
            waited += POLL

    def _present(self, row: GrantRow, refused: str) -> str:
        """Return the present token while no renewal may be tried, until Exact refuses it.

        What is too old by both clocks would only be refused, and too many refusals block an endpoint.
        """
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
        """Return the age of a pair on the remote's clock, and on ours, for either may be told wrongly."""
        remote = self.clock() - row.obtained_at
        ours = self.local() - row.obtained_here
        return remote.total_seconds(), ours.total_seconds()

    def _open(self, row: GrantRow) -> str:
        return self.vault.open(row.access_sealed, row.place_of(ACCESS)) if row.access_sealed else ""

    def _read(self) -> GrantRow:
        with self.sessions() as session:
            # Every call reads this row, and on SQLite a read that takes the write lock would queue them up.
            session.connection(execution_options={"sqlite_begin": "DEFERRED"})
            row = session.get(GrantRow, self.grant_id)
            if row is None or row.refresh_sealed is None:
                raise SignInLostError(NO_SIGN_IN)
            if row.state == GrantState.LOST:
                raise cannot_renew(row)

            session.expunge(row)

        self.suppose(timedelta(seconds=row.ahead))
        return row

    def _claim(self, row: GrantRow) -> Claim | None:
        """Take the lease; one that lapsed unreturned is a try whose outcome nobody knows."""
        same = and_(GrantRow.refresh_sealed == row.refresh_sealed, GrantRow.state == GrantState.LIVE)
        lapsed = case((GrantRow.lease_until.is_not(None), 1), else_=0)

        with self.sessions.begin() as session:
            lease = take(
                session,
                GrantRow,
                self.grant_id,
                now=self.local(),
                lasting=LEASE,
                only=same,
                unknown_outcomes=GrantRow.unknown_outcomes + lapsed,
            )
            if lease is None:
                return None

            return Claim(lease, session.get_one(GrantRow, self.grant_id).unknown_outcomes)

    def _renew_in_time(self, row: GrantRow, claim: Claim, refresh: str, patience: float | None) -> None:
        """Renew here. Where a person waits in a thread, for a renewal is never given up half-way."""
        if patience is None:
            self._renew_under(row, claim, refresh)
            return

        renewal = threading.Thread(target=self._renew_under, args=(row, claim, refresh))
        renewal.start()
        renewal.join(patience)
        if renewal.is_alive():
            raise NotRenewedError(BUSY, retry_at=self.local() + SOON)

    def _renew_under(self, row: GrantRow, claim: Claim, refresh: str) -> None:
        """Renew under the lease and write down what came of it, for all who then read the row anew."""
        try:
            pair = self.renew(refresh)
        except RemoteError as error:
            self._write_down(row, claim, error)
        else:
            self._store(row, claim, pair)

    def _write_down(self, row: GrantRow, claim: Claim, error: RemoteError) -> None:
        age = min(self._ages(row))
        learned = learn_from(error, row, unknown=claim.unknown, age=age, now=self.local())
        with self.sessions.begin() as session:
            if leave(session, claim.lease, **learned):
                self._tell(session, row, learned)

    def _store(self, row: GrantRow, claim: Claim, pair: TokenPair) -> bool:
        """Store a pair before it is used; one that came after the lease lapsed still follows its own.

        Nobody else has it: while the database is away it is kept here and tried again.
        """
        fits = or_(claim.lease.is_on(), GrantRow.refresh_sealed == row.refresh_sealed)
        fresh = {
            "access_sealed": self.vault.seal(pair.access, row.place_of(ACCESS)),
            "refresh_sealed": self.vault.seal(pair.refresh, row.place_of(REFRESH)),
            "obtained_at": pair.obtained_at,
            "expires_at": pair.obtained_at + timedelta(seconds=pair.expires_in),
            "ahead": pair.ahead // timedelta(seconds=1),
            "unknown_outcomes": 0,
            "state": GrantState.LIVE,
            "cause": None,
            "trouble": None,
            "failing_since": None,
            "next_renewal_at": None,
            "fence": GrantRow.fence + 1,
        }

        waited = 0.0
        while True:
            try:
                return self._write(fits, row, **fresh)
            except OperationalError:
                log.error("a renewed sign-in cannot be stored", grant=self.grant_id, waited=waited)
                if waited >= STORING:
                    raise

            self.sleep(PAUSE)
            waited += PAUSE

    def _write(self, condition: ColumnElement[bool], row: GrantRow, **values: Any) -> bool:
        """Store a pair if the condition still holds, and take the row out of anybody's hands."""
        with self.sessions.begin() as session:
            written = session.execute(
                update(GrantRow)
                .where(GrantRow.id == self.grant_id, condition)
                .values(lease_owner=None, lease_until=None, **values)
                .returning(GrantRow.id),
                execution_options={"synchronize_session": False},
            ).scalar()
            if written:
                self._tell(session, row, values)

        return written is not None

    def _tell(self, session: Session, row: GrantRow, values: dict[str, Any]) -> None:
        """Note what changed for people, and wake what waited for the sign-in."""
        cause = values.get("cause")
        if values.get("state") == GrantState.LOST:
            self._note(session, EventKind.SIGN_IN_LOST, values["trouble"])
        elif cause not in (None, SignInCause.NO_ANSWER, row.cause):
            self._note(session, EventKind.SIGN_IN_NOT_RENEWED, values["trouble"])
        elif "refresh_sealed" in values and row.failing_since:
            wake_copies(session, self.grant_id, self.local())
            if row.cause != SignInCause.NO_ANSWER:
                self._note(session, EventKind.SIGN_IN_RENEWED, f"The sign-in of {row.user_name} works again")

    def _note(self, session: Session, kind: EventKind, text: str) -> None:
        for subsidiary_id in live_subsidiaries(session, self.grant_id) or (None,):
            note_event(
                session, at=self.local(), actor="portal", kind=kind, text=text, subsidiary_id=subsidiary_id
            )


def _is_put_off(row: GrantRow, now: datetime) -> bool:
    """Say whether no renewal may be tried yet; "too early" puts it off for the youth of a token at most."""
    if row.next_renewal_at is None or now >= row.next_renewal_at:
        return False
    youth = timedelta(seconds=RENEWABLE_AFTER + MARGIN)
    return row.failing_since is not None or row.next_renewal_at <= now + youth
