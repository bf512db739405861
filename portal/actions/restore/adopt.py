"""After a restore: read what was written since, once, adopt what is certain, report the rest, and open."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.actions.copies.finish import refuse
from portal.actions.customers.link import link_customer
from portal.actions.engine.desk import Desk
from portal.actions.engine.gate import close_copying, may_write
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import let_go, transaction
from portal.actions.invoices.pull import pull_invoices
from portal.actions.restore.adopting import Adopted, Adopting
from portal.actions.restore.entries import adopt_entries
from portal.actions.restore.payments import adopt_payments
from portal.actions.restore.take_over import hold, open_attempts
from portal.domain.booking.catalogue import Customer
from portal.domain.copies.adoption import DUTCH, DoubtCause, doubt
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import IN_EXACT, TAKES_BACK, CopyAction
from portal.domain.copies.troubles import Trouble
from portal.domain.customers.states import LinkOrigin
from portal.domain.ids import find_marker
from portal.domain.said import said
from portal.domain.unreadable import Unreadable, readable, unreadable
from portal.remote.odd import UnreadableError
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.gate import AdoptionRow, UnmatchedRow, the_gate
from portal.store.invoices import InvoiceRow
from portal.store.payment_list import pull_lane
from portal.store.terms import touch

TOO_LATE = "The database knows nothing after {day}, so --since must be {day} or an earlier day."


class AdoptError(ValueError):
    """Adopting cannot begin, and the text says what to do."""


def prepare_adoption(session: Session, desk: Desk, *, since: date) -> datetime:
    """Close copying if it is open, and return from when on nothing that was sent can still arrive."""
    may_write(session, desk.marks, now=desk.clock())
    close_copying(session, now=desk.clock())
    gate = the_gate(session)
    known = gate.known_until
    closed_at = gate.closed_at or desk.clock()
    let_go(session)
    if known is not None and since > (day := known.astimezone(DUTCH).date()):
        raise AdoptError(TOO_LATE.format(day=day))

    return closed_at + timedelta(seconds=desk.quiet)


def read_invoices(session: Session, desk: Desk) -> None:
    """Read what changed in Productive since the backup: new invoices, marks and paid amounts."""
    pull_invoices(session, desk.billing(), now=desk.clock())


def adopt(session: Session, desk: Desk, connection_id: int, *, since: date) -> Adopted | None:
    """Adopt what one connection wrote since a day."""
    # None while another process works on it. It may be repeated.
    with hold_lane(session, pull_lane(connection_id), desk.clock) as held:
        return _adopt(session, desk, connection_id, since) if held else None


def _adopt(session: Session, desk: Desk, connection_id: int, since: date) -> Adopted:
    # The whole adoption has one ledger, and one moment.
    ledger = desk.ledger(connection_id)
    now = desk.clock()
    own = replace(desk, ledger=lambda _connection_id: ledger, clock=lambda: now)
    connection = session.get_one(ConnectionRow, connection_id)
    adopting = Adopting(session, ledger, connection, Adopted(), now, own)

    with transaction(session):
        _forget_reports(session, connection_id)

    adopt_entries(adopting, since=since)
    _adopt_customers(adopting)
    _settle_waiting(adopting)
    adopt_payments(adopting, desk.billing())
    with transaction(session):
        _finish(adopting)

    return adopting.told


def _forget_reports(session: Session, connection_id: int) -> None:
    """Forget what an earlier run found doubtful, but for what a person settled."""
    session.execute(
        delete(UnmatchedRow).where(
            UnmatchedRow.connection_id == connection_id, UnmatchedRow.settled_at.is_(None)
        )
    )


def _adopt_customers(adopting: Adopting) -> None:
    """Link customers that a copy made before it was booked."""
    # Those whose copy is not known are reported.
    session = adopting.session
    connection = adopting.connection
    since = connection.customers.cursor
    let_go(session)
    marked = [
        (customer, marker)
        for page in adopting.ledger.each_remark_page(since)
        for customer, remarks in _read_customers(adopting, page)
        if (marker := find_marker(remarks))
    ]

    with transaction(session):
        _link_marked(adopting, marked)


def _link_marked(adopting: Adopting, marked: Sequence[tuple[Customer, str]]) -> None:
    """Link the customers that carry a copy's marker, where that copy has none."""
    session = adopting.session
    connection = adopting.connection
    linked = set(
        session.scalars(
            select(CustomerLinkRow.customer_id).where(CustomerLinkRow.connection_id == connection.id)
        )
    )
    for customer, marker in marked:
        if customer.id in linked:
            continue

        made = select(CopyRow).where(CopyRow.connection_id == connection.id, CopyRow.marker == marker)
        copy = session.scalars(made).first()

        if copy is not None and copy.customer_id is None:
            copy.customer_id = customer.id
            link_customer(session, copy, adopting.now, LinkOrigin.CREATED)
            adopting.told.customers += 1
        elif copy is None:
            name = f"{customer.name} ({customer.code.strip()})"
            adopting.report(
                customer.id,
                f"customer {customer.code.strip()}",
                "",
                doubt(DoubtCause.LEFT_CUSTOMER, name=name),
            )


def _read_customers(
    adopting: Adopting, page: Sequence[tuple[Customer, str] | Unreadable]
) -> list[tuple[Customer, str]]:
    """Return the customers of a page with their remarks. Report what cannot be read."""
    for record in unreadable(page):
        unsure = doubt(DoubtCause.CUSTOMER_NOT_READ, why=UnreadableError(record).said)
        adopting.report(record.id, f"customer {record.number}", "", unsure)
    return readable(page)


def _settle_waiting(adopting: Adopting) -> None:
    """Ask a person about what was under way: the backup does not know whether it is still wanted."""
    session = adopting.session
    waiting = session.scalars(
        select(CopyRow)
        .where(CopyRow.connection_id == adopting.connection.id, CopyRow.in_flight.is_not(None))
        .order_by(CopyRow.requested_at)
    ).all()

    for copy in waiting:
        with transaction(session):
            _ask_whether_wanted(adopting, copy)

    with transaction(session):
        _drop_old_marks(adopting)


def _ask_whether_wanted(adopting: Adopting, copy: CopyRow) -> None:
    session = adopting.session
    for row in open_attempts(session, copy):
        # How far an update came is left to the person who is asked.
        (row.give_up if row.step else row.drop)(adopting.now)

    refuse(hold(adopting, copy), Cause.RESTORED, said(_why_not(session, copy)))
    copy.let_go()
    copy.hold_id = None
    adopting.told.to_retry += 1


def _why_not(session: Session, copy: CopyRow) -> Trouble:
    """Say what became of a wish that was under way, and what to do."""
    if copy.action in TAKES_BACK:
        return Trouble.NOT_UNDONE
    if copy.action == CopyAction.UPDATE:
        return Trouble.NOT_UPDATED
    return Trouble.BOOKED_SINCE if _is_copied(session, copy) else Trouble.NOT_BOOKED


def _is_copied(session: Session, copy: CopyRow) -> bool:
    """Say whether another copy of the invoice has an entry that counts."""
    latest = session.get_one(InvoiceRow, copy.invoice_id).latest_copy_id
    found = session.get(CopyRow, latest) if latest else None
    return found is not None and found.state in IN_EXACT and found.requested_at > copy.requested_at


def _drop_old_marks(adopting: Adopting) -> None:
    """Let no older copy overwrite in Productive what a younger one wrote there since."""
    due = select(CopyRow).where(
        CopyRow.connection_id == adopting.connection.id,
        CopyRow.state.in_(IN_EXACT),
        CopyRow.mark_due.is_(True) | CopyRow.number_due.is_not(None),
    )
    for copy in adopting.session.scalars(due):
        if adopting.session.get_one(InvoiceRow, copy.invoice_id).latest_copy_id != copy.id:
            copy.mark_due = False
            copy.number_due = None
            copy.next_try_at = None


def _finish(adopting: Adopting) -> None:
    """Write down that this connection is adopted."""
    # Every one of its entries is compared at the next pull.
    session = adopting.session
    connection_id = adopting.connection.id
    ours = select(CopyRow.entry_id).where(
        CopyRow.connection_id == connection_id, CopyRow.state.in_(IN_EXACT), CopyRow.entry_id.is_not(None)
    )
    touch(session, connection_id, [entry_id for entry_id in session.scalars(ours) if entry_id])
    gate = the_gate(session)

    if gate.closed_at is not None:
        session.merge(
            AdoptionRow(connection_id=connection_id, closed_at=gate.closed_at, ended_at=adopting.now)
        )
