"""Of which moment the kept comparison is: its rows, totals and ages change together, and only here."""

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.base import Base, Instant


class BookMomentRow(Base):
    """When both books were compared last, and how often that changed what is kept."""

    __tablename__ = "book_moment"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(default=0)
    compared_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def move_on(self, now: datetime) -> None:
        """Say that what is kept was brought to now."""
        self.number += 1
        self.compared_at = now


def moment_of_books(session: Session) -> BookMomentRow:
    """Return the moment, as the database has it now."""
    row = session.get(BookMomentRow, 1, populate_existing=True)
    return row if row is not None else BookMomentRow()


def move_on(session: Session, now: datetime) -> None:
    """Bring the moment to now, together with what was compared. Commits nothing."""
    row = session.get(BookMomentRow, 1)
    if row is None:
        row = BookMomentRow()
        session.add(row)
    row.move_on(now)
