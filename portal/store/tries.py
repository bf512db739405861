"""Tries: how often a password was wrong of late, per account, address and browser."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.house.throttle import FORGOTTEN_AFTER, Patience, wait_after, what_counts
from portal.store.base import Base, Instant


class TryRow(Base):
    """One thing that is counted, by the hash of its name."""

    # The table tells no e-mail and no address.

    __tablename__ = "sign_in_try"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    blocked_until: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def count(self, patience: Patience, now: datetime) -> None:
        """Count one failure, and set the wait that it brings."""
        before, since = what_counts(self.failures, self.last_at, now=now, patience=patience)
        wait = wait_after(before + 1, patience)
        self.failures = before + 1
        self.last_at = since
        self.blocked_until = now + wait if wait else None

    def count_within(self, span: timedelta, now: datetime) -> int:
        """Count one more of a span, which begins anew when it has ended. Return how many it has."""
        if self.blocked_until is None or now >= self.blocked_until:
            self.failures = 0
            self.blocked_until = now + span

        self.failures += 1
        self.last_at = now
        return self.failures


def name_of(*parts: str) -> str:
    """Name what is counted."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def lock_tries(session: Session, names: Sequence[str], *, now: datetime) -> list[TryRow]:
    """Return the rows of these names, made where missing and held until the end of the transaction."""
    return [_locked(session, name, now) for name in sorted(names)]


def _locked(session: Session, name: str, now: datetime) -> TryRow:
    query = select(TryRow).where(TryRow.name == name).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is not None:
        return found

    try:
        with session.begin_nested():
            session.add(TryRow(name=name, failures=0, last_at=now))
    except IntegrityError:
        pass

    return session.scalars(query.execution_options(populate_existing=True)).one()


def forget_tries(session: Session, names: Sequence[str]) -> None:
    """Forget what was counted."""
    session.execute(delete(TryRow).where(TryRow.name.in_(names)))


def take_back_try(session: Session, name: str) -> None:
    """Count one failure less, and wait for nothing."""
    given_back = update(TryRow).where(TryRow.name == name, TryRow.failures > 0)
    session.execute(given_back.values(failures=TryRow.failures - 1, blocked_until=None))


def delete_old_tries(session: Session, *, now: datetime) -> int:
    """Delete what counts no more. Return how many."""
    old = delete(TryRow).where(TryRow.last_at <= now - FORGOTTEN_AFTER)
    return len(session.execute(old.returning(TryRow.name)).all())
