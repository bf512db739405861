"""Runs: many copies that were asked for at once, with an item for each invoice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import (
    JSON,
    Case,
    ColumnElement,
    ForeignKey,
    Index,
    ScalarSelect,
    Select,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, defer, mapped_column
from sqlalchemy.orm.interfaces import ORMOption

from portal.domain.copies.failures import Cause
from portal.domain.copies.runs import Counted, ItemState, Progress, RunState
from portal.domain.copies.states import IN_EXACT, CopyState
from portal.domain.said import Said
from portal.store.base import Base, Instant, Word
from portal.store.connections import SubsidiaryRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.said_column import SaidString

# A choice that led to no run is forgotten.
KEPT = timedelta(days=1)
NEVER_HELD = datetime(9999, 1, 1, tzinfo=UTC)
# What was undone since was booked by its run all the same.
AS_WISHED = (CopyState.COPIED, CopyState.UNDONE)
BOOKED_BY_RUN = (*AS_WISHED, CopyState.DIFFERENT)
Scope = Collection[str] | None
Chosen = TypeVarTuple("Chosen")


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
    # The rule that asked for it, where no person did.
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("rule.id"), index=True, default=None)

    def stop(self, by: str, at: datetime) -> None:
        """Begin nothing more, while it is running."""
        self.state = RunState.STOPPED
        self.stopped_by = by
        self.stopped_at = at

    def go_on(self) -> None:
        """Go on with what is left, from stopped or done."""
        self.state = RunState.RUNNING
        self.stopped_by = None
        self.stopped_at = None
        self.finished_at = None

    def end(self, at: datetime) -> None:
        """Have nothing more to do, while it is running or stopped."""
        self.finished_at = at
        if self.state == RunState.RUNNING:
            self.state = RunState.DONE


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
    trouble: Mapped[Said | None] = mapped_column(SaidString, default=None)

    def need(self, cause: str, trouble: Said) -> None:
        """Need somebody before there is a copy, while it is to come."""
        self.outcome = ItemState.NEEDS_YOU
        self.cause = cause
        self.trouble = trouble

    def begin_again(self) -> None:
        """Be to come once more, after it was stopped or needed somebody."""
        self.outcome = None
        self.cause = None
        self.trouble = None
        self.copy_id = None

    def stop(self) -> None:
        """Not be sent, while it is to come."""
        self.outcome = ItemState.STOPPED
        self.copy_id = None

    def be_elsewhere(self) -> None:
        """Have been copied by somebody else, while it is to come."""
        self.outcome = ItemState.ALREADY


@dataclass(frozen=True, slots=True)
class Item:
    """One invoice of a run with where it stands."""

    row: RunItemRow
    invoice: InvoiceRow
    copy: CopyRow | None
    state: ItemState

    @property
    def cause(self) -> str:
        """Return why it needs somebody."""
        own = self.row.cause or ""
        return own or (self.copy.cause or "" if self.copy else "")

    @property
    def words(self) -> str:
        """Return the other system's own words."""
        return (self.copy.remote_text or "") if self.copy and not self.row.cause else ""

    @property
    def trouble(self) -> Said | None:
        """Return what is said of it, and what to do."""
        return self.row.trouble or (self.copy.trouble if self.copy else None)


def item_state(now: datetime) -> Case[str]:
    """Say in SQL where an invoice of a run stands, by its copy as it is now."""
    is_held_by_worker = CopyRow.lease_until > now
    needs_you = or_(
        RunItemRow.outcome == ItemState.NEEDS_YOU,
        CopyRow.state == CopyState.REFUSED,
        CopyRow.hold_id.is_not(None),
    )
    was_stopped = and_(CopyRow.state == CopyState.REFUSED, CopyRow.cause == Cause.STOPPED)
    on_its_way = or_(CopyRow.state.in_((CopyState.SENDING, CopyState.UNCERTAIN)), is_held_by_worker)

    return case(
        (CopyRow.state.in_(AS_WISHED), ItemState.COPIED.value),
        (CopyRow.state == CopyState.DIFFERENT, ItemState.DIFFERENT.value),
        (InvoiceRow.copy_state.in_(IN_EXACT), ItemState.ALREADY.value),
        (RunItemRow.outcome == ItemState.ALREADY, ItemState.ALREADY.value),
        (or_(RunItemRow.outcome == ItemState.STOPPED, was_stopped), ItemState.STOPPED.value),
        (needs_you, ItemState.NEEDS_YOU.value),
        (on_its_way, ItemState.UNDER_WAY.value),
        else_=ItemState.TO_COME.value,
    )


def join_run(session: Session, run_id: str, invoice_id: str, copy_id: str) -> None:
    """Let a copy be the one that tells what became of an invoice of its run."""
    session.execute(
        update(RunItemRow)
        .where(RunItemRow.run_id == run_id, RunItemRow.invoice_id == invoice_id)
        .values(copy_id=copy_id, outcome=None, cause=None, trouble=None)
        .execution_options(synchronize_session="fetch")
    )


def keep_choice(session: Session, row: RunChoiceRow) -> None:
    """Keep what a person chose, and forget what the person chose long ago."""
    long_ago = (RunChoiceRow.user_id == row.user_id, RunChoiceRow.chosen_at < row.chosen_at - KEPT)
    session.execute(delete(RunChoiceRow).where(*long_ago).execution_options(synchronize_session=False))
    session.add(row)


def find_choice(session: Session, choice_id: str, user_id: int) -> list[str] | None:
    """Return the invoices that a person chose, None where nothing is kept of it."""
    row = session.get(RunChoiceRow, choice_id)
    return list(row.invoices) if row is not None and row.user_id == user_id else None


def lock_run(session: Session, run_id: str) -> RunRow:
    """Return a run as it is now, and keep it until the commit."""
    return session.get_one(RunRow, run_id, with_for_update=True, populate_existing=True)


def next_items(session: Session, run_id: str, most: int) -> Sequence[RunItemRow]:
    """Return the next invoices of a run that no wish was made for."""
    waits = (RunItemRow.run_id == run_id, RunItemRow.copy_id.is_(None), RunItemRow.outcome.is_(None))
    return session.scalars(select(RunItemRow).where(*waits).order_by(RunItemRow.position).limit(most)).all()


def read_progress(session: Session, run_id: str, now: datetime) -> Progress:
    """Count the invoices of a run by where they stand."""
    return read_progresses(session, [run_id], now).get(run_id, Progress({}))


def read_progresses(session: Session, run_ids: Collection[str], now: datetime) -> dict[str, Progress]:
    """Count the invoices of some runs by where they stand, in one query."""
    state = item_state(now).label("state")
    # What Exact booked counts, where it booked something.
    amount = func.sum(func.coalesce(CopyRow.gross_booked, InvoiceRow.amount_with_tax))
    query = (
        _joined(select(RunItemRow.run_id, state, InvoiceRow.currency, func.count(), amount))
        .where(RunItemRow.run_id.in_(run_ids))
        .group_by(RunItemRow.run_id, state, InvoiceRow.currency)
    )
    found: dict[str, dict[ItemState, dict[str, tuple[int, int]]]] = {}
    for run_id, word, currency, count, total in session.execute(query):
        by_currency = found.setdefault(run_id, {}).setdefault(ItemState(word), {})
        by_currency[currency] = (count, int(total))

    return {run_id: Progress(_count(states)) for run_id, states in found.items()}


def _count(states: Mapping[ItemState, Mapping[str, tuple[int, int]]]) -> dict[ItemState, Counted]:
    return {
        state: Counted(
            sum(count for count, _ in by_currency.values()),
            {currency: total for currency, (_, total) in sorted(by_currency.items())},
        )
        for state, by_currency in states.items()
    }


def list_items(
    session: Session, run_id: str, states: Collection[ItemState], now: datetime, *, most: int
) -> list[Item]:
    """Return invoices of a run in some states, in the order in which they are copied."""
    state = item_state(now).label("state")
    query = (
        _joined(select(RunItemRow, InvoiceRow, CopyRow, state))
        .where(RunItemRow.run_id == run_id, state.in_([each.value for each in states]))
        .options(_without_body())
        .order_by(RunItemRow.position)
        .limit(most)
    )
    return [Item(row, invoice, copy, ItemState(word)) for row, invoice, copy, word in session.execute(query)]


def latest_items(session: Session, run_id: str, now: datetime, *, most: int) -> list[Item]:
    """Return the invoices of a run that ended last, the newest first."""
    state = item_state(now).label("state")
    query = (
        _joined(select(RunItemRow, InvoiceRow, CopyRow, state))
        .where(RunItemRow.run_id == run_id, CopyRow.finished_at.is_not(None))
        .options(_without_body())
        .order_by(CopyRow.finished_at.desc(), RunItemRow.position.desc())
        .limit(most)
    )
    return [Item(row, invoice, copy, ItemState(word)) for row, invoice, copy, word in session.execute(query)]


def booked_by(run_id: str) -> Select[str]:
    """Choose in SQL the invoices of which a run booked an entry, undone since or not."""
    query = select(RunItemRow.invoice_id).join(CopyRow, RunItemRow.copy_id == CopyRow.id)
    return query.where(RunItemRow.run_id == run_id, CopyRow.state.in_(BOOKED_BY_RUN))


def run_began_at(session: Session, run_id: str) -> datetime | None:
    """Return when somebody asked for a run, None where there is none."""
    return session.scalar(select(RunRow.requested_at).where(RunRow.id == run_id))


def booked_numbers(session: Session, run_id: str) -> dict[str, list[str]]:
    """Return the numbers of the entries that a run booked, by journal."""
    query = (
        select(CopyRow.journal, CopyRow.entry_number)
        .join(RunItemRow, RunItemRow.copy_id == CopyRow.id)
        .where(RunItemRow.run_id == run_id, CopyRow.entry_number.is_not(None))
    )
    found: dict[str, list[str]] = {}
    for journal, number in session.execute(query):
        found.setdefault((journal or "").strip(), []).append(number or "")

    return dict(sorted(found.items()))


def last_ended_at(session: Session, run_id: str) -> datetime | None:
    """Return when the last copy of a run ended."""
    query = (
        select(func.max(CopyRow.finished_at))
        .join(RunItemRow, RunItemRow.copy_id == CopyRow.id)
        .where(RunItemRow.run_id == run_id)
    )
    return session.scalar(query)


def subsidiaries_of(session: Session, run_id: str) -> list[str]:
    """Return the subsidiaries whose invoices are in a run."""
    query = select(RunSubsidiaryRow.subsidiary_id).where(RunSubsidiaryRow.run_id == run_id)
    return list(session.scalars(query.order_by(RunSubsidiaryRow.subsidiary_id)))


def subsidiaries_of_runs(session: Session, run_ids: Collection[str]) -> dict[str, list[str]]:
    """Name the subsidiaries of some runs."""
    query = (
        select(RunSubsidiaryRow.run_id, SubsidiaryRow.name)
        .join(SubsidiaryRow, SubsidiaryRow.id == RunSubsidiaryRow.subsidiary_id)
        .where(RunSubsidiaryRow.run_id.in_(run_ids))
        .order_by(SubsidiaryRow.name)
    )
    found: dict[str, list[str]] = {}
    for run_id, name in session.execute(query):
        found.setdefault(run_id, []).append(name)

    return found


def connections_of(session: Session, run_id: str) -> list[int]:
    """Return the connections that have copies of a run under way."""
    mine = (CopyRow.run_id == run_id, CopyRow.in_flight.is_not(None))
    return sorted(session.scalars(select(CopyRow.connection_id).where(*mine).distinct()))


def list_runs(session: Session, allowed: Scope, scope: Scope, *, most: int) -> Sequence[RunRow]:
    """Return the newest runs that somebody may see, narrowed to some subsidiaries."""
    query = select(RunRow).where(*_visible(allowed))
    if scope is not None:
        query = query.where(_has_one_of(scope))

    return session.scalars(query.order_by(RunRow.requested_at.desc(), RunRow.id).limit(most)).all()


def needing_runs(scope: Scope) -> ScalarSelect[int]:
    """Count in SQL the runs that ended and have invoices which need somebody."""
    # Whether a worker holds a copy makes no difference to that.
    needs_you = item_state(NEVER_HELD) == ItemState.NEEDS_YOU.value
    # The first of them is enough, and a run that needed nobody when it was last counted is left alone.
    has_one = _joined(select(RunItemRow.run_id)).where(RunItemRow.run_id == RunRow.id, needs_you).exists()
    query = select(func.count()).select_from(RunRow)
    query = query.where(RunRow.finished_at.is_not(None), RunRow.needing > 0, has_one, *_visible(scope))

    return query.scalar_subquery()


def unsettled_runs(session: Session) -> Sequence[RunRow]:
    """Return the runs that may go on or end, the oldest first."""
    query = select(RunRow).where(or_(RunRow.finished_at.is_(None), RunRow.needing > 0))
    return session.scalars(query.order_by(RunRow.requested_at, RunRow.id)).all()


def unmade_runs(session: Session) -> list[str]:
    """Return the running runs that have invoices for which no wish was made."""
    unmade = (
        select(RunItemRow.run_id)
        .where(RunItemRow.run_id == RunRow.id, RunItemRow.copy_id.is_(None), RunItemRow.outcome.is_(None))
        .exists()
    )
    query = select(RunRow.id).where(RunRow.state == RunState.RUNNING, unmade)
    return list(session.scalars(query.order_by(RunRow.requested_at, RunRow.id)))


def _visible(allowed: Scope) -> list[ColumnElement[bool]]:
    """Leave out the runs with a subsidiary that may not be seen."""
    if allowed is None:
        return []

    hidden = select(RunSubsidiaryRow.run_id).where(
        RunSubsidiaryRow.run_id == RunRow.id, RunSubsidiaryRow.subsidiary_id.not_in(allowed)
    )
    return [~hidden.exists()]


def _has_one_of(scope: Collection[str]) -> ColumnElement[bool]:
    """Choose the runs with invoices of some subsidiaries."""
    mine = select(RunSubsidiaryRow.run_id).where(
        RunSubsidiaryRow.run_id == RunRow.id, RunSubsidiaryRow.subsidiary_id.in_(scope)
    )
    return mine.exists()


def _without_body() -> ORMOption:
    """Leave the long text of invoices where it is."""
    return defer(InvoiceRow.body)


def _joined(query: Select[*Chosen]) -> Select[*Chosen]:
    """Join the invoices and copies of items."""
    return query.join(InvoiceRow, InvoiceRow.id == RunItemRow.invoice_id).outerjoin(
        CopyRow, CopyRow.id == RunItemRow.copy_id
    )
