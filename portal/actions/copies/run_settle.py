"""See whether a run came to its end, or goes on after all."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.run_withdraw import withdraw_unsent
from portal.actions.engine.turn import transaction
from portal.domain.copies.runs import Progress, RunState
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import said
from portal.store.events import note_event
from portal.store.runs import (
    RunRow,
    last_ended_at,
    lock_run,
    read_progress,
    read_progresses,
    subsidiaries_of,
    unsettled_runs,
)


def settle_run(session: Session, run_id: str, *, now: datetime) -> None:
    """Write down that a run ended, or that it goes on."""
    with transaction(session):
        settle(session, lock_run(session, run_id), now)


def settle_runs(session: Session, *, now: datetime) -> None:
    """Look at every run that may end or go on, and write down what is news."""
    with transaction(session):
        runs = unsettled_runs(session)
        progresses = read_progresses(session, [run.id for run in runs], now)
        news = [run.id for run in runs if _is_news(run, progresses.get(run.id, Progress({})))]

    for run_id in news:
        settle_run(session, run_id, now=now)


def _is_news(run: RunRow, progress: Progress) -> bool:
    """Say whether a run is no longer as it is written down, or was stopped and is not over."""
    if run.state == RunState.STOPPED and not progress.is_over:
        return True

    return run.needing != progress.needing or progress.is_over == (run.finished_at is None)


def settle(session: Session, run: RunRow, now: datetime) -> None:
    """Note in the running transaction how far a run is. A stopped one sends nothing more."""
    session.flush()
    if run.state == RunState.STOPPED and run.finished_at is None:
        withdraw_unsent(session, run, run.stopped_by or run.requested_by, now)
        session.flush()

    progress = read_progress(session, run.id, now)
    if run.needing != progress.needing:
        run.needing = progress.needing

    if not progress.is_over:
        if run.finished_at is not None and run.state != RunState.STOPPED:
            run.go_on()
        return

    if run.finished_at is None:
        last = last_ended_at(session, run.id) or now
        run.end(max(last, run.stopped_at or last))
        _note_end(session, run, progress, now)


def _note_end(session: Session, run: RunRow, progress: Progress, now: datetime) -> None:
    ended = said(Happened.RUN_ENDED, booked=progress.booked, total=run.total, count=progress.needing)
    for subsidiary_id in subsidiaries_of(session, run.id):
        note_event(
            session,
            at=now,
            actor="portal",
            kind=EventKind.RUN_ENDED,
            said=ended,
            subsidiary_id=subsidiary_id,
        )
