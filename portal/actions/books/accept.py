"""Accept Exact's version of an entry, or that it belongs to Exact alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import transaction
from portal.domain.copies.states import IN_EXACT
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.ids import new_id
from portal.domain.refused import Refused
from portal.domain.said import said
from portal.domain.text import MOST_REASON, is_too_long
from portal.sentences.refusal import Refusal
from portal.store.copies import CopyRow
from portal.store.entries import GONE, AcceptedRow, EntryRow
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.reconciliation import ComparedRow


class AcceptError(Refusal):
    """What was asked cannot be done."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person looked at when accepting: the entry's content as hashed, and the reason they gave."""

    content: str
    reason: str = ""


def content_of(entry: EntryRow) -> str:
    """Return the version of an entry that a person sees."""
    return GONE if entry.gone_at else entry.content


def accept_entry(
    session: Session, nudge: Nudge, key: str, *, seen: Seen, actor: str, now: datetime
) -> AcceptedRow:
    """Accept an entry as it stands in Exact and was looked at."""
    if is_too_long(seen.reason):
        raise AcceptError(said(Refused.SAY_WHY_ACCEPTED, most=MOST_REASON))

    row = session.get(ComparedRow, key)
    entry = session.get(EntryRow, (row.connection_id, row.entry_id)) if row and row.entry_id else None
    if row is None or entry is None:
        raise AcceptError(said(Refused.VERSION_UNKNOWN))
    if seen.content != content_of(entry):
        raise AcceptError(said(Refused.CHANGED_WHILE_LOOKING))

    invoice = session.get(InvoiceRow, row.invoice_id) if row.invoice_id else None
    if invoice is not None:
        _check_linked(session, invoice, entry)

    accepted = AcceptedRow(
        id=new_id(),
        connection_id=entry.connection_id,
        entry_id=entry.id,
        content=seen.content,
        accepted_by=actor,
        accepted_at=now,
        what=seen.reason.strip(),
        invoice_id=invoice.id if invoice else None,
        fingerprint=invoice.fingerprint if invoice else None,
    )

    with transaction(session):
        session.add(accepted)
        _note(session, row, entry, invoice, accepted)

    nudge(Job.COMPARE_BOOKS, "")

    return accepted


def _check_linked(session: Session, invoice: InvoiceRow, entry: EntryRow) -> None:
    copy = session.get(CopyRow, invoice.latest_copy_id) if invoice.latest_copy_id else None
    if copy is None or copy.entry_id != entry.id or copy.state not in IN_EXACT:
        raise AcceptError(said(Refused.NOT_LINKED))


def end_acceptance(session: Session, nudge: Nudge, accepted_id: str, *, actor: str, now: datetime) -> None:
    """Take an acceptance back, so that the difference counts again."""
    with transaction(session):
        accepted = session.get_one(AcceptedRow, accepted_id)
        if accepted.ended_at is None:
            accepted.ended_at = now
            invoice = session.get(InvoiceRow, accepted.invoice_id) if accepted.invoice_id else None
            note_event(
                session,
                at=now,
                actor=actor,
                kind=EventKind.ACCEPTANCE_ENDED,
                said=said(Happened.ACCEPTANCE_ENDED),
                subsidiary_id=invoice.subsidiary_id if invoice else None,
                invoice_id=accepted.invoice_id,
            )

    nudge(Job.COMPARE_BOOKS, "")


def _note(
    session: Session, row: ComparedRow, entry: EntryRow, invoice: InvoiceRow | None, accepted: AcceptedRow
) -> None:
    number = entry.invoice_number or entry.entry_number

    if entry.gone_at:
        what = said(Happened.ACCEPTED_DELETED, entry=number)
    elif invoice is None:
        what = said(Happened.ACCEPTED_ALONE, entry=number)
    else:
        what = said(Happened.ACCEPTED, entry=number)

    if accepted.what:
        what = said(Happened.ACCEPTED_BECAUSE, accepted=what, reason=accepted.what)

    note_event(
        session,
        at=accepted.accepted_at,
        actor=accepted.accepted_by,
        kind=EventKind.ACCEPTED,
        said=what,
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.invoice_id,
    )
