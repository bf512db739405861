"""What the portal sent of an entry so far, so that what somebody changed in Exact is told from it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.exact_changes import Decision, Ours
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import CopyAction, CopyState
from portal.store.copies import CopyRow, attempts_of, choices_from_row, entry_from_row, has_begun


def sent_before(session: Session, copied: CopyRow | None, booked: BookedEntry) -> Ours:
    """Return what a copy sent, and what later updates of its entry sent that ended half-way."""
    if copied is None:
        return Ours()

    half = _half_updates(session, copied)
    first = copied.entry or copied.linked
    return Ours(
        copied=entry_from_row(first) if first else None,
        later=tuple(entry_from_row(copy.entry) for copy in half if copy.entry),
        own_amounts=_are_exacts_own(copied, booked),
        kept=frozenset(key for copy in (copied, *half) for key in _kept(copy)),
    )


def _are_exacts_own(copied: CopyRow, booked: BookedEntry) -> bool:
    """Say whether Exact itself booked other amounts than the portal sent, and holds them still."""
    was_sent = copied.entry is not None
    return was_sent and copied.cause == Cause.DIFFERENCE and copied.gross_booked == booked.gross


def _half_updates(session: Session, copied: CopyRow) -> list[CopyRow]:
    """Return the updates of a copy's entry that were refused after a step had taken effect."""
    later = select(CopyRow).where(
        CopyRow.entry_id == copied.entry_id,
        CopyRow.connection_id == copied.connection_id,
        CopyRow.action == CopyAction.UPDATE,
        CopyRow.state == CopyState.REFUSED,
        CopyRow.requested_at >= copied.requested_at,
        CopyRow.id != copied.id,
    )
    found = session.scalars(later.order_by(CopyRow.requested_at))
    return [copy for copy in found if has_begun(attempts_of(session, copy.id))]


def _kept(copy: CopyRow) -> list[str]:
    """Name the changes that a person kept as Exact has them."""
    decisions = choices_from_row(copy.choices).exact if copy.choices else {}
    return [key for key, decision in decisions.items() if decision == Decision.KEEP]
