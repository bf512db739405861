"""Book an entry for a copy, its customer first: once, and not beside one that Exact holds already."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.customer import keep_customer, with_customer
from portal.actions.copies.cut_over import is_guid
from portal.actions.copies.draft import draft_copy
from portal.actions.copies.finish import adopt_entry, refuse, refuse_problems, settle_with
from portal.actions.copies.look_up import find_unknown, look_at
from portal.actions.copies.seen import is_as_shown
from portal.actions.copies.strangers import stranger_problems, strangers_of
from portal.actions.copies.turn import CopyTurn
from portal.actions.engine.attempts import new_attempt
from portal.actions.engine.turn import transaction
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.kind import turns
from portal.domain.booking.problems import say_all
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import AttemptKind
from portal.domain.copies.strangers import HeldEntry
from portal.domain.copies.troubles import Trouble
from portal.domain.said import said
from portal.store.copies import CopyRow, choices_from_row, entry_to_row
from portal.store.looks import keep_looks


def create_entry(turn: CopyTurn, invoice: Invoice) -> None:
    """Book the invoice as it is now, unless Exact holds an entry of it or one of somebody else's."""
    if _stands_in_exact(turn, invoice):
        return

    choices = with_customer(turn, invoice)
    draft = draft_copy(turn.session, turn.connection, invoice, choices)
    # Committed with the intent, or with the refusal.
    keep_customer(turn, choices)

    if draft.entry is None:
        refuse_problems(turn, draft.problems)
    elif not is_as_shown(turn.session, turn.copy, draft.entry):
        refuse(turn, Cause.BOOKING_CHANGED, said(Trouble.BOOKED_OTHERWISE))
    else:
        settle_with(turn, book(turn, draft.entry, AttemptKind.ENTRY, gross=draft.entry.gross))


def _stands_in_exact(turn: CopyTurn, invoice: Invoice) -> bool:
    """Adopt the one entry under the number that is this invoice's. Refuse to book beside another."""
    copy = turn.copy
    named = (invoice.export_id or "").lower()
    if not (invoice.number or "").strip():
        return False

    # No call is spent by whoever lost the copy meanwhile.
    turn.check()

    # A person's copy has two calls of the minute kept for it: this look at its own number, and the POST.
    strangers = _look(turn, invoice, others=copy.batch)
    with transaction(turn.session):
        known = bool(named) and is_known(turn.session, named)

    if invoice.exported and not known and not strangers:
        # Productive says that somebody booked it, perhaps since the look.
        strangers = _look(turn, invoice, anew=True)
        if not strangers and is_guid(named) and _adopt(turn, invoice, named):
            return True

    if not strangers:
        return False

    customer_id = choices_from_row(copy.choices).customer_id
    ours = [entry for entry in strangers if _is_ours(entry, invoice, copy.marker, customer_id, known=known)]

    if len(ours) == 1 and (entry := turn.ledger.read_entry(ours[0].id)) is not None:
        adopt_entry(turn, entry)
        return True

    # One that is gone since the look still stands in it, and the next look no longer shows it.
    problems = stranger_problems(turn.session, copy.connection_id, turn.invoice_row, customer_id)
    refuse(turn, Cause.STRANGER, say_all(problems))
    return True


def _look(
    turn: CopyTurn, invoice: Invoice, *, others: bool = False, anew: bool = False
) -> tuple[HeldEntry, ...]:
    """Return the entries under the number that are linked to no copy, asking Exact where needed."""
    session = turn.session
    connection_id = turn.copy.connection_id
    number = (invoice.number or "").strip()
    ledger = turn.ledger
    now = turn.now()
    numbers = find_unknown(session, connection_id, number, now=now, others=others, anew=anew)
    found = look_at(session, ledger, numbers)

    with transaction(session):
        if found is not None:
            keep_looks(session, connection_id, found, now)

        return strangers_of(session, connection_id, turn.invoice_row)


def _adopt(turn: CopyTurn, invoice: Invoice, named: str) -> bool:
    """Adopt the entry that Productive's mark names, though it carries another number."""
    entry = turn.ledger.read_entry(named)
    if entry is None or turns(entry.gross, invoice.amount_with_tax):
        return False

    adopt_entry(turn, entry)
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


def book(turn: CopyTurn, wanted: SalesEntry, kind: AttemptKind, *, gross: int) -> BookedEntry:
    """Make the attempt at an entry, under the copy's marker."""
    # ``gross`` is what Exact is to make of it.
    copy = turn.copy
    sent = entry_to_row(wanted)
    copy.want(sent, gross, wanted.journal)

    return turn.attempt(
        new_attempt(copy, kind, sent, turn.now()),
        lambda: turn.ledger.create_entry(wanted, marker=copy.marker),
        told=lambda booked: {"entry": booked.id, "number": booked.entry_number, "gross": booked.gross},
    )
