"""The wish for a trial, the answer to its question, breaking it off, and removing what is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actions.engine.gate import find_closed
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.actions.trial.perform import find_material
from portal.actions.trial.term_steps import MATCHED
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.connections.states import ConnectionState
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.here import day_here
from portal.domain.ids import marker_of, new_id
from portal.domain.said import said
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.trials import TrialRow, TrialState, TrialThingRow, find_live_trial, live_trials

SKIPPED = "skipped"
# For so long the portal removes by itself what is left; later a person asks for it.
A_WHILE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TrialWish:
    """What a person asks for: the division by its name, an invoice to try Productive on, and a receipt."""

    division_name: str
    invoice_number: str = ""
    with_receipt: bool = False


def request_trial(
    session: Session, nudge: Nudge, connection_id: int, wish: TrialWish, *, by: str, now: datetime
) -> TrialRow | tuple[Problem, ...]:
    """Record a trial, or say why it cannot begin."""
    connection = session.get_one(ConnectionRow, connection_id, populate_existing=True)
    invoice = _find_invoice(session, connection, wish.invoice_number)
    problems = (*find_closed(session), *_find_problems(session, connection, wish, invoice, now))

    if problems:
        let_go(session)
        return problems

    trial_id = new_id()
    trial = TrialRow(
        id=trial_id,
        connection_id=connection.id,
        marker=marker_of(trial_id),
        division=connection.division or 0,
        division_name=connection.division_name.strip(),
        started_by=by,
        started_at=now,
        live=connection.id,
        invoice_id=invoice.id if invoice else None,
        with_receipt=wish.with_receipt,
    )

    try:
        with transaction(session):
            session.add(trial)
            _note(session, connection, EventKind.TRIAL_STARTED, Happened.TRIAL_STARTED, by, now)
    except IntegrityError:
        return (problem("trial_running"),)

    nudge(Job.PERFORM_TRIAL, trial.id)
    return trial


def _note(
    session: Session, connection: ConnectionRow, kind: EventKind, what: Happened, by: str, now: datetime
) -> None:
    happened = said(what, division=connection.division_name.strip())
    subsidiary_id = connection.subsidiary_id
    note_event(session, at=now, actor=by, kind=kind, said=happened, subsidiary_id=subsidiary_id)


def _find_problems(
    session: Session, connection: ConnectionRow, wish: TrialWish, invoice: InvoiceRow | None, now: datetime
) -> Sequence[Problem]:
    if connection.state != ConnectionState.LIVE or connection.grant_id is None or connection.division is None:
        return (problem("trial_not_connected"),)
    if find_live_trial(session, connection.id) is not None:
        return (problem("trial_running"),)

    found: list[Problem] = []
    if wish.division_name.strip() != connection.division_name.strip():
        found.append(problem("trial_other_name", "division_name", name=connection.division_name.strip()))

    if wish.invoice_number.strip() and invoice is None:
        found.append(problem("trial_invoice", "invoice_number", number=wish.invoice_number.strip()))

    material = find_material(session, connection, day_here(now))
    return (*found, *material) if isinstance(material, tuple) else found


def _find_invoice(session: Session, connection: ConnectionRow, number: str) -> InvoiceRow | None:
    if not number.strip():
        return None
    named = (InvoiceRow.number == number.strip(), InvoiceRow.subsidiary_id == connection.subsidiary_id)
    return session.scalars(select(InvoiceRow).where(*named).order_by(InvoiceRow.id)).first()


def answer_trial(session: Session, nudge: Nudge, trial: TrialRow, *, matched: bool) -> None:
    """Answer a trial's question, so that it goes on."""
    if trial.state == TrialState.ASKING and trial.answer is None:
        trial_id = trial.id
        with transaction(session):
            trial.answer = MATCHED if matched else SKIPPED
        nudge(Job.PERFORM_TRIAL, trial_id)


def break_off(session: Session, nudge: Nudge, trial: TrialRow, *, by: str, now: datetime) -> None:
    """Ask a trial to end before its next step. What it made is removed then."""
    if not trial.is_under_way or trial.stop_asked:
        return

    trial_id = trial.id
    with transaction(session):
        trial.stop_asked = True
        connection = session.get_one(ConnectionRow, trial.connection_id)
        _note(session, connection, EventKind.TRIAL_BROKEN_OFF, Happened.TRIAL_STOPPED, by, now)

    nudge(Job.PERFORM_TRIAL, trial_id)


def nudge_trials(session: Session, nudge: Nudge, *, quiet: int, now: datetime) -> int:
    """Nudge for the trials that the queue forgot, and for what may be removed by now. Returns how often."""
    due = [row.id for row in live_trials(session)]
    since = now - timedelta(seconds=quiet)
    # Without a key its answer was lost, and only now does not finding it tell that it is not there.
    due_now = or_(
        and_(TrialThingRow.key.is_not(None), TrialThingRow.trouble.is_(None)),
        and_(TrialThingRow.key.is_(None), TrialThingRow.intended_at <= since),
    )

    lost = (
        due_now,
        TrialThingRow.removed_at.is_(None),
        TrialThingRow.intended_at > since - A_WHILE,
        TrialRow.live.is_(None),
    )

    query = select(TrialRow.connection_id).join(TrialThingRow, TrialThingRow.trial_id == TrialRow.id)
    left = list(session.scalars(query.where(*lost).distinct()))
    let_go(session)
    for trial_id in due:
        nudge(Job.PERFORM_TRIAL, trial_id)

    for connection_id in left:
        nudge(Job.REMOVE_LEFTOVERS, str(connection_id))

    return len(due) + len(left)
