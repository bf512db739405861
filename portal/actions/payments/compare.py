"""Compare the mirror with the payments made, and write down what Productive should get."""

from collections.abc import Sequence, Sized
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.assumptions import Feature
from portal.domain.copies.states import CopyState, Ending
from portal.domain.payments.plan import MadePayment, Wanted, WantedPayment, diff_payments
from portal.domain.payments.states import UNKNOWN, FindingKind, PaymentState
from portal.domain.payments.tally import Tally
from portal.domain.payments.terms import (
    CASH,
    CREDIT,
    EXCHANGE_DIFFERENCE,
    PAYMENT_DIFFERENCE,
    SALES,
    TERM_MATCHED,
    Term,
)
from portal.domain.payments.wanted import PaymentPolicy, wanted_payments
from portal.domain.payments.words import Figures
from portal.domain.unreadable import Kind
from portal.remote.odd import UnreadableError
from portal.store.baseline import baseline_of, follow_baseline
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, has_receivable
from portal.store.findings import keep_findings, note_finding
from portal.store.invoices import InvoiceRow
from portal.store.leases import check_held
from portal.store.payment_plan import follow_older, withdraw_unmade, write_plan
from portal.store.payments import PaymentRow
from portal.store.terms import TermRow, TouchedEntryRow, keep_read, live_rows, settled_on
from portal.store.trials import kept_off
from portal.store.unreadable import end_of_parents, hidden_terms

# Whose the terms are that cannot be read: the entry's own, or others of its customer.
_OWN = "own"
_OTHERS = "others"
RELATED = (SALES, CREDIT, CASH, EXCHANGE_DIFFERENCE, PAYMENT_DIFFERENCE)


def compare_touched(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> Tally:
    """Compare every touched invoice, and return what was found. Those in doubt wait for the next pull."""
    with transaction(session):
        connection = session.get_one(ConnectionRow, connection_id)
        invoices, strangers = _touched(session, connection_id)
        if strangers:
            _forget(session, connection_id, strangers)

    found = Tally()
    for invoice_id, entry_ids in invoices.items():
        with transaction(session):
            told = _compare(session, ledger, connection, invoice_id, now)
            if told is not None:
                _forget(session, connection_id, entry_ids)
                found += told

    return found


def _touched(session: Session, connection_id: int) -> tuple[dict[str, set[str]], set[str]]:
    """Return the touched entries of each invoice, the oldest copy first, and those that no copy made."""
    # Those are forgotten, for a copy that ends later touches its entry itself.
    found: dict[str, set[str]] = {}
    strangers: set[str] = set()
    made_it = and_(
        CopyRow.entry_id == TouchedEntryRow.entry_id,
        CopyRow.connection_id == connection_id,
        has_receivable(),
    )
    rows = session.execute(
        select(CopyRow.invoice_id, TouchedEntryRow.entry_id)
        .select_from(TouchedEntryRow)
        .outerjoin(CopyRow, made_it)
        .where(TouchedEntryRow.connection_id == connection_id)
        .order_by(CopyRow.requested_at, CopyRow.id)
    )
    for invoice_id, entry_id in rows:
        if invoice_id is None:
            strangers.add(entry_id)
        else:
            found.setdefault(invoice_id, set()).add(entry_id)

    return found, strangers


def _forget(session: Session, connection_id: int, entry_ids: set[str]) -> None:
    session.execute(
        delete(TouchedEntryRow).where(
            TouchedEntryRow.connection_id == connection_id, TouchedEntryRow.entry_id.in_(entry_ids)
        )
    )


def _compare(
    session: Session, ledger: Ledger, connection: ConnectionRow, invoice_id: str, now: datetime
) -> Tally | None:
    """Write down what one invoice's latest entry asks for. None when it must be looked at again."""
    invoice = _lock(session, invoice_id)
    latest, older = _copies(session, connection, invoice)
    if latest is None:
        return Tally()

    # What is read once more before it is written down, for a call may last long.
    was_asked = bool(older)
    for copy in older:
        _confirm(session, ledger, connection, copy, invoice, now)

    terms = _live_terms(session, connection, latest)
    wanted = _wanted(session, connection, latest, invoice, terms)
    hidden = _hidden(session, connection, latest, terms)

    if wanted.doubtful or any(term.timestamp == 0 for term in terms) or _OWN in hidden:
        let_go(session)
        was_asked = True
        try:
            read = ledger.read_terms(latest.entry_id or "") if terms or hidden else []
            if not read and ledger.read_entry(latest.entry_id or "") is None:
                return _note_deleted(session, connection, latest, older, now)
            terms = read or ledger.read_terms(latest.entry_id or "")
        except UnreadableError as error:
            note_finding(session, latest, FindingKind.UNREADABLE, now, {"said": error.said.to_json()})
            return None

        hidden = _hidden(session, connection, latest, terms)
        wanted = _wanted(session, connection, latest, invoice, terms)
        end_of_parents(session, connection.id, Kind.TERM, [latest.entry_id or ""], now)
        if not wanted.doubtful:
            keep_read(session, connection.id, latest.entry_id or "", terms, now)

    if wanted.doubtful:
        note_finding(session, latest, FindingKind.DOUBTFUL, now, {"doubt": wanted.doubtful})
        return None

    if _OTHERS in hidden and any(term.is_settled for term in terms):
        note_finding(session, latest, FindingKind.UNREADABLE, now)
        return None

    if was_asked:
        invoice = _lock(session, invoice_id)
        session.refresh(latest)

    return _settle(session, connection, invoice, latest, older, terms, wanted, now)


def _lock(session: Session, invoice_id: str) -> InvoiceRow:
    """Return an invoice as it is now, and keep it until the commit, if the lane is still ours."""
    check_held(session)
    return session.get_one(InvoiceRow, invoice_id, with_for_update=True, populate_existing=True)


def _hidden(session: Session, connection: ConnectionRow, copy: CopyRow, terms: Sequence[Term]) -> set[str]:
    """Say whether terms of an entry cannot be read, or others that may have settled it."""
    entry_id = copy.entry_id or ""
    accounts = {term.account_id for term in terms} | {copy.customer_id or ""}
    rows = hidden_terms(session, connection.id, entry_id, accounts)
    return {_OWN if row.parent == entry_id else _OTHERS for row in rows}


def _confirm(
    session: Session,
    ledger: Ledger,
    connection: ConnectionRow,
    copy: CopyRow,
    invoice: InvoiceRow,
    now: datetime,
) -> None:
    """Read an older entry whose terms are in doubt, and keep what adds up, or that it is gone."""
    terms = _live_terms(session, connection, copy)
    entry_id = copy.entry_id or ""
    in_doubt = _wanted(session, connection, copy, invoice, terms).doubtful
    let_go(session)
    if not terms or not (in_doubt or any(term.timestamp == 0 for term in terms)):
        return

    try:
        read = ledger.read_terms(entry_id)
    except UnreadableError:
        # What was known of it stays until it can be read.
        return

    if read and _wanted(session, connection, copy, invoice, read).doubtful:
        let_go(session)
        return

    let_go(session)
    if read or ledger.read_entry(entry_id) is None:
        with transaction(session):
            keep_read(session, connection.id, entry_id, read, now)


def _note_deleted(
    session: Session, connection: ConnectionRow, latest: CopyRow, older: Sequence[CopyRow], now: datetime
) -> Tally | None:
    """Show that an entry is gone: payments made stay, those that wait are not made."""
    rows = _payments(session, latest.invoice_id)
    if any(row.state in UNKNOWN for row in rows):
        return None

    keep_read(session, connection.id, latest.entry_id or "", (), now)
    invoice = session.get_one(InvoiceRow, latest.invoice_id)
    elsewhere = _settled_on_older(session, connection, invoice, older)
    findings: dict[FindingKind, Figures] = {FindingKind.ENTRY_DELETED: {}}
    if elsewhere:
        findings[FindingKind.OLDER_COPY] = {}

    keep_findings(session, latest, findings, now)
    withdraw_unmade(rows, now)

    return Tally()


def _payments(session: Session, invoice_id: str) -> Sequence[PaymentRow]:
    return session.scalars(
        select(PaymentRow)
        .where(PaymentRow.invoice_id == invoice_id, PaymentRow.state != PaymentState.REMOVED)
        .order_by(PaymentRow.created_at, PaymentRow.id)
        .execution_options(populate_existing=True)
    ).all()


def _settle(
    session: Session,
    connection: ConnectionRow,
    invoice: InvoiceRow,
    latest: CopyRow,
    older: Sequence[CopyRow],
    terms: Sequence[Term],
    wanted: Wanted,
    now: datetime,
) -> Tally | None:
    """Write the plan down in one transaction. None while a payment's outcome is not known."""
    if latest.state == CopyState.UNDONE and latest.ending != Ending.CREDITED:
        return Tally()

    rows = _payments(session, invoice.id)
    if any(row.state in UNKNOWN for row in rows):
        return None

    elsewhere = _settled_on_older(session, connection, invoice, older)
    plan = diff_payments(wanted, [_made(row) for row in rows])
    gone = tuple(made for made in plan.remove if made.term_id not in elsewhere)
    told = write_plan(session, latest, invoice, rows, replace(plan, remove=gone), now)
    staying = [made for made in plan.remove if made.term_id in elsewhere]
    follow_older(rows, staying, [payment for payment in elsewhere.values() if payment], now)
    follow_baseline(session, latest, terms, now)
    keep_findings(session, latest, _findings(invoice, wanted, elsewhere, rows), now)

    return told


def _findings(
    invoice: InvoiceRow, wanted: Wanted, elsewhere: Sized, rows: Sequence[PaymentRow]
) -> dict[FindingKind, Figures]:
    """Return what a person must look at, figures by kind."""
    findings: dict[FindingKind, Figures] = {finding.code: {} for finding in wanted.findings}
    if invoice.amount_unpaid <= 0:
        # Whatever it was, Productive has it.
        findings.pop(FindingKind.SETTLED_BEFORE, None)

    if elsewhere:
        findings[FindingKind.OLDER_COPY] = {}

    if invoice.deleted and wanted.payments:
        findings[FindingKind.INVOICE_DELETED] = {}

    if asked := [row.figures for row in rows if row.state == PaymentState.ASKED]:
        findings[FindingKind.OVERPAID] = asked[0]

    return findings


def _copies(
    session: Session, connection: ConnectionRow, invoice: InvoiceRow
) -> tuple[CopyRow | None, list[CopyRow]]:
    """Return the copy that counts, and those on older entries. None when it lies in other books."""
    rows = session.scalars(
        select(CopyRow)
        .where(CopyRow.invoice_id == invoice.id, has_receivable())
        .order_by(CopyRow.requested_at.desc(), CopyRow.id)
        .execution_options(populate_existing=True)
    ).all()

    latest = next((row for row in rows if row.id == invoice.latest_copy_id), rows[0] if rows else None)
    if latest is None or latest.connection_id != connection.id:
        return None, []

    # Of each entry its newest copy counts, for an update changes the total.
    entries = {row.entry_id: row for row in reversed(rows) if row.connection_id == connection.id}
    return latest, [row for entry_id, row in entries.items() if entry_id != latest.entry_id]


def _settled_on_older(
    session: Session, connection: ConnectionRow, invoice: InvoiceRow, older: Sequence[CopyRow]
) -> dict[str, WantedPayment | None]:
    """Return the terms by which older entries hold money, with what it would be paid as. None in doubt."""
    found: dict[str, WantedPayment | None] = {}
    for copy in older:
        terms = _live_terms(session, connection, copy)
        wanted = _wanted(session, connection, copy, invoice, terms)
        unclear = {finding.term_id for finding in wanted.findings if finding.code == FindingKind.UNCLEAR}
        found |= {
            term.id: None for term in terms if term.is_settled and (wanted.doubtful or term.id in unclear)
        }
        found |= {payment.term_id: payment for payment in wanted.payments}

    return found


def _live_terms(session: Session, connection: ConnectionRow, copy: CopyRow) -> list[Term]:
    return [row.term() for row in live_rows(session, connection.id, copy.entry_id or "")]


def _wanted(
    session: Session, connection: ConnectionRow, copy: CopyRow, invoice: InvoiceRow, terms: Sequence[Term]
) -> Wanted:
    policy = PaymentPolicy(
        write_off_differences=connection.payments.write_off_differences
        and not kept_off(connection, Feature.WRITE_OFFS),
        baseline=baseline_of(session, connection.id, copy.entry_id),
    )

    return wanted_payments(
        terms,
        gross=copy.gross_booked or 0,
        currency=copy.currency,
        related=_related(session, connection, terms),
        policy=policy,
        productive_credited=invoice.invoice().credited or copy.ending == Ending.CREDITED,
    )


def _related(session: Session, connection: ConnectionRow, terms: Sequence[Term]) -> list[Term]:
    """Return what may have settled terms: the other side's terms of the same account and days."""
    accounts = {term.account_id for term in terms}
    own = {term.entry_id for term in terms}
    days = {term.matched_on for term in terms if term.matched_on}
    if not days:
        return []

    rows = session.scalars(
        select(TermRow).where(
            TermRow.connection_id == connection.id,
            TermRow.account_id.in_(accounts),
            settled_on.in_(days),
            TermRow.transaction_type.in_(RELATED),
            TermRow.status == TERM_MATCHED,
            TermRow.amount > 0,
            TermRow.entry_id.not_in(own),
            TermRow.deleted_at.is_(None),
        )
    )

    return [row.term() for row in rows]


def _made(row: PaymentRow) -> MadePayment:
    """Return a payment as it will be once what is due is done."""
    return MadePayment(row.id, row.term_id, row.amount_to_be, row.day_to_be, row.written_off)
