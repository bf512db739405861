"""Compare the mirror with the payments made, and write down what Productive should get."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.actions.note_findings import DELETED, OLDER, keep_findings, note_finding
from portal.actions.ports import Ledger
from portal.actions.write_payments import write_down
from portal.domain.payments import (
    CASH,
    CREDIT,
    EXCHANGE_DIFFERENCE,
    PAYMENT_DIFFERENCE,
    SALES,
    MadePayment,
    PaymentPolicy,
    Settled,
    Term,
    Wanted,
    diff_payments,
    wanted_payments,
)
from portal.store.connections import ConnectionRow
from portal.store.copies import IN_EXACT, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import (
    PAYMENT_SENDING,
    PAYMENT_UNCERTAIN,
    REMOVED,
    BaselineRow,
    PaymentRow,
    TermRow,
    TouchedEntryRow,
)

RELATED = (SALES, CREDIT, CASH, EXCHANGE_DIFFERENCE, PAYMENT_DIFFERENCE)


def compare_touched(session: Session, ledger: Ledger, connection_id: int, *, now: datetime) -> int:
    """Compare every touched invoice; those in doubt wait for the next pull. Returns how many there were."""
    connection = session.get_one(ConnectionRow, connection_id)
    _forget_strangers(session, connection_id)
    invoices = _touched_invoices(session, connection_id)
    session.commit()
    for invoice_id, entry_ids in invoices.items():
        if _compare(session, ledger, connection, invoice_id, now):
            _forget(session, connection_id, entry_ids)
        session.commit()
    return len(invoices)


def _forget_strangers(session: Session, connection_id: int) -> None:
    """Forget touched entries that no copy made; a copy that ends later touches its entry itself."""
    ours = select(CopyRow.entry_id).where(
        CopyRow.connection_id == connection_id, CopyRow.state.in_(IN_EXACT), CopyRow.entry_id.is_not(None)
    )
    session.execute(
        delete(TouchedEntryRow).where(
            TouchedEntryRow.connection_id == connection_id, TouchedEntryRow.entry_id.not_in(ours)
        )
    )


def _touched_invoices(session: Session, connection_id: int) -> dict[str, set[str]]:
    """Return the touched entries of each invoice, the oldest copy first."""
    found: dict[str, set[str]] = {}
    rows = session.execute(
        select(CopyRow.invoice_id, TouchedEntryRow.entry_id)
        .join(TouchedEntryRow, TouchedEntryRow.entry_id == CopyRow.entry_id)
        .where(
            TouchedEntryRow.connection_id == connection_id,
            CopyRow.connection_id == connection_id,
            CopyRow.state.in_(IN_EXACT),
        )
        .order_by(CopyRow.requested_at, CopyRow.id)
    )
    for invoice_id, entry_id in rows:
        found.setdefault(invoice_id, set()).add(entry_id)
    return found


def _forget(session: Session, connection_id: int, entry_ids: set[str]) -> None:
    session.execute(
        delete(TouchedEntryRow).where(
            TouchedEntryRow.connection_id == connection_id, TouchedEntryRow.entry_id.in_(entry_ids)
        )
    )


def _compare(
    session: Session, ledger: Ledger, connection: ConnectionRow, invoice_id: str, now: datetime
) -> bool:
    """Write down what one invoice's latest entry asks for; False when it must be looked at again."""
    invoice = session.get_one(InvoiceRow, invoice_id)
    latest, older = _copies(session, connection, invoice)
    if latest is None:
        return True
    wanted = _wanted(session, connection, latest, invoice, _live_terms(session, connection, latest))
    if wanted.doubtful:
        session.commit()
        read = _read_again(ledger, latest, vanished=not wanted.paid and not wanted.payments)
        if read is None:
            note_finding(session, latest, "entry deleted", DELETED, now)
            return True
        wanted = _wanted(session, connection, latest, invoice, read)
    if wanted.doubtful:
        note_finding(session, latest, "doubtful", wanted.doubtful, now)
        return False
    return _settle(session, connection, invoice_id, latest, older, wanted, now)
