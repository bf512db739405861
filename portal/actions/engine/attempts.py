"""Attempts: a remote write is written down before it is made."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.domain.copies.states import OPEN, REPEATABLE, AttemptKind, AttemptState
from portal.domain.failed import Failed
from portal.domain.ids import new_id
from portal.domain.said import said
from portal.remote.errors import HeldBackError, RemoteError
from portal.store.copies import AttemptRow, CopyRow
from portal.store.gate import count_write, note_counted
from portal.store.payments import PaymentRow

FIRST_PROBES = (10, 60)

Answer = TypeVar("Answer")


def attempt(
    session: Session,
    row: AttemptRow,
    call: Callable[[], Answer],
    *,
    clock: Clock,
    told: Callable[[Answer], Mapping[str, Any]] = lambda _answer: {},
) -> Answer:
    """Commit the intent, call, and note what came of it."""
    counted = count_write(session)
    if counted is None:
        raise HeldBackError(said(Failed.COPYING_CLOSED))

    session.add(row)
    # Whoever holds the row for this turn rolls back where this fails.
    session.commit()
    note_counted(session, counted)

    try:
        answer = call()
    except RemoteError as error:
        row.state = state_after(error)
        row.answered = {"error": error.text, "status": error.status}
        row.finished_at = clock()
        raise

    row.state = AttemptState.DONE
    row.answered = dict(told(answer))
    row.finished_at = clock()
    _close_former(session, row, row.finished_at)

    return answer


def _close_former(session: Session, row: AttemptRow, now: datetime) -> None:
    """Close the earlier tries of a write that was made again."""
    # Those of a worker that died would stay open for ever.
    if row.kind not in REPEATABLE:
        return

    former = open_attempts(row.kind, copy_id=row.copy_id, payment_id=row.payment_id)
    for each in session.scalars(former.where(AttemptRow.step == row.step, AttemptRow.id != row.id)):
        each.give_up(now, {**(each.answered or {}), "made again": row.id})


def open_attempts(
    kind: AttemptKind, *, copy_id: str | None = None, payment_id: str | None = None
) -> Select[AttemptRow]:
    """Select the attempts of a kind whose outcome is not known."""
    return select(AttemptRow).where(
        AttemptRow.copy_id == copy_id if copy_id else AttemptRow.payment_id == payment_id,
        AttemptRow.kind == kind,
        AttemptRow.state.in_(OPEN),
    )


def state_after(error: RemoteError) -> AttemptState:
    """Name the state of an attempt that ended in an error."""
    if error.may_have_happened:
        return AttemptState.LOST
    return AttemptState.UNSENT if error.helps_to_retry else AttemptState.FAILED


def new_attempt(
    subject: CopyRow | PaymentRow, kind: AttemptKind, sent: dict[str, Any], now: datetime, *, step: int = 0
) -> AttemptRow:
    """Describe a remote write that is about to be made."""
    return AttemptRow(
        id=new_id(),
        connection_id=subject.connection_id,
        kind=kind,
        marker=subject.marker,
        state=AttemptState.INTENDED,
        started_at=now,
        sent=sent,
        step=step,
        copy_id=subject.id if isinstance(subject, CopyRow) else None,
        payment_id=subject.id if isinstance(subject, PaymentRow) else None,
    )


def next_probe_at(row: AttemptRow, *, quiet: int) -> datetime:
    """Say when to ask next what became of an attempt."""
    # After 10 s, after 60 s, and when the quiet time is over.
    offsets = [seconds for seconds in FIRST_PROBES if seconds < quiet] + [quiet]
    return _lost_at(row) + timedelta(seconds=offsets[min(row.probes, len(offsets) - 1)])


def is_quiet(row: AttemptRow, *, quiet: int, now: datetime) -> bool:
    """Say whether a lost request can no longer be running."""
    return now >= _lost_at(row) + timedelta(seconds=quiet)


def _lost_at(row: AttemptRow) -> datetime:
    """Return since when the outcome is unknown."""
    # A request may have waited long before it was sent.
    return row.finished_at or row.started_at
