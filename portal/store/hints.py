"""Hints: a job that a webhook asks for earlier. Many hints in a short time become one job."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, Instant

SETTLE = timedelta(seconds=5)
PAUSE = timedelta(seconds=30)


class HintRow(Base):
    """A job by name and subject. ``due_at`` is set while it is asked for, ``rang_at`` when it last was."""

    __tablename__ = "hint"

    job: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True, default=None)
    rang_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


def note_hint(session: Session, job: str, subject: str, now: datetime) -> None:
    """Ask for a job soon, but not sooner than a pause after the last time. Commits nothing."""
    row = session.get(HintRow, (job, subject), populate_existing=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(HintRow(job=job, subject=subject, due_at=now + SETTLE))
        except IntegrityError:
            return  # another hint of the same kind was quicker
    elif row.due_at is None:
        row.due_at = max(now + SETTLE, row.rang_at + PAUSE) if row.rang_at else now + SETTLE


def take_hints(session: Session, now: datetime) -> Sequence[tuple[str, str]]:
    """Return the jobs that are due, each to one who asks, and let them rest."""
    due = session.execute(
        update(HintRow)
        .where(HintRow.due_at <= now)
        .values(due_at=None, rang_at=now)
        .returning(HintRow.job, HintRow.subject)
        .execution_options(synchronize_session=False)
    )

    return [(job, subject) for job, subject in due]
