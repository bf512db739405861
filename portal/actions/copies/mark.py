"""Mark the invoice in Productive as exported, and write Exact's number back where it owns the numbers."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from portal.actions.copies.turn import CopyTurn
from portal.actions.engine.attempts import new_attempt, open_attempts
from portal.actions.engine.ports import Billing
from portal.actions.engine.turn import let_go
from portal.domain.assumptions import Feature
from portal.domain.copies.states import OPEN, TAKES_BACK, AttemptKind, AttemptState
from portal.domain.copies.troubles import Trouble
from portal.domain.said import Said, said
from portal.remote.errors import NotFoundError, RefusedError
from portal.remote.odd import all_read
from portal.store.copies import AttemptRow, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.trials import kept_off

RUNNING = timedelta(seconds=150)
SOON = timedelta(seconds=5)


def mark_invoice(turn: CopyTurn) -> None:
    """Carry out what is due at Productive's side, which never repeats the copy."""
    copy = turn.copy
    if copy.mark_due:
        _mark_or_unmark(turn)
    if copy.number_due:
        _write_number(turn, copy.number_due)


def _mark_or_unmark(turn: CopyTurn) -> None:
    # Asked for before what is read, for it may wait for a sign-in.
    billing = turn.billing
    if not _may_mark(turn):
        let_go(turn.session)
    elif turn.copy.action in TAKES_BACK:
        let_go(turn.session)
        _unmark(turn, billing)
    else:
        _mark(turn, billing)


def _write_number(turn: CopyTurn, number: str) -> None:
    copy = turn.copy
    if any(invoice.sent_on for invoice in all_read(turn.billing.read_invoices([copy.invoice_id]))):
        with turn.transaction():
            copy.be_numbered(said(Trouble.NUMBER_STAYS))
            for each in turn.session.scalars(open_attempts(AttemptKind.NUMBER, copy_id=copy.id)):
                each.drop(turn.now(), {"found": "marked as sent"})
        return

    trouble: Said | None = None
    row = new_attempt(copy, AttemptKind.NUMBER, {"number": number}, turn.now())
    try:
        turn.attempt(row, lambda: turn.billing.set_number(copy.invoice_id, number))
    except RefusedError as error:
        trouble = said(Trouble.NUMBER_REFUSED, why=error.said)

    with turn.transaction():
        copy.be_numbered(trouble)


def _may_mark(turn: CopyTurn) -> bool:
    """Say whether a mark is still due, and no other one of the invoice is being set or taken off now.

    What is read here is kept until the caller commits, so that the intent of the mark is of the same moment.
    """
    session = turn.session
    copy = turn.copy
    others = (
        select(AttemptRow.id)
        .join(CopyRow, CopyRow.id == AttemptRow.copy_id)
        .where(CopyRow.invoice_id == copy.invoice_id, CopyRow.id != copy.id)
        .where(AttemptRow.kind.in_((AttemptKind.MARK, AttemptKind.UNMARK)), AttemptRow.state.in_(OPEN))
        .where(AttemptRow.started_at > turn.now() - RUNNING)
    )

    due = turn.read_own(CopyRow.mark_due)
    busy = due and session.scalar(others.limit(1)) is not None

    if busy:
        copy.next_try_at = turn.now() + SOON
    elif not due:
        copy.mark_due = False

    return due and not busy


def _unmark(turn: CopyTurn, billing: Billing) -> None:
    """Take the mark off that names the undone entry."""
    # A newer copy's mark stays, and so does another link's.
    session = turn.session
    copy = turn.copy
    trouble = copy.mark_trouble
    found = all_read(billing.read_invoices([copy.invoice_id]))
    named = any(invoice.export_id == copy.undoes for invoice in found)
    row = session.get_one(InvoiceRow, copy.invoice_id, with_for_update=True, populate_existing=True)

    if named and row.latest_copy_id == copy.id:
        taking = new_attempt(copy, AttemptKind.UNMARK, {"export_id": copy.undoes}, turn.now())
        trouble = _tell(turn, taking, lambda: billing.unmark_exported(copy.invoice_id))

        if taking.state == AttemptState.DONE:
            row.exported = False
            row.export_id = None
    elif not named:
        for each in session.scalars(open_attempts(AttemptKind.UNMARK, copy_id=copy.id)):
            each.succeed({"found": "no mark of this entry"}, turn.now())

    with turn.transaction():
        copy.be_marked(trouble)


def _mark(turn: CopyTurn, billing: Billing) -> None:
    copy = turn.copy
    trouble: Said | None = said(Trouble.MARKS_KEPT_OFF)

    if not kept_off(turn.connection, Feature.MARKS):
        entry_id = copy.entry_id or ""
        url = copy.entry_url or ""
        row = new_attempt(copy, AttemptKind.MARK, {"export_id": entry_id, "url": url}, turn.now())
        mark = partial(billing.mark_exported, copy.invoice_id, export_id=entry_id, url=url)
        trouble = _tell(turn, row, mark)

    with turn.transaction():
        copy.be_marked(trouble)


def _tell(turn: CopyTurn, row: AttemptRow, call: Callable[[], None]) -> Said | None:
    """Make the call. Return what Productive refused, which is shown and not tried again."""
    try:
        turn.attempt(row, call)
    except NotFoundError:
        return said(Trouble.NOT_MARKED_GONE)
    except RefusedError as error:
        refused = Trouble.UNMARK_REFUSED if row.kind == AttemptKind.UNMARK else Trouble.MARK_REFUSED
        return said(refused, why=error.said)

    return None
