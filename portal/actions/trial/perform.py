"""Carry out a trial: step after step, each committed before its calls. In the end all of it is removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.draft import read_basis
from portal.actions.engine.gate import may_write, remember_writes
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import let_go, transaction
from portal.actions.trial.entry_steps import ENTRY
from portal.actions.trial.remove import remove_all
from portal.actions.trial.steps import STEPS, Step
from portal.actions.trial.turn import KEPT_FOR_REMOVING, MOST_CALLS, TrialDesk, Turn
from portal.domain.assumptions import ASSUMPTIONS, BY_CODE, System
from portal.domain.booking.sales_entry import Problem
from portal.domain.connections.states import ConnectionState
from portal.domain.events import EventKind
from portal.domain.failed import Failed
from portal.domain.happened import Happened
from portal.domain.here import day_here
from portal.domain.said import Said, said
from portal.domain.trial.judge import judge, not_seen
from portal.domain.trial.samples import Material, Taste, choose_material
from portal.domain.trial.verdicts import Observation, Verdict, failed_codes
from portal.remote.errors import (
    SIGNED_OUT,
    HeldBackError,
    RateLimitedError,
    RefusedError,
    RemoteError,
)
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.leases import check_held, is_held
from portal.store.trials import (
    TrialRow,
    TrialState,
    TrialStepRow,
    keep_failed,
    keep_observation,
    things_left,
    verdicts_of,
)

# After one of these nothing more is asked; after any other failure the next step is tried.
ENDS_ALL = (*SIGNED_OUT, HeldBackError, RateLimitedError)


class StoppedError(Exception):
    """A person broke the trial off."""


def trial_lane(connection_id: int) -> str:
    """Name the lane that lets one worker at a time carry out a connection's trials."""
    return f"trial:{connection_id}"


def perform_trial(session: Session, desk: TrialDesk, trial_id: str) -> None:
    """Bring a trial as far as it goes now. Nothing due, or another holder, is no failure."""
    trial = session.get(TrialRow, trial_id)
    connection_id = trial.connection_id if trial else 0
    let_go(session)
    if trial is None or not may_write(session, desk.marks, now=desk.clock()):
        return

    with hold_lane(session, trial_lane(connection_id), desk.clock) as held:
        session.refresh(trial)
        if held and trial.is_under_way:
            _perform(session, desk, trial)

    remember_writes(session, desk.marks)


def _perform(session: Session, desk: TrialDesk, trial: TrialRow) -> None:
    cut_off = trial.state == TrialState.RUNNING
    if trial.state == TrialState.ASKING and trial.answer is None and not trial.stop_asked:
        session.rollback()
        return

    with transaction(session):
        trial.begin()

    turn = _make_turn(session, desk, trial)
    state, trouble = _go_on(turn) if turn.reaches and not cut_off else (TrialState.BROKEN_OFF, None)
    if state == TrialState.BROKEN_OFF and trouble is None:
        trouble = said(Failed.TRIAL_CUT_OFF if turn.reaches else Failed.TRIAL_CONNECTION_CHANGED)

    with transaction(session):
        trial.errors += turn.errors

    if state == TrialState.ASKING:
        return

    turn.most_calls = MOST_CALLS
    left = _remove(turn)
    _finish(session, desk, trial, state, trouble or left)


def _make_turn(session: Session, desk: TrialDesk, trial: TrialRow) -> Turn:
    """Return what the trial works with, and whether its division can still be reached."""
    connection = session.get_one(ConnectionRow, trial.connection_id, populate_existing=True)
    same = connection.state == ConnectionState.LIVE and connection.division == trial.division
    material = find_material(session, connection, day_here(trial.started_at))
    let_go(session)
    chosen = material if isinstance(material, Material) else None

    return Turn(session, desk, trial, connection, chosen, reaches=same)


def find_material(session: Session, connection: ConnectionRow, day: date) -> Material | tuple[Problem, ...]:
    """Choose what a trial books with, from the catalogue, or say what is missing. Commits nothing."""
    basis = read_basis(session, connection)
    return choose_material(basis.catalogue, taste_of(connection), day)


def taste_of(connection: ConnectionRow) -> Taste:
    """Return what a connection prefers of its division."""
    return Taste(
        journal=connection.default_journal,
        credit_journal=connection.credit_journal,
        ledger_id=connection.default_ledger,
        currency=connection.division_currency,
        send_credit_type=connection.send_credit_type,
        books_closed_until=connection.books_closed_until,
    )


def _go_on(turn: Turn) -> tuple[TrialState, Said | None]:
    """Take the steps that are due. Returns how the trial stands after them."""
    try:
        if not _done_steps(turn):
            remove_all(turn)
        return _take_steps(turn)
    except StoppedError:
        return TrialState.BROKEN_OFF, said(Failed.TRIAL_STOPPED)
    except RemoteError as error:
        turn.session.rollback()
        return TrialState.BROKEN_OFF, error.said


def _take_steps(turn: Turn) -> tuple[TrialState, Said | None]:
    done = _done_steps(turn)
    for step in STEPS:
        if step.code in done:
            continue

        _check(turn)
        if step.asks and _may_ask(turn):
            with transaction(turn.session):
                turn.trial.step = step.code
                turn.trial.ask()
            return TrialState.ASKING, None

        with _committed(turn, step):
            _take(turn, step)

    return TrialState.ENDED, None


def _may_ask(turn: Turn) -> bool:
    """Say whether a person is still to match a receipt, and there is an entry to match it with."""
    return turn.trial.with_receipt and turn.trial.answer is None and turn.kept(ENTRY) is not None


def _done_steps(turn: Turn) -> set[str]:
    mine = select(TrialStepRow.code).where(TrialStepRow.trial_id == turn.trial.id)
    with transaction(turn.session):
        return set(turn.session.scalars(mine))


def _check(turn: Turn) -> None:
    """Raise where a person broke the trial off, or where it is another worker's by now."""
    turn.session.refresh(turn.trial)
    stopped = turn.trial.stop_asked
    check_held(turn.session)
    let_go(turn.session)
    if stopped:
        raise StoppedError


@contextmanager
def _committed(turn: Turn, step: Step) -> Iterator[None]:
    """Commit that a step begins, and that it ended."""
    row = TrialStepRow(trial_id=turn.trial.id, code=step.code, began_at=turn.desk.clock())
    with transaction(turn.session):
        turn.trial.step = step.code
        turn.session.add(row)

    yield

    with transaction(turn.session):
        row.ended_at = turn.desk.clock()


def _take(turn: Turn, step: Step) -> None:
    """Take one step. Where it does not get through, what it would have seen is not seen."""
    try:
        step.look(turn)
    except RemoteError as error:
        turn.session.rollback()
        if step.needed or isinstance(error, ENDS_ALL):
            raise

        if isinstance(error, RefusedError) and len(step.sees) == 1:
            turn.see(judge(step.sees[0], False, "refused", text=error.text))

        _note_missing(turn, step, "no answer", error.text)

    _note_missing(turn, step, "not reached", "")


def _note_missing(turn: Turn, step: Step, seen: str, text: str) -> None:
    missing = [code for code in step.sees if not turn.has_seen(code)]
    of_productive = any(BY_CODE[code].system == System.PRODUCTIVE for code in missing)
    if of_productive and turn.trial.invoice_id is None and seen == "not reached":
        seen = "no invoice"
    turn.see(*(not_seen(code, seen, text=text) for code in missing))


def _remove(turn: Turn) -> Said | None:
    """Remove what was made. Returns why something of it is left, None where nothing is."""
    try:
        left = remove_all(turn)
    except RemoteError as error:
        turn.session.rollback()
        return error.said
    return next((each.trouble for each in left if each.trouble), None) if left else None


def _finish(
    session: Session, desk: TrialDesk, trial: TrialRow, state: TrialState, trouble: Said | None
) -> None:
    """Write down how it ended. Who was overtaken leaves that to the other."""
    if not is_held(session):
        session.rollback()
        return

    with transaction(session):
        _write_end(session, trial, state, trouble, desk.clock())


def _write_end(
    session: Session, trial: TrialRow, state: TrialState, trouble: Said | None, now: datetime
) -> None:
    seen = {code: row.observation() for code, row in verdicts_of(session, trial.id).items()}
    for each in _each_unseen(trial, seen):
        keep_observation(session, trial.id, each, now)

    connection = session.get_one(ConnectionRow, trial.connection_id, populate_existing=True)
    keep_failed(connection, list(seen.values()))
    trial.end(state, now, trouble)
    note_event(
        session,
        at=now,
        actor="portal",
        kind=EventKind.TRIAL_ENDED if state == TrialState.ENDED else EventKind.TRIAL_BROKEN_OFF,
        said=_say_end(trial, seen),
        subsidiary_id=connection.subsidiary_id,
    )


def _each_unseen(trial: TrialRow, seen: dict[str, Observation]) -> Iterator[Observation]:
    for each in ASSUMPTIONS:
        if each.code in seen:
            continue

        if each.untried:
            yield not_seen(each.code, "untried", why=each.untried)
        elif each.system == System.PRODUCTIVE and trial.invoice_id is None:
            yield not_seen(each.code, "no invoice")
        else:
            yield not_seen(each.code, "stopped")


def _say_end(trial: TrialRow, seen: dict[str, Observation]) -> Said:
    holds = sum(each.verdict == Verdict.HOLDS for each in seen.values())
    fails = len(failed_codes(seen.values()))
    how = Happened.TRIAL_ENDED if trial.state == TrialState.ENDED else Happened.TRIAL_BROKEN_OFF
    return said(how, division=trial.division_name, hold=holds, fail=fails)


def remove_leftovers(session: Session, desk: TrialDesk, connection_id: int) -> None:
    """Remove what ended trials of a connection left, as a person or the sweep asks."""
    left = things_left(session, connection_id)
    trial = session.get_one(TrialRow, left[0].trial_id) if left else None
    let_go(session)
    if trial is None or trial.is_under_way or not may_write(session, desk.marks, now=desk.clock()):
        return

    with hold_lane(session, trial_lane(connection_id), desk.clock) as held:
        if held:
            turn = _make_turn(session, desk, trial)
            turn.most_calls = trial.calls + KEPT_FOR_REMOVING
            trouble = _remove(turn)
            with transaction(session):
                trial.trouble = trouble

    remember_writes(session, desk.marks)
