"""Record the wish to take a copy back, and gather what a person sees before that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.draft import policy_of
from portal.actions.copies.request import Wish, find_copied, record_wish
from portal.actions.copies.settle_undo import older_copies
from portal.actions.copies.update_entry import has_paid_term
from portal.actions.engine.gate import find_closed
from portal.actions.engine.ports import Ledger, Nudge
from portal.actions.engine.turn import let_go
from portal.domain.assumptions import Feature
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.keep_off import find_kept_off
from portal.domain.booking.mapping import Choices
from portal.domain.booking.offers import Offers, read_offers
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import BookedEntry, Problem
from portal.domain.copies.credit import Credit, draft_credit
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import TAKES_BACK, AttemptKind, AttemptState, CopyAction, CopyState
from portal.domain.copies.undo import fingerprint_of, may_delete, paid_of
from portal.domain.ids import marker_of
from portal.domain.payments.states import PaymentState
from portal.domain.payments.terms import Term
from portal.store.catalogue import find_customer, read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow, choices_to_row
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.trials import failed_assumptions


@dataclass(frozen=True, slots=True)
class Undoing:
    """A copy that could be taken back.

    ``booked`` is its entry as Exact has it, None when that is gone. ``refusal`` says why the entry is not to
    be deleted. ``credit`` is what would take it back instead. An entry that is not ours is neither deleted
    nor credited, but ``may_unlink``.
    """

    copy: CopyRow
    booked: BookedEntry | None
    refusal: Problem | None
    credit: Credit | None
    paid: int
    older: Sequence[CopyRow]
    number_kept: str | None
    customer: Customer | None
    offers: Offers

    @property
    def fingerprint(self) -> str:
        """Return by what the entry is known again when a person confirms."""
        return fingerprint_of(self.booked) if self.booked else ""

    @property
    def may_unlink(self) -> bool:
        """Say whether the entry was only linked, so that letting go of it is what undoes the copy."""
        return self.refusal is not None and self.refusal.code == Cause.NOT_OURS


def read_undoing(session: Session, ledger: Ledger, row: InvoiceRow, choices: Choices) -> Undoing | None:
    """Read from Exact what taking the latest copy back would do, None without a copy there."""
    copy = find_copied(session, row)
    if copy is None:
        return None

    let_go(session)
    booked = ledger.read_entry(copy.entry_id or "")
    terms = ledger.read_terms(copy.entry_id or "") if booked else []
    connection = session.get_one(ConnectionRow, copy.connection_id)
    refusal = find_undo_refusal(session, connection, booked, terms) if booked else None
    credits = refusal is not None and refusal.code != Cause.NOT_OURS

    return Undoing(
        copy=copy,
        booked=booked,
        refusal=refusal,
        credit=draft_for(session, connection, row, booked, choices) if booked and credits else None,
        paid=paid_of(terms),
        older=older_copies(session, row.id, copy.entry_id),
        number_kept=_number_written(session, row.id),
        customer=find_customer(session, connection.id, booked.customer_id) if booked else None,
        offers=read_offers(read_stored_catalogue(session, connection.id)),
    )


def find_undo_refusal(
    session: Session, connection: ConnectionRow, booked: BookedEntry, terms: Sequence[Term]
) -> Problem | None:
    """Say why an entry is not to be deleted, by Exact's terms, the mirror, our payments and the books."""
    if off := find_kept_off(Feature.DELETIONS, failed_assumptions(connection)):
        return off

    return may_delete(
        booked,
        terms,
        paid_before=has_paid_term(session, connection.id, booked.id),
        payments_kept=has_payments(session, booked.id),
        books_closed_until=connection.books_closed_until,
        periods=read_stored_catalogue(session, connection.id).periods,
    )


def find_change(copy: CopyRow, booked: BookedEntry) -> Problem | None:
    """Say that an entry is no longer the one that was shown to the person who asked."""
    if fingerprint_of(booked) == copy.fingerprint:
        return None
    return problem("entry_changed", entry=str(booked.entry_number))


def has_payments(session: Session, entry_id: str) -> bool:
    """Say whether a payment of ours stands on an entry, or is still to be made or removed."""
    kept = (
        select(PaymentRow.id)
        .join(CopyRow, CopyRow.id == PaymentRow.copy_id)
        .where(CopyRow.entry_id == entry_id, PaymentRow.state != PaymentState.REMOVED)
    )
    return session.scalar(kept.limit(1)) is not None


def draft_for(
    session: Session, connection: ConnectionRow, row: InvoiceRow, booked: BookedEntry, choices: Choices
) -> Credit:
    """Draft the credit entry of an invoice's entry."""
    return draft_credit(
        booked,
        choices,
        number=row.number or "",
        catalogue=read_stored_catalogue(session, connection.id),
        division=connection.the_division,
        policy=policy_of(connection),
    )


def _number_written(session: Session, invoice_id: str) -> str | None:
    """Return Exact's number if a copy wrote it into Productive's invoice."""
    written = (
        select(AttemptRow)
        .join(CopyRow, CopyRow.id == AttemptRow.copy_id)
        .where(
            CopyRow.invoice_id == invoice_id,
            AttemptRow.kind == AttemptKind.NUMBER,
            AttemptRow.state == AttemptState.DONE,
        )
    )
    found = session.scalars(written.limit(1)).first()
    return str(found.sent["number"]) if found else None


def request_undo(
    session: Session, nudge: Nudge, invoice_id: str, *, wish: Wish, requested_by: str, now: datetime
) -> CopyRow | tuple[Problem, ...]:
    """Record an undo or a credit of the latest copy, or return what is in the way.

    ``wish.fingerprint`` is that of the entry as it was shown. The worker does nothing to another one.
    """
    row = session.get_one(InvoiceRow, invoice_id, with_for_update=True, populate_existing=True)
    under_way = session.scalar(select(CopyRow).where(CopyRow.in_flight == row.id))
    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    done = latest if latest is not None and latest.action in TAKES_BACK else None

    if under_way or done:
        let_go(session)
        return under_way or done or ()

    copied = find_copied(session, row)
    problems = find_closed(session) or _problems(session, row, copied, wish)

    if problems or copied is None:
        let_go(session)
        return problems or (problem("nothing_to_undo"),)

    made = _new_wish(row, copied, wish, requested_by, now)
    return record_wish(session, nudge, row, made, now)


def _problems(session: Session, row: InvoiceRow, copied: CopyRow | None, wish: Wish) -> tuple[Problem, ...]:
    if copied is None:
        return (problem("nothing_to_undo"),)
    if row.latest_copy_id != wish.latest_seen:
        return (problem("undo_stale"),)
    if wish.action != CopyAction.CREDIT and has_payments(session, copied.entry_id or ""):
        return (problem("payment_kept", entry=copied.entry_number or ""),)

    return ()


def _new_wish(row: InvoiceRow, copied: CopyRow, wish: Wish, requested_by: str, now: datetime) -> CopyRow:
    """Describe the wish."""
    # An undo goes by the entry's own marker, and a credit entry gets one of its own.
    undo = wish.action != CopyAction.CREDIT
    return CopyRow(
        id=wish.copy_id,
        invoice_id=row.id,
        connection_id=copied.connection_id,
        marker=copied.marker if undo else marker_of(wish.copy_id),
        state=CopyState.WAITING,
        action=wish.action,
        requested_by=requested_by,
        requested_at=now,
        fingerprint=wish.fingerprint,
        choices=choices_to_row(wish.choices),
        in_flight=row.id,
        undoes=copied.entry_id,
        entry_id=copied.entry_id if undo else None,
        entry_number=copied.entry_number if undo else None,
        entry_url=copied.entry_url if undo else None,
        customer_id=copied.customer_id,
        currency=copied.currency,
        next_try_at=now,
    )
