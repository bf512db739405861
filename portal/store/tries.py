"""Tries: how often a password was wrong of late, per account, address and browser."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.house.throttle import FORGOTTEN_AFTER
from portal.store.base import Base, Instant


class TryRow(Base):
    """One thing that is counted. Its name is a hash, so that the table tells no e-mail and no address."""

    __tablename__ = "sign_in_try"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    blocked_until: Mapped[datetime | None] = mapped_column(Instant, default=None)


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
    """Forget what was counted. Commits nothing."""
    session.execute(delete(TryRow).where(TryRow.name.in_(names)))


def take_back_try(session: Session, name: str) -> None:
    """Count one failure less, and wait for nothing. Commits nothing."""
    given_back = update(TryRow).where(TryRow.name == name, TryRow.failures > 0)
    session.execute(given_back.values(failures=TryRow.failures - 1, blocked_until=None))


def delete_old_tries(session: Session, *, now: datetime) -> int:
    """Delete what counts no more. Return how many. Commits nothing."""
    old = delete(TryRow).where(TryRow.last_at <= now - FORGOTTEN_AFTER)
    return len(session.execute(old.returning(TryRow.name)).all())
