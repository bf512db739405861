"""What each pull of payments found, so that a person reads it afterwards. Commits nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Select, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.payments.states import WAITING_FOR_PERSON
from portal.domain.payments.tally import Tally
from portal.domain.said import Said
from portal.store.base import Base, Instant
from portal.store.payments import PaymentRow
from portal.store.said_column import SaidColumn

KEPT = timedelta(days=30)
SHOWN = 5


class PaymentPullRow(Base):
    """One pull of a connection: when it was, and what it found or why it did not get through."""

    __tablename__ = "payment_pull"
    __table_args__ = (Index("ix_payment_pull_ended", "connection_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)
    found: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    recorded: Mapped[int]
    # How many waited for a person when it ended.
    held: Mapped[int]
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)

    @property
    def tally(self) -> Tally:
        """What it found, and what was recorded of that and of earlier ones."""
        return Tally(self.found, self.changed, self.removed, self.recorded)


def keep_pull(
    session: Session,
    connection_id: int,
    began_at: datetime,
    tally: Tally,
    trouble: Said | None,
    now: datetime,
) -> None:
    """Keep what a pull found, and forget those of long ago."""
    waiting = select(func.count()).where(
        PaymentRow.connection_id == connection_id, PaymentRow.state.in_(WAITING_FOR_PERSON)
    )
    row = PaymentPullRow(
        connection_id=connection_id,
        began_at=began_at,
        ended_at=now,
        found=tally.found,
        changed=tally.changed,
        removed=tally.removed,
        recorded=tally.recorded,
        held=session.scalar(waiting) or 0,
        trouble=trouble,
    )

    session.add(row)
    session.execute(
        delete(PaymentPullRow).where(
            PaymentPullRow.connection_id == connection_id, PaymentPullRow.ended_at < now - KEPT
        )
    )


def newest_pulls(connection_ids: Sequence[int], count: int = SHOWN) -> Select[int]:
    """Choose the ids of the newest pulls of each connection."""
    newest = (PaymentPullRow.ended_at.desc(), PaymentPullRow.id.desc())
    place = func.row_number().over(partition_by=PaymentPullRow.connection_id, order_by=newest)
    ranked = select(PaymentPullRow.id, place.label("place")).where(
        PaymentPullRow.connection_id.in_(connection_ids)
    )
    each = ranked.subquery()
    return select(each.c.id).where(each.c.place <= count)
