"""One renewal at a time: the lease on a grant, and the pair stored before it is used."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.ids import new_id
from portal.remote.clock import utc_now
from portal.remote.errors import HeldBackError, RemoteError, SignInLostError, TooEarlyError
from portal.remote.tokens import RENEWABLE_AFTER, TokenPair, may_renew
from portal.store.events import note_event
from portal.store.grants import LIVE, LOST, GrantRow
from portal.store.vault import Vault

LEASE = timedelta(seconds=120)
PATIENCE, POLL = 40.0, 0.2
KEEP_ALIVE = timedelta(days=7)
MOST_UNKNOWN = 2
NOTHING_DONE = 503

NO_SIGN_IN = "This connection has no sign-in at Exact. Connect again."
NOT_ACCEPTED = "Exact no longer accepts this sign-in. Connect again."
LOST_TWICE = "The reply to a renewal was lost twice, so this sign-in has ended. Connect again."
BUSY = "Another process is renewing the sign-in at Exact."

Renew = Callable[[str], TokenPair]


class Claim(NamedTuple):
    """A lease that was won; ``unknown`` counts the tries of this refresh token whose outcome is unknown."""

    fence: int
    unknown: int


@dataclass(slots=True)
class GrantAccess:
    """Gives the current access token of one grant, renewing it when it is time; one per thread.

    ``clock`` is the remote's, for ages; ``local`` is ours, for the lease that all processes share.
    """

    sessions: sessionmaker[Session]
    vault: Vault
    grant_id: int
    renew: Renew
    clock: Callable[[], datetime]
    local: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    used: str = field(default="", repr=False)

    def current(self) -> str:
        """Return an access token that should work; raises SignInLostError when a person must consent."""
        self.used = self._get(self._is_young)
        return self.used

    def after_expired(self) -> str:
        """Return a token other than the last one used, which the remote called expired, at any age."""
        refused = self.used
        self.used = self._get(lambda row: self._open(row) != refused, refused=refused)
        return self.used

    def _get(self, serves: Callable[[GrantRow], bool], *, refused: str = "") -> str:
        """Return the stored token once it serves: renewed here, or by the one who holds the lease."""
        waited = 0.0
        while True:
            row = self._read()
            if row.access_sealed and serves(row):
                return self._open(row)
            if claim := self._claim(row):
                if token := self._renewed(row, claim, refused):
                    return token
                continue
            if waited >= PATIENCE:
                raise HeldBackError(BUSY, retry_at=row.lease_until)
            self.sleep(POLL)
            waited += POLL

    def _is_young(self, row: GrantRow) -> bool:
        return not may_renew((self.clock() - row.obtained_at).total_seconds())

    def _open(self, row: GrantRow) -> str:
        return self.vault.open(row.access_sealed) if row.access_sealed else ""

    def _read(self) -> GrantRow:
        with self.sessions() as session:
            row = session.get(GrantRow, self.grant_id)
            if row is None or row.refresh_sealed is None:
                raise SignInLostError(NO_SIGN_IN)
            if row.state == LOST:
                raise SignInLostError(row.trouble or NOT_ACCEPTED)
            session.expunge(row)
            return row

    def _claim(self, row: GrantRow) -> Claim | None:
        """Take the lease; one that lapsed unreturned is a try whose outcome nobody knows."""
        now = self.local()
        lapsed = case((GrantRow.lease_until.is_not(None), 1), else_=0)
        with self.sessions.begin() as session:
            won = session.execute(
                update(GrantRow)
                .where(
                    GrantRow.id == self.grant_id,
                    GrantRow.refresh_sealed == row.refresh_sealed,
                    GrantRow.state == LIVE,
                    or_(GrantRow.lease_until.is_(None), GrantRow.lease_until <= now),
                )
                .values(
                    lease_owner=new_id(),
                    lease_until=now + LEASE,
                    fence=GrantRow.fence + 1,
                    unknown_outcomes=GrantRow.unknown_outcomes + lapsed,
                )
                .returning(GrantRow.fence, GrantRow.unknown_outcomes),
                execution_options={"synchronize_session": False},
            ).one_or_none()
        return Claim(won[0], won[1]) if won else None

    def _renewed(self, row: GrantRow, claim: Claim, refused: str) -> str | None:
        """Renew under the lease; None when it passed to another meanwhile, so that all is read anew."""
        outcome = self._ask(row, claim)
        if isinstance(outcome, TokenPair):
            return outcome.access if self._store(row, claim, outcome) else None
        error, learned = self._judge(outcome, claim)
        if not self._close(claim, **learned):
            return None
        if isinstance(error, TooEarlyError):
            return self._still_good(row, refused, error)
        raise error

    def _ask(self, row: GrantRow, claim: Claim) -> TokenPair | RemoteError:
        if claim.unknown >= MOST_UNKNOWN:
            return SignInLostError(LOST_TWICE)
        try:
            return self.renew(self.vault.open(row.refresh_sealed or ""))
        except RemoteError as error:
            return error

    def _judge(self, error: RemoteError, claim: Claim) -> tuple[RemoteError, dict[str, Any]]:
        """Say what a failure means; after an unknown outcome the same token is tried exactly once more."""
        if error.may_have_happened and error.status != NOTHING_DONE:
            if claim.unknown + 1 < MOST_UNKNOWN:
                return error, {"unknown_outcomes": claim.unknown + 1}
            error = SignInLostError(LOST_TWICE)
        lost = isinstance(error, SignInLostError)
        return error, {"state": LOST, "trouble": error.text} if lost else {}

    def _still_good(self, row: GrantRow, refused: str, early: TooEarlyError) -> str:
        """Return the present token after "too early", unless it is the one that no longer works."""
        token = self._open(row)
        if token != refused and self.clock() < row.expires_at:
            return token
        early.retry_at = self.local() + timedelta(seconds=RENEWABLE_AFTER)
        raise early

    def _store(self, row: GrantRow, claim: Claim, pair: TokenPair) -> bool:
        """Store a pair before it is used; one that came after the lease lapsed still follows its own."""
        fits = or_(GrantRow.fence == claim.fence, GrantRow.refresh_sealed == row.refresh_sealed)
        return self._write(
            fits,
            access_sealed=self.vault.seal(pair.access),
            refresh_sealed=self.vault.seal(pair.refresh),
            obtained_at=pair.obtained_at,
            expires_at=pair.obtained_at + timedelta(seconds=pair.expires_in),
            unknown_outcomes=0,
            state=LIVE,
            trouble=None,
            fence=GrantRow.fence + 1,
        )

    def _close(self, claim: Claim, **learned: Any) -> bool:
        """Write down a failure and give the lease back, if it is still ours."""
        return self._write(GrantRow.fence == claim.fence, **learned)

    def _write(self, condition: ColumnElement[bool], **values: Any) -> bool:
        with self.sessions.begin() as session:
            written = session.execute(
                update(GrantRow)
                .where(GrantRow.id == self.grant_id, condition)
                .values(lease_owner=None, lease_until=None, **values)
                .returning(GrantRow.id),
                execution_options={"synchronize_session": False},
            ).scalar()
            if written and values.get("state") == LOST:
                text = values["trouble"]
                note_event(session, at=self.local(), actor="portal", kind="sign-in lost", text=text)
        return written is not None


def idle_grants(session: Session, now: datetime) -> list[int]:
    """Return the live grants that nobody has renewed for a week, so that none lapses."""
    idle = GrantRow.obtained_at <= now - KEEP_ALIVE
    live = (GrantRow.state == LIVE, GrantRow.refresh_sealed.is_not(None))
    return list(session.scalars(select(GrantRow.id).where(idle, *live).order_by(GrantRow.id)))
