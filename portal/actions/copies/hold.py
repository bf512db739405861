"""Hold copies unsent when others like them failed alike; let one try, and the rest go when it succeeds."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.actions.copies.draft import choices_of, draft_copy
from portal.actions.engine.claim import Claim
from portal.domain.copies.failures import MOST_ALIKE, Cause, Outcome, class_of, find_shared, traits_of
from portal.domain.copies.states import IN_EXACT, TAKES_BACK, AttemptState, CopyState
from portal.domain.events import EventKind
from portal.domain.ids import new_id
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, entry_from_row
from portal.store.events import note_event
from portal.store.holds import HoldRow, holds_for, holds_of
from portal.store.invoices import InvoiceRow

LOOKED_AT = 200
ALIKE = (
    "Three copies like this one failed in the same way, so this one is not sent. Put right what is said "
    "there, then choose Retry on the Activity page: one is tried first, the others follow."
)
FAILED_HERE = (
    "Something in the portal went wrong with this copy (reference {reference}), so it is not tried again by "
    "itself. Tell your administrator the reference; Retry tries it once more."
)
CUT_OFF = "The work on this copy broke off again and again"


def hold_if_alike(session: Session, claim: Claim) -> bool:
    """Put a copy that has sent nothing on hold if it shares all of what others failed with."""
    copy = claim.copy
    holds = [hold for hold in holds_of(session, copy.connection_id) if hold.probe_id != copy.id]
    asks = holds and copy.plan is None and copy.action not in TAKES_BACK
    traits = _traits_ahead(session, copy) if asks else None
    hold = next((each for each in holds if traits is not None and traits >= set(each.traits)), None)

    if hold is not None:
        claim.still_ours(session)
        _put_on(session, copy, hold, ALIKE)

    session.commit()
    return hold is not None


def _traits_ahead(session: Session, copy: CopyRow) -> frozenset[str] | None:
    """Return the traits a copy would have if it were sent now; None if it cannot be."""
    connection = session.get_one(ConnectionRow, copy.connection_id)
    invoice = session.get_one(InvoiceRow, copy.invoice_id).invoice()
    entry = draft_copy(session, connection, invoice, choices_of(copy)).entry
    return traits_of(entry, copy.action) if entry else None


def explains(hold: HoldRow, copy: CopyRow) -> bool:
    """Say whether a hold is for what a refused copy failed with."""
    same = (hold.cause, hold.words) == (copy.cause, copy.remote_text)
    return same and _traits_sent(copy) >= set(hold.traits)


def _traits_sent(copy: CopyRow) -> frozenset[str]:
    """Return the traits of what was sent, few if it did not come as far as an entry."""
    sent = frozenset([f"action {copy.action}"])
    return traits_of(entry_from_row(copy.entry), copy.action) if copy.entry else sent


def _put_on(session: Session, copy: CopyRow, hold: HoldRow, text: str) -> None:
    copy.hold_id = hold.id
    copy.cause = hold.cause
    copy.remote_text = hold.words
    copy.trouble = text
    copy.next_try_at = None

    if copy.in_flight is not None:
        copy.state = CopyState.UNCERTAIN if _is_open(session, copy) else CopyState.WAITING
        session.get_one(InvoiceRow, copy.invoice_id).copy_state = copy.state


def _is_open(session: Session, copy: CopyRow) -> bool:
    """Say whether a write of this copy has an outcome that nobody knows yet."""
    left = select(AttemptRow.id).where(
        AttemptRow.copy_id == copy.id, AttemptRow.state.in_((AttemptState.INTENDED, AttemptState.LOST))
    )
    return session.scalar(left.limit(1)) is not None


def learn_from(session: Session, copy: CopyRow, now: datetime) -> None:
    """Take from how a turn ended what it means for others: three alike hold them, a success frees them."""
    if copy.state == CopyState.REFUSED and copy.remote_text is not None and copy.action not in TAKES_BACK:
        _note_failure(session, copy, copy.cause or "", copy.remote_text, now)

    is_done = copy.in_flight is None and not copy.mark_due and copy.number_due is None
    for hold in holds_of(session, copy.connection_id):
        if is_done and copy.state in IN_EXACT and _proves(copy, hold):
            let_go(session, hold, now)
        elif hold.probe_id == copy.id and (is_done or copy.hold_id is not None):
            hold.probe_id = None

    session.commit()


def _proves(copy: CopyRow, hold: HoldRow) -> bool:
    """Say whether a success shows that a cause is gone."""
    return hold.probe_id == copy.id or _traits_sent(copy) >= set(hold.traits)


def _note_failure(session: Session, copy: CopyRow, cause: str, words: str, now: datetime) -> None:
    """Hold copies like this one after the third alike failure in a row that no hold explains yet."""
    holds = holds_for(session, copy.connection_id, cause, words)
    alike = (CopyRow.state == CopyState.REFUSED, CopyRow.cause == cause, CopyRow.remote_text == words)
    failures = [
        each
        for each in _outcomes(session, copy.connection_id, *alike)
        if not any(each.traits >= set(hold.traits) for hold in holds)
    ]

    since = failures[:MOST_ALIKE][-1].at if failures else now
    booked = (CopyRow.state.in_(IN_EXACT), CopyRow.finished_at >= since)
    shared = find_shared(cause, failures, _outcomes(session, copy.connection_id, *booked))
    if shared is not None:
        _hold(session, copy, cause, words, sorted(shared), now)


def _outcomes(session: Session, connection_id: int, *conditions: ColumnElement[bool]) -> list[Outcome]:
    """Return how copies ended, newest first."""
    query = select(CopyRow).where(
        CopyRow.connection_id == connection_id, CopyRow.finished_at.is_not(None), *conditions
    )
    found = session.scalars(query.order_by(CopyRow.finished_at.desc(), CopyRow.id).limit(LOOKED_AT))
    return [Outcome(row.finished_at, _traits_sent(row)) for row in found if row.finished_at]


def _hold(
    session: Session, copy: CopyRow, cause: str, words: str, traits: list[str], now: datetime
) -> HoldRow:
    hold = HoldRow(
        id=new_id(), connection_id=copy.connection_id, cause=cause, words=words, traits=traits, held_at=now
    )
    session.add(hold)
    text = f"Further copies like this one are held unsent: {words}"
    _note(session, copy.connection_id, EventKind.HELD, text, now)
    session.flush()

    return hold


def hold_fault(session: Session, copy: CopyRow, words: str, reference: str, now: datetime) -> None:
    """Hold a copy that a fault of ours stops; nobody tries it before a person does. Commits nothing."""
    known = holds_for(session, copy.connection_id, Cause.FAULT, words)
    hold = known[0] if known else _hold(session, copy, Cause.FAULT, words, [f"copy {copy.id}"], now)
    hold.probe_id = None if hold.probe_id == copy.id else hold.probe_id
    text = FAILED_HERE.format(reference=reference)
    _put_on(session, copy, hold, text)
    if copy.in_flight is None:
        copy.mark_trouble = text


def let_go(session: Session, hold: HoldRow, now: datetime) -> None:
    """Let all that a hold holds go on, and forget it. Commits nothing."""
    released = session.execute(
        update(CopyRow)
        .where(CopyRow.hold_id == hold.id)
        .values(
            hold_id=None, cause=None, trouble=None, remote_text=None, next_try_at=now, batch=True, begun=0
        )
        .returning(CopyRow.id)
        .execution_options(synchronize_session="fetch")
    ).all()

    text = f"{len(released)} held copies go on: {hold.words}"
    _note(session, hold.connection_id, EventKind.RELEASED, text, now)
    session.delete(hold)
    session.flush()


def try_one(session: Session, hold: HoldRow, now: datetime, copy: CopyRow | None = None) -> CopyRow | None:
    """Let one held copy try, the given one or the oldest; None while another tries. Commits nothing."""
    probe = session.get(CopyRow, hold.probe_id) if hold.probe_id else None
    if probe is not None and probe.in_flight is not None and probe.hold_id is None:
        return None

    held = select(CopyRow).where(CopyRow.hold_id == hold.id).order_by(CopyRow.requested_at, CopyRow.id)
    copy = copy or session.scalars(held.limit(1)).first()

    if copy is not None:
        hold.probe_id = copy.id
        copy.hold_id = None
        copy.next_try_at = now
        copy.begun = 0

    return copy


def see_fix(session: Session, connection_id: int, now: datetime, *classes: str) -> None:
    """Something was put right that may help: let one of each hold of these classes try. Commits nothing."""
    for hold in holds_of(session, connection_id):
        if class_of(hold.cause) in classes and not _holds_any(session, hold):
            session.delete(hold)
        elif class_of(hold.cause) in classes:
            try_one(session, hold, now)


def look_again(session: Session, connection_id: int, now: datetime) -> None:
    """The mappings changed: let go what would now be sent otherwise, or not at all. Commits nothing."""
    session.flush()
    holds = [hold for hold in holds_of(session, connection_id) if hold.cause != Cause.FAULT]

    for hold in holds:
        for copy in session.scalars(select(CopyRow).where(CopyRow.hold_id == hold.id)):
            if not (_traits_ahead(session, copy) or frozenset()) >= set(hold.traits):
                copy.hold_id = None
                copy.cause = None
                copy.trouble = None
                copy.remote_text = None
                copy.next_try_at = now


def drop_holds(session: Session, connection_id: int, now: datetime) -> None:
    """Forget a connection's holds, as when it ends; what they held learns its end by itself."""
    for hold in holds_of(session, connection_id):
        let_go(session, hold, now)


def _holds_any(session: Session, hold: HoldRow) -> bool:
    return session.scalar(select(CopyRow.id).where(CopyRow.hold_id == hold.id).limit(1)) is not None


def _note(session: Session, connection_id: int, kind: EventKind, text: str, now: datetime) -> None:
    subsidiary_id = session.get_one(ConnectionRow, connection_id).subsidiary_id
    note_event(session, at=now, actor="portal", kind=kind, text=text, subsidiary_id=subsidiary_id)
