"""How a copy's turn ends: booked, adopted, refused or put off; each leaves a state a person can read."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.attempts import next_probe_at
from portal.actions.engine.claim import Claim
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.connections.states import NumberSource
from portal.domain.copies.failures import Cause, Remedy, cause_of, class_of
from portal.domain.copies.states import IN_EXACT, AttemptState, CopyAction, CopyState
from portal.domain.events import EventKind
from portal.domain.money import to_decimal
from portal.remote.errors import SIGNED_OUT, HeldBackError, RemoteError, SignInLostError, Vendor
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, attempts_of, has_begun
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow

RETRY = (5, 15, 60, 300, 900)
SIGN_IN_RETRY = 60
LOST_TEXT = "The reply was lost. Exact is asked whether it {did} before anything is sent again."
DID = {CopyAction.UNDO: "deleted the entry", CopyAction.CREDIT: "booked the credit entry"}
REFUSED_UNDO = {
    CopyAction.UNDO: "Exact did not let the entry be deleted. Open Undo again for what is possible instead.",
    CopyAction.CREDIT: "Exact refused the credit entry. Correct what it says, then open Undo again.",
    CopyAction.UNLINK: "Exact refused to be asked. Correct what it says, then open Undo again.",
}
LATER = timedelta(hours=1)
REFUSALS: dict[str, str] = {
    Cause.REFUSED: "Exact refused this. Correct what it says, then copy again.",
    Cause.NOT_FOUND: "Exact no longer has something that the entry needs: its customer, journal, ledger "
    "account or VAT code. Refresh the catalogue under Settings, App Marketplace, choose anew and copy again.",
    Cause.MISSING_RIGHT: "The user who connected, or the app, lacks a right in Exact. Have it granted there, "
    "or sign in as another user, then copy again.",
    Cause.BY_PRODUCTIVE: "Productive refused this, so nothing was sent to Exact. Correct what it says, "
    "then retry.",
    Cause.MALFORMED: "Exact did not understand what the portal sent, which is a fault of the portal. "
    "Nothing was booked. Pass the words below on to your administrator.",
}
HALF_REFUSED = "Exact refused a part of the update."
UNSEEN = (
    "An update of this entry broke off, and Exact could not be asked how far it came. Look at the entry in "
    "Exact, then use Update existing."
)


def settle_with(session: Session, claim: Claim, booked: BookedEntry, *, url: str, now: datetime) -> None:
    """Finish a copy whose entry Exact holds; a difference in the totals is said, never hidden."""
    claim.still_ours(session)
    copy = claim.copy
    row = session.get_one(InvoiceRow, claim.copy.invoice_id)
    copy.entry_id = booked.id
    copy.gross_booked = booked.gross
    copy.entry_url = url
    copy.entry_number = str(booked.invoice_number or booked.entry_number)
    copy.customer_id = booked.customer_id
    copy.journal = booked.journal
    currency = booked.currency or copy.currency
    copy.state = (
        CopyState.COPIED
        if (booked.gross, currency) == (copy.gross_sent, copy.currency)
        else CopyState.DIFFERENT
    )
    copy.in_flight = None
    copy.next_try_at = None
    copy.cause = None
    copy.trouble = None
    copy.remote_text = None
    copy.tries = 0
    copy.finished_at = now
    copy.mark_due = True
    _own_number(session, copy, row)
    row.copy_state = copy.state
    row.latest_copy_id = copy.id
    row.changed_since_copied = False

    if copy.state == CopyState.DIFFERENT:
        copy.cause = Cause.DIFFERENCE
        copy.trouble = (
            f"Exact booked {to_decimal(booked.gross)} {currency}, the invoice is "
            f"{to_decimal(copy.gross_sent or 0)} {copy.currency}. Use Update existing, or Undo."
        )

    note_end(session, claim, EventKind(copy.state), f"Entry {copy.entry_number} in Exact, {copy.state}", now)
    session.commit()


def _own_number(session: Session, copy: CopyRow, row: InvoiceRow) -> None:
    """Write Exact's number back only on the first copy, while the invoice is not marked as sent."""
    by_exact = session.get_one(ConnectionRow, copy.connection_id).number_source == NumberSource.EXACT
    if by_exact and row.sent_on is None and not was_booked(session, row.id, besides=copy.id):
        copy.number_due = copy.entry_number


def was_booked(session: Session, invoice_id: str, besides: str = "") -> bool:
    """Say whether another copy of an invoice ever had an entry; a refused one had none."""
    others = select(CopyRow.id).where(
        CopyRow.invoice_id == invoice_id, CopyRow.id != besides, CopyRow.entry_id.is_not(None)
    )
    return session.scalar(others.limit(1)) is not None


def adopt_entry(session: Session, claim: Claim, entry: BookedEntry, *, url: str, now: datetime) -> None:
    """Finish a copy with an entry that was found in Exact."""
    copy = claim.copy
    if copy.gross_sent is None:
        copy.gross_sent = session.get_one(InvoiceRow, copy.invoice_id).amount_with_tax
    note_end(
        session, claim, EventKind.ADOPTED, f"Found entry {entry.entry_number} in Exact by its marker", now
    )
    settle_with(session, claim, entry, url=url, now=now)


def refuse(
    session: Session,
    claim: Claim,
    *,
    cause: str,
    text: str,
    now: datetime,
    remote_text: str | None = None,
    left: str | None = None,
) -> None:
    """End a copy that cannot succeed; what stood in Exact before stands there still.

    ``left`` says how an update left that, nothing if it is as it was; None if nobody looked.
    """
    claim.still_ours(session)
    left = _left_unseen(session, claim.copy) if left is None else left
    copy = claim.copy
    row = session.get_one(InvoiceRow, claim.copy.invoice_id)
    copy.state = CopyState.REFUSED
    copy.cause = cause
    copy.trouble = text
    copy.remote_text = remote_text
    copy.in_flight = None
    copy.next_try_at = None
    copy.finished_at = now
    before = find_before(session, copy)

    if before is not None:
        if left:
            before.state = CopyState.DIFFERENT
            before.trouble = left
            before.cause = Cause.ENTRY_DELETED if cause == Cause.ENTRY_DELETED else Cause.HALF_UPDATED

        row.copy_state = before.state
    else:
        row.copy_state = CopyState.REFUSED
        row.latest_copy_id = copy.id

    note_end(session, claim, EventKind.REFUSED, text, now)
    session.commit()


def find_before(session: Session, copy: CopyRow) -> CopyRow | None:
    """Return the copy that counts while this one does not, if its entry is in Exact."""
    latest = session.get_one(InvoiceRow, copy.invoice_id).latest_copy_id
    before = session.get(CopyRow, latest) if latest and latest != copy.id else None
    return before if before is not None and before.state in IN_EXACT else None


def _left_unseen(session: Session, copy: CopyRow) -> str:
    return UNSEEN if has_begun(attempts_of(session, copy.id)) else ""


def put_back(session: Session, claim: Claim, *, at: datetime, text: str | None) -> None:
    """Let a copy wait until a moment; nothing was booked."""
    claim.still_ours(session)
    copy = claim.copy
    copy.state = CopyState.WAITING
    copy.next_try_at = at
    copy.trouble = text
    session.get_one(InvoiceRow, copy.invoice_id).copy_state = CopyState.WAITING
    session.commit()


def postpone(session: Session, claim: Claim, error: RemoteError, *, now: datetime, quiet: int) -> None:
    """Put a copy off after a failure of a kind that may pass, hold it as uncertain, or refuse it."""
    claim.still_ours(session)
    copy = claim.copy
    copy.tries += 1
    copy.remote_text = None if isinstance(error, HeldBackError) else error.text
    wait = timedelta(seconds=RETRY[min(copy.tries, len(RETRY)) - 1])

    if copy.in_flight is None:
        copy.mark_trouble = error.text
        copy.next_try_at = max(error.retry_at or now + wait, now + wait)
        session.commit()
    elif lost := lost_attempt(session, copy):
        at = max(next_probe_at(lost, quiet=quiet), error.retry_at or now + wait)
        signed_out = isinstance(error, SIGNED_OUT)
        copy.cause = Cause.SIGN_IN_LOST if signed_out else copy.cause
        hold_uncertain(session, claim, at=at, text=error.text if signed_out else None)
    elif isinstance(error, SignInLostError):
        copy.cause = Cause.SIGN_IN_LOST
        put_back(session, claim, at=now + timedelta(seconds=SIGN_IN_RETRY), text=error.text)
    elif error.helps_to_retry:
        put_back(session, claim, at=error.retry_at or now + wait, text=error.text)
    elif is_final(error):
        refuse_for(session, claim, error, now=now)
    else:
        copy.cause = _cause(error)
        put_back(session, claim, at=now + LATER, text=error.text)


def is_final(error: RemoteError) -> bool:
    """Say whether a failure ends a copy: it was refused, and not only for now."""
    passes = error.helps_to_retry or isinstance(error, SignInLostError)
    return not passes and class_of(_cause(error)) != Remedy.WAIT


def _cause(error: RemoteError) -> str:
    by_productive = error.vendor == Vendor.PRODUCTIVE
    return cause_of(type(error).__name__, error.status, error.text, by_productive=by_productive)


def refuse_for(
    session: Session, claim: Claim, error: RemoteError, *, now: datetime, left: str | None = None
) -> None:
    """End a copy for what a remote said; ``left`` is as for ``refuse``."""
    cause = _cause(error)
    left = _left_unseen(session, claim.copy) if left is None else left
    text = REFUSED_UNDO.get(claim.copy.action) or REFUSALS.get(cause, REFUSALS[Cause.REFUSED])
    text = f"{HALF_REFUSED} {left}" if left else text
    refuse(session, claim, cause=cause, text=text, now=now, remote_text=error.text, left=left)


def hold_uncertain(session: Session, claim: Claim, *, at: datetime, text: str | None = None) -> None:
    """Hold a copy whose write may have happened; it is asked for, not repeated."""
    claim.still_ours(session)
    copy = claim.copy
    copy.state = CopyState.UNCERTAIN
    copy.next_try_at = at
    copy.trouble = text or LOST_TEXT.format(did=DID.get(copy.action, "booked the entry"))
    session.get_one(InvoiceRow, copy.invoice_id).copy_state = CopyState.UNCERTAIN
    session.commit()


def lost_attempt(session: Session, copy: CopyRow) -> AttemptRow | None:
    """Return the attempt whose outcome is not known, the oldest first."""
    lost = select(AttemptRow).where(AttemptRow.copy_id == copy.id, AttemptRow.state == AttemptState.LOST)
    return session.scalars(lost.order_by(AttemptRow.started_at)).first()


def note_end(session: Session, claim: Claim, kind: EventKind, text: str, now: datetime) -> None:
    """Note what became of a wish. Commits nothing."""
    row = session.get_one(InvoiceRow, claim.copy.invoice_id)
    note_event(
        session,
        at=now,
        actor=claim.copy.requested_by,
        kind=kind,
        text=text,
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
        copy_id=claim.copy.id,
    )
