"""Leases: a row that one worker at a time holds, taken and kept by compare-and-set."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, inspect, or_, select, true, update
from sqlalchemy.orm import Mapped, MappedAsDataclass, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from portal.domain.failed import Failed
from portal.domain.ids import new_id
from portal.domain.said import said
from portal.remote.errors import HeldBackError
from portal.store.base import Instant
from portal.store.pulse import QUIET


class Leased(MappedAsDataclass, kw_only=True):
    """A row that has a holder. Each holding raises the ``fence``."""

    lease_owner: Mapped[str | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(Instant, default=None)
    fence: Mapped[int] = mapped_column(default=0)

    def let_go(self) -> None:
        """Take the row out of its holder's hands, who then writes nothing more."""
        self.lease_owner = None
        self.lease_until = None
        # Written in any case, for another session may have taken it since this one read it.
        flag_modified(self, "lease_owner")
        flag_modified(self, "lease_until")


Row = TypeVar("Row", bound=Leased)


@dataclass(frozen=True, slots=True)
class Lease:
    """One holding of a row, known by its owner and fence."""

    rows: type[Leased]
    key: str | int
    owner: str
    fence: int

    def is_on(self) -> ColumnElement[bool]:
        """Say in SQL that the row is still held so."""
        return and_(
            _key_of(self.rows) == self.key,
            self.rows.fence == self.fence,
            self.rows.lease_owner == self.owner,
        )


def is_free(rows: type[Leased], now: datetime) -> ColumnElement[bool]:
    """Say in SQL that nobody holds a row, or that its lease is over."""
    return or_(rows.lease_until.is_(None), rows.lease_until <= now)


def take(
    session: Session,
    rows: type[Leased],
    key: str | int,
    *,
    now: datetime,
    lasting: timedelta,
    owner: str = "",
    only: ColumnElement[bool] | None = None,
    **values: Any,
) -> Lease | None:
    """Take a row that is free or ours, and set other columns."""
    taken = take_row(session, rows, key, now=now, lasting=lasting, owner=owner, only=only, **values)
    return None if taken is None else taken[1]


def take_row(
    session: Session,
    rows: type[Row],
    key: str | int,
    *,
    now: datetime,
    lasting: timedelta,
    owner: str = "",
    only: ColumnElement[bool] | None = None,
    quiet: bool = False,
    **values: Any,
) -> tuple[Row, Lease] | None:
    """Take a row, and return it as it is in the database.

    ``quiet`` says that pages show no difference by it.
    """
    owner = owner or new_id()
    options = QUIET if quiet else {}
    row = session.scalar(
        update(rows)
        .where(_key_of(rows) == key, or_(is_free(rows, now), rows.lease_owner == owner))
        .where(true() if only is None else only)
        .values(lease_owner=owner, lease_until=now + lasting, fence=rows.fence + 1, **values)
        .returning(rows)
        .execution_options(synchronize_session=False, populate_existing=True, **options)
    )
    return None if row is None else (row, Lease(rows, key, owner, row.fence))


def keep(session: Session, lease: Lease, *, now: datetime, lasting: timedelta) -> bool:
    """Hold a row for longer, if it is still ours."""
    kept = session.execute(
        update(lease.rows)
        .where(lease.is_on())
        .values(lease_until=now + lasting)
        .returning(lease.rows.fence)
        .execution_options(synchronize_session=False, **QUIET)
    )
    return kept.scalar() is not None


def leave(session: Session, lease: Lease, *, quiet: bool = False, **values: Any) -> bool:
    """Give a row back and set other columns, if it is still ours. ``quiet`` is as for ``take_row``."""
    options = QUIET if quiet else {}
    left = session.execute(
        update(lease.rows)
        .where(lease.is_on())
        .values(lease_owner=None, lease_until=None, **values)
        .returning(lease.rows.fence)
        .execution_options(synchronize_session=False, **options)
    )
    return left.scalar() is not None


def holds(session: Session, lease: Lease) -> bool:
    """Say whether a row is still ours, and keep it until the commit."""
    return session.scalar(select(lease.rows.fence).where(lease.is_on()).with_for_update()) is not None


def take_over(session: Session, row: Leased, *, until: datetime) -> Lease:
    """Hold a row whoever held it, as where nobody else works."""
    owner = new_id()
    row.lease_owner = owner
    row.lease_until = until
    row.fence += 1
    session.flush()
    return Lease(type(row), _key_in(row), owner, row.fence)


def _key_of(rows: type[Leased]) -> ColumnElement[Any]:
    key: ColumnElement[Any] = inspect(rows, raiseerr=True).primary_key[0]
    return key


def _key_in(row: Leased) -> str | int:
    key: str | int = inspect(type(row), raiseerr=True).primary_key_from_instance(row)[0]
    return key


HELD = "held lane"


def is_held(session: Session) -> bool:
    """Say whether the lane of this session is still ours."""
    held = session.info.get(HELD)
    return held is None or holds(session, held)


def check_held(session: Session) -> None:
    """Raise HeldBackError if the lane of this session is another's now."""
    # Asked in the transaction that writes what was read, which would be old by now.
    if not is_held(session):
        raise HeldBackError(said(Failed.TAKEN_OVER))
