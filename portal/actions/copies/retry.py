"""Retry a refused copy: a new wish with the same choices, on the invoice as it is now."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.draft import choices_of
from portal.actions.copies.hold import try_one
from portal.actions.copies.request import Wish, request_copy
from portal.actions.copies.undo import request_undo
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.runs import RunState
from portal.domain.copies.states import TAKES_BACK, CopyState
from portal.store.copies import CopyRow
from portal.store.holds import HoldRow
from portal.store.invoices import InvoiceRow
from portal.store.runs import RunRow, lock_run


def retry_copy(
    session: Session, nudge: Nudge, copy_id: str, *, requested_by: str, now: datetime, batch: bool = False
) -> CopyRow | tuple[Problem, ...]:
    """Ask for the same copy again. An uncertain one is only asked after again, never sent twice.

    A copy that is held is the one that tries for all that are held with it.
    """
    copy = session.get_one(CopyRow, copy_id)
    if copy.hold_id is not None:
        return _try_held(session, nudge, copy, now)

    if copy.state == CopyState.UNCERTAIN:
        with transaction(session):
            copy.next_try_at = now

        nudge(Job.COPY, copy.id)
        return copy

    if copy.state != CopyState.REFUSED:
        let_go(session)
        return (problem("nothing-to-retry"),)

    run = lock_run(session, copy.run_id) if copy.run_id is not None else None
    row = session.get_one(InvoiceRow, copy.invoice_id, with_for_update=True, populate_existing=True)
    latest = session.get(CopyRow, row.latest_copy_id, populate_existing=True) if row.latest_copy_id else None

    if latest is not None and latest.id != copy.id and _is_newer(latest, copy):
        let_go(session)
        return latest

    # One of a run is tried again within it.
    wish = Wish(
        choices_of(copy),
        copy.fingerprint,
        row.latest_copy_id,
        copy.action,
        batch=batch,
        run_id=copy.run_id,
    )
    if copy.action in TAKES_BACK:
        return request_undo(session, nudge, copy.invoice_id, wish=wish, requested_by=requested_by, now=now)

    return request_copy(
        session,
        nudge,
        copy.invoice_id,
        wish=wish,
        requested_by=requested_by,
        now=now,
        also=lambda _made: _resume(run),
    )


def _resume(run: RunRow | None) -> None:
    """Let a stopped run go on with what somebody tries again."""
    if run is not None and run.state == RunState.STOPPED:
        run.go_on()


def _try_held(session: Session, nudge: Nudge, copy: CopyRow, now: datetime) -> CopyRow | tuple[Problem, ...]:
    with transaction(session):
        hold = session.get_one(HoldRow, copy.hold_id)
        tried = try_one(session, hold, now, copy)

    if tried is None:
        return (problem("one-is-tried"),)

    nudge(Job.COPY, copy.id)
    return copy


def _is_newer(latest: CopyRow, copy: CopyRow) -> bool:
    """Say whether another copy ended after this one was refused, so that there is nothing left to retry."""
    ended = latest.finished_at
    refused = copy.finished_at
    return ended is None or (refused is not None and ended >= refused)
