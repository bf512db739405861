"""Hold copies unsent when others like them failed alike, until one that tries succeeds."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.actions.copies.draft import choices_of, draft_copy
from portal.actions.copies.turn import CopyTurn
from portal.domain.copies.failures import MOST_ALIKE, Cause, Outcome, Remedy, class_of, find_shared, traits_of
from portal.domain.copies.states import IN_EXACT, OPEN, TAKES_BACK, CopyState
from portal.domain.copies.troubles import Trouble
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.ids import new_id
from portal.domain.said import Quoted, Said, as_written, said
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, attempts_of, entry_from_row, has_begun
from portal.store.events import note_event
from portal.store.holds import HoldRow, holds_of
from portal.store.invoices import InvoiceRow
from portal.store.unready import INVOICE, UnreadyKey, note_keys

LOOKED_AT = 200
CUT_OFF = "The work on this copy broke off again and again"


def hold_if_alike(turn: CopyTurn) -> bool:
    """Put a copy that has sent nothing on hold if it shares all of what others failed with. No commit."""
    hold = _find_alike(turn.session, turn.copy)
    if hold is not None:
        _put_on(turn.session, turn.copy, hold, said(Trouble.FAILED_ALIKE))

    return hold is not None


def _find_alike(session: Session, copy: CopyRow) -> HoldRow | None:
    holds = [hold for hold in holds_of(session, copy.connection_id) if hold.probe_id != copy.id]
    if not holds or copy.action in TAKES_BACK or has_begun(attempts_of(session, copy.id)):
        return None

    traits = _traits_ahead(session, copy)
    return next((hold for hold in holds if traits is not None and hold.concerns(traits)), None)


def _traits_ahead(session: Session, copy: CopyRow) -> frozenset[str] | None:
    """Return the traits that a copy would have if it were sent now, None if it cannot be."""
    connection = session.get_one(ConnectionRow, copy.connection_id)
    invoice = session.get_one(InvoiceRow, copy.invoice_id).invoice()
    entry = draft_copy(session, connection, invoice, choices_of(copy)).entry
    return traits_of(entry, copy.action) if entry else None


def find_hold(session: Session, copy: CopyRow) -> HoldRow | None:
    """Return the hold that a copy is in, or the one for what it was refused for."""
    if copy.hold_id is not None:
        return session.get_one(HoldRow, copy.hold_id)

    if copy.cause is None or copy.remote_text is None:
        return None

    traits = _traits_sent(copy)
    holds = holds_of(session, copy.connection_id, copy.cause, copy.remote_text)
    return next((hold for hold in holds if hold.concerns(traits)), None)


def _traits_sent(copy: CopyRow) -> frozenset[str]:
    """Return the traits of what was sent, few if it did not come as far as an entry."""
    sent = frozenset([f"action {copy.action}"])
    return traits_of(entry_from_row(copy.entry), copy.action) if copy.entry else sent


def _put_on(session: Session, copy: CopyRow, hold: HoldRow, trouble: Said) -> None:
    copy.put_on_hold(hold, trouble)
    if copy.in_flight is not None:
        left = select(AttemptRow.id).where(AttemptRow.copy_id == copy.id, AttemptRow.state.in_(OPEN))
        is_lost = session.scalar(left.limit(1)) is not None
        copy.state = CopyState.UNCERTAIN if is_lost else CopyState.WAITING
        session.get_one(InvoiceRow, copy.invoice_id).copy_state = copy.state


def learn_from(turn: CopyTurn) -> None:
    """Take from how a turn ended what it means for others: three alike hold them, a success frees them."""
    # Done in the transaction that gives the copy back.
    session = turn.session
    copy = turn.copy

    if copy.state == CopyState.REFUSED and copy.remote_text and copy.action not in TAKES_BACK:
        _note_failure(session, copy, turn.now())

    is_done = copy.in_flight is None and not copy.mark_due and copy.number_due is None
    succeeded = is_done and copy.state in IN_EXACT
    for hold in holds_of(session, copy.connection_id):
        if succeeded and (hold.probe_id == copy.id or hold.concerns(_traits_sent(copy))):
            let_go(session, hold, turn.now())
        elif hold.probe_id == copy.id and (is_done or copy.hold_id is not None):
            hold.probe_id = None


def _note_failure(session: Session, copy: CopyRow, now: datetime) -> None:
    """Hold copies like this one after the third alike failure in a row that no hold explains yet."""
    cause = copy.cause or ""
    words = copy.remote_text or ""
    holds = holds_of(session, copy.connection_id, cause, words)
    alike = (CopyRow.state == CopyState.REFUSED, CopyRow.cause == cause, CopyRow.remote_text == words)
    failures = [
        each
        for each in _outcomes(session, copy.connection_id, *alike)
        if not any(hold.concerns(each.traits) for hold in holds)
    ]
    if len(failures) < MOST_ALIKE:
        return

    booked = (CopyRow.state.in_(IN_EXACT), CopyRow.finished_at >= failures[MOST_ALIKE - 1].at)
    shared = find_shared(cause, failures, _outcomes(session, copy.connection_id, *booked))
    if shared is not None:
        _begin(session, _new_hold(copy, cause, words, sorted(shared), now))


def _outcomes(session: Session, connection_id: int, *conditions: ColumnElement[bool]) -> list[Outcome]:
    """Return how copies ended, newest first."""
    query = select(CopyRow).where(
        CopyRow.connection_id == connection_id, CopyRow.finished_at.is_not(None), *conditions
    )
    found = session.scalars(query.order_by(CopyRow.finished_at.desc(), CopyRow.id).limit(LOOKED_AT))
    return [Outcome(row.finished_at, _traits_sent(row)) for row in found if row.finished_at]


def _new_hold(copy: CopyRow, cause: str, words: str, traits: list[str], now: datetime) -> HoldRow:
    return HoldRow(
        id=new_id(),
        connection_id=copy.connection_id,
        cause=cause,
        words=words,
        reasonless=copy.reasonless,
        traits=traits,
        held_at=now,
    )


def _begin(session: Session, hold: HoldRow) -> HoldRow:
    session.add(hold)
    held = said(Happened.HELD, words=Quoted(hold.words))
    if hold.cause == Cause.FAULT:
        held = said(Happened.HELD_FOR_FAULT, fault=as_written(hold.words))
    _note(session, hold, EventKind.HELD, held, hold.held_at)
    session.flush()

    return hold


def hold_fault(session: Session, copy: CopyRow, bug: str | None, reference: str, now: datetime) -> None:
    """Hold a copy that a fault of ours stops until a person tries it."""
    # No bug is known where the work broke off.
    # No draft has this trait, so such a hold concerns nobody but those who are put on it here.
    trait = f"fault {bug or 'cut off'}"
    known = [hold for hold in holds_of(session, copy.connection_id, Cause.FAULT) if trait in hold.traits]
    hold = known[0] if known else _begin(session, _new_hold(copy, Cause.FAULT, bug or CUT_OFF, [trait], now))
    hold.probe_id = None if hold.probe_id == copy.id else hold.probe_id
    trouble = said(Trouble.FAILED_HERE, reference=reference)
    _put_on(session, copy, hold, trouble)
    if copy.in_flight is None:
        copy.mark_trouble = trouble


def let_go(session: Session, hold: HoldRow, now: datetime) -> None:
    """Let all that a hold holds go on, and forget it."""
    released = session.execute(
        update(CopyRow)
        .where(CopyRow.hold_id == hold.id)
        .values(
            hold_id=None, cause=None, trouble=None, remote_text=None, next_try_at=now, batch=True, begun=0
        )
        .returning(CopyRow.id, CopyRow.invoice_id)
        .execution_options(synchronize_session="fetch")
    ).all()

    note_keys(session, (UnreadyKey(INVOICE, invoice_id) for _, invoice_id in released))
    go_on = said(Happened.RELEASED, count=len(released), words=Quoted(hold.words))
    if hold.cause == Cause.FAULT:
        fault = as_written(hold.words)
        go_on = said(Happened.RELEASED_FROM_FAULT, count=len(released), fault=fault)
    _note(session, hold, EventKind.RELEASED, go_on, now)
    session.delete(hold)
    session.flush()


def try_one(session: Session, hold: HoldRow, now: datetime, copy: CopyRow | None = None) -> CopyRow | None:
    """Let one held copy try, the given one or the oldest, unless another tries."""
    probe = session.get(CopyRow, hold.probe_id) if hold.probe_id else None
    if probe is not None and probe.in_flight is not None and probe.hold_id is None:
        return None

    held = select(CopyRow).where(CopyRow.hold_id == hold.id).order_by(CopyRow.requested_at, CopyRow.id)
    copy = copy or session.scalars(held.limit(1)).first()

    if copy is not None:
        hold.probe_id = copy.id
        copy.try_for_all(now)

    return copy


def see_fix(session: Session, connection_id: int, now: datetime, remedy: Remedy) -> None:
    """Something was put right that may help: let one of each hold that needed it try."""
    for hold in holds_of(session, connection_id):
        if class_of(hold.cause) != remedy:
            continue

        held = select(CopyRow.id).where(CopyRow.hold_id == hold.id)
        if session.scalar(held.limit(1)) is None:
            session.delete(hold)
        else:
            try_one(session, hold, now)


def look_again(session: Session, connection_id: int, now: datetime) -> None:
    """Let what is held go on once the mappings changed. Each is held again unless it is another now."""
    held = (
        select(CopyRow)
        .join(HoldRow, HoldRow.id == CopyRow.hold_id)
        .where(HoldRow.connection_id == connection_id, HoldRow.cause != Cause.FAULT)
    )
    for copy in session.scalars(held):
        copy.go_on(now)


def drop_holds(session: Session, connection_id: int, now: datetime) -> None:
    """Forget a connection's holds, as when it ends."""
    # What they held learns by itself that the connection ended.
    for hold in holds_of(session, connection_id):
        let_go(session, hold, now)


def _note(session: Session, hold: HoldRow, kind: EventKind, happened: Said, now: datetime) -> None:
    subsidiary_id = session.get_one(ConnectionRow, hold.connection_id).subsidiary_id
    note_event(session, at=now, actor="portal", kind=kind, said=happened, subsidiary_id=subsidiary_id)
