"""How far the feeds of a connection were read, and what a person chose about its payments."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.connections.states import PaymentsMode
from portal.domain.payments.feeds import BEGINNING
from portal.domain.said import Said
from portal.store.base import Base, Instant, Large, Word
from portal.store.said_column import SaidColumn
from portal.store.stale import SUBSIDIARY, Compared, StaleKey, has_changed

if TYPE_CHECKING:
    from portal.store.connections import ConnectionRow


class PaymentFeedRow(Compared, Base):
    """The payments of a connection: whether they are synchronised, and how far Exact was read."""

    __tablename__ = "payment_feed"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True, init=False)
    on: Mapped[bool] = mapped_column(default=False)
    mode: Mapped[PaymentsMode] = mapped_column(Word(PaymentsMode), default=PaymentsMode.FROM_NOW)
    since: Mapped[datetime | None] = mapped_column(Instant, default=None)
    baseline_done: Mapped[bool] = mapped_column(default=False)
    write_off_differences: Mapped[bool] = mapped_column(default=True)
    mark_sent_by_itself: Mapped[bool] = mapped_column(default=False)
    term_cursor: Mapped[Large] = mapped_column(default=BEGINNING)
    deleted_cursor: Mapped[Large] = mapped_column(default=BEGINNING)
    # Exact's clock at the end of the last whole read of both feeds.
    read_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    # Our clock when the last whole pull began, and when it ended.
    began_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    pulled_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)
    controlled_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    control_trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)
    connection: Mapped["ConnectionRow"] = relationship(back_populates="payments", init=False, repr=False)

    def begin(self, mode: PaymentsMode, now: datetime) -> None:
        """Switch payments on, in any state. Every term is read once more, and the mode counts from now."""
        self.on = True
        self.mode = mode
        self.since = now
        self.baseline_done = False
        self.trouble = None
        self.term_cursor = BEGINNING

    def start_anew(self) -> None:
        """Read both feeds from their beginning, in any state."""
        self.term_cursor = BEGINNING
        self.deleted_cursor = BEGINNING

    def each_stale(self) -> Iterator[StaleKey]:
        """Name every comparison of the subsidiary, where something changed that they go by."""
        if has_changed(self, "on", "baseline_done"):
            yield StaleKey(SUBSIDIARY, None, self.connection.subsidiary_id)


class CustomerFeedRow(Base):
    """How far the customers of a connection were read."""

    __tablename__ = "customer_feed"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True, init=False)
    cursor: Mapped[Large] = mapped_column(default=BEGINNING)
    # Deleted customers are read apart from deleted terms, for payments may be off.
    deleted_cursor: Mapped[Large] = mapped_column(default=BEGINNING)
    # Exact's clock when all customers were last known to be whole.
    sure_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def start_anew(self) -> None:
        """Read all customers and deletions from the beginning, in any state."""
        self.cursor = BEGINNING
        self.deleted_cursor = BEGINNING
        self.sure_at = None
