"""Attempts: a remote write is committed before it is made, and its outcome after."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from portal.actions.gate import CLOSED
from portal.domain.ids import new_id
from portal.remote.errors import HeldBackError, RemoteError
from portal.store.copies import DONE, FAILED, INTENDED, LOST, UNSENT, AttemptRow
from portal.store.gate import count_write

FIRST_PROBES = (10, 60)


Answer = TypeVar("Answer")


def attempt(
    session: Session,
    row: AttemptRow,
    call: Callable[[], Answer],
    *,
    clock: Callable[[], datetime],
    told: Callable[[Answer], Mapping[str, Any]] = lambda _answer: {},
) -> Answer:
    """Commit the intent, call, and write down what came of it; a RemoteError is recorded and raised."""
    if not count_write(session):
        raise HeldBackError(CLOSED)
    session.add(row)
    session.commit()
    try:
        answer = call()
    except RemoteError as error:
        row.state = state_after(error)
        row.answered = {"error": error.text, "status": error.status}
        row.finished_at = clock()
        raise
    row.state, row.answered, row.finished_at = DONE, dict(told(answer)), clock()
    return answer


def state_after(error: RemoteError) -> str:
    """Name the state of an attempt that ended in an error."""
    if error.may_have_happened:
        return LOST
    return UNSENT if error.helps_to_retry else FAILED


def new_attempt(
    kind: str,
    *,
    connection_id: int,
    marker: str,
    sent: dict[str, Any],
    now: datetime,
    step: int = 0,
    **subject: str,
) -> AttemptRow:
    """Describe a remote write that is about to be made; ``subject`` is copy_id or payment_id."""
    return AttemptRow(
        id=new_id(),
        connection_id=connection_id,
        kind=kind,
        marker=marker,
        state=INTENDED,
        started_at=now,
        sent=sent,
        step=step,
        copy_id=subject.get("copy_id"),
        payment_id=subject.get("payment_id"),
    )


def next_probe_at(row: AttemptRow, *, quiet: int) -> datetime:
    """Say when an uncertain attempt is asked for next: 10 s, 60 s, and when the quiet time is over."""
    offsets = [seconds for seconds in FIRST_PROBES if seconds < quiet] + [quiet]
    return _lost_at(row) + timedelta(seconds=offsets[min(row.probes, len(offsets) - 1)])


def is_quiet(row: AttemptRow, *, quiet: int, now: datetime) -> bool:
    """Say whether a first request can no longer be running, so that "not found" counts."""
    return now >= _lost_at(row) + timedelta(seconds=quiet)


def _lost_at(row: AttemptRow) -> datetime:
    """Return since when the outcome is unknown; a request may have waited long before it was sent."""
    return row.finished_at or row.started_at
