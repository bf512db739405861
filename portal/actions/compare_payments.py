"""Compare the mirror with the payments made, and write down what Productive should get."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.actions.ports import Ledger
from portal.domain.ids import marker_of, new_id
from portal.domain.payments import (
    CASH,
    CREDIT,
    EXCHANGE_DIFFERENCE,
    PAYMENT_DIFFERENCE,
    SALES,
    MadePayment,
    PaymentPlan,
    PaymentPolicy,
    Settled,
    Term,
    Wanted,
    WantedPayment,
    diff_payments,
    wanted_payments,
)
from portal.store.connections import ConnectionRow
from portal.store.copies import IN_EXACT, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import (
    DUE,
    HELD,
    PAYMENT_SENDING,
    PAYMENT_UNCERTAIN,
    REMOVED,
    BaselineRow,
    FindingRow,
    PaymentRow,
    TermRow,
    TouchedEntryRow,
)

RELATED = (SALES, CREDIT, CASH, EXCHANGE_DIFFERENCE, PAYMENT_DIFFERENCE)
DELETED = "The entry was deleted in Exact. Payments already made stay; use Create new, or Do not copy."
OLDER = "Money arrived on an older copy of this invoice. Move it to the latest entry in Exact."


def compare_touched(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> int:
    """Compare every touched entry; those in doubt wait for the next pull. Returns how many were compared."""
    connection = session.get_one(ConnectionRow, connection_id)
    touched = session.scalars(
        select(TouchedEntryRow.entry_id).where(TouchedEntryRow.connection_id == connection_id)
    ).all()
    ours = _copies_by_entry(session, touched)
    session.commit()
    for entry_id in touched:
        copy = ours.get(entry_id)
        if copy is None or _compare(session, ledger, connection, copy, now):
            session.execute(
                delete(TouchedEntryRow).where(
                    TouchedEntryRow.connection_id == connection_id, TouchedEntryRow.entry_id == entry_id
                )
            )
        session.commit()
    return len(touched)


def _copies_by_entry(session: Session, entry_ids: Sequence[str]) -> dict[str, CopyRow]:
    """Return the copy of each entry, the latest wish where an update shares the entry."""
    found: dict[str, CopyRow] = {}
    for at in range(0, len(entry_ids), 500):
        rows = session.scalars(
            select(CopyRow)
            .where(CopyRow.entry_id.in_(entry_ids[at : at + 500]), CopyRow.state.in_(IN_EXACT))
            .order_by(CopyRow.requested_at)
        )
        found |= {row.entry_id or "": row for row in rows}
    return found


def _compare(
    session: Session, ledger: Ledger, connection: ConnectionRow, copy: CopyRow, now: datetime
) -> bool:
    """Write down what one entry asks for; False when it must be looked at again."""
    invoice = session.get_one(InvoiceRow, copy.invoice_id)
    rows = _payment_rows(session, copy)
    if any(row.state in (PAYMENT_SENDING, PAYMENT_UNCERTAIN) for row in rows):
        return False
    wanted = _wanted(session, connection, copy, invoice, _live_terms(session, connection, copy))
    if wanted.doubtful:
        session.commit()
        wanted = _wanted(session, connection, copy, invoice, ledger.read_terms(copy.entry_id or ""))
        if wanted.doubtful:
            return _settle_doubt(session, ledger, copy, wanted.doubtful, now)
    if invoice.latest_copy_id != copy.id and not _shares_entry(session, invoice, copy):
        if wanted.payments:
            note_finding(session, copy, "older copy", OLDER, now)
        return True
    resolve_findings(session, copy, now)
    for finding in wanted.findings:
        note_finding(session, copy, finding.code, finding.text, now)
    _write_down(session, copy, invoice, rows, diff_payments(wanted, [_made(row) for row in rows]), now)
    return True


def _shares_entry(session: Session, invoice: InvoiceRow, copy: CopyRow) -> bool:
    latest = session.get(CopyRow, invoice.latest_copy_id) if invoice.latest_copy_id else None
    return latest is not None and latest.entry_id == copy.entry_id


def _live_terms(session: Session, connection: ConnectionRow, copy: CopyRow) -> list[Term]:
    rows = session.scalars(
        select(TermRow).where(
            TermRow.connection_id == connection.id,
            TermRow.entry_id == copy.entry_id,
            TermRow.deleted_at.is_(None),
        )
    )
    return [row.term() for row in rows]


def _wanted(
    session: Session, connection: ConnectionRow, copy: CopyRow, invoice: InvoiceRow, terms: Sequence[Term]
) -> Wanted:
    baseline = session.scalars(
        select(BaselineRow).where(
            BaselineRow.connection_id == connection.id, BaselineRow.entry_id == copy.entry_id
        )
    )
    policy = PaymentPolicy(
        write_off_differences=connection.write_off_differences,
        baseline=tuple(Settled(row.term_id, row.amount, row.settled_on) for row in baseline),
    )
    return wanted_payments(
        terms,
        gross=copy.gross_booked or 0,
        currency=copy.currency,
        related=_related(session, connection, terms),
        policy=policy,
        productive_credited=invoice.invoice().credited,
    )


def _related(session: Session, connection: ConnectionRow, terms: Sequence[Term]) -> list[Term]:
    """Return the other terms of the same account that were settled on the same days."""
    accounts, own = {term.account_id for term in terms}, {term.entry_id for term in terms}
    days = {day for term in terms if (day := term.ended_on or term.last_payment_on)}
    if not days:
        return []
    rows = session.scalars(
        select(TermRow).where(
            TermRow.connection_id == connection.id,
            TermRow.account_id.in_(accounts),
            func.coalesce(TermRow.ended_on, TermRow.last_payment_on).in_(days),
            TermRow.transaction_type.in_(RELATED),
            TermRow.entry_id.not_in(own),
            TermRow.deleted_at.is_(None),
        )
    )
    return [row.term() for row in rows]


def _settle_doubt(session: Session, ledger: Ledger, copy: CopyRow, doubt: str, now: datetime) -> bool:
    """A vanished entry is a finding, never "paid"; any other doubt waits for the next pull."""
    session.commit()
    gone = ledger.read_entry(copy.entry_id or "") is None
    note_finding(session, copy, "entry deleted" if gone else "doubtful", DELETED if gone else doubt, now)
    return gone


def _payment_rows(session: Session, copy: CopyRow) -> Sequence[PaymentRow]:
    return session.scalars(
        select(PaymentRow).where(PaymentRow.invoice_id == copy.invoice_id, PaymentRow.state != REMOVED)
    ).all()


def _made(row: PaymentRow) -> MadePayment:
    """Return a payment as it will be once what is due is done."""
    return MadePayment(
        row.id,
        row.term_id,
        row.amount if row.next_amount is None else row.next_amount,
        row.next_on or row.paid_on,
        row.written_off,
    )


def _write_down(
    session: Session,
    copy: CopyRow,
    invoice: InvoiceRow,
    rows: Sequence[PaymentRow],
    plan: PaymentPlan,
    now: datetime,
) -> None:
    by_id = {row.id: row for row in rows}
    for kept in plan.keep:
        by_id[kept.made.id].term_id = kept.term_id
    for change in plan.change:
        _ask_change(by_id[change.made.id], change.wanted, now)
    for made in plan.remove:
        _ask_removal(by_id[made.id], now)
    for wanted in plan.create:
        session.add(_new_payment(copy, invoice, wanted, now))


def _ask_change(row: PaymentRow, wanted: WantedPayment, now: datetime) -> None:
    row.term_id, row.changed_at, row.next_try_at, row.trouble = wanted.term_id, now, now, None
    if row.productive_id is None:
        row.amount, row.paid_on, row.written_off = wanted.amount, wanted.on, wanted.written_off
    else:
        row.next_amount, row.next_on, row.written_off = wanted.amount, wanted.on, wanted.written_off
        row.wanted, row.reason = "change", "Exact settled another amount or date"
    row.state = DUE


def _ask_removal(row: PaymentRow, now: datetime) -> None:
    row.changed_at, row.next_try_at = now, now
    row.reason = "Exact no longer settles this part"
    row.state, row.wanted = (REMOVED if row.productive_id is None else DUE), "remove"


def _new_payment(copy: CopyRow, invoice: InvoiceRow, wanted: WantedPayment, now: datetime) -> PaymentRow:
    payment_id = new_id()
    return PaymentRow(
        id=payment_id,
        connection_id=copy.connection_id,
        invoice_id=copy.invoice_id,
        copy_id=copy.id,
        term_id=wanted.term_id,
        amount=wanted.amount,
        currency=copy.currency,
        paid_on=wanted.on,
        written_off=wanted.written_off,
        marker=marker_of(payment_id),
        state=HELD if invoice.sent_on is None else DUE,
        reason="Written off in Exact" if wanted.written_off else "Settled in Exact",
        created_at=now,
        changed_at=now,
        next_try_at=now,
    )


def note_finding(session: Session, copy: CopyRow, kind: str, text: str, now: datetime) -> None:
    """Show a finding once while it lasts."""
    same = select(FindingRow.id).where(
        FindingRow.invoice_id == copy.invoice_id, FindingRow.kind == kind, FindingRow.resolved_at.is_(None)
    )
    if session.scalar(same.limit(1)) is None:
        session.add(
            FindingRow(
                id=new_id(),
                connection_id=copy.connection_id,
                invoice_id=copy.invoice_id,
                kind=kind,
                text=text,
                found_at=now,
            )
        )


def resolve_findings(session: Session, copy: CopyRow, now: datetime) -> None:
    """Close the findings of an invoice whose terms are clear again."""
    rows = session.scalars(
        select(FindingRow).where(FindingRow.invoice_id == copy.invoice_id, FindingRow.resolved_at.is_(None))
    )
    for row in rows:
        row.resolved_at = now
