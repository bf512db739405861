"""The rows of one invoice beside its entry, as they are kept."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from portal.domain.books.aging import days_late
from portal.domain.books.drift import find_drift, kinds_of
from portal.domain.books.reconciliation import Billed, Posted, Verdict, compare
from portal.domain.books.states import DIFFERING, Agreement, Part, Why
from portal.domain.books.vat import explains, sum_vat
from portal.domain.copies.states import IN_FLIGHT, CopyState
from portal.domain.payments.terms import Term
from portal.domain.periods import month_of
from portal.store.comparing import (
    Copied,
    Sources,
    is_fresh,
)
from portal.store.connections import ConnectionRow
from portal.store.copies import entry_from_row
from portal.store.entries import GONE, EntryRow
from portal.store.invoices import ELSEWHERE, EXCLUDED
from portal.store.reconciliation import spell_vat

STATES = {
    EXCLUDED: Why.EXCLUDED,
    ELSEWHERE: Why.ELSEWHERE,
    CopyState.REFUSED: Why.REFUSED,
    CopyState.UNDONE: Why.UNDONE,
    CopyState.UNCERTAIN: Why.UNCERTAIN,
} | {state: Why.ON_ITS_WAY for state in IN_FLIGHT if state != CopyState.UNCERTAIN}


def each_row(sources: Sources, invoice: Row[Any]) -> Iterator[dict[str, Any]]:
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
        still = _open(sources, copy.connection_id, terms, copy.gross_booked, copy)

        return Posted(copy.gross_booked, None, copy.currency, day, still)

    key = (entry.connection_id, entry.id)
    now = entry.entry()
    linked = sources.links.get((entry.connection_id, invoice.company_id))

    return Posted(
        gross=now.gross,
        vat=now.vat,
        currency=now.currency,
        day=now.entry_date,
        open=_open(sources, entry.connection_id, sources.terms.get(key, []), now.gross, copy),
        drift=kinds_of(find_drift(now, sent)) if sent else frozenset(),
        linked=copy is not None,
        other_customer=sent is None and linked is not None and linked != now.customer_id,
    )


def _open(
    sources: Sources, connection_id: int, terms: Sequence[Term], gross: int, copy: Copied | None
) -> int | None:
    """Return what Exact still expects, None where that is not known."""
    # It is not where payments are not read, or the terms do not add up.
    connection = sources.connections.get(connection_id)
    if connection is None or not (connection.payments.on and connection.payments.baseline_done):
        return None
    if not terms and copy is not None and _is_just_booked(connection, copy):
        return gross
    if sum(term.owed for term in terms) != gross:
        return None
    return sum(term.owed for term in terms if not term.is_settled)


def _is_just_booked(connection: ConnectionRow, copy: Copied) -> bool:
    """Say whether a copy ended after the receivable terms were read last, so that all of it is open."""
    began = connection.payments.began_at
    return copy.finished_at is not None and (began is None or copy.finished_at >= began)


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
    vat, sums = _vat_of(copy, entry) if posted else (None, None)
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
        "ours_vat": invoice.amount_tax,
        "theirs_vat": vat,
        "vat_sums": sums,
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


def _vat_of(copy: Copied | None, entry: EntryRow | None) -> tuple[int | None, str | None]:
    """Return an entry's VAT, and its base and VAT per code as far as they are known."""
    if entry is not None:
        return entry.vat, spell_lines(entry)

    sent = entry_from_row(copy.entry) if copy is not None and copy.entry else None
    if copy is None or sent is None or sent.gross != copy.gross_booked:
        return None, None

    return sent.vat, spell_vat(sum_vat(sent.lines))


def spell_lines(entry: EntryRow) -> str | None:
    """Spell an entry's sums per VAT code, None where its lines do not tell the whole."""
    sums = sum_vat(entry.entry().lines)
    return spell_vat(sums) if explains(sums, gross=entry.gross, vat=entry.vat) else None


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
