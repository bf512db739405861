"""Trials in a test division: their state, what they made, and what they saw of each assumption."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.assumptions import Assumption, Feature, failed_under
from portal.domain.said import Said
from portal.domain.trial.verdicts import Observation, Verdict
from portal.store.base import Base, Instant, Word
from portal.store.connections import ConnectionRow
from portal.store.said_column import SaidColumn


class TrialState(StrEnum):
    """Where a trial stands."""

    WAITING = "waiting"
    RUNNING = "running"
    ASKING = "asking"
    ENDED = "ended"
    BROKEN_OFF = "broken off"


class Made(StrEnum):
    """What a trial makes and removes again."""

    CUSTOMER = "customer"
    ENTRY = "entry"
    PAYMENT = "payment"
    MARK = "mark"


UNDER_WAY = (TrialState.WAITING, TrialState.RUNNING, TrialState.ASKING)
MANY_EARLIER = 50


class TrialRow(Base):
    """One trial in a test division."""

    # ``live`` is its connection while it is under way, and unique, so that two clicks make one trial.
    # ``answer`` is what a person said to its question, ``kept`` is what later steps need of earlier ones.

    __tablename__ = "trial"
    __table_args__ = (Index("ix_trial_connection", "connection_id", "started_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    marker: Mapped[str]
    division: Mapped[int]
    division_name: Mapped[str]
    started_by: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[TrialState] = mapped_column(Word(TrialState), default=TrialState.WAITING)
    live: Mapped[int | None] = mapped_column(unique=True, default=None)
    invoice_id: Mapped[str | None] = mapped_column(default=None)
    with_receipt: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str | None] = mapped_column(default=None)
    stop_asked: Mapped[bool] = mapped_column(default=False)
    step: Mapped[str | None] = mapped_column(default=None)
    kept: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    calls: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, default=None)

    @property
    def is_under_way(self) -> bool:
        """Say whether it has not come to its end."""
        return self.state in UNDER_WAY

    def begin(self) -> None:
        """Begin, or go on: from waiting, running or asking."""
        self.state = TrialState.RUNNING

    def ask(self) -> None:
        """Wait for a person: from running."""
        self.state = TrialState.ASKING
        self.answer = None

    def end(self, state: TrialState, at: datetime, trouble: Said | None = None) -> None:
        """Come to an end: from any state that is under way."""
        self.state = state
        self.trouble = trouble
        self.ended_at = at
        self.live = None


class TrialStepRow(Base):
    """One step of a trial, committed before its first call."""

    __tablename__ = "trial_step"

    trial_id: Mapped[str] = mapped_column(ForeignKey("trial.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


class TrialThingRow(Base):
    """Something that a trial makes, committed before the call. Without a ``key`` it is found by its name."""

    __tablename__ = "trial_thing"

    id: Mapped[str] = mapped_column(primary_key=True)
    trial_id: Mapped[str] = mapped_column(ForeignKey("trial.id"), index=True)
    kind: Mapped[Made] = mapped_column(Word(Made))
    name: Mapped[str]
    intended_at: Mapped[datetime] = mapped_column(Instant)
    key: Mapped[str | None] = mapped_column(default=None)
    removed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    trouble: Mapped[Said | None] = mapped_column(SaidColumn, default=None)


class TrialVerdictRow(Base):
    """What one trial saw of one assumption."""

    __tablename__ = "trial_verdict"

    trial_id: Mapped[str] = mapped_column(ForeignKey("trial.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    seen: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    seen_values: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)

    def observation(self) -> Observation:
        """Return the domain's observation."""
        return Observation(self.code, self.verdict, self.seen, self.seen_values)


def find_live_trial(session: Session, connection_id: int) -> TrialRow | None:
    """Find the trial of a connection that is under way."""
    return session.scalar(select(TrialRow).where(TrialRow.live == connection_id))


def trials_of(session: Session, connection_id: int) -> Sequence[TrialRow]:
    """Return a connection's trials, newest first."""
    mine = select(TrialRow).where(TrialRow.connection_id == connection_id)
    return session.scalars(mine.order_by(TrialRow.started_at.desc(), TrialRow.id).limit(MANY_EARLIER)).all()


def live_trials(session: Session) -> Sequence[TrialRow]:
    """Return every trial that waits for a worker or is being carried out."""
    states = (TrialState.WAITING, TrialState.RUNNING)
    return session.scalars(select(TrialRow).where(TrialRow.state.in_(states))).all()


def verdicts_of(session: Session, trial_id: str) -> dict[str, TrialVerdictRow]:
    """Return what a trial saw, by assumption."""
    return verdicts_of_trials(session, [trial_id])[trial_id]


def verdicts_of_trials(session: Session, trial_ids: Collection[str]) -> dict[str, dict[str, TrialVerdictRow]]:
    """Return what some trials saw, by trial and assumption, by one statement."""
    found: dict[str, dict[str, TrialVerdictRow]] = {trial_id: {} for trial_id in trial_ids}
    for row in session.scalars(select(TrialVerdictRow).where(TrialVerdictRow.trial_id.in_(trial_ids))):
        found[row.trial_id][row.code] = row

    return found


def things_left(session: Session, connection_id: int) -> Sequence[TrialThingRow]:
    """Return what the trials of a connection made and did not remove, the newest first."""
    left = (
        select(TrialThingRow)
        .join(TrialRow, TrialRow.id == TrialThingRow.trial_id)
        .where(TrialRow.connection_id == connection_id, TrialThingRow.removed_at.is_(None))
    )
    return session.scalars(left.order_by(TrialThingRow.intended_at.desc(), TrialThingRow.id)).all()


def keep_observation(session: Session, trial_id: str, observation: Observation, at: datetime) -> None:
    """Keep what was seen of an assumption, in the place of what was seen before."""
    session.merge(
        TrialVerdictRow(
            trial_id=trial_id,
            code=observation.code,
            verdict=observation.verdict,
            seen=observation.seen,
            seen_values=dict(observation.values),
            at=at,
        )
    )


def failed_assumptions(connection: ConnectionRow) -> frozenset[str]:
    """Return the assumptions that failed when they were last seen."""
    return frozenset(filter(None, connection.failed_assumptions.split(",")))


def keep_failed(connection: ConnectionRow, seen: Collection[Observation]) -> None:
    """Take over what a trial saw. What it did not see stays as it was."""
    failed = set(failed_assumptions(connection))
    for each in seen:
        if each.verdict == Verdict.HOLDS:
            failed.discard(each.code)
        elif each.verdict == Verdict.FAILS:
            failed.add(each.code)

    connection.failed_assumptions = ",".join(sorted(failed))


def kept_off(connection: ConnectionRow, feature: Feature) -> tuple[Assumption, ...]:
    """Return the failed assumptions that keep a feature of a connection off, none where it is on."""
    return failed_under(feature, failed_assumptions(connection))


def count_call(session: Session, trial_id: str, most: int) -> bool:
    """Count a call of a trial. False when it has made as many as it may. Commits nothing."""
    counted = session.execute(
        update(TrialRow)
        .where(TrialRow.id == trial_id, TrialRow.calls < most)
        .values(calls=TrialRow.calls + 1)
        .returning(TrialRow.calls)
        .execution_options(synchronize_session=False)
    )

    return counted.scalar() is not None
