"""The mirror of receivable terms, and the payments made from them in Productive."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.payments.wanted import Term
from portal.store.base import Base, Instant, Large

DUE, MADE, REMOVED, HELD = "due", "made", "removed", "held"
PAYMENT_SENDING, PAYMENT_UNCERTAIN, PAYMENT_REFUSED = "sending", "uncertain", "refused"
# What goes on by itself.
GOING = (DUE, PAYMENT_SENDING, PAYMENT_UNCERTAIN)
ASKED, BY_HAND = "asked", "by hand"
# What a held payment is wanted for once a person said that its invoice may be marked as sent.
MARK = "mark"


class TermRow(Base):
    """A receivable term as Exact last showed it; ``deleted_at`` when its tombstone came.

    ``timestamp`` 0 means that the row was not shown again since the feed was begun anew.
    """

    __tablename__ = "term"
    __table_args__ = (
        Index("ix_term_entry", "connection_id", "entry_id"),
        Index("ix_term_timestamp", "connection_id", "timestamp"),
        Index("ix_term_account_end", "connection_id", "account_id", "ended_on"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    timestamp: Mapped[Large]
    entry_id: Mapped[str]
    transaction_id: Mapped[str]
    transaction_type: Mapped[int]
    line_type: Mapped[int]
    status: Mapped[int]
    account_id: Mapped[str]
    amount: Mapped[Large]
    amount_dc: Mapped[Large]
    transaction_amount: Mapped[Large]
    currency: Mapped[str]
    discount: Mapped[Large]
    last_payment_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    due_on: Mapped[date | None]
    your_ref: Mapped[str]
    invoice_number: Mapped[int | None]
    entry_number: Mapped[int | None]
    journal: Mapped[str]
    fully_paid: Mapped[bool]
    # By Exact's own clock, local time without a zone.
    modified: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def term(self) -> Term:
        """Return the domain term."""
        return Term(**{name: getattr(self, name) for name in Term.__slots__})


settled_on: ColumnElement[date | None] = func.coalesce(TermRow.ended_on, TermRow.last_payment_on)
"""The day on which a term was settled, as ``Term.matched_on`` tells it."""


class TouchedEntryRow(Base):
    """An entry whose terms changed and that is still to be compared; it outlives a crash between the two."""

    __tablename__ = "touched_entry"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(primary_key=True)


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


class PaymentRow(Base):
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
    state: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    productive_id: Mapped[str | None] = mapped_column(index=True, default=None)
    wanted: Mapped[str] = mapped_column(default="create")
    next_amount: Mapped[Large | None] = mapped_column(default=None)
    next_on: Mapped[date | None] = mapped_column(default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(default=None)
    anyway: Mapped[bool] = mapped_column(default=False)

    @property
    def amount_to_be(self) -> int:
        """The amount once what is due is done."""
        return self.amount if self.next_amount is None else self.next_amount

    @property
    def day_to_be(self) -> date:
        """The day once what is due is done."""
        return self.next_on or self.paid_on


class FindingRow(Base):
    """Something about an invoice's payments that a person must look at."""

    __tablename__ = "finding"

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str]
    found_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
