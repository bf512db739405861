"""The payments screen's queries: mirrored payments in pages, open findings, each connection's pull."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, load_only

from portal.domain.payments.states import PaymentState, PaymentStep, PaymentView
from portal.domain.unreadable import Kind
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.findings import FindingRow
from portal.store.invoices import InvoiceRow
from portal.store.lane_rows import LaneRow
from portal.store.payment_tallies import BY_VIEW
from portal.store.payments import PaymentRow
from portal.store.pulls import PaymentPullRow, newest_pulls
from portal.store.tallies import add_up
from portal.store.terms import TermRow
from portal.store.unreadable import open_for_query

PAGE = 20
Scope = tuple[str, ...] | None
Connections = Sequence[int] | None
"""The connections whose payments are looked at, also those that were disconnected. None for all."""
ALL = "all"
PULL_LANE = "pull:"
FINDINGS = "findings"
UNREAD = "unreadable"
# The records that this page tells of where they cannot be read.
UNREADABLE = (Kind.TERM, Kind.TOMBSTONE, Kind.PAYMENT)
# So many that a person must look at are shown when all of them are asked for.
MOST_FINDINGS = 200
VIEWS = (ALL, *(view.value for view in PaymentView if view is not PaymentView.BY_HAND))


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
class Place:
    """A connection, what its subsidiary is called, and whether its sign-in at Exact holds."""

    connection: ConnectionRow
    subsidiary: str
    signed_in: bool


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


def _joined() -> Select[PaymentRow, InvoiceRow, CopyRow, TermRow]:
    """Choose payments with both of their sides."""
    return (
        select(PaymentRow, InvoiceRow, CopyRow, TermRow)
        .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
        .join(CopyRow, CopyRow.id == PaymentRow.copy_id)
        .outerjoin(
            TermRow,
            and_(TermRow.connection_id == PaymentRow.connection_id, TermRow.id == PaymentRow.term_id),
        )
    )


# What a row of the list tells besides the payment. The long documents stay where they are.
_INVOICE = (InvoiceRow.id, InvoiceRow.number, InvoiceRow.company_name, InvoiceRow.deleted)
_COPY = (CopyRow.id, CopyRow.connection_id, CopyRow.entry_number, CopyRow.entry_url)
_TERM = (TermRow.connection_id, TermRow.id, TermRow.deleted_at)


def list_payments(
    session: Session, connections: Connections, view: str, *, cursor: str = "", back: bool = False
) -> PaymentPage:
    """Return one page, newest first, after (or, going back, before) a cursor."""
    anchor = _read_cursor(cursor)
    order: list[Any] = [PaymentRow.changed_at, PaymentRow.id]
    ordered = order if back else [column.desc() for column in order]

    parts = [
        select(*order).where(*part, *_beyond(anchor, back=back)).order_by(*ordered).limit(PAGE + 1)
        for part in _parts(connections, view)
    ]
    if not parts:
        return PaymentPage([], None, None)

    # Each part is read from an index in its order, so that no more than a page of each is looked at.
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    place: list[Any] = [both.c.changed_at, both.c.id]
    newest = select(both.c.id).order_by(*(place if back else [column.desc() for column in place]))
    query = _joined().where(PaymentRow.id.in_(newest.limit(PAGE + 1))).order_by(*ordered)
    query = query.options(load_only(*_INVOICE), load_only(*_COPY), load_only(*_TERM))
    found = [MirroredPayment(*row) for row in session.execute(query)]
    more = len(found) > PAGE
    rows = found[:PAGE]
    if back:
        rows.reverse()

    newer = _cursor_of(rows[0]) if rows and (more if back else anchor is not None) else None
    older = _cursor_of(rows[-1]) if rows and (anchor is not None if back else more) else None
    return PaymentPage(rows, newer, older)


def _parts(connections: Connections, view: str) -> list[tuple[ColumnElement[bool], ...]]:
    """Return conditions that an index answers in the order of the list. Together they are the list."""
    is_view = () if view == ALL else (PaymentRow.view == view,)
    if connections is None:
        return [is_view]

    views = list(PaymentView) if view == ALL else [PaymentView(view)]
    return [
        (PaymentRow.connection_id == connection_id, PaymentRow.view == each)
        for connection_id in connections
        for each in views
    ]


def _beyond(anchor: tuple[datetime, str] | None, *, back: bool) -> tuple[ColumnElement[bool], ...]:
    if anchor is None:
        return ()
    place = tuple_(PaymentRow.changed_at, PaymentRow.id)
    return (place > anchor if back else place < anchor,)


def _cursor_of(payment: MirroredPayment) -> str:
    return f"{payment.row.changed_at.isoformat()}~{payment.row.id}"


def _read_cursor(text: str) -> tuple[datetime, str] | None:
    """Read where a page begins. None for what is no cursor, so that the list begins at its start."""
    moment, tilde, payment_id = text.partition("~")
    if not tilde:
        return None
    try:
        changed_at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (changed_at, payment_id) if changed_at.tzinfo else None


def find_payment(session: Session, payment_id: str) -> MirroredPayment | None:
    """Find one payment with both of its sides."""
    found = session.execute(_joined().where(PaymentRow.id == payment_id)).first()
    return MirroredPayment(*found) if found else None


def open_findings(
    session: Session, scope: Scope, most: int = MOST_FINDINGS
) -> Sequence[tuple[FindingRow, InvoiceRow]]:
    """Return what a person must look at, newest first."""
    query = (
        select(FindingRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == FindingRow.invoice_id)
        .where(*_is_open(scope))
        .options(load_only(*_INVOICE))
    )
    found = session.execute(query.order_by(FindingRow.found_at.desc(), FindingRow.id).limit(most))
    return [(finding, invoice) for finding, invoice in found]


def _is_open(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    is_open = FindingRow.resolved_at.is_(None)
    return (is_open,) if scope is None else (is_open, InvoiceRow.subsidiary_id.in_(scope))


def pull_lane(connection_id: int) -> str:
    """Name the lane that lets one worker at a time work on a connection's payments."""
    return f"{PULL_LANE}{connection_id}"


def list_pulls(session: Session, places: Sequence[Place], *, now: datetime) -> list[Pull]:
    """Return how the payments of connections stand, with the newest pulls of each."""
    ids = [place.connection.id for place in places]
    is_busy = and_(LaneRow.name == PULL_LANE + cast(ConnectionRow.id, String), LaneRow.lease_until > now)
    is_shown = and_(
        PaymentPullRow.connection_id == ConnectionRow.id, PaymentPullRow.id.in_(newest_pulls(ids))
    )
    query = (
        select(ConnectionRow.id, LaneRow.name, PaymentPullRow)
        .outerjoin(LaneRow, is_busy)
        .outerjoin(PaymentPullRow, is_shown)
        .where(ConnectionRow.id.in_(ids))
        .order_by(PaymentPullRow.ended_at.desc(), PaymentPullRow.id.desc())
    )

    busy = set[int]()
    ended: dict[int, list[PaymentPullRow]] = {}
    for connection_id, lane, row in session.execute(query) if ids else ():
        if lane is not None:
            busy.add(connection_id)
        if row is not None:
            ended.setdefault(connection_id, []).append(row)

    return [
        Pull(
            place.connection,
            place.subsidiary,
            place.signed_in,
            place.connection.id in busy,
            ended.get(place.connection.id, ()),
        )
        for place in places
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many payments each view has, and what else there is to tell of."""

    views: Mapping[str, int]
    findings: int
    unreadable: int


def count_views(session: Session, scope: Scope, connections: Connections) -> Counts:
    """Count the payments of every view, what a person must look at, and what cannot be read."""
    views = select(type_coerce(BY_VIEW.c.view, String), add_up(BY_VIEW.c.rows))
    if connections is not None:
        views = views.where(BY_VIEW.c.connection_id.in_(connections))

    findings = (
        select(literal(FINDINGS), func.count())
        .select_from(FindingRow)
        .join(InvoiceRow, InvoiceRow.id == FindingRow.invoice_id)
        .where(*_is_open(scope))
    )
    unreadable = open_for_query(scope, UNREADABLE).with_only_columns(literal(UNREAD), func.count())
    counted = union_all(views.group_by(BY_VIEW.c.view), findings, unreadable)
    counts: dict[str, int] = {name: int(count) for name, count in session.execute(counted)}

    found = counts.pop(FINDINGS)
    unread = counts.pop(UNREAD)
    whole = {view: counts.get(view, 0) for view in VIEWS} | {ALL: sum(counts.values())}
    return Counts(whole, found, unread)
