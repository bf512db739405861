"""Copies and attempts: the wishes to put an invoice into Exact, and every remote write they made."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import (
    IN_EXACT,
    WITHOUT_EFFECT,
    AttemptKind,
    AttemptState,
    CopyAction,
    CopyState,
    Ending,
)
from portal.domain.said import Said
from portal.store.base import Base, Instant, Large, Word, only
from portal.store.holds import HoldRow
from portal.store.leases import Leased, is_free
from portal.store.said_column import SaidString
from portal.store.stale import INVOICE, Compared, StaleKey, has_changed
from portal.store.unready import INVOICE as ONE_INVOICE
from portal.store.unready import Foreseen, UnreadyKey

# What is read of a copy to compare its invoice, see store/comparing.py.
COMPARED = (
    "invoice_id",
    "connection_id",
    "marker",
    "state",
    "action",
    "cause",
    "ending",
    "requested_at",
    "finished_at",
    "entry",
    "entry_id",
    "entry_number",
    "journal",
    "currency",
    "gross_booked",
)

FAILED = "state = 'refused' OR hold_id IS NOT NULL"


class CopyRow(Compared, Foreseen, Leased, Base):
    """One wish. ``in_flight`` is the invoice id while it is under way, unique, so two clicks make one.

    ``batch`` says that nobody waits for it in front of a screen, ``begun`` how often work on it began without
    coming to an end, ``hold_id`` why it is not sent, ``run_id`` with which others it was asked for.
    ``undoes`` is the entry that an undo deletes, a credit entry takes back or an unlinking lets go. An undone
    copy's ``cause`` says which it was: its entry is deleted, or still there and credited or not ours.
    """

    __tablename__ = "copy"
    __table_args__ = (
        Index("ix_copy_due", "state", "next_try_at"),
        Index("ix_copy_finished", "finished_at"),
        Index("ix_copy_run_finished", "finished_at", **only("run_id IS NOT NULL")),
        Index("ix_copy_ended", "connection_id", "finished_at"),
        # Few of all copies need somebody, and these hold no others, see ``concerns.py``.
        Index("ix_copy_failed", "cause", "requested_at", "id", **only(FAILED)),
        Index("ix_copy_wrong_credit", "requested_at", **only("action = 'credit' AND cause = 'difference'")),
        Index("ix_copy_mark_trouble", "state", "requested_at", **only("mark_trouble IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), index=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    marker: Mapped[str] = mapped_column(index=True)
    state: Mapped[CopyState] = mapped_column(Word(CopyState))
    action: Mapped[CopyAction] = mapped_column(Word(CopyAction))
    requested_by: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(Instant)
    fingerprint: Mapped[str]
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)
    in_flight: Mapped[str | None] = mapped_column(unique=True, default=None)
    entry: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    # What stood in Exact when an entry of somebody else's was linked.
    linked: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    plan_step: Mapped[int] = mapped_column(default=0)
    customer_id: Mapped[str | None] = mapped_column(default=None)
    journal: Mapped[str | None] = mapped_column(default=None)
    entry_id: Mapped[str | None] = mapped_column(index=True, default=None)
    entry_number: Mapped[str | None] = mapped_column(default=None)
    entry_url: Mapped[str | None] = mapped_column(default=None)
    currency: Mapped[str] = mapped_column(default="EUR")
    gross_sent: Mapped[Large | None] = mapped_column(default=None)
    gross_booked: Mapped[Large | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    cause: Mapped[str | None] = mapped_column(default=None)
    trouble: Mapped[Said | None] = mapped_column(SaidString, default=None)
    remote_text: Mapped[str | None] = mapped_column(default=None)
    # The other side gave no words of its own, so what is kept of it is the portal's.
    reasonless: Mapped[bool] = mapped_column(default=False)
    mark_due: Mapped[bool] = mapped_column(default=False)
    number_due: Mapped[str | None] = mapped_column(default=None)
    undoes: Mapped[str | None] = mapped_column(default=None)
    # Whether its entry is deleted, or still there and credited or not ours.
    ending: Mapped[Ending | None] = mapped_column(Word(Ending), default=None)
    mark_trouble: Mapped[Said | None] = mapped_column(SaidString, default=None)
    tries: Mapped[int] = mapped_column(default=0)
    batch: Mapped[bool] = mapped_column(default=False)
    begun: Mapped[int] = mapped_column(default=0)
    hold_id: Mapped[str | None] = mapped_column(ForeignKey("hold.id"), index=True, default=None)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("run.id"), index=True, default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    def each_stale(self) -> Iterator[StaleKey]:
        """Name the comparison of its invoice, where something changed that comparisons show."""
        if has_changed(self, *COMPARED):
            yield StaleKey(INVOICE, None, self.invoice_id)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name its invoice, where the copy stands for it no more, is held or let go, or got its entry."""
        # A copy that is under way says by itself where its invoice stands.
        ended = self.state in (CopyState.REFUSED, CopyState.UNDONE) and has_changed(self, "state", "ending")
        if ended or has_changed(self, "hold_id", "entry_id"):
            yield UnreadyKey(ONE_INVOICE, self.invoice_id)

    def send(self) -> None:
        """Begin to send what is due, from any state under way."""
        self.state = CopyState.SENDING

    def wait(self, until: datetime, trouble: Said | None) -> None:
        """Wait with nothing booked, from any state under way."""
        self.state = CopyState.WAITING
        self.next_try_at = until
        self.trouble = trouble

    def doubt(self, until: datetime, trouble: Said) -> None:
        """Wait until Exact is asked what became of a write, from any state under way."""
        self.state = CopyState.UNCERTAIN
        self.next_try_at = until
        self.trouble = trouble

    def want(self, entry: dict[str, Any], gross: int, journal: str | None) -> None:
        """Keep what Exact is to hold, while it is being sent."""
        self.entry = entry
        self.gross_sent = gross
        self.journal = journal

    def keep_plan(self, plan: dict[str, Any], entry: dict[str, Any], gross: int) -> None:
        """Keep the steps of an update before the first, while it is being sent."""
        self.plan = plan
        self.plan_step = 0
        self.entry = entry
        self.gross_sent = gross

    def book(self, entry: BookedEntry, url: str, at: datetime) -> None:
        """Have its entry in Exact, from any state under way."""
        same = (entry.gross, entry.currency or self.currency) == (self.gross_sent, self.currency)
        self._end(CopyState.COPIED if same else CopyState.DIFFERENT, at)
        self._show(entry, url)
        self.remote_text = None
        self.tries = 0
        self.mark_due = True

    def refuse(self, cause: str, trouble: Said, words: str | None, at: datetime) -> None:
        """End without an effect of its own, from any state under way."""
        self._end(CopyState.REFUSED, at)
        self.cause = cause
        self.trouble = trouble
        self.remote_text = words

    def take_back(self, at: datetime, *, unmark: bool) -> None:
        """End as a wish that took an entry back, from any state under way."""
        self._end(CopyState.UNDONE, at)
        self.remote_text = None
        self.tries = 0
        self.mark_due = unmark

    def credit(self, entry: BookedEntry, url: str) -> None:
        """Show the credit entry that took its entry back, from undone."""
        self._show(entry, url)

    def differ(self, cause: Cause, trouble: Said) -> None:
        """Differ from what was wanted, from copied, with or without a difference."""
        self.state = CopyState.DIFFERENT
        self.cause = cause
        self.trouble = trouble

    def count_no_more(self, ending: Ending, trouble: Said | None = None) -> None:
        """Be undone by another wish, or in Exact, from copied, with or without a difference."""
        self.state = CopyState.UNDONE
        self.ending = ending
        self.cause = None
        self.trouble = trouble
        self.mark_due = False
        self.number_due = None
        self.next_try_at = None
        self.mark_trouble = None

    def count_again(self) -> None:
        """Be the copy that counts once more, from copied, with or without a difference."""
        self.mark_due = True
        self.next_try_at = None

    def be_marked(self, trouble: Said | None) -> None:
        """Have its mark in Productive, or never get it, after the end."""
        self.mark_due = False
        self.mark_trouble = trouble
        self._rest()

    def be_numbered(self, trouble: Said | None) -> None:
        """Have its number in Productive, or never get it, after the end."""
        self.number_due = None
        self.mark_trouble = trouble
        self._rest()

    def mark_later(self, at: datetime, trouble: Said) -> None:
        """Wait with what Productive is still to be told, after the end."""
        self.mark_trouble = trouble
        self.next_try_at = at

    def put_on_hold(self, hold: HoldRow, trouble: Said) -> None:
        """Be tried by nobody until its hold lets it go, from any state."""
        self.hold_id = hold.id
        self.cause = hold.cause
        self.remote_text = hold.words
        self.reasonless = hold.reasonless
        self.trouble = trouble
        self.next_try_at = None

    def go_on(self, at: datetime) -> None:
        """Go on without a hold, as if it had not failed, while it is held."""
        self.hold_id = None
        self.cause = None
        self.trouble = None
        self.remote_text = None
        self.next_try_at = at

    def try_for_all(self, at: datetime) -> None:
        """Be the one that tries for all that are held with it, while it is held."""
        self.hold_id = None
        self.next_try_at = at
        self.begun = 0

    def _end(self, state: CopyState, at: datetime) -> None:
        self.state = state
        self.in_flight = None
        self.next_try_at = None
        self.cause = None
        self.trouble = None
        self.finished_at = at

    def _show(self, entry: BookedEntry, url: str) -> None:
        self.entry_id = entry.id
        self.entry_number = str(entry.invoice_number or entry.entry_number)
        self.entry_url = url
        self.gross_booked = entry.gross
        self.customer_id = entry.customer_id
        self.journal = entry.journal

    def _rest(self) -> None:
        self.next_try_at = None
        self.tries = 0


class AttemptRow(Base):
    """One remote write, committed before the call."""

    # ``sent`` and ``answered`` hold no secrets.

    __tablename__ = "attempt"

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    kind: Mapped[AttemptKind] = mapped_column(Word(AttemptKind))
    marker: Mapped[str]
    state: Mapped[AttemptState] = mapped_column(Word(AttemptState))
    started_at: Mapped[datetime] = mapped_column(Instant)
    sent: Mapped[dict[str, Any]] = mapped_column(JSON)
    copy_id: Mapped[str | None] = mapped_column(ForeignKey("copy.id"), index=True, default=None)
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payment.id"), index=True, default=None)
    step: Mapped[int] = mapped_column(default=0)
    answered: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    probes: Mapped[int] = mapped_column(default=0)

    def lose(self, at: datetime) -> None:
        """Have an outcome that nobody knows, from intended or lost."""
        self.state = AttemptState.LOST
        self.finished_at = self.finished_at or at

    def succeed(self, answered: dict[str, Any], at: datetime) -> None:
        """Turn out to have taken effect, from intended or lost."""
        self.state = AttemptState.DONE
        self.answered = answered
        self.finished_at = at

    def drop(self, at: datetime, answered: dict[str, Any] | None = None) -> None:
        """Turn out to have had no effect, from intended or lost."""
        self.state = AttemptState.UNSENT
        self.answered = self.answered if answered is None else answered
        self.finished_at = at

    def give_up(self, at: datetime, answered: dict[str, Any] | None = None) -> None:
        """Have an outcome that nobody asks for, from intended or lost."""
        self.state = AttemptState.UNKNOWN
        self.answered = self.answered if answered is None else answered
        self.finished_at = at


def is_due(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that a copy has something to do now, is not held, and that nobody does it."""
    open_work = or_(
        CopyRow.in_flight.is_not(None), CopyRow.mark_due.is_(True), CopyRow.number_due.is_not(None)
    )
    return and_(
        open_work,
        CopyRow.hold_id.is_(None),
        or_(CopyRow.next_try_at.is_(None), CopyRow.next_try_at <= now),
        is_free(CopyRow, now),
    )


def has_receivable() -> ColumnElement[bool]:
    """Choose the copies whose entry is in Exact and may be paid: those that count, and credited ones."""
    counts = or_(CopyRow.state.in_(IN_EXACT), CopyRow.ending == Ending.CREDITED)
    return and_(CopyRow.entry_id.is_not(None), counts)


def attempts_of(session: Session, copy_id: str) -> Sequence[AttemptRow]:
    """Return a copy's attempts in the order they were made."""
    return session.scalars(
        select(AttemptRow).where(AttemptRow.copy_id == copy_id).order_by(AttemptRow.started_at, AttemptRow.id)
    ).all()


def choices_to_row(choices: Choices) -> dict[str, object]:
    """Spell choices for a JSON column."""
    plain: dict[str, object] = msgspec.to_builtins(choices)
    return plain


def choices_from_row(plain: dict[str, object]) -> Choices:
    """Read choices from a JSON column."""
    return msgspec.convert(plain, Choices)


def entry_to_row(entry: SalesEntry) -> dict[str, object]:
    """Spell an entry for a JSON column, with amounts in integer cents."""
    plain: dict[str, object] = msgspec.to_builtins(entry)
    return plain


def entry_from_row(plain: dict[str, object]) -> SalesEntry:
    """Read an entry from a JSON column."""
    return msgspec.convert(plain, SalesEntry)


WATCHED = timedelta(minutes=10)


def due_copies(
    session: Session, now: datetime, *, connection_id: int | None = None, watched: bool | None = None
) -> list[str]:
    """Return the ids of copies that may go on now, the oldest wish first."""
    query = select(CopyRow.id).where(is_due(now))
    if connection_id is not None:
        query = query.where(CopyRow.connection_id == connection_id)
    if watched is not None:
        query = query.where(is_watched(now) if watched else ~is_watched(now))

    return list(session.scalars(query.order_by(CopyRow.requested_at, CopyRow.id).limit(500)))


def is_watched(now: datetime) -> ColumnElement[bool]:
    """Say in SQL that somebody may still wait for a copy in front of a screen."""
    return and_(CopyRow.batch.is_(False), CopyRow.requested_at > now - WATCHED)


def has_begun(attempts: Iterable[AttemptRow]) -> bool:
    """Say whether a step of an update took effect, or may have."""
    return any(row.step and row.state not in WITHOUT_EFFECT for row in attempts)
