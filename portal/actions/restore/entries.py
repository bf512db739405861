"""Adopt the entries that were booked since the backup; what is not certain is reported, never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import adopted_copy, spell_difference
from portal.actions.copies.finish import adopt_entry
from portal.actions.copies.settle_undo import find_heir, settle_credit
from portal.actions.customers.link import link_customer
from portal.actions.engine.claim import Claim
from portal.actions.engine.heartbeat import LEASE
from portal.actions.engine.ports import Ledger
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.adoption import (
    Claimant,
    CreditMatch,
    Doubt,
    FoundEntry,
    Match,
    find_twins,
    judge_entry,
)
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import IN_EXACT, AttemptState, CopyAction, CopyState
from portal.domain.customers.states import LinkOrigin
from portal.domain.events import EventKind
from portal.domain.ids import new_id
from portal.domain.unreadable import Unreadable, readable, unreadable
from portal.remote.odd import UnreadableError
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.events import note_event
from portal.store.gate import UnmatchedRow
from portal.store.invoices import ELSEWHERE, EXCLUDED, InvoiceRow
from portal.store.leases import take_over
from portal.store.terms import touch

# Exact tells days in Dutch time, and a day begun elsewhere may be yesterday there.
MARGIN = timedelta(days=1)
# An entry without a marker is no news where the invoice is copied, by us or by another link, or is not to be.
NO_ENTRY = "It credits entry {}, which is not known here."
SETTLED = (*IN_EXACT, ELSEWHERE, EXCLUDED)


NOT_READ = "It cannot be read, so nobody knows whether this portal booked it. Correct it in Exact: {why}"


@dataclass(slots=True)
class Adopted:
    """What came of an adoption, to be told."""

    entries: int = 0
    different: int = 0
    known: int = 0
    changed: int = 0
    customers: int = 0
    payments: int = 0
    credits: int = 0
    to_retry: int = 0
    unmatched: list[UnmatchedRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Adopting:
    """What adopting one connection's entries needs."""

    session: Session
    ledger: Ledger
    connection: ConnectionRow
    told: Adopted
    now: datetime

    def report(self, key: str, number: str, reference: str, why: str) -> None:
        """Put something on the list for a person, unless it was settled before. Commits nothing."""
        same = select(UnmatchedRow).where(
            UnmatchedRow.connection_id == self.connection.id,
            UnmatchedRow.key == key,
            UnmatchedRow.why == why,
        )
        if (row := self.session.scalars(same).first()) is None:
            row = UnmatchedRow(
                connection_id=self.connection.id,
                key=key,
                number=number,
                reference=reference,
                why=why,
                found_at=self.now,
            )

            self.session.add(row)

        if row.settled_at is None:
            self.told.unmatched.append(row)


def adopt_entries(adopting: Adopting, *, since: date) -> None:
    """Read what was booked or changed since a day, once; each entry is taken over in its own transaction."""
    adopting.session.commit()
    begin = datetime.combine(since - MARGIN, time())
    changed = [entry for page in adopting.ledger.each_changed_page(begin) for entry in page]
    whole = [_whole(adopting, each) for each in readable(changed)]
    for record in [*unreadable(changed), *unreadable(whole)]:
        adopting.report(record.id, f"entry {record.number}", "", NOT_READ.format(why=UnreadableError(record)))

    found = sorted(readable(whole), key=lambda one: (one.created, one.entry.id))
    twins = find_twins(found)

    for each in found:
        _adopt(adopting, each, twins)
        adopting.session.commit()


def _whole(adopting: Adopting, entry: BookedEntry) -> FoundEntry | Unreadable:
    """Return an entry with its lines, read apart where Exact gives none along."""
    try:
        whole = entry if entry.lines else adopting.ledger.read_entry(entry.id) or entry
    except UnreadableError as error:
        return error.record
    return FoundEntry(replace(entry, lines=whole.lines))


def _adopt(adopting: Adopting, found: FoundEntry, twins: set[str]) -> None:
    if known := _copies_on(adopting, found.entry.id):
        return _refresh(adopting, known, found.entry)

    pending = _pending(adopting, found)
    verdict = judge_entry(
        found,
        [_claimant(row) for row in _invoices(adopting, found.entry, pending)],
        taken={copy.marker: copy.entry_id for copy in pending if copy.entry_id},
        twins=twins,
    )

    if isinstance(verdict, Doubt):
        entry = found.entry
        adopting.report(entry.id, f"entry {entry.entry_number}", entry.your_ref, verdict.why)
    elif isinstance(verdict, Match):
        _take_over(adopting, found, verdict, pending)
    elif isinstance(verdict, CreditMatch):
        _take_back(adopting, found, verdict, pending)

    return None


def _copies_on(adopting: Adopting, entry_id: str) -> Sequence[CopyRow]:
    """Return the copies of an entry that is known already, the newest first."""
    query = select(CopyRow).where(
        CopyRow.connection_id == adopting.connection.id, CopyRow.entry_id == entry_id
    )
    return adopting.session.scalars(query.order_by(CopyRow.requested_at.desc())).all()


def _pending(adopting: Adopting, found: FoundEntry) -> Sequence[CopyRow]:
    """Return the copies whose marker the entry carries: asked for before the backup, booked after it."""
    query = select(CopyRow).where(
        CopyRow.connection_id == adopting.connection.id, CopyRow.marker.in_(found.markers)
    )
    return adopting.session.scalars(query.order_by(CopyRow.requested_at)).all()


def _invoices(adopting: Adopting, entry: BookedEntry, pending: Sequence[CopyRow]) -> Sequence[InvoiceRow]:
    """Return the invoices that an entry may be of: its copy's, else by its number or by Productive's mark."""
    query = select(InvoiceRow)
    if pending:
        return adopting.session.scalars(query.where(InvoiceRow.id == pending[0].invoice_id)).all()

    by_number = (
        (InvoiceRow.number == entry.your_ref.strip())
        & (InvoiceRow.subsidiary_id == adopting.connection.subsidiary_id)
        & InvoiceRow.deleted.is_(False)
        & (entry.your_ref.strip() != "")
    )

    return adopting.session.scalars(query.where(or_(by_number, InvoiceRow.export_id == entry.id))).all()


def _claimant(row: InvoiceRow) -> Claimant:
    return Claimant(
        row.id, row.number or row.id, row.currency, row.amount_with_tax, row.copy_state in SETTLED
    )


def _take_over(adopting: Adopting, found: FoundEntry, match: Match, pending: Sequence[CopyRow]) -> None:
    """Make the entry a copy: the one that waited for it, else a new one."""
    session = adopting.session
    row = adopting.session.get_one(InvoiceRow, match.invoice_id)
    url = adopting.ledger.entry_url(found.entry.id)
    waiting = next((copy for copy in pending if copy.in_flight is not None), None)

    if waiting is not None:
        copy = waiting
        _close_attempts(session, copy, found.entry.id, adopting.now)
        adopt_entry(session, hold(session, copy, adopting.now), found.entry, url=url, now=adopting.now)
        copy.let_go()
    else:
        copy = _new_copy(adopting, row, found, match.marker, url)

    adopting.told.entries += 1
    adopting.told.different += copy.state == CopyState.DIFFERENT
    touch(session, adopting.connection.id, [found.entry.id])
    if row.latest_copy_id == copy.id:
        link_customer(session, copy, adopting.now, LinkOrigin.ENTRY)


def _take_back(adopting: Adopting, found: FoundEntry, match: CreditMatch, pending: Sequence[CopyRow]) -> None:
    """Let a credit entry take its copy back: by the wish that waited for it, else by a new one."""
    session = adopting.session
    entry = found.entry
    named = select(CopyRow).where(
        CopyRow.invoice_id == match.invoice_id,
        CopyRow.connection_id == adopting.connection.id,
        CopyRow.entry_number == match.credited,
        CopyRow.state.in_(IN_EXACT),
    )

    credited = session.scalars(named.order_by(CopyRow.requested_at.desc())).first()
    if credited is None:
        adopting.report(
            entry.id, f"entry {entry.entry_number}", entry.your_ref, NO_ENTRY.format(match.credited)
        )
        return

    copy = next((each for each in pending if each.action == CopyAction.CREDIT), None)
    if copy is None:
        copy = _new_credit(credited, found, match.marker)
        session.add(copy)

    _close_attempts(session, copy, entry.id, adopting.now)
    claim = hold(session, copy, adopting.now)
    heir = find_heir(session, adopting.ledger, copy)
    url = adopting.ledger.entry_url(entry.id)
    settle_credit(session, claim, entry, heir, url=url, now=adopting.now)
    copy.let_go()
    adopting.told.credits += 1
    touch(session, adopting.connection.id, [credited.entry_id or "", entry.id])


def _new_credit(credited: CopyRow, found: FoundEntry, marker: str) -> CopyRow:
    return CopyRow(
        id=new_id(),
        invoice_id=credited.invoice_id,
        connection_id=credited.connection_id,
        marker=marker,
        state=CopyState.WAITING,
        action=CopyAction.CREDIT,
        requested_by="portal",
        requested_at=found.created,
        fingerprint="",
        choices={},
        undoes=credited.entry_id,
        customer_id=found.entry.customer_id,
        currency=found.entry.currency,
        gross_sent=-(credited.gross_booked or 0),
    )


def hold(session: Session, copy: CopyRow, now: datetime) -> Claim:
    """Hold a copy; while copying is closed nobody else does. Commits nothing."""
    return Claim(copy, take_over(session, copy, until=now + LEASE))


def _close_attempts(session: Session, copy: CopyRow, entry_id: str, now: datetime) -> None:
    """Write down what the open attempts of a copy came to: its entry is there, so its customer is too."""
    for row in open_attempts(session, copy):
        row.state = AttemptState.DONE
        row.answered = {"found": entry_id}
        row.finished_at = now


def open_attempts(session: Session, copy: CopyRow) -> Sequence[AttemptRow]:
    """Return the attempts of a copy whose outcome is not known."""
    return session.scalars(
        select(AttemptRow).where(
            AttemptRow.copy_id == copy.id, AttemptRow.state.in_((AttemptState.INTENDED, AttemptState.LOST))
        )
    ).all()


def _new_copy(adopting: Adopting, row: InvoiceRow, found: FoundEntry, marker: str, url: str) -> CopyRow:
    """Write down a copy that the database knows nothing of; an invoice's youngest entry is its latest."""
    session = adopting.session
    entry = found.entry
    copy = adopted_copy(row, entry, adopting.connection.id, url=url, actor="portal", now=found.created)
    copy.marker = marker
    copy.finished_at = adopting.now
    copy.mark_due = False
    session.add(copy)
    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None

    if latest is None or latest.requested_at <= found.created or latest.state not in IN_EXACT:
        row.copy_state = copy.state
        row.latest_copy_id = copy.id
        row.changed_since_copied = False
        copy.mark_due = row.export_id != entry.id

    _note(adopting, row, copy, f"Adopted entry {entry.entry_number} of Exact after a restore, {copy.state}")
    return copy


def _refresh(adopting: Adopting, copies: Sequence[CopyRow], entry: BookedEntry) -> None:
    """Take over the totals of a known entry that an update changed after the backup."""
    adopting.told.known += 1
    copy = next((each for each in copies if each.state in IN_EXACT), None)
    if copy is None or copy.gross_booked == entry.gross:
        return

    row = adopting.session.get_one(InvoiceRow, copy.invoice_id)
    equal = (entry.gross, entry.currency) == (row.amount_with_tax, row.currency)
    copy.gross_booked = entry.gross
    copy.customer_id = entry.customer_id
    copy.state = CopyState.COPIED if equal else CopyState.DIFFERENT
    copy.cause = None if equal else Cause.DIFFERENCE
    copy.trouble = None if equal else spell_difference(row, entry)
    if row.latest_copy_id == copy.id:
        row.copy_state = copy.state

    adopting.told.changed += 1
    touch(adopting.session, adopting.connection.id, [entry.id])
    _note(adopting, row, copy, f"Entry {entry.entry_number} was changed after the backup; taken over")


def _note(adopting: Adopting, row: InvoiceRow, copy: CopyRow, text: str) -> None:
    note_event(
        adopting.session,
        at=adopting.now,
        actor="portal",
        kind=EventKind.ADOPTED,
        text=text,
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
        copy_id=copy.id,
    )
