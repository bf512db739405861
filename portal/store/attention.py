"""What needs a person: copies, payments, connections and what a restore left."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, literal, or_, select
from sqlalchemy.orm import Session, defer

from portal.domain.books.states import Why
from portal.domain.connections.states import GrantState
from portal.domain.payments.states import PaymentState, PaymentStep, PaymentView
from portal.domain.said import Said
from portal.store.activity import Scope
from portal.store.comparing import Namesake, namesakes
from portal.store.concerns import Concern, Group, Reason, read_groups
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.entries import EntryRow
from portal.store.frame import Places
from portal.store.gate import Unmatched, open_unmatched, unmatched
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.unreadable import UnreadableRow, open_for, open_for_query

# So many causes of failures stand on Activity, and so many of every other list.
CAUSES = 8
SHOWN = 3
LISTED = 10
Payment = tuple[PaymentRow, InvoiceRow]
Chosen = TypeVarTuple("Chosen")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A connection that needs a person: its subsidiary's name, and whether its sign-in works."""

    connection: ConnectionRow
    subsidiary: str
    signed_in: bool
    grant_trouble: Said | None


@dataclass(frozen=True, slots=True)
class Twin:
    """An entry that one request booked beside another, and the invoice that the other is linked to."""

    row: ComparedRow
    of: Namesake


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each list there are, beside the copies."""

    payments: int
    to_decide: int
    twins: int
    unmatched: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Attention:
    """Everything that needs a person: the newest of each list, and how long it is."""

    groups: Sequence[Group]
    # Causes of failures that are not among the groups.
    left_out: Sequence[Reason]
    counts: Counts
    payments: Sequence[Payment]
    to_decide: Sequence[Payment]
    troubles: Sequence[Trouble]
    unmatched: Sequence[Unmatched] = ()
    twins: Sequence[Twin] = ()
    unreadable: Sequence[UnreadableRow] = ()

    @property
    def failures(self) -> Sequence[Group]:
        """Return what failed, by what helps."""
        return [each for each in self.groups if each.reason.concern == Concern.FAILED]

    @property
    def may_retry(self) -> bool:
        """Say whether anything can be asked for or tried again."""
        return any(each.reason.may_retry or each.reason.concern == Concern.UNCERTAIN for each in self.groups)

    @property
    def is_calm(self) -> bool:
        """Say whether nothing needs a person."""
        lists = (self.groups, self.payments, self.to_decide, self.troubles)
        return not any((*lists, self.unmatched, self.twins, self.unreadable))


# What is held to be marked as sent first goes on by itself.
_TO_DECIDE = and_(
    PaymentRow.view == PaymentView.HELD,
    or_(PaymentRow.state != PaymentState.HELD, PaymentRow.wanted != PaymentStep.MARK),
)
_REFUSED = PaymentRow.view == PaymentView.REFUSED
# Spelled out, so that a database sees that its index of these few holds all of them.
IS_TWIN = ComparedRow.codes == literal(f",{Why.TWIN},", literal_execute=True)


def read_attention(session: Session, scope: Scope, places: Places) -> Attention:
    """Gather what needs a person. A list is read where there is something in it."""
    groups, left_out = read_groups(session, scope, causes=CAUSES)
    counts = count_others(session, scope)
    payments = _payments(session, scope) if counts.payments or counts.to_decide else ()

    return Attention(
        groups=groups,
        left_out=left_out,
        counts=counts,
        payments=[each for each in payments if each[0].view == PaymentView.REFUSED],
        to_decide=[each for each in payments if each[0].view != PaymentView.REFUSED],
        troubles=list(_troubles(places, scope)),
        unmatched=open_unmatched(session, scope, most=LISTED) if counts.unmatched else (),
        twins=find_twins(session, scope, most=SHOWN) if counts.twins else (),
        unreadable=open_for(session, scope, most=LISTED) if counts.unreadable else (),
    )


def count_others(session: Session, scope: Scope) -> Counts:
    """Count what needs a person beside copies, in one query."""
    counts = (
        _count_payments(scope, _REFUSED),
        _count_payments(scope, _TO_DECIDE),
        _count(select(ComparedRow.key).where(*_twins(scope))),
        _count(unmatched(scope)),
        _count(open_for_query(scope)),
    )
    return Counts(*session.execute(select(*counts)).one())


def _count(query: Select[*Chosen]) -> ScalarSelect[int]:
    return query.with_only_columns(func.count()).order_by(None).scalar_subquery()


def _count_payments(scope: Scope, condition: ColumnElement[bool]) -> ScalarSelect[int]:
    query = select(PaymentRow.id).where(condition)
    if scope is not None:
        mine = InvoiceRow.subsidiary_id.in_(scope)
        query = query.join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id).where(mine)
    return _count(query)


def _twins(scope: Scope) -> Sequence[ColumnElement[bool]]:
    mine = () if scope is None else (ComparedRow.subsidiary_id.in_(scope),)
    # Spelled so that the index of the few twins is read, and not that of all that differs.
    differs = func.coalesce(ComparedRow.differs, false()).is_(True)
    return (differs, IS_TWIN, *mine)


def find_twins(
    session: Session, scope: Scope, keys: Collection[str] | None = None, *, most: int | None = None
) -> list[Twin]:
    """Return the entries that one request booked beside another, all or those of some rows."""
    query = select(ComparedRow).where(*_twins(scope))
    if keys is not None:
        query = query.where(ComparedRow.key.in_(keys))

    rows = session.scalars(query.order_by(ComparedRow.day.desc(), ComparedRow.key).limit(most)).all()
    of_rows = {(row.connection_id or 0, row.entry_id or ""): row for row in rows}
    named = namesakes(session, of_rows.keys()) if rows else {}

    return [Twin(row, named[key]) for key, row in of_rows.items() if key in named]


def twins_of(session: Session, copies: Iterable[CopyRow], marked: Iterable[EntryRow]) -> list[Twin]:
    """Return which entries with their marker were booked beside those of copies by the same request."""
    own = {(copy.connection_id, copy.marker): copy.entry_id for copy in copies if copy.entry_id}
    named = ((entry, own.get((entry.connection_id, entry.marker or ""))) for entry in marked)
    keys = [f"e-{entry.connection_id}-{entry.id}" for entry, mine in named if mine and mine != entry.id]
    return find_twins(session, None, keys) if keys else []


def _payments(session: Session, scope: Scope) -> Sequence[Payment]:
    """Return the newest payments that Productive refused, and the newest about which a person decides."""
    newest = [_newest_payments(scope, condition) for condition in (_REFUSED, _TO_DECIDE)]
    query = (
        select(PaymentRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .where(or_(*(PaymentRow.id.in_(select(each.subquery())) for each in newest)))
        .options(defer(InvoiceRow.body))
    )
    found = session.execute(query.order_by(PaymentRow.changed_at.desc(), PaymentRow.id.desc()))

    return [(payment, invoice) for payment, invoice in found]


def _newest_payments(scope: Scope, condition: ColumnElement[bool]) -> Select[str]:
    query = select(PaymentRow.id).where(condition)
    if scope is not None:
        mine = InvoiceRow.subsidiary_id.in_(scope)
        query = query.join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id).where(mine)

    return query.order_by(PaymentRow.changed_at.desc(), PaymentRow.id.desc()).limit(SHOWN)


def _troubles(places: Places, scope: Scope) -> Iterator[Trouble]:
    """Yield the live connections that need a person, oldest first."""
    for row in places.live(scope):
        grant = places.grant_of(row)
        signed_in = grant is not None and grant.state == GrantState.LIVE
        payments = row.payments.trouble is not None and row.payments.on
        others = row.catalogue_trouble is not None or row.missing_rights is not None
        if not signed_in or payments or others:
            subsidiary = places.subsidiary(row.subsidiary_id)
            name = subsidiary.name if subsidiary else ""
            yield Trouble(row, name or row.division_name, signed_in, grant.trouble if grant else None)
