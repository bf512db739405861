"""Update existing: bring the entry in Exact to what the invoice says now, by a stored plan."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.customer import keep_customer, with_customer
from portal.actions.copies.draft import draft_copy, read_basis
from portal.actions.copies.finish import (
    Left,
    find_before,
    is_final,
    note_end,
    refuse,
    refuse_for,
    refuse_problems,
    settle_with,
)
from portal.actions.copies.sent_before import sent_before
from portal.actions.copies.turn import CopyTurn
from portal.actions.engine.attempts import new_attempt
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import transaction
from portal.domain.assumptions import Feature
from portal.domain.booking.exchange import check_booked_rate
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.keep_off import find_kept_off
from portal.domain.booking.kind import check_turn
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, Problem, SalesEntry
from portal.domain.copies.change import may_change, plan_change
from portal.domain.copies.change_plan import (
    DELETE,
    HEADER,
    POST,
    PUT,
    ChangePlan,
    ChangeStep,
    from_json,
    to_json,
)
from portal.domain.copies.changes import list_changes, name_field
from portal.domain.copies.exact_changes import Ours, find_undecided, keep_exact, say_change
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import AttemptKind, AttemptState
from portal.domain.copies.touched import find_touched
from portal.domain.copies.troubles import Trouble
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.payments.terms import TERM_MATCHED
from portal.domain.said import Amount, Said, listed, said
from portal.remote.errors import RemoteError
from portal.store.connections import ConnectionRow
from portal.store.copies import (
    AttemptRow,
    CopyRow,
    attempts_of,
    entry_from_row,
    entry_to_row,
    has_begun,
)
from portal.store.entries import keep_read
from portal.store.terms import TermRow
from portal.store.trials import failed_assumptions

KINDS = {
    HEADER: AttemptKind.HEADER,
    POST: AttemptKind.LINE,
    PUT: AttemptKind.CHANGE_LINE,
    DELETE: AttemptKind.DELETE_LINE,
}


def update_entry(turn: CopyTurn, invoice: Invoice) -> None:
    """Plan against the entry as it is now, store the plan, then carry it out."""
    if _plan(turn, invoice):
        _finish(turn)


def finish_update(turn: CopyTurn) -> None:
    """Go on with an update that may have begun, unless somebody changed in Exact what is left of it."""
    copy = turn.copy
    asked_at = turn.now()
    booked = turn.ledger.read_entry(copy.entry_id or "")
    if booked is None:
        _refuse_gone(turn, asked_at)
        return

    with transaction(turn.session):
        plan = from_json(copy.plan or {})
        left = [step for step in plan.steps[copy.plan_step :] if not _was_done(turn.session, copy, step)]
        touched = find_touched(plan, left, booked)

    if touched:
        _refuse_touched(turn, booked, touched, asked_at)
    else:
        _finish(turn)


def _refuse_touched(turn: CopyTurn, booked: BookedEntry, touched: Sequence[Said], asked_at: datetime) -> None:
    """Leave an update half-way rather than overwrite what nobody named, and say how far it came."""
    copy = turn.copy
    with turn.transaction():
        keep_read(turn.session, copy.connection_id, booked.id, booked, asked_at)
        left = _tell_what_is_left(turn.session, copy, booked)

    changed = problem("exact_changed", what=listed([*dict.fromkeys(touched)]))
    refuse(turn, Cause.EXACT_CHANGED, changed.said, left=left)


def _finish(turn: CopyTurn) -> None:
    """Carry out the steps of the stored plan that are not done yet."""
    # What was begun is never dropped.
    refused: RemoteError | None = None
    try:
        _take_steps(turn)
    except RemoteError as error:
        if not is_final(error):
            raise
        refused = error

    copy = turn.copy
    # What the refused step came to is written down before Exact is asked.
    with turn.transaction():
        turn.session.flush()

    asked_at = turn.now()
    booked = turn.ledger.read_entry(copy.entry_id or "")

    if booked is None:
        _refuse_gone(turn, asked_at)
    elif refused is None or _is_whole(turn, booked):
        settle_with(turn, booked)
    else:
        keep_read(turn.session, copy.connection_id, booked.id, booked, asked_at)
        refuse_for(turn, refused, left=_tell_what_is_left(turn.session, copy, booked))


def _take_steps(turn: CopyTurn) -> None:
    copy = turn.copy
    for step in from_json(copy.plan or {}).steps[copy.plan_step :]:
        if not _was_done(turn.session, copy, step):
            _carry_out(turn, step)

        with turn.transaction():
            copy.plan_step = step.index + 1


def _refuse_gone(turn: CopyTurn, asked_at: datetime) -> None:
    keep_read(turn.session, turn.copy.connection_id, turn.copy.entry_id or "", None, asked_at)
    gone = said(Trouble.ENTRY_GONE)
    refuse(turn, Cause.ENTRY_DELETED, gone, left=Left(gone))


def _is_whole(turn: CopyTurn, booked: BookedEntry) -> bool:
    """Say whether a refused update is done all the same: a step whose reply was lost had taken effect."""
    ahead = _ahead(turn.copy, booked)
    if ahead.steps or ahead.problems:
        return False
    note_end(turn, EventKind.ADOPTED, said(Happened.ENTRY_UPDATED_ALREADY, entry=str(booked.entry_number)))
    return True


def _ahead(copy: CopyRow, booked: BookedEntry) -> ChangePlan:
    """Plan what is still to be done."""
    return plan_change(booked, entry_from_row(copy.entry or {}), copy.marker)


def _tell_what_is_left(session: Session, copy: CopyRow, booked: BookedEntry) -> Left:
    """Say how far a refused update came and what to do, or nothing if it changed nothing."""
    is_begun = has_begun(attempts_of(session, copy.id))
    if not is_begun or _ahead(copy, booked).steps == from_json(copy.plan or {}).steps:
        return Left()

    if before := find_before(session, copy):
        before.gross_booked = booked.gross
        before.customer_id = booked.customer_id

    wanting = list_changes(booked, entry_from_row(copy.entry or {}))
    refusal = find_refusal(session, session.get_one(ConnectionRow, copy.connection_id), booked)
    finish = said(Trouble.FINISH_UPDATE)
    half = said(
        Trouble.UPDATE_HALF,
        booked=Amount(booked.gross, booked.currency),
        wanting=listed([*dict.fromkeys(name_field(change.field) for change in wanting)]),
        then=said(Trouble.SEE_UNDO, refusal=refusal.said) if refusal else finish,
    )
    return Left(half)


def _plan(turn: CopyTurn, invoice: Invoice) -> bool:
    session = turn.session
    copy = turn.copy
    choices = with_customer(turn, invoice)
    with turn.transaction():
        keep_customer(turn, choices)

    asked_at = turn.now()
    booked = turn.ledger.read_entry(copy.entry_id or "")

    if booked is None:
        _refuse_gone(turn, asked_at)
        return False

    connection = session.get_one(ConnectionRow, copy.connection_id)
    draft = draft_copy(session, connection, invoice, choices)
    problems = [*draft.problems]
    problems += check_turn(str(booked.entry_number), booked.gross, draft.gross, invoice.currency)
    if refusal := find_refusal(session, connection, booked):
        problems.append(refusal)

    if draft.entry is None or problems:
        refuse_problems(turn, problems)
        return False

    return _keep_plan(turn, booked, draft.entry, choices)


def _keep_plan(turn: CopyTurn, booked: BookedEntry, wanted: SalesEntry, choices: Choices) -> bool:
    """Store the plan, unless it would overwrite what somebody changed in Exact and nobody named."""
    ours = sent_before(turn.session, find_before(turn.session, turn.copy), booked)
    kept = keep_exact(booked, wanted, ours, choices.exact)
    if problems := check_exact(booked, kept, ours, choices):
        refuse_problems(turn, problems)
        return False

    plan = plan_change(booked, kept, turn.copy.marker)
    if plan.problems:
        refuse_problems(turn, plan.problems)
        return False

    # What is kept may leave another total than the invoice's, which is then a difference.
    with turn.transaction():
        turn.copy.keep_plan(to_json(plan), entry_to_row(kept), wanted.gross)

    return True


def check_exact(booked: BookedEntry, kept: SalesEntry, ours: Ours, choices: Choices) -> tuple[Problem, ...]:
    """Name what an update would overwrite that somebody changed in Exact, where nobody decided it."""
    if not kept.lines:
        return (problem("no_lines_left", entry=str(booked.entry_number)),)

    undecided = find_undecided(booked, kept, ours, choices.exact)
    if not undecided:
        return ()

    named = dict.fromkeys(say_change(each) for each in undecided)
    return (problem("exact_changed", what=listed([*named])),)


def find_refusal(session: Session, connection: ConnectionRow, booked: BookedEntry) -> Problem | None:
    """Say why an entry is not to be changed: kept off, processed, paid, closed, or at a rate that must go."""
    if off := find_kept_off(Feature.UPDATES, failed_assumptions(connection)):
        return off

    basis = read_basis(session, connection)
    refusal = may_change(
        booked,
        terms_paid=has_paid_term(session, connection.id, booked.id),
        books_closed_until=connection.books_closed_until,
        periods=basis.catalogue.periods,
    )

    return refusal or check_booked_rate(booked, basis.division, basis.catalogue.rates)


def has_paid_term(session: Session, connection_id: int, entry_id: str) -> bool:
    """Say whether the mirror knows a settled term of an entry."""
    paid = select(TermRow.id).where(
        TermRow.connection_id == connection_id,
        TermRow.entry_id == entry_id,
        TermRow.status == TERM_MATCHED,
        TermRow.deleted_at.is_(None),
    )
    return session.scalar(paid.limit(1)) is not None


def _was_done(session: Session, copy: CopyRow, step: ChangeStep) -> bool:
    """Say whether this step's attempt was found to have taken effect."""
    done = select(AttemptRow.id).where(
        AttemptRow.copy_id == copy.id,
        AttemptRow.step == step.index + 1,
        AttemptRow.state == AttemptState.DONE,
    )
    return session.scalar(done.limit(1)) is not None


def _carry_out(turn: CopyTurn, step: ChangeStep) -> None:
    copy = turn.copy
    sent = _sent(turn.session, copy, step)
    turn.attempt(
        new_attempt(copy, KINDS[step.kind], sent, turn.now(), step=step.index + 1),
        lambda: _call(turn.ledger, copy, step),
        told=lambda line_id: {"line": line_id} if line_id else {},
    )


def _sent(session: Session, copy: CopyRow, step: ChangeStep) -> dict[str, object]:
    """Spell what is sent."""
    # A new line comes with the lines known before, by which a lost one is recognised.
    sent = entry_step(step)
    if step.kind == POST:
        sent["known"] = [*from_json(copy.plan or {}).known, *_made_lines(session, copy)]
    return sent


def _made_lines(session: Session, copy: CopyRow) -> list[str]:
    rows = session.scalars(
        select(AttemptRow).where(
            AttemptRow.copy_id == copy.id,
            AttemptRow.kind == AttemptKind.LINE,
            AttemptRow.state == AttemptState.DONE,
        )
    )
    return [str((row.answered or {}).get("line")) for row in rows]


def _call(ledger: Ledger, copy: CopyRow, step: ChangeStep) -> str | None:
    entry_id = copy.entry_id or ""
    if step.kind == HEADER:
        ledger.change_entry(entry_id, dict(step.header))
    elif step.kind == DELETE:
        ledger.delete_line(step.line_id or "")
    elif step.line is not None and step.kind == POST:
        return ledger.create_line(entry_id, step.line, marker=copy.marker)
    elif step.line is not None:
        ledger.change_line(step.line_id or "", step.line, marker=copy.marker)

    return None


def entry_step(step: ChangeStep) -> dict[str, object]:
    """Spell a step for the proof."""
    plain: dict[str, object] = msgspec.to_builtins(step)
    return plain
