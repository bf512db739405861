"""What explains the differences of some compared rows: copies, payments and findings, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from portal.domain.books.causes import Facts
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import CopyAction
from portal.domain.payments.states import PaymentState
from portal.domain.said import Said, as_written
from portal.store.baseline import BaselineRow
from portal.store.comparing import Behind, Key, Namesake, invoices_behind, namesakes
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.findings import FindingRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow


@dataclass(slots=True)
class Beside:
    """What stands beside one compared row: its copy, payments, findings and what was settled before."""

    connected: bool = False
    reason: str | None = None
    copy: CopyRow | None = None
    payments: dict[str, PaymentRow] = field(default_factory=dict)
    findings: dict[str, FindingRow] = field(default_factory=dict)
    settled: bool = False

    @property
    def found(self) -> tuple[Said, ...]:
        """What a person must look at, the oldest first."""
        ordered = sorted(self.findings.values(), key=lambda one: one.found_at)
        return tuple(one.said for one in ordered)


def read_facts(session: Session, rows: Sequence[ComparedRow]) -> dict[str, Facts]:
    """Return what is known beside the comparison, by key."""
    besides = _read_beside(session, [row.key for row in rows])
    alone = {(row.connection_id or 0, row.entry_id or "") for row in rows if not row.invoice_id}
    behind = invoices_behind(session, alone) if alone else {}
    named = namesakes(session, alone) if alone else {}
    facts = {}

    for row in rows:
        beside = besides.get(row.key, Beside())
        facts[row.key] = facts_of(row, beside, number=_number(row, behind, named), linked=_linked(row, named))

    return facts


def _trouble_of(copy: CopyRow) -> Said | None:
    """Return what is said of a copy, else the words of the other side."""
    return copy.trouble or (as_written(copy.remote_text) if copy.remote_text else None)


def facts_of(
    row: ComparedRow, beside: Beside, *, number: str | None = None, linked: str | None = None
) -> Facts:
    """Return what is known beside one comparison, whose number may be another invoice's."""
    copy = beside.copy
    made = list(beside.payments.values())
    refused = next((each.trouble for each in made if each.state is PaymentState.REFUSED), None)

    return Facts(
        connected=beside.connected,
        linked_by_hand=copy is not None and copy.action == CopyAction.ADOPT,
        drifted=row.drifted,
        half_updated=copy is not None and copy.cause == Cause.HALF_UPDATED,
        trouble=_trouble_of(copy) if copy else None,
        reason=beside.reason,
        number=row.number if number is None else number,
        entry=row.entry_number,
        linked=linked,
        paid_more_in_exact=(row.theirs_open or 0) < (row.ours_open or 0),
        payment_states=frozenset(each.state for each in made),
        payment_trouble=refused,
        baseline=beside.settled,
        findings=beside.found,
    )


def _read_beside(session: Session, keys: Sequence[str]) -> dict[str, Beside]:
    """Return what stands beside some compared rows, in one query."""
    is_live = (ConnectionRow.subsidiary_id == ComparedRow.subsidiary_id) & (
        ConnectionRow.state == ConnectionState.LIVE
    )
    is_open = (FindingRow.invoice_id == InvoiceRow.id) & FindingRow.resolved_at.is_(None)
    was_settled = (BaselineRow.entry_id == ComparedRow.entry_id) & ComparedRow.invoice_id.is_not(None)
    query = (
        select(ComparedRow.key, ConnectionRow.id, InvoiceRow.exclude_reason)
        .add_columns(CopyRow, PaymentRow, FindingRow, BaselineRow.entry_id)
        .outerjoin(ConnectionRow, is_live)
        .outerjoin(InvoiceRow, InvoiceRow.id == ComparedRow.invoice_id)
        .outerjoin(CopyRow, CopyRow.id == InvoiceRow.latest_copy_id)
        .outerjoin(PaymentRow, PaymentRow.invoice_id == InvoiceRow.id)
        .outerjoin(FindingRow, is_open)
        .outerjoin(BaselineRow, was_settled)
        .where(ComparedRow.key.in_(keys))
        .options(
            load_only(CopyRow.action, CopyRow.cause, CopyRow.trouble, CopyRow.remote_text),
            load_only(PaymentRow.state, PaymentRow.cause, PaymentRow.figures),
        )
    )

    found: dict[str, Beside] = {}
    for key, connection_id, reason, copy, payment, finding, settled in session.execute(query):
        beside = found.setdefault(key, Beside(connection_id is not None, reason, copy))
        beside.settled = beside.settled or settled is not None
        if payment is not None:
            beside.payments[payment.id] = payment

        if finding is not None:
            beside.findings[finding.id] = finding

    return found


def _number(row: ComparedRow, behind: dict[Key, Behind], named: dict[Key, Namesake]) -> str:
    """Return the number of the invoice that a row, or the copy behind its entry, is about."""
    key = (row.connection_id or 0, row.entry_id or "")
    found = behind.get(key) or named.get(key)
    return found.number if found else row.number


def _linked(row: ComparedRow, named: dict[Key, Namesake]) -> str | None:
    """Return the number of the entry that is linked where an entry stands beside it."""
    found = named.get((row.connection_id or 0, row.entry_id or ""))
    return found.linked if found else None
