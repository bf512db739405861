"""Runs: many copies that were asked for at once, with an item for each invoice."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.copies.runs import ItemState, RunState
from portal.store.base import Base, Instant, Word


class RunChoiceRow(Base):
    """The invoices that a person chose to look at before they are copied."""

    __tablename__ = "run_choice"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    chosen_at: Mapped[datetime] = mapped_column(Instant)
    invoices: Mapped[list[str]] = mapped_column(JSON)


class RunRow(Base):
    """Many copies that one person asked for at once."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_requested", "requested_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    requested_by: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(Instant)
    total: Mapped[int]
    state: Mapped[RunState] = mapped_column(Word(RunState), default=RunState.RUNNING)
    # How many of them needed somebody when it was last looked at.
    needing: Mapped[int] = mapped_column(default=0)
    stopped_by: Mapped[str | None] = mapped_column(default=None)
    stopped_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


class RunSubsidiaryRow(Base):
    """A subsidiary with invoices in a run. Who may not see it does not see the run."""

    __tablename__ = "run_subsidiary"
    __table_args__ = (Index("ix_run_subsidiary_subsidiary", "subsidiary_id"),)

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    subsidiary_id: Mapped[str] = mapped_column(primary_key=True)


class RunItemRow(Base):
    """One invoice of a run, as the person saw it before it was asked for.

    ``seen`` stands for all that would be booked, ``latest_seen`` is the copy that was the latest then, and
    ``state_before`` what the invoice goes back to where it is stopped. ``outcome`` is only kept where no copy
    tells it.
    """

    __tablename__ = "run_item"
    __table_args__ = (Index("ix_run_item_place", "run_id", "position"),)

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), primary_key=True, index=True)
    position: Mapped[int]
    seen: Mapped[str]
    fingerprint: Mapped[str]
    latest_seen: Mapped[str | None] = mapped_column(default=None)
    state_before: Mapped[str | None] = mapped_column(default=None)
    copy_id: Mapped[str | None] = mapped_column(ForeignKey("copy.id"), index=True, default=None)
    outcome: Mapped[ItemState | None] = mapped_column(Word(ItemState), default=None)
    cause: Mapped[str | None] = mapped_column(default=None)
    trouble: Mapped[str | None] = mapped_column(default=None)
