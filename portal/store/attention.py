"""What needs a person: copies, payments, connections and what a restore left, one query each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from portal.domain.books.states import Why
from portal.domain.connections.states import ConnectionState, GrantState
from portal.domain.copies.failures import Cause, Remedy, class_of, may_retry
from portal.domain.copies.states import IN_EXACT, CopyAction, CopyState
from portal.domain.payments.states import PaymentState, PaymentStep
from portal.store.activity import Scope
from portal.store.comparing import Namesake, marked_alike, namesakes
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.store.copies import CopyRow
from portal.store.feeds import PaymentFeedRow
from portal.store.gate import Unmatched, open_unmatched
from portal.store.grants import GrantRow
from portal.store.invoices import EXCLUDED, InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.unreadable import UnreadableRow, open_for

MOST = 500
Copied = tuple[CopyRow, InvoiceRow]
Chosen = TypeVarTuple("Chosen")


@dataclass(frozen=True, slots=True)
class Failure:
    """Copies that failed for one cause or are held unsent for it, with the other system's own words."""

    cause: str
    words: str | None
    copies: Sequence[Copied]

    @property
    def remedy(self) -> Remedy:
        """Return the class of the cause, which says what helps."""
        return class_of(self.cause)

    @property
    def reasonless(self) -> bool:
        """Say whether the other system gave no words of its own."""
        return any(copy.reasonless for copy, _ in self.copies)

    @property
    def held(self) -> int:
        """Count the copies that are held unsent."""
        return sum(copy.hold_id is not None for copy, _ in self.copies)

    @property
    def may_retry(self) -> bool:
        """Say whether trying again can help."""
        return may_retry(self.cause)

    @property
    def text(self) -> str | None:
        """The sentence all of them share, None where each has its own."""
        failed = [copy for copy, _ in self.copies if copy.hold_id is None]
        texts = {copy.trouble for copy in failed or [copy for copy, _ in self.copies]}
        return texts.pop() if len(texts) == 1 else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A connection that needs a person: its subsidiary's name, and whether its sign-in works."""

    connection: ConnectionRow
    subsidiary: str
    signed_in: bool
    grant_trouble: str | None


@dataclass(frozen=True, slots=True)
class Twin:
    """An entry that one request booked beside another, and the invoice that the other is linked to."""

    row: ComparedRow
    of: Namesake


@dataclass(frozen=True, slots=True)
class Attention:
    """Everything that needs a person."""

    failures: Sequence[Failure]
    uncertain: Sequence[Copied]
    waiting: Sequence[Copied]
    different: Sequence[Copied]
    unmarked: Sequence[Copied]
    still_marked: Sequence[Copied]
    payments: Sequence[tuple[PaymentRow, InvoiceRow]]
    to_decide: Sequence[tuple[PaymentRow, InvoiceRow]]
    troubles: Sequence[Trouble]
    unmatched: Sequence[Unmatched] = ()
    twins: Sequence[Twin] = ()
    unreadable: Sequence[UnreadableRow] = ()

    @property
    def is_calm(self) -> bool:
        """Say whether nothing needs a person."""
        return not any(getattr(self, name) for name in self.__slots__)


_WRONG_CREDIT = and_(CopyRow.action == CopyAction.CREDIT, CopyRow.cause == Cause.DIFFERENCE)
_FREE = CopyRow.hold_id.is_(None)
# What is held to be marked as sent first goes on by itself.
_TO_DECIDE = or_(
    PaymentRow.state == PaymentState.ASKED,
    and_(PaymentRow.state == PaymentState.HELD, PaymentRow.wanted != PaymentStep.MARK),
)
_FAILED = or_(CopyRow.state == CopyState.REFUSED, CopyRow.hold_id.is_not(None))


def read_attention(session: Session, scope: Scope) -> Attention:
    """Gather what needs a person."""
    return Attention(
        failures=group_failures(_copies(session, scope, _FAILED)),
        uncertain=_copies(session, scope, CopyRow.state == CopyState.UNCERTAIN, _FREE),
        waiting=_copies(
            session, scope, CopyRow.state == CopyState.WAITING, CopyRow.trouble.is_not(None), _FREE
        ),
        different=_copies(session, scope, or_(CopyRow.state == CopyState.DIFFERENT, _WRONG_CREDIT)),
        unmarked=_copies(session, scope, CopyRow.state.in_(IN_EXACT), CopyRow.mark_trouble.is_not(None)),
        still_marked=_copies(
            session, scope, CopyRow.state == CopyState.UNDONE, CopyRow.mark_trouble.is_not(None)
        ),
        payments=_payments(session, scope, PaymentRow.state == PaymentState.REFUSED),
        to_decide=_payments(session, scope, _TO_DECIDE),
        troubles=_troubles(session, scope),
        unmatched=open_unmatched(session, scope),
        twins=find_twins(session, scope),
        unreadable=open_for(session, scope),
    )


def find_twins(session: Session, scope: Scope, keys: Collection[str] | None = None) -> list[Twin]:
    """Return the entries that one request booked beside another, all or those of some rows."""
    query = select(ComparedRow).where(ComparedRow.differs.is_(True), ComparedRow.codes == f",{Why.TWIN},")
    if scope is not None:
        query = query.where(ComparedRow.subsidiary_id.in_(scope))

    if keys is not None:
        query = query.where(ComparedRow.key.in_(keys))

    rows = session.scalars(query.order_by(ComparedRow.day.desc(), ComparedRow.key).limit(MOST)).all()
    of_rows = {(row.connection_id or 0, row.entry_id or ""): row for row in rows}
    named = namesakes(session, of_rows.keys()) if rows else {}

    return [Twin(row, named[key]) for key, row in of_rows.items() if key in named]


def twins_of(session: Session, invoice_id: str) -> list[Twin]:
    """Return the entries that were booked beside an invoice's own by the same request."""
    keys = [f"e-{connection}-{entry_id}" for connection, entry_id in marked_alike(session, [invoice_id])]
    return find_twins(session, None, keys) if keys else []


def _copies(session: Session, scope: Scope, *conditions: ColumnElement[bool]) -> Sequence[Copied]:
    """Return invoices whose newest wish meets the conditions, newest first."""
    query = _newest(select(CopyRow, InvoiceRow), scope, *conditions)
    found = session.execute(query.order_by(CopyRow.requested_at.desc(), CopyRow.id).limit(MOST))
    return [(copy, invoice) for copy, invoice in found]


def _newest(query: Select[*Chosen], scope: Scope, *conditions: ColumnElement[bool]) -> Select[*Chosen]:
    """Narrow a query of copies to the newest wish of each invoice."""
    newer = aliased(CopyRow)
    query = query.join(InvoiceRow, InvoiceRow.id == CopyRow.invoice_id).where(
        *conditions,
        InvoiceRow.deleted.is_(False),
        InvoiceRow.copy_state != EXCLUDED,
        ~select(newer.id)
        .where(newer.invoice_id == CopyRow.invoice_id, newer.requested_at > CopyRow.requested_at)
        .exists(),
    )

    return query if scope is None else query.where(InvoiceRow.subsidiary_id.in_(scope))


def failed_for(session: Session, scope: Scope, cause: str, words: str) -> list[str]:
    """Return the copies that failed for one cause and words, the oldest wish first."""
    said = CopyRow.remote_text == words if words else CopyRow.remote_text.is_(None)
    query = _newest(select(CopyRow.id), scope, _FAILED, CopyRow.cause == cause, said)
    return list(session.scalars(query.order_by(CopyRow.requested_at, CopyRow.id)))


def group_failures(copies: Sequence[Copied]) -> list[Failure]:
    """Group failed copies by remedy, cause and words, the most frequent first."""
    groups: dict[tuple[str, str | None], list[Copied]] = {}
    for copy, invoice in copies:
        groups.setdefault((copy.cause or "", copy.remote_text), []).append((copy, invoice))
    failures = [Failure(cause, words, rows) for (cause, words), rows in groups.items()]
    order = {remedy: at for at, remedy in enumerate(Remedy)}
    return sorted(failures, key=lambda one: (order[one.remedy], -len(one.copies), one.cause, one.words or ""))


def _payments(
    session: Session, scope: Scope, condition: ColumnElement[bool]
) -> Sequence[tuple[PaymentRow, InvoiceRow]]:
    query = (
        select(PaymentRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .where(condition)
    )
    if scope is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(scope))

    found = session.execute(query.order_by(PaymentRow.changed_at.desc(), PaymentRow.id).limit(MOST))
    return [(payment, invoice) for payment, invoice in found]


def _troubles(session: Session, scope: Scope) -> list[Trouble]:
    query = (
        select(ConnectionRow, SubsidiaryRow.name, GrantRow)
        .outerjoin(SubsidiaryRow, SubsidiaryRow.id == ConnectionRow.subsidiary_id)
        .outerjoin(GrantRow, GrantRow.id == ConnectionRow.grant_id)
        .join(PaymentFeedRow, PaymentFeedRow.connection_id == ConnectionRow.id)
        .where(
            ConnectionRow.state == ConnectionState.LIVE,
            or_(
                ConnectionRow.grant_id.is_(None),
                GrantRow.state != GrantState.LIVE,
                PaymentFeedRow.trouble.is_not(None) & PaymentFeedRow.on,
                ConnectionRow.catalogue_trouble.is_not(None),
                ConnectionRow.missing_rights.is_not(None),
            ),
        )
    )
    if scope is not None:
        query = query.where(ConnectionRow.subsidiary_id.in_(scope))

    return [
        Trouble(
            row,
            name or row.division_name,
            grant is not None and grant.state == GrantState.LIVE,
            grant.trouble if grant is not None else None,
        )
        for row, name, grant in session.execute(query.order_by(ConnectionRow.id))
    ]
