"""One renewal at a time: the lease on a grant, and the pair stored before it is used."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.ids import new_id
from portal.remote.errors import HeldBackError, LostReplyError, RemoteError, SignInLostError, TooEarlyError
from portal.remote.tokens import TokenPair
from portal.store.events import note_event
from portal.store.grants import LIVE, LOST, GrantRow
from portal.store.vault import Vault

EARLIEST = timedelta(seconds=570)
LEASE = timedelta(seconds=120)
KEEP_ALIVE = timedelta(days=7)

Renew = Callable[[str], TokenPair]


@dataclass(slots=True)
class GrantAccess:
    """Gives the current access token of one grant, renewing it when it is time."""

    sessions: sessionmaker[Session]
    vault: Vault
    grant_id: int
    renew: Renew
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    used: str = field(default="", repr=False)

    def current(self) -> str:
        """Return an access token that should work; raises SignInLostError when a person must consent."""
        row = self._read()
        fresh = self.clock() < row.obtained_at + EARLIEST and row.access_sealed
        self.used = self.vault.open(row.access_sealed or "") if fresh else self._renewed(row)
        return self.used

    def after_expired(self) -> str:
        """Return a token other than the last one used, which the remote called expired, at any age."""
        row = self._read()
        stored = self.vault.open(row.access_sealed) if row.access_sealed else ""
        self.used = stored if stored and stored != self.used else self._renewed(row)
        return self.used

    def _read(self) -> GrantRow:
        with self.sessions() as session:
            row = session.get(GrantRow, self.grant_id)
            if row is None or row.refresh_sealed is None:
                raise SignInLostError("This connection has no sign-in at Exact. Connect again.")
            if row.state == LOST:
                raise SignInLostError(row.trouble or "Exact no longer accepts this sign-in. Connect again.")
            session.expunge(row)
            return row

    def _renewed(self, seen: GrantRow) -> str:
        owner = new_id()
        give_up = time.monotonic() + LEASE.total_seconds()
        while (fence := self._claim(seen, owner)) is None:
            if time.monotonic() > give_up:
                raise HeldBackError("Another process is renewing the sign-in at Exact.")
            self.sleep(0.2)
            row = self._read()
            if row.refresh_sealed != seen.refresh_sealed and row.access_sealed:
                return self.vault.open(row.access_sealed)
        return self._renew_under(fence)

    def _claim(self, seen: GrantRow, owner: str) -> int | None:
        now = self.clock()
        with self.sessions.begin() as session:
            return session.execute(
                update(GrantRow)
                .where(
                    GrantRow.id == self.grant_id,
                    GrantRow.refresh_sealed == seen.refresh_sealed,
                    or_(GrantRow.lease_until.is_(None), GrantRow.lease_until <= now),
                )
                .values(lease_owner=owner, lease_until=now + LEASE, fence=GrantRow.fence + 1)
                .returning(GrantRow.fence)
            ).scalar()

    def _renew_under(self, fence: int) -> str:
        row = self._read()
        try:
            pair = self.renew(self.vault.open(row.refresh_sealed or ""))
        except TooEarlyError:
            self._close(fence, obtained_at=row.obtained_at)
            return self.vault.open(row.access_sealed or "")
        except SignInLostError as error:
            self._close(fence, state=LOST, trouble=error.text)
            raise
        except LostReplyError as error:
            self._unknown(fence, row, error)
            raise
        except RemoteError:
            self._close(fence)
            raise
        self._close(
            fence,
            access_sealed=self.vault.seal(pair.access),
            refresh_sealed=self.vault.seal(pair.refresh),
            obtained_at=pair.obtained_at,
            expires_at=pair.obtained_at + timedelta(seconds=pair.expires_in),
            unknown_outcomes=0,
        )
        return pair.access

    def _unknown(self, fence: int, row: GrantRow, error: LostReplyError) -> None:
        """After an unknown outcome the same refresh token is tried exactly once more."""
        if row.unknown_outcomes >= 1:
            lost = "The reply to a renewal was lost twice, so this sign-in has ended. Connect again."
            self._close(fence, state=LOST, trouble=lost)
            raise SignInLostError(lost) from error
        self._close(fence, unknown_outcomes=row.unknown_outcomes + 1)

    def _close(self, fence: int, **values: object) -> None:
        """Store the outcome and give the lease back, if the lease is still ours."""
        with self.sessions.begin() as session:
            session.execute(
                update(GrantRow)
                .where(GrantRow.id == self.grant_id, GrantRow.fence == fence)
                .values(lease_owner=None, lease_until=None, **values)
            )
            if values.get("state") == LOST:
                note_event(
                    session, at=self.clock(), actor="portal", kind="sign-in lost", text=str(values["trouble"])
                )


def idle_grants(session: Session, now: datetime) -> list[int]:
    """Return the live grants that nobody has renewed for a week, so that none lapses."""
    rows = session.scalars(
        select(GrantRow.id).where(GrantRow.state == LIVE, GrantRow.obtained_at <= now - KEEP_ALIVE)
    )
    return list(rows)
