"""What a run would book for each invoice, with the answers that nobody touched."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import cut_over_of
from portal.actions.copies.draft import Basis, draft_copy, keep_numbers, read_basis
from portal.actions.copies.obstacles import find_obstacles
from portal.actions.copies.propose import Ground, complete
from portal.actions.copies.request import NOT_CONNECTED
from portal.actions.copies.seen import spell_seen
from portal.actions.copies.strangers import judge_entries, strangers_among
from portal.actions.customers.alike import Customers
from portal.actions.customers.finder import CustomerFinder
from portal.actions.engine.gate import find_closed
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.states import IN_EXACT, IN_FLIGHT, CopyAction
from portal.domain.copies.strangers import name_stranger
from portal.domain.unreadable import Kind
from portal.store.catalogue import CustomerRow, customer_of
from portal.store.connections import ConnectionRow, live_connections
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import InvoiceRow
from portal.store.looks import LookRow, looks_of, read_since_looks
from portal.store.unreadable import PRODUCTIVE, UnreadableRow


@dataclass(frozen=True, slots=True)
class Planned:
    """What a copy of one invoice would book, or why it cannot be copied."""

    row: InvoiceRow
    connection_id: int | None
    choices: Choices
    draft: Draft | None
    problems: tuple[Problem, ...]
    looked_at: datetime | None = None
    # Whether the customer was linked to the company before. Else it is certain by what the invoice says.
    is_linked: bool = False

    @property
    def is_ready(self) -> bool:
        """Say whether it can be copied as it is."""
        return not self.problems and self.draft is not None and self.draft.entry is not None

    @property
    def seen(self) -> str:
        """Return what stands for the invoice and for all that would be booked of it."""
        entry = self.draft.entry if self.draft else None
        return spell_seen(self.row.fingerprint, entry)


def plan_copies(session: Session, rows: Sequence[InvoiceRow], *, now: datetime, today: date) -> list[Planned]:
    """Say of each invoice what a copy with untouched answers would book."""
    connections = {row.subsidiary_id: row for row in live_connections(session)}
    planners = {
        subsidiary_id: _Planner(session, connection, mine, now, today)
        for subsidiary_id, connection in connections.items()
        if (mine := [row for row in rows if row.subsidiary_id == subsidiary_id])
    }
    return [
        planners[row.subsidiary_id].plan(row)
        if row.subsidiary_id in planners
        else Planned(row, None, Choices(), None, (NOT_CONNECTED,))
        for row in rows
    ]


class _Planner:
    """Drafts invoices of one connection. What they have in common is read once."""

    def __init__(
        self,
        session: Session,
        connection: ConnectionRow,
        rows: Sequence[InvoiceRow],
        now: datetime,
        today: date,
    ) -> None:
        ids = [row.id for row in rows]
        self.session = session
        self.connection = connection
        self.now = now
        self.today = today
        self.closed = find_closed(session)
        self.basis = read_basis(session, connection)
        self.later = keep_numbers(self.basis)
        self.booked = _booked(session, ids)
        self.unreadable = _unreadable(session, ids)
        self.links = _links(session, connection.id, [row.company_id for row in rows])
        numbers = [row.number or "" for row in rows]
        self.looks = looks_of(session, connection.id, numbers)
        self.since_looks = read_since_looks(session, connection.id, numbers, self.looks)
        # They are kept, so that the session need not read each of them again.
        self.customer_rows = session.scalars(
            select(CustomerRow).where(CustomerRow.connection_id == connection.id)
        ).all()
        self.customers = Customers(customer_of(each) for each in self.customer_rows if not each.deleted)

    def plan(self, row: InvoiceRow) -> Planned:
        """Draft one invoice, and name all that keeps it from being copied."""
        invoice = row.invoice()
        ground = Ground(self.session, self.connection, row, invoice, None)
        finder = CustomerFinder(self.session, self.connection.id, invoice, self.today)
        # Only these can be certain, or leave another in doubt.
        finder.alike = self.customers.alike(invoice.bill_to) if invoice.bill_to else []
        finder.link = self.links.get(row.company_id)
        choices = complete(ground, Choices(customer_id=finder.preselect()))
        draft = draft_copy(
            self.session,
            self.connection,
            invoice,
            choices,
            basis=self._basis_of(row),
            unreadable=row.id in self.unreadable,
        )
        look = self._look_at(row)
        found = (
            *self.closed,
            *_find_done(row),
            *_find_too_early(self.connection, row),
            *find_obstacles(self.connection, row, CopyAction.CREATE, None),
            *draft.problems,
            *self._find_strangers(row, choices.customer_id),
        )
        looked_at = look.looked_at if look else None
        problems = tuple(dict.fromkeys(found))
        is_linked = finder.link is not None

        return Planned(row, self.connection.id, choices, draft, problems, looked_at, is_linked)

    def _basis_of(self, row: InvoiceRow) -> Basis:
        return self.later if row.id in self.booked else self.basis

    def _look_at(self, row: InvoiceRow) -> LookRow | None:
        """Return what is known of Exact's entries under the number, while it is fresh."""
        look = self.looks.get((row.number or "").strip())
        return look if look is not None and look.is_fresh(self.now) else None

    def _find_strangers(self, row: InvoiceRow, customer_id: str | None) -> Iterator[Problem]:
        # What an old look showed stands in the way until a new one shows it no longer.
        number = (row.number or "").strip()
        since = self.since_looks.get(number, ())
        entries = strangers_among(self.session, self.looks.get(number), since, row)
        judged = judge_entries(self.session, self.connection.id, row, entries, customer_id)
        yield from map(name_stranger, judged)


def _find_done(row: InvoiceRow) -> Iterator[Problem]:
    """Say that an invoice is copied already, or is being copied."""
    if row.copy_state in IN_FLIGHT:
        yield problem("under_way")
    if row.copy_state in IN_EXACT:
        yield problem("already_copied")


def _find_too_early(connection: ConnectionRow, row: InvoiceRow) -> Iterator[Problem]:
    """Say that an invoice is dated before its connection copies from."""
    since = cut_over_of(connection, row)
    if since is not None:
        yield problem("before_start", day=row.invoiced_on.isoformat(), since=since.isoformat())


def _booked(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which invoices ever had an entry."""
    query = select(CopyRow.invoice_id).where(CopyRow.invoice_id.in_(ids), CopyRow.entry_id.is_not(None))
    return set(session.scalars(query))


def _unreadable(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which invoices cannot be read now."""
    query = select(UnreadableRow.remote_id).where(
        UnreadableRow.connection_id == PRODUCTIVE,
        UnreadableRow.kind == Kind.INVOICE,
        UnreadableRow.remote_id.in_(ids),
        UnreadableRow.ended_at.is_(None),
    )
    return set(session.scalars(query))


def _links(session: Session, connection_id: int, companies: Sequence[str]) -> Mapping[str, CustomerLinkRow]:
    """Return which customers some companies are linked to."""
    query = select(CustomerLinkRow).where(
        CustomerLinkRow.connection_id == connection_id, CustomerLinkRow.company_id.in_(set(companies))
    )
    return {row.company_id: row for row in session.scalars(query)}
