"""The payments made in Productive from receivable terms, and the baseline of what makes none."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, and_
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.payments.states import OPEN, PaymentState, PaymentStep
from portal.store.base import Base, Instant, Large, Word
from portal.store.leases import Leased, is_free


class BaselineRow(Base):
    """What was settled already when payments were switched on "from now"; it makes no payment.

    ``unsure``: Exact does not tell whether it was settled before, so a person is told of it.
    """

    __tablename__ = "baseline"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    term_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(index=True)
    amount: Mapped[Large]
    settled_on: Mapped[date]
    unsure: Mapped[bool] = mapped_column(default=False)


class PaymentRow(Leased, Base):
    """A payment this portal makes in Productive from a settled part of a term.

    ``asked``: it would over-pay the invoice, so a person decides; ``by hand``: a person said that somebody
    recorded it already; ``anyway``: a person wants it all the same.
    """

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_state", "state", "next_try_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), index=True)
    copy_id: Mapped[str] = mapped_column(ForeignKey("copy.id"))
    term_id: Mapped[str]
    amount: Mapped[Large]
    currency: Mapped[str]
    paid_on: Mapped[date]
    written_off: Mapped[bool]
    marker: Mapped[str]
    state: Mapped[PaymentState] = mapped_column(Word(PaymentState))
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    productive_id: Mapped[str | None] = mapped_column(index=True, default=None)
    wanted: Mapped[PaymentStep] = mapped_column(Word(PaymentStep), default=PaymentStep.CREATE)
    next_amount: Mapped[Large | None] = mapped_column(default=None)
    next_on: Mapped[date | None] = mapped_column(default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(default=None)
    anyway: Mapped[bool] = mapped_column(default=False)

    def go_on(self, at: datetime | None) -> None:
        """Set when it goes on, None for never; who works on it now writes nothing more."""
        self.next_try_at = at
        self.let_go()

    @property
    def amount_to_be(self) -> int:
        """The amount once what is due is done."""
        return self.amount if self.next_amount is None else self.next_amount

    @property
    def day_to_be(self) -> date:
        """The day once what is due is done."""
        return self.next_on or self.paid_on


def is_payment_due(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that a payment may go on now and that nobody is at it."""
    return and_(PaymentRow.state.in_(OPEN), PaymentRow.next_try_at <= now, is_free(PaymentRow, now))
