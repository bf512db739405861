"""Leases with fencing, the lanes' shared pace, and the timetable's slots."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.remote.errors import HeldBackError
from portal.remote.lease import TAKEN_OVER
from portal.store.base import Base, Instant


class LaneRow(Base):
    """One lane: who holds it until when, and what its remote last told of its limits."""

    __tablename__ = "lane"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None] = mapped_column(default=None)
    until: Mapped[datetime | None] = mapped_column(Instant, default=None)
    fence: Mapped[int] = mapped_column(default=0)
    interactive_until: Mapped[datetime | None] = mapped_column(Instant, default=None)
    pace: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)


def exact_lane(locale: str, division: int | None) -> str:
    """Name the lane of a division, or of what belongs to no division."""
    return f"exact:{locale}:{division or 'me'}"


def productive_lane(organization_id: str) -> str:
    """Name the lane of an organisation in Productive."""
    return f"productive:{organization_id}"


class SlotRow(Base):
    """When a job of the timetable runs next."""

    __tablename__ = "slot"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(Instant)


def claim_slot(session: Session, name: str, *, every: timedelta, now: datetime) -> bool:
    """Claim a due slot, a new one at once; of many tickers one gets True. Commits nothing."""
    if session.get(SlotRow, name) is None:
        return _add_once(session, SlotRow(name=name, next_run_at=now + every))

    claimed = session.execute(
        update(SlotRow)
        .where(SlotRow.name == name, SlotRow.next_run_at <= now)
        .values(next_run_at=now + every)
        .returning(SlotRow.name)
    )

    return claimed.scalar() is not None


def add_lane(session: Session, name: str) -> None:
    """Begin to keep a lane, unless it is kept. Commits nothing."""
    if session.get(LaneRow, name) is None:
        _add_once(session, LaneRow(name=name))


def take_lane(session: Session, name: str, owner: str, *, now: datetime, seconds: int) -> int | None:
    """Take a free or lapsed lane and return its fence, None while another holds it. Commits nothing."""
    add_lane(session, name)
    return session.execute(
        update(LaneRow)
        .where(
            LaneRow.name == name, or_(LaneRow.until.is_(None), LaneRow.until <= now, LaneRow.owner == owner)
        )
        .values(owner=owner, until=now + timedelta(seconds=seconds), fence=LaneRow.fence + 1)
        .returning(LaneRow.fence)
    ).scalar()


def _add_once(session: Session, row: Base) -> bool:
    """Add a row; False when another process was quicker, which spoils nothing else."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def leave_lane(session: Session, name: str, fence: int) -> None:
    """Give a lane back if it is still ours. Commits nothing."""
    session.execute(
        update(LaneRow).where(LaneRow.name == name, LaneRow.fence == fence).values(owner=None, until=None)
    )


def holds_lane(session: Session, name: str, fence: int) -> bool:
    """Say whether a lane is still ours; nobody else can take it before the transaction ends."""
    held = (LaneRow.name == name, LaneRow.fence == fence, LaneRow.owner.is_not(None))
    return session.scalar(select(LaneRow.name).where(*held).with_for_update()) is not None


def keep_lane(session: Session, name: str, fence: int, *, now: datetime, seconds: int) -> bool:
    """Hold a lane for longer and say True if it is still ours. Commits nothing."""
    kept = session.execute(
        update(LaneRow)
        .where(LaneRow.name == name, LaneRow.fence == fence, LaneRow.owner.is_not(None))
        .values(until=now + timedelta(seconds=seconds))
        .returning(LaneRow.name)
    )
    return kept.scalar() is not None


HELD = "held lane"


def is_held(session: Session) -> bool:
    """Say whether the lane that this is done under is still ours, and keep it so until the commit."""
    held = session.info.get(HELD)
    return held is None or holds_lane(session, *held)


def check_held(session: Session) -> None:
    """Raise HeldBackError if the lane that this is done under is another's: what was read is old by now.

    To be asked in the transaction that writes what was read; work under no lane is not held back.
    """
    if not is_held(session):
        raise HeldBackError(TAKEN_OVER)
