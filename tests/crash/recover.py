"""What the ticker and a worker do after a crash, with time moved on: sweep, work, wait for what is due."""

from datetime import datetime

from sqlalchemy import select

from portal.domain.payments.states import GOING, PaymentState, PaymentStep
from portal.store.copies import CopyRow
from portal.store.payments import PaymentRow
from tests.crash.world import World

SWEEP = "jobs.copies.sweep"
TICK = 10.0
MOST = 60


def settle(world: World, *, first: tuple[str, str] | None = None) -> bool:
    """Tick until nothing is open, after what the timetable asks for anyway; False if that never came."""
    if first:
        world.pass_time(TICK * 3)
        world.run(*first)
    for _tick in range(MOST):
        world.run(SWEEP)
        for job, subject in world.take_nudges():
            world.run(job, subject)
        due = next_due(world)
        if due is None:
            return True
        world.pass_time(max(TICK, (due - world.now()).total_seconds()))
    return False


def next_due(world: World) -> datetime | None:
    """When something open may go on; None when nothing is open."""
    with world.session() as session:
        copies = session.execute(
            select(CopyRow.next_try_at, CopyRow.lease_until).where(
                CopyRow.in_flight.is_not(None) | CopyRow.mark_due.is_(True) | CopyRow.number_due.is_not(None)
            )
        ).all()
        going = PaymentRow.state.in_(GOING)
        waiting = (PaymentRow.state == PaymentState.HELD) & (PaymentRow.wanted == PaymentStep.MARK)
        payments = session.execute(
            select(PaymentRow.next_try_at, PaymentRow.lease_until).where(
                (going | waiting) & PaymentRow.next_try_at.is_not(None)
            )
        ).all()
        session.commit()
    moments = [max(one or world.now() for one in row) for row in (*copies, *payments)]
    return min(moments, default=None)
