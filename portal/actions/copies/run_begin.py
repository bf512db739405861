"""Begin a run: many copies at once, of invoices that a person saw before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.run_draft import Planned, plan_copies
from portal.actions.copies.seen import same_invoice
from portal.actions.engine.gate import find_closed
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.runs import MOST
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.ids import new_id
from portal.domain.said import said
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.runs import RunItemRow, RunRow, RunSubsidiaryRow


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An invoice that does not go along any more. It changed in Productive where there is no ``problem``."""

    row: InvoiceRow
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of asking for a run. Without ``run_id`` nothing was begun and the person looks again."""

    run_id: str | None
    left_out: tuple[LeftOut, ...] = ()
    # Invoices of which something else would be booked than was shown.
    otherwise: tuple[InvoiceRow, ...] = ()
    closed: tuple[Problem, ...] = ()


def in_order(rows: Sequence[InvoiceRow]) -> list[InvoiceRow]:
    """Order invoices as their entries are to be numbered: by date, then by number."""
    return sorted(rows, key=lambda row: (row.invoiced_on, row.number or "", row.id))


def begin_run(
    session: Session,
    nudge: Nudge,
    seen: Mapping[str, str],
    *,
    requested_by: str,
    now: datetime,
    today: date,
    rule_id: int | None = None,
) -> Begun:
    """Write a run down, and wake the worker that makes its wishes.

    ``seen`` says of each invoice what the person was shown. What changed since is left out. Where something
    else would be booked than was shown, nothing is begun.
    """
    with transaction(session):
        closed = find_closed(session)
        rows = session.scalars(select(InvoiceRow).where(InvoiceRow.id.in_(seen))).all()
        planned = plan_copies(session, in_order(rows)[:MOST], now=now, today=today)

    if closed:
        return Begun(None, closed=closed)

    good = [each for each in planned if each.is_ready and each.seen == seen[each.row.id]]
    otherwise = [each.row for each in planned if _is_otherwise(each, seen[each.row.id])]
    going = {each.row.id for each in good} | {row.id for row in otherwise}
    left_out = tuple(_leave_out(each) for each in planned if each.row.id not in going)
    if otherwise or not good:
        return Begun(None, left_out, tuple(otherwise))

    with transaction(session):
        run_id = _write_down(session, good, requested_by, now, rule_id)

    nudge(Job.MAKE_WISHES, run_id)
    return Begun(run_id, left_out)


def _is_otherwise(planned: Planned, seen: str) -> bool:
    """Say whether the same invoice would be booked otherwise than it was shown."""
    return planned.is_ready and planned.seen != seen and same_invoice(planned.seen, seen)


def _leave_out(planned: Planned) -> LeftOut:
    return LeftOut(planned.row, planned.problems[0] if planned.problems else None)


def _write_down(
    session: Session, good: Sequence[Planned], requested_by: str, now: datetime, rule_id: int | None
) -> str:
    """Add the run with an item for each invoice."""
    run = RunRow(id=new_id(), requested_by=requested_by, requested_at=now, total=len(good), rule_id=rule_id)
    session.add(run)
    session.flush()

    subsidiaries = sorted({each.row.subsidiary_id for each in good})
    session.add_all(RunSubsidiaryRow(run_id=run.id, subsidiary_id=each) for each in subsidiaries)
    session.add_all(
        RunItemRow(
            run_id=run.id,
            invoice_id=each.row.id,
            position=at,
            seen=each.seen,
            fingerprint=each.row.fingerprint,
            latest_seen=each.row.latest_copy_id,
        )
        for at, each in enumerate(good)
    )
    for subsidiary_id in subsidiaries:
        count = sum(each.row.subsidiary_id == subsidiary_id for each in good)
        note_event(
            session,
            at=now,
            actor=requested_by,
            kind=EventKind.RUN_STARTED,
            said=said(Happened.RUN_ASKED, count=count),
            subsidiary_id=subsidiary_id,
        )

    return run.id
