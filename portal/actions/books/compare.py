"""Compare both books anew wherever something changed, and keep what came of it; no remote call."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.lanes import hold_lane
from portal.domain.books.aging import days_late
from portal.domain.books.drift import find_drift, kinds_of
from portal.domain.books.reconciliation import Billed, Posted, Verdict, compare, compare_alone
from portal.domain.books.states import DIFFERING, Agreement, Part, Why
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import IN_FLIGHT, CopyState
from portal.domain.payments.terms import Term
from portal.domain.periods import month_of
from portal.store.catalogue import CustomerRow
from portal.store.comparing import (
    Behind,
    Copied,
    Key,
    Namesake,
    Sources,
    entries_numbered_as,
    invoices_behind,
    invoices_of_entries,
    is_fresh,
    marked_alike,
    namesakes,
    read_sources,
)
from portal.store.connections import ConnectionRow
from portal.store.copies import entry_from_row
from portal.store.entries import GONE, AcceptedRow, EntryRow, acceptances, find_entries
from portal.store.invoices import ELSEWHERE, EXCLUDED
from portal.store.reconciliation import ComparedRow, sum_months
from portal.store.stale import ENTRY, INVOICE, SUBSIDIARY, StaleRow, spread_subsidiaries

LANE = "compare-books"
AT_ONCE = 400
COMPARED: tuple[Any, ...] = tuple(ComparedRow.__table__.columns)
STATES = {
    EXCLUDED: Why.EXCLUDED,
    ELSEWHERE: Why.ELSEWHERE,
    CopyState.REFUSED: Why.REFUSED,
    CopyState.UNDONE: Why.UNDONE,
    CopyState.UNCERTAIN: Why.UNCERTAIN,
} | {state: Why.ON_ITS_WAY for state in IN_FLIGHT if state != CopyState.UNCERTAIN}


def compare_books(session: Session, *, clock: Clock) -> int:
    """Compare what is stale, some hundred at a time; returns how many notes were worked off."""
    done = 0
    with hold_lane(session, LANE, clock) as held:
        while held and (count := _compare_some(session)):
            done += count
    return done


def _compare_some(session: Session) -> int:
    """Work off the oldest notes in one transaction; returns how many."""
    columns = (StaleRow.id, StaleRow.kind, StaleRow.subject, StaleRow.connection_id)
    notes = session.execute(select(*columns).order_by(StaleRow.id).limit(AT_ONCE)).all()
    # First of all, for SQLite gives the ids of what was deleted to what is noted next.
    session.execute(delete(StaleRow).where(StaleRow.id.in_([note.id for note in notes])))
    spread_subsidiaries(session, [note.subject for note in notes if note.kind == SUBSIDIARY])
    keys = {(note.connection_id or 0, note.subject) for note in notes if note.kind == ENTRY}
    invoices = {note.subject for note in notes if note.kind == INVOICE}
    of_entries = invoices_of_entries(session, keys) if keys else {}
    months = set()
    every_id = sorted(invoices.union(*of_entries.values()))
    for at in range(0, len(every_id), AT_ONCE):
        months |= compare_invoices(session, every_id[at : at + AT_ONCE])

    if keys:
        months |= _compare_alone(session, keys)

    sum_months(session, months)
    session.commit()
    return len(notes)


def compare_invoices(session: Session, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Compare some invoices; returns the (subsidiary, month) pairs whose sums changed. Commits nothing."""
    sources = read_sources(session, ids)
    fresh = {row["key"]: row for invoice in sources.invoices for row in _each_row(sources, invoice)}
    months, theirs = _replace(session, ComparedRow.invoice_id.in_(ids), fresh)
    # An entry that was compared with one of these stands for itself again, or no longer does.
    theirs |= {(row["connection_id"], row["entry_id"]) for row in fresh.values() if row["entry_id"]}
    theirs |= _stranded(session, ids)

    return months | _compare_alone(session, theirs)


def _stranded(session: Session, ids: Sequence[str]) -> set[Key]:
    """Return the entries beside these invoices' own, whose reason may be another one now."""
    marked = marked_alike(session, ids)
    return marked | entries_numbered_as(session, ids)


def _replace(
    session: Session, where: Any, fresh: dict[str, dict[str, Any]]
) -> tuple[set[tuple[str, str]], set[Key]]:
    """Bring the kept rows to what was compared; returns the touched months and entries."""
    old = {row.key: row for row in session.execute(select(*COMPARED).where(where))}
    months = set()
    entries = set()

    for row in old.values():
        months.add((row.subsidiary_id, row.month))
        if row.entry_id and row.connection_id:
            entries.add((row.connection_id, row.entry_id))

    months |= {(fields["subsidiary_id"], fields["month"]) for fields in fresh.values()}
    gone = old.keys() - fresh.keys()
    new = [fields for key, fields in fresh.items() if key not in old]
    changed = [fields for key, fields in fresh.items() if key in old and old[key]._asdict() != fields]
    if gone:
        session.execute(delete(ComparedRow).where(ComparedRow.key.in_(gone)))

    if new:
        session.execute(insert(ComparedRow), new)

    if changed:
        session.execute(update(ComparedRow), changed)

    return months, entries


def _each_row(sources: Sources, invoice: Row[Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of one invoice: one, or two where it is booked in another month."""
    copy = sources.copies.get(invoice.latest_copy_id or "")
    if invoice.sample or invoice.deleted:
        return

    entry, state = _entry_of(sources, invoice, copy)
    posted = _posted(sources, invoice, copy, entry) if state in (None, Why.EARLY) else None
    billed = Billed(
        gross=invoice.amount_with_tax,
        vat=invoice.amount_tax,
        currency=invoice.currency,
        day=invoice.invoiced_on,
        unpaid=invoice.amount_unpaid,
        state=state or Why.NOT_COPIED,
        changed=invoice.changed_since_copied and copy is not None,
    )

    accepted = _is_accepted(sources, invoice, copy, entry, gone=state == Why.GONE)
    early = Verdict(Agreement.EXPLAINED, (Why.EARLY,)) if state == Why.EARLY else None
    verdict = early or compare(billed, posted, accepted=accepted)
    yield from _spell(sources, invoice, copy, entry, posted, verdict)


def _entry_of(sources: Sources, invoice: Row[Any], copy: Copied | None) -> tuple[EntryRow | None, Why | None]:
    """Return the entry as it was read, and why none counts for the invoice (None where one does)."""
    if copy is not None:
        entry = sources.entries.get((copy.connection_id, copy.entry_id or ""))
        if entry is None or not is_fresh(entry, copy):
            return None, None
        return (entry, Why.GONE) if entry.gone_at else (entry, None)

    connection = sources.live.get(invoice.subsidiary_id)
    early = connection and connection.copy_from and invoice.invoiced_on < connection.copy_from
    state = STATES.get(invoice.copy_state, Why.NOT_COPIED)
    if connection is None or not invoice.number or state in (Why.ON_ITS_WAY, Why.UNCERTAIN):
        return None, state

    found = [
        entry
        for entry in sources.by_number.get((connection.id, invoice.number.strip()), [])
        if (entry.connection_id, entry.id) not in sources.owned
    ]
    if state == Why.EXCLUDED:
        return None, state

    entry = found[0] if len(found) == 1 else None
    if early and state in (Why.NOT_COPIED, Why.ELSEWHERE):
        return entry, Why.EARLY
    if entry is not None:
        return entry, None

    return None, Why.SEVERAL if found else state


def _posted(
    sources: Sources, invoice: Row[Any], copy: Copied | None, entry: EntryRow | None
) -> Posted | None:
    """Return the entry's side: as read, else as the copy booked it."""
    sent = entry_from_row(copy.entry) if copy is not None and copy.entry else None
    if entry is None:
        if copy is None or copy.gross_booked is None:
            return None

        day = sent.entry_date if sent else None
        terms = sources.terms.get((copy.connection_id, copy.entry_id or ""), [])
        still = _open(sources, copy.connection_id, terms, copy.gross_booked)

        return Posted(copy.gross_booked, None, copy.currency, day, still)

    key = (entry.connection_id, entry.id)
    now = entry.entry()
    linked = sources.links.get((entry.connection_id, invoice.company_id))

    return Posted(
        gross=now.gross,
        vat=now.vat,
        currency=now.currency,
        day=now.entry_date,
        open=_open(sources, entry.connection_id, sources.terms.get(key, []), now.gross),
        drift=kinds_of(find_drift(now, sent)) if sent else frozenset(),
        linked=copy is not None,
        other_customer=sent is None and linked is not None and linked != now.customer_id,
    )


def _open(sources: Sources, connection_id: int, terms: Sequence[Term], gross: int) -> int | None:
    """Return what Exact still expects; None where payments are not read, or the terms do not add up."""
    connection = sources.connections.get(connection_id)
    if connection is None or not (connection.payments.on and connection.payments.baseline_done):
        return None
    if sum(term.owed for term in terms) != gross:
        return None
    return sum(term.owed for term in terms if not term.is_settled)


def _is_accepted(
    sources: Sources, invoice: Row[Any], copy: Copied | None, entry: EntryRow | None, *, gone: bool
) -> bool:
    """Say whether a person accepted exactly this version of the entry for exactly this invoice."""
    if entry is None or copy is None:
        return False

    content = GONE if gone else entry.content
    return any(
        row.content == content and row.invoice_id == invoice.id and row.fingerprint == invoice.fingerprint
        for row in sources.accepted.get((entry.connection_id, entry.id), [])
    )


def _spell(
    sources: Sources,
    invoice: Row[Any],
    copy: Copied | None,
    entry: EntryRow | None,
    posted: Posted | None,
    verdict: Verdict,
) -> Iterator[dict[str, Any]]:
    connection = sources.live.get(invoice.subsidiary_id)
    key = (copy.connection_id, copy.entry_id or "") if copy else None
    if entry is not None:
        key = (entry.connection_id, entry.id)

    terms = sources.terms.get(key, []) if key else []
    their_month = month_of(posted.day) if posted and posted.day else None
    month = month_of(invoice.invoiced_on)
    elsewhere = their_month is not None and their_month != month
    row: dict[str, Any] = {
        "key": f"i-{invoice.id}",
        "subsidiary_id": invoice.subsidiary_id,
        "month": month,
        "day": invoice.invoiced_on,
        "part": Part.OURS if elsewhere else Part.BOTH,
        "verdict": verdict.word,
        "differs": verdict.word in DIFFERING,
        "codes": f",{','.join(verdict.codes)},",
        "drifted": bool(posted and posted.drift),
        "number": invoice.number or "",
        "customer": invoice.company_name,
        "journal": _journal(copy, entry),
        "connection_id": key[0] if key else connection.id if connection else None,
        "invoice_id": invoice.id,
        "entry_id": key[1] if key else None,
        "entry_number": _entry_number(copy, entry),
        "currency": invoice.currency,
        "ours": invoice.amount_with_tax,
        "ours_open": invoice.amount_unpaid,
        "their_currency": posted.currency if posted else invoice.currency,
        "their_month": their_month,
        "theirs": posted.gross if posted else None,
        "theirs_open": posted.open if posted else None,
        "due_on": invoice.pay_on,
        "days_late": _delay(invoice.pay_on, terms) if posted and posted.open == 0 else None,
    }

    yield row
    if elsewhere and posted and posted.day:
        other = {
            "key": f"i-{invoice.id}-booked",
            "month": their_month,
            "day": posted.day,
            "part": Part.THEIRS,
        }
        yield row | other


def _journal(copy: Copied | None, entry: EntryRow | None) -> str:
    if entry is not None:
        return entry.journal.strip()
    return (copy.journal or "").strip() if copy else ""


def _entry_number(copy: Copied | None, entry: EntryRow | None) -> str | None:
    if entry is not None:
        return str(entry.invoice_number or entry.entry_number)
    return copy.entry_number if copy else None


def _delay(due: date | None, terms: Sequence[Term]) -> int | None:
    """Return how many days after the due date the last part was paid."""
    paid = [term.paid_on for term in terms if term.is_settled and term.paid_on]
    return days_late(due, max(paid)) if paid else None


def _compare_alone(session: Session, keys: set[Key]) -> set[tuple[str, str]]:
    """Compare entries that no invoice's row shows; returns the months whose sums changed."""
    session.flush()
    shown = _shown(session, keys)
    ours = invoices_behind(session, keys)
    named = namesakes(session, keys)
    names = _subsidiaries(session)
    months: set[tuple[str, str]] = set()

    for connection_id in sorted({each for each, _ in keys}):
        ids = sorted({entry_id for each, entry_id in keys if each == connection_id})
        entries = find_entries(session, connection_id, ids)
        customers = _customer_names(session, connection_id, [row.customer_id for row in entries.values()])
        accepted = acceptances(session, ids)
        fresh = {
            f"e-{connection_id}-{row.id}": _spell_alone(
                row,
                names[connection_id],
                customers.get(row.customer_id, ""),
                _reason(ours.get((connection_id, row.id)), named.get((connection_id, row.id))),
                accepted.get((connection_id, row.id), []),
            )
            for row in entries.values()
            if _is_alone(row, ours.get((connection_id, row.id)))
            and (connection_id, row.id) not in shown
            and connection_id in names
        }

        alone = ComparedRow.key.in_([f"e-{connection_id}-{entry_id}" for entry_id in ids])
        months |= _replace(session, alone, fresh)[0]

    return months


def _shown(session: Session, keys: set[Key]) -> set[Key]:
    """Return which of these entries stand beside an invoice."""
    query = select(ComparedRow.connection_id, ComparedRow.entry_id).where(
        ComparedRow.entry_id.in_([entry_id for _, entry_id in keys]), ComparedRow.invoice_id.is_not(None)
    )
    return {(row[0] or 0, row[1] or "") for row in session.execute(query)}


def _subsidiaries(session: Session) -> dict[int, str]:
    """Return the subsidiary of each live connection; entries of others are nobody's any more."""
    found = session.execute(
        select(ConnectionRow.id, ConnectionRow.subsidiary_id).where(
            ConnectionRow.state == ConnectionState.LIVE
        )
    )
    return {row[0]: row[1] for row in found}


def _customer_names(session: Session, connection_id: int, ids: Sequence[str]) -> dict[str, str]:
    here = (CustomerRow.connection_id == connection_id, CustomerRow.id.in_(ids))
    found = session.execute(select(CustomerRow.id, CustomerRow.name).where(*here))
    return {row[0]: row[1] for row in found}


def _reason(behind: Behind | None, namesake: Namesake | None) -> Why:
    """Say why an entry stands alone; one of ours was credited, is older, or its invoice is gone."""
    if behind is None and namesake is not None:
        return Why.TWIN if namesake.by_marker else Why.BESIDE
    if behind is None:
        return Why.STRANGER
    if behind.credited:
        return Why.CREDITED

    return Why.INVOICE_GONE if behind.deleted else Why.OLDER


def _is_alone(row: EntryRow, behind: Behind | None) -> bool:
    """Say whether an entry is still in Exact; what the portal deleted is not read again at once."""
    return row.gone_at is None and not (behind and behind.undone)


def _spell_alone(
    entry: EntryRow, subsidiary_id: str, customer: str, reason: Why, accepted: Sequence[AcceptedRow]
) -> dict[str, Any]:
    same = any(row.content == entry.content and row.invoice_id is None for row in accepted)
    verdict = compare_alone(reason, accepted=same)
    return {
        "key": f"e-{entry.connection_id}-{entry.id}",
        "subsidiary_id": subsidiary_id,
        "month": month_of(entry.entry_date),
        "day": entry.entry_date,
        "part": Part.BOTH,
        "verdict": verdict.word,
        "differs": verdict.word in DIFFERING,
        "codes": f",{','.join(verdict.codes)},",
        "drifted": False,
        "number": entry.your_ref.strip(),
        "customer": customer,
        "journal": entry.journal.strip(),
        "connection_id": entry.connection_id,
        "invoice_id": None,
        "entry_id": entry.id,
        "entry_number": str(entry.invoice_number or entry.entry_number),
        "currency": entry.currency,
        "ours": None,
        "ours_open": None,
        "their_currency": entry.currency,
        "their_month": month_of(entry.entry_date),
        "theirs": entry.gross,
        "theirs_open": None,
        "due_on": None,
        "days_late": None,
    }
