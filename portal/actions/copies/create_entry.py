"""Book an entry for a copy, its customer first: once, and not beside one that Exact holds already."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.customer import with_customer
from portal.actions.copies.cut_over import is_guid
from portal.actions.copies.draft import draft_copy
from portal.actions.copies.finish import adopt_entry, refuse, settle_with
from portal.actions.copies.look_up import look_up
from portal.actions.copies.strangers import stranger_problems, strangers_of
from portal.actions.engine.attempts import attempt, new_attempt
from portal.actions.engine.claim import Claim
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.kind import turns
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import AttemptKind
from portal.domain.copies.strangers import HeldEntry
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, choices_from_row, entry_to_row
from portal.store.invoices import InvoiceRow


def create_entry(session: Session, ledger: Ledger, claim: Claim, invoice: Invoice, *, clock: Clock) -> None:
    """Book the invoice as it is now, unless Exact holds an entry of it or one of somebody else's."""
    if _stands_in_exact(session, ledger, claim, invoice, clock):
        return

    choices = with_customer(session, ledger, claim, invoice, clock)
    connection = session.get_one(ConnectionRow, claim.copy.connection_id)
    draft = draft_copy(session, connection, invoice, choices)

    if draft.entry is None:
        text = " ".join(problem.text for problem in draft.problems)
        refuse(session, claim, cause=draft.problems[0].code, text=text, now=clock())
        return

    booked = book(
        session, ledger, claim, draft.entry, AttemptKind.ENTRY, gross=draft.entry.gross, clock=clock
    )
    settle_with(session, claim, booked, url=ledger.entry_url(booked.id), now=clock())


def _stands_in_exact(session: Session, ledger: Ledger, claim: Claim, invoice: Invoice, clock: Clock) -> bool:
    """Adopt the one entry under the number that is this invoice's. Refuse to book beside another."""
    copy = claim.copy
    number = (invoice.number or "").strip()
    if not number:
        return False

    claim.still_ours(session)
    # A person's copy has two calls of the minute kept for it: this look at its own number, and the POST.
    look_up(session, ledger, copy.connection_id, number, clock=clock, others=copy.batch)

    row = session.get_one(InvoiceRow, copy.invoice_id)
    strangers = strangers_of(session, copy.connection_id, row)
    named = (invoice.export_id or "").lower()
    known = bool(named) and is_known(session, named)
    session.commit()

    if invoice.exported and not known and not strangers:
        # Productive says that somebody booked it, perhaps since the look.
        look_up(session, ledger, copy.connection_id, number, clock=clock, anew=True)
        strangers = strangers_of(session, copy.connection_id, row)
        session.commit()
        if not strangers and is_guid(named) and _adopt(session, ledger, claim, invoice, named, clock):
            return True

    if not strangers:
        return False

    customer_id = choices_from_row(copy.choices).customer_id
    ours = [entry for entry in strangers if _is_ours(entry, invoice, copy.marker, customer_id, known=known)]

    if len(ours) == 1 and (entry := ledger.read_entry(ours[0].id)) is not None:
        adopt_entry(session, claim, entry, url=ledger.entry_url(entry.id), now=clock())
        return True

    # One that is gone since the look still stands in it, and the next look no longer shows it.

    problems = stranger_problems(session, copy.connection_id, row, customer_id)
    text = " ".join(problem.text for problem in problems)
    refuse(session, claim, cause=Cause.STRANGER, text=text, now=clock())

    return True


def _adopt(
    session: Session, ledger: Ledger, claim: Claim, invoice: Invoice, named: str, clock: Clock
) -> bool:
    """Adopt the entry that Productive's mark names, though it carries another number."""
    entry = ledger.read_entry(named)
    if entry is None or turns(entry.gross, invoice.amount_with_tax):
        return False

    adopt_entry(session, claim, entry, url=ledger.entry_url(entry.id), now=clock())
    return True


def _is_ours(
    entry: HeldEntry, invoice: Invoice, marker: str, customer_id: str | None, *, known: bool
) -> bool:
    """Say whether an entry is this copy's own, or the one that Productive's mark names."""
    if marker in entry.markers:
        return True
    if not invoice.exported or known:
        return False
    if entry.id.lower() == (invoice.export_id or "").lower():
        return not turns(entry.gross or 0, invoice.amount_with_tax)

    same_total = (entry.gross, entry.currency) == (invoice.amount_with_tax, invoice.currency)
    return bool(entry.markers) and same_total and entry.customer_id == customer_id


def is_known(session: Session, entry_id: str) -> bool:
    """Say whether an entry in Exact is a copy's here."""
    return session.scalar(select(CopyRow.id).where(CopyRow.entry_id == entry_id).limit(1)) is not None


def book(
    session: Session,
    ledger: Ledger,
    claim: Claim,
    wanted: SalesEntry,
    kind: AttemptKind,
    *,
    gross: int,
    clock: Clock,
) -> BookedEntry:
    """Make the attempt at an entry, under the copy's marker; ``gross`` is what Exact is to make of it."""
    copy = claim.copy
    sent = entry_to_row(wanted)
    copy.entry = sent
    copy.gross_sent = gross
    copy.journal = wanted.journal
    row = new_attempt(copy, kind, sent, clock())
    claim.still_ours(session)

    return attempt(
        session,
        row,
        lambda: ledger.create_entry(wanted, marker=copy.marker),
        clock=clock,
        told=lambda b: {"entry": b.id, "number": b.entry_number, "gross": b.gross},
    )
