"""The payments screen's queries: mirrored payments in pages, open findings, each connection's pull."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, select, tuple_
from sqlalchemy.orm import Session

from portal.domain.connections.states import ConnectionState, GrantState
from portal.domain.payments.states import GOING, WAITING_FOR_PERSON, PaymentState, PaymentStep
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.findings import FindingRow
from portal.store.grants import GrantRow
from portal.store.invoices import InvoiceRow
from portal.store.lane_rows import LaneRow
from portal.store.payments import PaymentRow
from portal.store.pulls import PaymentPullRow, last_pulls
from portal.store.terms import TermRow

PAGE = 50
Scope = tuple[str, ...] | None
CONDITIONS: dict[str, ColumnElement[bool]] = {
    "created": and_(PaymentRow.state == PaymentState.MADE, PaymentRow.wanted != PaymentStep.CHANGE),
    "changed": and_(PaymentRow.state == PaymentState.MADE, PaymentRow.wanted == PaymentStep.CHANGE),
    "removed": PaymentRow.state == PaymentState.REMOVED,
    "waiting": PaymentRow.state.in_(GOING),
    "held": PaymentRow.state.in_(WAITING_FOR_PERSON),
    "refused": PaymentRow.state == PaymentState.REFUSED,
}
VIEWS = ("all", *CONDITIONS)


@dataclass(frozen=True, slots=True)
class MirroredPayment:
    """One payment with both of its sides. ``term`` is None once Exact's row is forgotten."""

    row: PaymentRow
    invoice: InvoiceRow
    copy: CopyRow
    term: TermRow | None

    @property
    def what(self) -> str:
        """Name what was, or is to be, done in Productive: created, changed or removed."""
        if self.row.state == PaymentState.REMOVED or self.row.wanted == PaymentStep.REMOVE:
            return "removed"
        return "changed" if self.row.wanted == PaymentStep.CHANGE else "created"


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """One page. ``newer`` and ``older`` are cursors, None at the ends."""

    rows: Sequence[MirroredPayment]
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class Pull:
    """How the payments of one connection stand."""

    connection: ConnectionRow
    subsidiary: str
    signed_in: bool
    working: bool
    # The newest first.
    ended: Sequence[PaymentPullRow] = ()

    def next_at(self, minutes: int) -> datetime | None:
        """Say when the next pull is due, None before the first."""
        last = self.connection.payments.pulled_at
        return last + timedelta(minutes=minutes) if last else None

    def ended_since(self, asked_at: datetime) -> bool:
        """Say whether the pull that was asked for then has come to its end."""
        last = self.connection.payments.pulled_at
        pulled = last is not None and last >= asked_at
        return not self.working and (pulled or self.connection.payments.trouble is not None)


def _joined(scope: Scope) -> Select[PaymentRow, InvoiceRow, CopyRow, TermRow]:
    query = (
        select(PaymentRow, InvoiceRow, CopyRow, TermRow)
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .join(CopyRow, CopyRow.id == PaymentRow.copy_id)
        .outerjoin(
            TermRow,
            and_(TermRow.connection_id == PaymentRow.connection_id, TermRow.id == PaymentRow.term_id),
        )
    )

    return query if scope is None else query.where(InvoiceRow.subsidiary_id.in_(scope))


def list_payments(
    session: Session, scope: Scope, view: str, *, cursor: str = "", back: bool = False
) -> PaymentPage:
    """Return one page, newest first, after (or, going back, before) a cursor."""
    anchor = session.get(PaymentRow, cursor) if cursor else None
    query = _joined(scope)
    place = tuple_(PaymentRow.changed_at, PaymentRow.id)
    if view in CONDITIONS:
        query = query.where(CONDITIONS[view])

    if anchor is not None:
        here = (anchor.changed_at, anchor.id)
        query = query.where(place > here if back else place < here)

    order = [PaymentRow.changed_at, PaymentRow.id]
    ordered = query.order_by(*(order if back else [column.desc() for column in order]))
    found = [MirroredPayment(*row) for row in session.execute(ordered.limit(PAGE + 1))]
    more = len(found) > PAGE
    rows = found[:PAGE]
    if back:
        rows.reverse()

    newer = rows[0].row.id if rows and (more if back else anchor is not None) else None
    older = rows[-1].row.id if rows and (anchor is not None if back else more) else None
    return PaymentPage(rows, newer, older)


def find_payment(session: Session, payment_id: str) -> MirroredPayment | None:
    """Find one payment with both of its sides."""
    found = session.execute(_joined(None).where(PaymentRow.id == payment_id)).first()
    return MirroredPayment(*found) if found else None


def payment_attempts(session: Session, invoice_id: str) -> Sequence[AttemptRow]:
    """Return what was written to Productive for an invoice's payments, in the order it was."""
    ours = select(PaymentRow.id).where(PaymentRow.invoice_id == invoice_id)
    query = select(AttemptRow).where(AttemptRow.payment_id.in_(ours))
    return session.scalars(query.order_by(AttemptRow.started_at, AttemptRow.id)).all()


def open_findings(session: Session, scope: Scope) -> Sequence[tuple[FindingRow, InvoiceRow]]:
    """Return what a person must look at, newest first."""
    query = (
        select(FindingRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == FindingRow.invoice_id)
        .where(FindingRow.resolved_at.is_(None))
    )
    if scope is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(scope))

    found = session.execute(query.order_by(FindingRow.found_at.desc(), FindingRow.id).limit(200))
    return [(finding, invoice) for finding, invoice in found]


def pull_lane(connection_id: int) -> str:
    """Name the lane that lets one worker at a time work on a connection's payments."""
    return f"pull:{connection_id}"


def list_pulls(session: Session, scope: Scope, *, now: datetime) -> list[Pull]:
    """Return how the payments of every live connection stand."""
    query = (
        select(ConnectionRow, SubsidiaryRow.name, GrantRow.state)
        .outerjoin(SubsidiaryRow, SubsidiaryRow.id == ConnectionRow.subsidiary_id)
        .outerjoin(GrantRow, GrantRow.id == ConnectionRow.grant_id)
        .where(ConnectionRow.state == ConnectionState.LIVE)
    )
    if scope is not None:
        query = query.where(ConnectionRow.subsidiary_id.in_(scope))

    rows = session.execute(query.order_by(SubsidiaryRow.name, ConnectionRow.id)).all()
    busy = set(session.scalars(select(LaneRow.name).where(LaneRow.lease_until > now)))
    return [
        Pull(
            row,
            name or row.division_name,
            grant == GrantState.LIVE,
            pull_lane(row.id) in busy,
            last_pulls(session, row.id),
        )
        for row, name, grant in rows
    ]


def count_views(session: Session, scope: Scope) -> dict[str, int]:
    """Count the payments of every view."""
    sums = (func.sum(case((condition, 1), else_=0)) for condition in CONDITIONS.values())
    query = select(func.count(), *sums).join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
    if scope is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(scope))

    counts = session.execute(query).one()
    return dict(zip(VIEWS, (int(count or 0) for count in counts), strict=True))
