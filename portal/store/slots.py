"""When the jobs of the timetable run next."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, Instant, add_once


class SlotRow(Base):
    """When a job of the timetable runs next."""

    __tablename__ = "slot"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(Instant)


def claim_slot(session: Session, name: str, *, every: timedelta, now: datetime) -> bool:
    """Claim a slot that is due, for one of many tickers."""
    if session.get(SlotRow, name) is None:
        return add_once(session, SlotRow(name=name, next_run_at=now + every))

    claimed = session.execute(
        update(SlotRow)
        .where(SlotRow.name == name, SlotRow.next_run_at <= now)
        .values(next_run_at=now + every)
        .returning(SlotRow.name)
    )

    return claimed.scalar() is not None
