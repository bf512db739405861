"""What explains the differences of some compared rows: copies, payments and findings, read at once."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.books.causes import Facts
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import CopyAction
from portal.domain.payments.states import PaymentState
from portal.store.baseline import BaselineRow
from portal.store.comparing import Behind, Key, Namesake, invoices_behind, namesakes
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.findings import FindingRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow


def read_facts(session: Session, rows: Sequence[ComparedRow]) -> dict[str, Facts]:
    """Return what is known beside the comparison, by key."""
    ids = [row.invoice_id for row in rows if row.invoice_id]
    connected = set(
        session.scalars(
            select(ConnectionRow.subsidiary_id).where(ConnectionRow.state == ConnectionState.LIVE)
        )
    )
    copies = _latest_copies(session, ids)
    reasons = _reasons(session, ids)
    payments = _payments(session, ids)
    findings = _findings(session, ids)
    alone = {(row.connection_id or 0, row.entry_id or "") for row in rows if not row.invoice_id}
    behind = invoices_behind(session, alone) if alone else {}
    named = namesakes(session, alone) if alone else {}
    settled = _settled_before(session, [row.entry_id for row in rows if row.entry_id and row.invoice_id])
    facts = {}

    for row in rows:
        copy = copies.get(row.invoice_id or "")
        made = payments.get(row.invoice_id or "", [])
        refused = next((each.trouble for each in made if each.state is PaymentState.REFUSED), None)
        facts[row.key] = Facts(
            connected=row.subsidiary_id in connected,
            linked_by_hand=copy is not None and copy.action == CopyAction.ADOPT,
            drifted=row.drifted,
            half_updated=copy is not None and copy.cause == Cause.HALF_UPDATED,
            trouble=copy.trouble or copy.remote_text if copy else None,
            reason=reasons.get(row.invoice_id or ""),
            number=_number(row, behind, named),
            entry=row.entry_number,
            linked=_linked(row, named),
            paid_more_in_exact=(row.theirs_open or 0) < (row.ours_open or 0),
            payment_states=frozenset(each.state for each in made),
            payment_trouble=refused,
            baseline=row.entry_id in settled,
            findings=tuple(findings.get(row.invoice_id or "", ())),
        )

    return facts


def _number(row: ComparedRow, behind: dict[Key, Behind], named: dict[Key, Namesake]) -> str:
    """Return the number of the invoice that a row, or the copy behind its entry, is about."""
    key = (row.connection_id or 0, row.entry_id or "")
    found = behind.get(key) or named.get(key)
    return found.number if found else row.number


def _linked(row: ComparedRow, named: dict[Key, Namesake]) -> str | None:
    """Return the number of the entry that is linked where an entry stands beside it."""
    found = named.get((row.connection_id or 0, row.entry_id or ""))
    return found.linked if found else None


def _reasons(session: Session, ids: Sequence[str]) -> dict[str, str | None]:
    """Return why invoices are not to be copied."""
    found = session.execute(select(InvoiceRow.id, InvoiceRow.exclude_reason).where(InvoiceRow.id.in_(ids)))
    return {row[0]: row[1] for row in found}


def _latest_copies(session: Session, ids: Sequence[str]) -> dict[str, CopyRow]:
    """Return the copy that counts for each invoice, by invoice."""
    query = select(InvoiceRow.id, CopyRow).join(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id)
    return {row[0]: row[1] for row in session.execute(query.where(InvoiceRow.id.in_(ids)))}


def _payments(session: Session, ids: Sequence[str]) -> dict[str, list[PaymentRow]]:
    found: dict[str, list[PaymentRow]] = {}
    for row in session.scalars(select(PaymentRow).where(PaymentRow.invoice_id.in_(ids))):
        found.setdefault(row.invoice_id, []).append(row)
    return found


def _findings(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = select(FindingRow).where(FindingRow.invoice_id.in_(ids), FindingRow.resolved_at.is_(None))
    for row in session.scalars(query.order_by(FindingRow.found_at)):
        found.setdefault(row.invoice_id, []).append(row.text)
    return found


def _settled_before(session: Session, entry_ids: Sequence[str]) -> set[str]:
    """Return the entries that were settled, in part at least, before payments were switched on."""
    return set(session.scalars(select(BaselineRow.entry_id).where(BaselineRow.entry_id.in_(entry_ids))))
