"""Record the wish to copy an invoice, which the worker then carries out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actions.copies.draft import Basis, draft_copy, find_made_meanwhile
from portal.actions.copies.obstacles import find_obstacles
from portal.actions.copies.strangers import stranger_problems
from portal.actions.customers.decide import note_decision
from portal.actions.engine.gate import find_closed
from portal.actions.engine.jobs import Job
from portal.actions.engine.ports import Nudge
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.states import IN_EXACT, CopyAction, CopyState
from portal.domain.countries import iso_country
from portal.domain.customers.new_customer import find_too_long
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.here import day_here
from portal.domain.ids import marker_of, new_id
from portal.domain.said import said
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, choices_to_row
from portal.store.events import note_event
from portal.store.invoices import InvoiceRow
from portal.store.runs import join_run
from portal.vat_numbers import read_vat

NOT_CONNECTED = problem("not-connected")
ASKED_FOR = {
    "create": EventKind.COPY_REQUESTED,
    "update": EventKind.UPDATE_REQUESTED,
    "undo": EventKind.UNDO_REQUESTED,
    "credit": EventKind.CREDIT_REQUESTED,
    "unlink": EventKind.UNLINK_REQUESTED,
}
ASKED_IN_WORDS = {
    "create": Happened.ASKED_TO_COPY,
    "update": Happened.ASKED_TO_UPDATE,
    "undo": Happened.ASKED_TO_UNDO,
    "credit": Happened.ASKED_TO_CREDIT,
    "unlink": Happened.ASKED_TO_UNLINK,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person confirmed: the choices, what they saw, and which copy was the latest then.

    ``batch`` says that it is one of many that nobody waits for, ``run_id`` of which run it is.
    ``asked`` are the changes in Exact that the person was asked about. ``copy_id`` is the id of its copy, so
    that a person whose wish comes second is told.
    """

    choices: Choices
    fingerprint: str
    latest_seen: str | None
    action: CopyAction = CopyAction.CREATE
    batch: bool = False
    run_id: str | None = None
    asked: tuple[str, ...] = ()
    copy_id: str = field(default_factory=new_id)


def request_copy(
    session: Session,
    nudge: Nudge,
    invoice_id: str,
    *,
    wish: Wish,
    requested_by: str,
    now: datetime,
    also: Callable[[CopyRow], None] | None = None,
) -> CopyRow | tuple[Problem, ...]:
    """Record a copy, or return the one that is under way or newer than what was seen, or the problems.

    ``also`` is done in the same transaction as the copy is recorded in.
    """
    row = session.get_one(InvoiceRow, invoice_id, with_for_update=True, populate_existing=True)
    if already := find_already(session, row, wish):
        let_go(session)
        return already

    connection = session.scalar(
        select(ConnectionRow).where(ConnectionRow.live_subsidiary == row.subsidiary_id)
    )
    if connection is None:
        let_go(session)
        return (NOT_CONNECTED,)

    made = prepare_copy(session, connection, row, wish, requested_by=requested_by, now=now)
    if not isinstance(made, CopyRow):
        let_go(session)
        return made

    if also is not None:
        also(made)

    return record_wish(session, nudge, row, made, now)


def prepare_copy(
    session: Session,
    connection: ConnectionRow,
    row: InvoiceRow,
    wish: Wish,
    *,
    requested_by: str,
    now: datetime,
    basis: Basis | None = None,
) -> CopyRow | tuple[Problem, ...]:
    """Describe the copy that is wished for, or say what is in its way."""
    wish = _in_its_journal(session, row, wish)
    wish = replace(wish, choices=_with_plain_vat(wish.choices))
    problems = find_closed(session) or _problems(session, connection, row, wish, basis)
    if problems:
        return problems

    decided = note_decision(session, connection.id, row.invoice(), wish.choices, day_here(now))
    copy = _new_copy(connection, row, replace(wish, choices=decided), requested_by, now)
    if copy.action == CopyAction.UPDATE:
        _keep_entry(copy, session.get_one(CopyRow, row.latest_copy_id))

    return copy


def record_wish(session: Session, nudge: Nudge, row: InvoiceRow, wish: CopyRow, now: datetime) -> CopyRow:
    """Record what a person asked for and wake the worker, unless another wish came first."""
    invoice_id = row.id

    try:
        with transaction(session):
            add_wish(session, row, wish, now)
    except IntegrityError:
        return session.scalars(select(CopyRow).where(CopyRow.in_flight == invoice_id)).one()

    nudge(Job.COPY, wish.id)
    return wish


def add_wish(session: Session, row: InvoiceRow, wish: CopyRow, now: datetime) -> None:
    """Add what a person asked for to the running transaction, and to its run if it is of one."""
    session.add(wish)
    row.copy_state = CopyState.WAITING
    note_event(
        session,
        at=now,
        actor=wish.requested_by,
        kind=ASKED_FOR[wish.action],
        said=said(ASKED_IN_WORDS[wish.action], number=row.number or ""),
        subsidiary_id=row.subsidiary_id,
        invoice_id=row.id,
        copy_id=wish.id,
    )
    if wish.run_id is not None:
        session.flush()
        join_run(session, wish.run_id, row.id, wish.id)


def find_already(session: Session, row: InvoiceRow, wish: Wish) -> CopyRow | None:
    """Return the copy that is under way, or newer than what the person saw."""
    under_way = session.scalar(select(CopyRow).where(CopyRow.in_flight == row.id))
    if under_way or row.latest_copy_id == wish.latest_seen or row.latest_copy_id is None:
        return under_way
    return session.get(CopyRow, row.latest_copy_id)


def _problems(
    session: Session,
    connection: ConnectionRow,
    row: InvoiceRow,
    wish: Wish,
    basis: Basis | None,
) -> tuple[Problem, ...]:
    if row.fingerprint != wish.fingerprint:
        return (problem("changed"),)

    copied = find_copied(session, row) if wish.action == CopyAction.UPDATE else None
    if wish.action == CopyAction.UPDATE and copied is None:
        return (problem("nothing-to-update"),)

    return (
        *find_obstacles(connection, row, wish.action, copied),
        *draft_copy(session, connection, row.invoice(), wish.choices, basis=basis).problems,
        *_find_strangers(session, connection, row, wish),
        *find_made_meanwhile(session, connection.id, row.company_id, wish.choices),
        *_undecided(wish),
        *customer_problems(wish.choices),
    )


def _find_strangers(
    session: Session, connection: ConnectionRow, row: InvoiceRow, wish: Wish
) -> tuple[Problem, ...]:
    """Name the entries that a new one would stand beside. An update changes its own."""
    if wish.action != CopyAction.CREATE:
        return ()
    # What an old look showed is looked at again by the dialog. Until then nothing is booked beside it.
    return stranger_problems(session, connection.id, row, wish.choices.customer_id)


def _undecided(wish: Wish) -> Iterator[Problem]:
    """Yield that a person was asked about changes in Exact and decided nothing of some."""
    missing = [key for key in wish.asked if key not in wish.choices.exact]
    if missing and wish.action == CopyAction.UPDATE:
        yield problem("exact_undecided", "exact", count=str(len(missing)))


def _in_its_journal(session: Session, row: InvoiceRow, wish: Wish) -> Wish:
    """Let an update stay in the journal of its entry, whatever was submitted."""
    latest = find_copied(session, row) if wish.action == CopyAction.UPDATE else None
    return replace(wish, choices=replace(wish.choices, journal=latest.journal)) if latest else wish


def find_copied(session: Session, row: InvoiceRow) -> CopyRow | None:
    """Find the latest copy of an invoice if its entry is in the division connected now."""
    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    if latest is None or latest.state not in IN_EXACT:
        return None
    live = session.scalar(select(ConnectionRow.id).where(ConnectionRow.live_subsidiary == row.subsidiary_id))
    return latest if latest.connection_id == live else None


def _with_plain_vat(choices: Choices) -> Choices:
    """Spell a new customer's VAT number in the one way. What is none stays, for it is a problem."""
    customer = choices.customer
    if customer is None:
        return choices
    vat = read_vat(customer.vat_number, iso_country(customer.country))
    return replace(choices, customer=replace(customer, vat_number=vat.number or customer.vat_number))


def customer_problems(choices: Choices) -> Iterator[Problem]:
    """Yield which fields of a new customer Exact would not take."""
    if not choices.new_customer:
        return

    customer = choices.customer
    if customer is None or not customer.name:
        yield problem("customer-name", "name")
        return

    for name, most in find_too_long(customer).items():
        yield problem("customer-too-long", name, most=most)

    vat = read_vat(customer.vat_number, iso_country(customer.country))
    if vat.is_left_out:
        code = "customer_vat_several" if vat.is_several else "customer_vat_unknown"
        yield problem(code, "vat_number", text=vat.given)

    if customer.country and not (len(customer.country) == 2 and customer.country.isalpha()):
        yield problem("customer-country", "country")


def _new_copy(
    connection: ConnectionRow, row: InvoiceRow, wish: Wish, requested_by: str, now: datetime
) -> CopyRow:
    return CopyRow(
        id=wish.copy_id,
        invoice_id=row.id,
        connection_id=connection.id,
        marker=marker_of(wish.copy_id),
        state=CopyState.WAITING,
        action=wish.action,
        requested_by=requested_by,
        requested_at=now,
        fingerprint=row.fingerprint,
        choices=choices_to_row(wish.choices),
        in_flight=row.id,
        currency=row.currency,
        next_try_at=now,
        batch=wish.batch,
        run_id=wish.run_id,
    )


def _keep_entry(copy: CopyRow, latest: CopyRow) -> None:
    """Let an update be of the latest copy's entry, under the same marker."""
    copy.marker = latest.marker
    copy.entry_id = latest.entry_id
    copy.journal = latest.journal
    copy.entry_number = latest.entry_number
    copy.entry_url = latest.entry_url
