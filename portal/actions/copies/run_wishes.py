"""Make the wishes of a run from its items, and leave alone what changed since it was shown."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.request import Wish, add_wish, find_already, prepare_copy
from portal.actions.copies.run_draft import Planned, plan_copies
from portal.actions.copies.run_settle import settle_run
from portal.actions.copies.seen import same_invoice
from portal.actions.engine.desk import Clock
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.problems import say_all
from portal.domain.copies.failures import Cause
from portal.domain.copies.runs import RunState
from portal.domain.copies.states import IN_EXACT
from portal.domain.copies.troubles import Trouble
from portal.domain.here import day_here
from portal.domain.said import said
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.runs import RunItemRow, RunRow, connections_of, lock_run, next_items, unmade_runs

# As many as are written in one transaction, so that nobody waits for the database for long.
AT_ONCE = 50
# As many as work side by side on one connection.
SIDE_BY_SIDE = 2


def make_wishes(session: Session, nudge: Nudge, run_id: str, *, clock: Clock) -> None:
    """Make a wish for every item of a run, some at a time. It may be broken off and begun again."""
    began = False
    while _make_some(session, run_id, clock()):
        if not began:
            wake_lanes(session, nudge, run_id)
            began = True

    settle_run(session, run_id, now=clock())
    wake_lanes(session, nudge, run_id)


def wake_lanes(session: Session, nudge: Nudge, run_id: str) -> None:
    """Wake the workers of every connection that has copies of a run."""
    connections = connections_of(session, run_id)
    let_go(session)
    for connection_id in connections:
        for number in range(1, SIDE_BY_SIDE + 1):
            nudge(Job.RUN_COPIES, f"{connection_id}/{number}")


def find_unmade(session: Session) -> list[str]:
    """Return the runs whose wishes were not all made, as where a worker died."""
    return unmade_runs(session)


def _make_some(session: Session, run_id: str, now: datetime) -> bool:
    """Make the next wishes. False says that there are none, or that somebody stopped the run."""
    with transaction(session):
        run = lock_run(session, run_id)
        if run.state != RunState.RUNNING:
            return False

        items = next_items(session, run_id, AT_ONCE)
        plans = {each.row.id: each for each in _plan(session, items, now)}
        for item in items:
            _make_one(session, run, item, plans[item.invoice_id], now)

    return bool(items)


def _plan(session: Session, items: Sequence[RunItemRow], now: datetime) -> list[Planned]:
    """Draft the invoices of some items as they are now, and keep them until the commit."""
    query = select(InvoiceRow).where(InvoiceRow.id.in_([item.invoice_id for item in items]))
    rows = session.scalars(
        query.order_by(InvoiceRow.id).with_for_update().execution_options(populate_existing=True)
    ).all()
    return plan_copies(session, rows, now=now, today=day_here(now))


def _make_one(session: Session, run: RunRow, item: RunItemRow, plan: Planned, now: datetime) -> None:
    """Make the wish for one item, or say why there is none."""
    row = plan.row
    wish = Wish(plan.choices, item.fingerprint, item.latest_seen, batch=True, run_id=run.id)
    already = find_already(session, row, wish)
    if already is not None and (already.in_flight or already.state in IN_EXACT):
        item.be_elsewhere()
        return

    if already is not None:
        item.need(Cause.BOOKING_CHANGED, said(Trouble.TRIED_MEANWHILE))
        return

    if row.fingerprint != item.fingerprint or not same_invoice(plan.seen, item.seen):
        item.need(Cause.INVOICE_CHANGED, said(Trouble.CHANGED_AFTER_LOOK))
        return

    if plan.problems or plan.connection_id is None:
        item.need(plan.problems[0].code, say_all(plan.problems))
        return

    if plan.seen != item.seen:
        item.need(Cause.BOOKING_CHANGED, said(Trouble.BOOKED_OTHERWISE))
        return

    _add(session, run, item, plan, wish, now)


def _add(session: Session, run: RunRow, item: RunItemRow, plan: Planned, wish: Wish, now: datetime) -> None:
    connection = session.get_one(ConnectionRow, plan.connection_id)
    # The order of the wishes is the order in which they are sent.
    moment = now + timedelta(microseconds=item.position)
    made = prepare_copy(session, connection, plan.row, wish, requested_by=run.requested_by, now=moment)
    if not isinstance(made, CopyRow):
        item.need(made[0].code, say_all(made))
        return

    item.state_before = plan.row.copy_state
    made.next_try_at = now
    add_wish(session, plan.row, made, now)
