"""The payments made in Productive from receivable terms, and how each goes from state to state."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Computed, ForeignKey, Index, and_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.payments.states import (
    BY_HAND,
    OPEN,
    UNKNOWN,
    WAITS_FOR_PRODUCTIVE,
    PaymentCause,
    PaymentReason,
    PaymentState,
    PaymentStep,
    PaymentView,
)
from portal.domain.payments.words import Figures, say_cause, say_reason
from portal.domain.periods import month_of
from portal.domain.said import Said
from portal.store.base import Base, Instant, Large, Word
from portal.store.leases import Leased, is_free
from portal.store.stale import MONTH, Compared, StaleKey, has_changed, old_and_new

# The database keeps it, so that no write can leave it behind, however it is made.
VIEW = """CASE
    WHEN state = 'made' AND wanted = 'change' THEN 'changed'
    WHEN state = 'made' THEN 'created'
    WHEN state IN ('due', 'sending', 'uncertain') THEN 'waiting'
    WHEN state IN ('held', 'asked') THEN 'held'
    ELSE state
END"""


class PaymentRow(Compared, Leased, Base):
    """A payment this portal makes in Productive from a settled part of a term.

    ``wanted`` is what is to be done there, or was done last. ``anyway`` says that a person wants it although
    it over-pays the invoice.
    """

    __tablename__ = "payment"
    __table_args__ = (
        Index("ix_payment_state", "state", "next_try_at"),
        Index("ix_payment_month", "connection_id", "paid_on"),
        Index("ix_payment_created", "created_at"),
        # Each list begins where it is read: all, one view, and one view of a subsidiary.
        Index("ix_payment_changed", "changed_at", "id"),
        Index("ix_payment_view", "view", "changed_at", "id"),
        Index("ix_payment_connection_view", "connection_id", "view", "changed_at", "id"),
    )

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
    reason: Mapped[PaymentReason] = mapped_column(Word(PaymentReason))
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    productive_id: Mapped[str | None] = mapped_column(index=True, default=None)
    wanted: Mapped[PaymentStep] = mapped_column(Word(PaymentStep), default=PaymentStep.CREATE)
    next_amount: Mapped[Large | None] = mapped_column(default=None)
    next_on: Mapped[date | None] = mapped_column(default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    tries: Mapped[int] = mapped_column(default=0)
    cause: Mapped[PaymentCause | None] = mapped_column(Word(PaymentCause), default=None)
    # What the cause's sentence tells besides: amounts, days, what was said.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict, insert_default=dict)
    anyway: Mapped[bool] = mapped_column(default=False)
    view: Mapped[PaymentView] = mapped_column(Word(PaymentView), Computed(VIEW, persisted=True), init=False)

    def each_stale(self) -> Iterator[StaleKey]:
        """Name the months it is, or was, paid in, where something changed that a sign-off tells."""
        if has_changed(self, "state", "amount", "paid_on"):
            for day in sorted(old_and_new(self, "paid_on")):
                yield StaleKey(MONTH, self.connection_id, month_of(day))

    def go_on(self, at: datetime | None) -> None:
        """Set when it goes on, None for never. Who works on it now writes nothing more."""
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

    @property
    def told_reason(self) -> Said:
        """What is said of its reason."""
        return say_reason(self.reason)

    @property
    def trouble(self) -> Said | None:
        """What is said of what it waits for, or of why it was not taken."""
        return None if self.cause is None else say_cause(self.cause, self.figures)

    @property
    def is_by_hand(self) -> bool:
        """Say whether it differs because of what a person did in Productive."""
        return self.state == PaymentState.REFUSED and self.cause in BY_HAND

    @property
    def may_restore(self) -> bool:
        """Say whether a person's change in Productive can be taken back."""
        return self.is_by_hand and self.wanted != PaymentStep.REMOVE

    def want_change(self, amount: int, on: date, *, written_off: bool, now: datetime) -> None:
        """Follow what Exact settles now, from any state. What a person did in Productive stays shown."""
        self.changed_at = now
        self.written_off = written_off
        recorded = self.productive_id is not None

        if recorded:
            self.next_amount = amount
            self.next_on = on
        else:
            self.amount = amount
            self.paid_on = on

        if self.is_by_hand:
            return

        if recorded:
            self.wanted = PaymentStep.CHANGE
            self.reason = PaymentReason.OTHERWISE

        self._become_due(now)

    def want_removal(self, now: datetime) -> None:
        """Ask for its removal, from any state. One that Productive never had is removed at once."""
        self.changed_at = now
        self.wanted = PaymentStep.REMOVE
        self.reason = PaymentReason.NO_LONGER

        if self.productive_id is None:
            self._end(PaymentState.REMOVED)
        else:
            self._become_due(now)

    def want_again(self, amount: int, on: date, now: datetime) -> None:
        """Set it as it should be where its removal was asked for, for it may be gone."""
        self.next_amount = amount
        self.next_on = on
        self.wanted = PaymentStep.CHANGE
        self.reason = PaymentReason.AGAIN
        self.changed_at = now
        self._become_due(now)

    def withdraw(self, reason: PaymentReason, now: datetime) -> None:
        """Let it not be made, from any state in which Productive does not have it."""
        self.reason = reason
        self.changed_at = now
        self._end(PaymentState.REMOVED)

    def hold(self, cause: PaymentCause, *, until: datetime) -> None:
        """Wait until its invoice takes payments, from any open state or refused."""
        self.state = PaymentState.HELD
        self.cause = cause
        self.figures = {}
        self.go_on(until)

    def wait_for_ours(self, *, until: datetime) -> None:
        """Wait until other payments of its invoice are put right, from any open state or refused."""
        self.state = PaymentState.DUE
        self.cause = PaymentCause.OURS_FIRST
        self.figures = {}
        self.go_on(until)

    def ask(self, figures: Figures, *, now: datetime, until: datetime) -> None:
        """Ask a person whether it is the same money, from any open state or refused."""
        if (self.cause, self.figures) != (PaymentCause.OVERPAID, figures):
            self.changed_at = now

        self.state = PaymentState.ASKED
        self.cause = PaymentCause.OVERPAID
        self.figures = dict(figures)
        self.go_on(until)

    def allow_mark(self, now: datetime) -> None:
        """Let it mark its invoice as sent first, from held."""
        self.wanted = PaymentStep.MARK
        self.cause = PaymentCause.MARKING
        self.figures = {}
        self.changed_at = now
        self.go_on(now)

    def record_anyway(self, now: datetime) -> None:
        """Record it although it over-pays its invoice, from asked."""
        self.anyway = True
        self.changed_at = now
        self._become_due(now)

    def leave_by_hand(self, now: datetime) -> None:
        """Take what somebody recorded by hand as this payment, from asked, or refused after that."""
        self.reason = PaymentReason.BY_HAND
        self.changed_at = now
        self._end(PaymentState.BY_HAND)

    def retry(self, now: datetime) -> None:
        """Try it again, from refused."""
        self.tries = 0
        self.changed_at = now
        self._become_due(now)

    def restore(self, now: datetime) -> None:
        """Want it as Exact has it, made anew where it is gone, from refused after a person's change."""
        amount = self.amount_to_be
        on = self.day_to_be

        if self.cause == PaymentCause.REMOVED_BY_HAND:
            self.make_anew(now)
        else:
            self.wanted = PaymentStep.CHANGE
            self.next_amount = amount
            self.next_on = on
            self._become_due(now)

        self.reason = PaymentReason.RESTORED
        self.tries = 0
        self.changed_at = now

    def make_anew(self, now: datetime) -> None:
        """Create it again where Productive no longer has it, from due or refused."""
        self.amount = self.amount_to_be
        self.paid_on = self.day_to_be
        self.productive_id = None
        self.next_amount = None
        self.next_on = None
        self.wanted = PaymentStep.CREATE
        self._become_due(now)

    def change_from(self, payment_id: str, amount: int, on: date) -> None:
        """Stand for a payment of ours that came late and is to be changed, from any open state."""
        self.productive_id = payment_id
        self.wanted = PaymentStep.CHANGE
        self.next_amount = self.amount
        self.next_on = self.paid_on
        self.amount = amount
        self.paid_on = on

    def send(self) -> None:
        """Be on its way, from any open state."""
        self.state = PaymentState.SENDING

    def lose_reply(self, *, until: datetime) -> None:
        """Wait until Productive is asked what became of it, from any open state."""
        self.state = PaymentState.UNCERTAIN
        self.go_on(until)

    def fail(self, said: Said, now: datetime) -> None:
        """Count a call that failed, and keep what was said, from any open state."""
        self.tries += 1
        self.cause = PaymentCause.CALL_FAILED
        self.figures = {"said": said.to_json()}
        self.changed_at = now

    def try_again(self, *, at: datetime) -> None:
        """Be due again later, after a failed call that may get through another time."""
        self.state = PaymentState.DUE
        self.go_on(at)

    def refuse(self) -> None:
        """Wait for a person, after a failed call that will not get through another time."""
        self.state = PaymentState.REFUSED
        self.go_on(None)

    def be_made(self, payment_id: str, now: datetime) -> None:
        """Be as it was wanted in Productive, from any open state."""
        self.productive_id = payment_id
        self.amount = self.amount_to_be
        self.paid_on = self.day_to_be
        self.next_amount = None
        self.next_on = None
        self.changed_at = now
        self.tries = 0
        self.anyway = False
        self._end(PaymentState.MADE)
        if self.wanted == PaymentStep.MARK:
            self.wanted = PaymentStep.CREATE

    def be_removed(self, now: datetime) -> None:
        """Be gone from Productive as it was wanted, from any open state."""
        self.changed_at = now
        self._end(PaymentState.REMOVED)

    def adopt(self, payment_id: str, amount: int, on: date, *, written_off: bool, now: datetime) -> None:
        """Stand for a payment that was found by its marker after a restored backup, from any state."""
        self.wanted = PaymentStep.CREATE
        self.productive_id = payment_id
        self.amount = amount
        self.paid_on = on
        self.written_off = written_off
        self.next_amount = None
        self.next_on = None
        self.changed_at = now
        self._end(PaymentState.MADE)

    def differ(self, cause: PaymentCause, figures: Figures, now: datetime) -> None:
        """Show once what a person did in Productive, from made, or refused for such a reason."""
        if (self.cause, self.figures) == (cause, figures):
            return

        self.changed_at = now
        self._end(PaymentState.REFUSED)
        self.cause = cause
        self.figures = dict(figures)

    def agree(self, amount: int, on: date, now: datetime) -> None:
        """Stop showing a difference that somebody put right, from refused for such a reason."""
        if self.cause is None:
            return

        self.amount = amount
        self.paid_on = on
        self.next_amount = None
        self.next_on = None
        self.changed_at = now
        self._end(PaymentState.MADE)

    def _become_due(self, now: datetime) -> None:
        self.state = PaymentState.DUE
        self.cause = None
        self.figures = {}
        self.go_on(now)

    def _end(self, state: PaymentState) -> None:
        self.state = state
        self.cause = None
        self.figures = {}
        self.go_on(None)


def is_payment_due(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that a payment may go on now and that nobody is at it."""
    return and_(PaymentRow.state.in_(OPEN), PaymentRow.next_try_at <= now, is_free(PaymentRow, now))


def is_waiting() -> ColumnElement[bool]:
    """Say in SQL that a payment waits for something that may change in Productive."""
    # What is being sent is left to who sends it.
    return and_(
        PaymentRow.state.in_(OPEN),
        PaymentRow.state.not_in(UNKNOWN),
        PaymentRow.cause.in_(WAITS_FOR_PRODUCTIVE),
    )


def waited_for(session: Session, connection_id: int) -> list[str]:
    """Return the invoices that payments of a connection wait for, by id."""
    query = select(PaymentRow.invoice_id).where(PaymentRow.connection_id == connection_id, is_waiting())
    return list(session.scalars(query.distinct().order_by(PaymentRow.invoice_id)))


def look_again(session: Session, *where: ColumnElement[bool], now: datetime) -> None:
    """Let payments that wait for Productive be looked at now. Commits nothing.

    Who works on one of them decided by what was read before, so it writes nothing more.
    """
    session.execute(
        update(PaymentRow)
        .where(is_waiting(), *where)
        .values(next_try_at=now, lease_owner=None, lease_until=None)
        .execution_options(synchronize_session="fetch")
    )
