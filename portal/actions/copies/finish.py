"""How a copy's turn ends: booked, adopted, refused or put off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.turn import CopyTurn
from portal.actions.engine.attempts import next_probe_at
from portal.domain.booking.problems import say_all
from portal.domain.booking.sales_entry import BookedEntry, Problem
from portal.domain.connections.states import NumberSource
from portal.domain.copies.failures import Cause, Remedy, cause_of, class_of
from portal.domain.copies.states import IN_EXACT, AttemptState, CopyState
from portal.domain.copies.troubles import LOST, REFUSALS, REFUSED_UNDO, Trouble
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.said import FOLLOWED, Amount, Said, listed, said
from portal.remote.errors import SIGNED_OUT, HeldBackError, RemoteError, SignInLostError, Vendor
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, attempts_of, has_begun
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow

RETRY = (5, 15, 60, 300, 900)
SIGN_IN_RETRY = 60
LATER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Left:
    """How an update left what stood in Exact before: as it was, or as is said."""

    said: Said | None = None


def settle_with(turn: CopyTurn, booked: BookedEntry) -> None:
    """Finish a copy whose entry Exact holds."""
    url = turn.ledger.entry_url(booked.id)
    with turn.transaction():
        _settle(turn, booked, url)


def adopt_entry(turn: CopyTurn, entry: BookedEntry) -> None:
    """Finish a copy with an entry that was found in Exact."""
    copy = turn.copy
    url = turn.ledger.entry_url(entry.id)

    with turn.transaction():
        if copy.gross_sent is None:
            copy.gross_sent = turn.session.get_one(InvoiceRow, copy.invoice_id).amount_with_tax
        note_end(turn, EventKind.ADOPTED, said(Happened.ENTRY_FOUND, entry=str(entry.entry_number)))
        _settle(turn, entry, url)


def _settle(turn: CopyTurn, booked: BookedEntry, url: str) -> None:
    """Let a copy be booked and count."""
    # A difference in the totals is said, never hidden.
    copy = turn.copy
    row = turn.session.get_one(InvoiceRow, copy.invoice_id, populate_existing=True)
    copy.book(booked, url, turn.now())
    _own_number(turn.session, copy, row)
    row.copy_state = copy.state
    row.latest_copy_id = copy.id
    row.changed_since_copied = False

    if copy.state == CopyState.DIFFERENT:
        currency = booked.currency or copy.currency
        trouble = said(
            Trouble.BOOKED_DIFFERENTLY,
            booked=Amount(booked.gross, currency),
            wanted=Amount(copy.gross_sent or 0, copy.currency),
        )
        copy.differ(Cause.DIFFERENCE, trouble)

    told = Happened.ENTRY_DIFFERENT if copy.state == CopyState.DIFFERENT else Happened.ENTRY_COPIED
    note_end(turn, EventKind(copy.state), said(told, entry=copy.entry_number or ""))


def _own_number(session: Session, copy: CopyRow, row: InvoiceRow) -> None:
    """Write Exact's number back only on the first copy, while the invoice is not marked as sent."""
    by_exact = session.get_one(ConnectionRow, copy.connection_id).number_source == NumberSource.EXACT
    if by_exact and row.sent_on is None and not was_booked(session, row.id, besides=copy.id):
        copy.number_due = copy.entry_number


def was_booked(session: Session, invoice_id: str, besides: str = "") -> bool:
    """Say whether another copy of an invoice ever had an entry. A refused one had none."""
    others = select(CopyRow.id).where(
        CopyRow.invoice_id == invoice_id, CopyRow.id != besides, CopyRow.entry_id.is_not(None)
    )
    return session.scalar(others.limit(1)) is not None


def refuse(
    turn: CopyTurn, cause: str, trouble: Said, *, words: str | None = None, left: Left | None = None
) -> None:
    """End a copy that cannot succeed. What stood in Exact before stands there still.

    ``left`` says how an update left that, and is None if nobody looked.
    """
    session = turn.session
    copy = turn.copy

    with turn.transaction():
        left = _left_unseen(session, copy) if left is None else left
        copy.refuse(cause, trouble, words, turn.now())
        row = session.get_one(InvoiceRow, copy.invoice_id)
        before = find_before(session, copy)

        if before is None:
            row.copy_state = copy.state
            row.latest_copy_id = copy.id
        else:
            if left.said is not None:
                gone = cause == Cause.ENTRY_DELETED
                before.differ(Cause.ENTRY_DELETED if gone else Cause.HALF_UPDATED, left.said)
            row.copy_state = before.state

        note_end(turn, EventKind.REFUSED, trouble)


def refuse_problems(turn: CopyTurn, problems: Sequence[Problem]) -> None:
    """End a copy that its problems keep from being sent."""
    refuse(turn, problems[0].code, say_all(problems))


def find_before(session: Session, copy: CopyRow) -> CopyRow | None:
    """Return the copy that counts while this one does not, if its entry is in Exact."""
    latest = session.get_one(InvoiceRow, copy.invoice_id).latest_copy_id
    before = session.get(CopyRow, latest) if latest and latest != copy.id else None
    return before if before is not None and before.state in IN_EXACT else None


def _left_unseen(session: Session, copy: CopyRow) -> Left:
    return Left(said(Trouble.UPDATE_UNSEEN) if has_begun(attempts_of(session, copy.id)) else None)


def postpone(turn: CopyTurn, error: RemoteError) -> None:
    """Put a copy off after a failure that may pass, hold it as uncertain, or refuse it."""
    copy = turn.copy
    copy.tries += 1
    copy.remote_text = None if isinstance(error, HeldBackError) else error.text
    copy.reasonless = error.reasonless
    retry_at = turn.now() + timedelta(seconds=RETRY[min(copy.tries, len(RETRY)) - 1])
    lost = lost_attempt(turn.session, copy) if copy.in_flight is not None else None

    if copy.in_flight is not None and lost is None and is_final(error):
        refuse_for(turn, error)
        return

    with turn.transaction():
        if copy.in_flight is None:
            copy.mark_later(max(error.retry_at or retry_at, retry_at), error.said)
        elif lost is not None:
            probe_at = next_probe_at(lost, quiet=turn.desk.quiet)
            _doubt_after(turn, error, max(probe_at, error.retry_at or retry_at))
        else:
            _wait_after(turn, error, retry_at)


def _doubt_after(turn: CopyTurn, error: RemoteError, at: datetime) -> None:
    """Keep a copy uncertain, and say so where nobody can ask Exact now."""
    if isinstance(error, SIGNED_OUT):
        turn.copy.cause = Cause.SIGN_IN_LOST
        turn.copy.doubt(at, error.said)
    else:
        turn.copy.doubt(at, _say_lost(turn.copy))

    show_state(turn)


def _wait_after(turn: CopyTurn, error: RemoteError, retry_at: datetime) -> None:
    """Let a copy wait for what may pass."""
    copy = turn.copy
    if isinstance(error, SignInLostError):
        copy.cause = Cause.SIGN_IN_LOST
        copy.wait(turn.now() + timedelta(seconds=SIGN_IN_RETRY), error.said)
    elif error.helps_to_retry:
        copy.wait(error.retry_at or retry_at, error.said)
    else:
        copy.cause = _cause(error)
        copy.wait(turn.now() + LATER, error.said)

    show_state(turn)


def show_state(turn: CopyTurn) -> None:
    """Show the state of a copy under way at its invoice."""
    turn.invoice_row.copy_state = turn.copy.state


def is_final(error: RemoteError) -> bool:
    """Say whether a failure ends a copy: it was refused, and not only for now."""
    passes = error.helps_to_retry or isinstance(error, SignInLostError)
    return not passes and class_of(_cause(error)) != Remedy.WAIT


def _cause(error: RemoteError) -> str:
    by_productive = error.vendor == Vendor.PRODUCTIVE
    return cause_of(type(error).__name__, error.status, error.text, by_productive=by_productive)


def refuse_for(turn: CopyTurn, error: RemoteError, *, left: Left | None = None) -> None:
    """End a copy for what a remote said. ``left`` is as for ``refuse``."""
    cause = _cause(error)
    left = _left_unseen(turn.session, turn.copy) if left is None else left
    trouble = said(REFUSED_UNDO.get(turn.copy.action) or REFUSALS.get(cause, Trouble.EXACT_REFUSED))
    if left.said is not None:
        trouble = listed([said(Trouble.PART_REFUSED), left.said], FOLLOWED)
    turn.copy.reasonless = error.reasonless
    refuse(turn, cause, trouble, words=error.text, left=left)


def hold_uncertain(turn: CopyTurn, at: datetime, *, trouble: Said | None = None) -> None:
    """Hold a copy whose write may have happened, until Exact was asked."""
    with turn.transaction():
        turn.copy.doubt(at, trouble or _say_lost(turn.copy))
        show_state(turn)


def _say_lost(copy: CopyRow) -> Said:
    return said(LOST.get(copy.action, Trouble.BOOKED_LOST))


def lost_attempt(session: Session, copy: CopyRow) -> AttemptRow | None:
    """Return the attempt whose outcome is not known, the oldest first."""
    lost = select(AttemptRow).where(AttemptRow.copy_id == copy.id, AttemptRow.state == AttemptState.LOST)
    return session.scalars(lost.order_by(AttemptRow.started_at)).first()


def note_end(turn: CopyTurn, kind: EventKind, happened: Said) -> None:
    """Note what became of a wish."""
    row = turn.invoice_row
    note_event(
        turn.session,
        at=turn.now(),
        actor=turn.copy.requested_by,
        kind=kind,
        said=happened,
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
        copy_id=turn.copy.id,
    )
