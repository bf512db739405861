"""Leases with fencing, the lanes' shared pace, and the timetable's slots."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

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


class SlotRow(Base):
    """When a job of the timetable runs next."""

    __tablename__ = "slot"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(Instant)


def claim_slot(session: Session, name: str, *, every: timedelta, now: datetime) -> bool:
    """Claim a due slot by compare-and-set; of many tickers one gets True. Commits nothing."""
    row = session.get(SlotRow, name)
    if row is None:
        session.add(SlotRow(name=name, next_run_at=now + every))
        return True
    claimed = session.execute(
        update(SlotRow)
        .where(SlotRow.name == name, SlotRow.next_run_at == row.next_run_at, SlotRow.next_run_at <= now)
        .values(next_run_at=now + every)
    )
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def take_lane(session: Session, name: str, owner: str, *, now: datetime, seconds: int) -> int | None:
    """Take a free or lapsed lane and return its fence, None while another holds it. Commits nothing."""
    if session.get(LaneRow, name) is None:
        session.add(LaneRow(name=name))
        session.flush()
    return session.execute(
        update(LaneRow)
        .where(
            LaneRow.name == name, or_(LaneRow.until.is_(None), LaneRow.until <= now, LaneRow.owner == owner)
        )
        .values(owner=owner, until=now + timedelta(seconds=seconds), fence=LaneRow.fence + 1)
        .returning(LaneRow.fence)
    ).scalar()


def leave_lane(session: Session, name: str, fence: int) -> None:
    """Give a lane back if it is still ours. Commits nothing."""
    session.execute(
        update(LaneRow).where(LaneRow.name == name, LaneRow.fence == fence).values(owner=None, until=None)
    )
