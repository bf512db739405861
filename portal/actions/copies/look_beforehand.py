"""What the dialog and the action would say of an invoice, were it opened and left as it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache

from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import cut_over_of
from portal.actions.copies.draft import Basis, draft_copy, keep_numbers, read_basis
from portal.actions.copies.finish import was_booked
from portal.actions.copies.obstacles import find_obstacles
from portal.actions.copies.propose import Ground, complete
from portal.actions.copies.strangers import stranger_problems
from portal.actions.customers.finder import CustomerFinder
from portal.domain.booking.catalogue import Customer
from portal.domain.booking.invoice import BillTo, Invoice
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.needs import Need, need_of_cause, needs_of
from portal.domain.copies.standing import Readiness
from portal.domain.copies.states import IN_FLIGHT, CopyAction, CopyState
from portal.domain.countries import iso_country
from portal.domain.customers.names import normalise_name
from portal.store.catalogue import all_customers
from portal.store.connections import ConnectionRow, find_live_connection
from portal.store.copies import CopyRow
from portal.store.holds import HoldRow
from portal.store.invoices import InvoiceRow
from portal.store.readiness import Seen
from portal.vat_numbers import read_vat

# Names and VAT numbers whose keys are remembered.
REMEMBERED = 100_000


class Customers:
    """The customers of a connection by what can make one certain: the same name, the same VAT number."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self._by_key: dict[str, list[tuple[int, Customer]]] = {}
        for place, customer in enumerate(customers):
            for key in keys_of(customer.name, customer.vat_number, customer.country):
                self._by_key.setdefault(key, []).append((place, customer))

    def alike(self, buyer: BillTo) -> list[Customer]:
        """Return all who may be certain, or stand in the way of another's being so, in their order."""
        found: dict[int, Customer] = {}
        for key in keys_of(buyer.name, buyer.vat, buyer.country):
            found |= dict(self._by_key.get(key, []))
        return [found[place] for place in sorted(found)]


@lru_cache(REMEMBERED)
def keys_of(name: str, vat_number: str | None, country: str | None) -> tuple[str, ...]:
    """Return the keys by which two companies are the same for certain."""
    key = normalise_name(name)
    vat = read_vat(vat_number, iso_country(country)).key
    return (*((f"name {key}",) if key else ()), *((f"vat {vat}",) if vat else ()))


@dataclass(frozen=True)
class Shared:
    """What all looks at invoices of one connection have in common, read once."""

    session: Session
    connection: ConnectionRow

    @cached_property
    def basis(self) -> Basis:
        """The catalogue, the mappings and the policy."""
        return read_basis(self.session, self.connection)

    @cached_property
    def customers(self) -> Customers:
        """The customers."""
        return Customers(all_customers(self.session, self.connection.id))


class Lookout:
    """Looks at invoices of any connection at one moment."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self._shared: dict[str, Shared | None] = {}

    def look(self, row: InvoiceRow) -> Seen:
        """Say whether an invoice can be copied as it is, and all that it needs."""
        if row.copy_state == CopyState.REFUSED:
            return self._stuck(row, Readiness.NEEDS_YOU)

        if row.copy_state in IN_FLIGHT:
            return self._stuck(row, Readiness.HELD)

        shared = self._shared_of(row.subsidiary_id)
        if shared is None:
            return _seen(row, Readiness.UNCONNECTED)

        if cut_over_of(shared.connection, row):
            return _seen(row, Readiness.EARLIER)

        invoice = row.invoice()
        needs = needs_of(find_problems(shared, row, invoice, self.now.date()), invoice)
        return _seen(row, Readiness.NEEDS_YOU if needs else Readiness.READY, needs)

    def _shared_of(self, subsidiary_id: str) -> Shared | None:
        if subsidiary_id not in self._shared:
            connection = find_live_connection(self.session, subsidiary_id)
            self._shared[subsidiary_id] = Shared(self.session, connection) if connection else None
        return self._shared[subsidiary_id]

    def _stuck(self, row: InvoiceRow, readiness: Readiness) -> Seen:
        """Say why a copy that was asked for was refused, or is held."""
        cause = self._cause_of(row)
        if cause is None:
            return _seen(row, Readiness.UNSURE)
        return _seen(row, readiness, (need_of_cause(cause),))

    def _cause_of(self, row: InvoiceRow) -> str | None:
        if row.copy_state == CopyState.REFUSED:
            latest = self.session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
            return latest.cause if latest else None

        copy = self.session.query(CopyRow).filter_by(in_flight=row.id).one_or_none()
        hold = self.session.get(HoldRow, copy.hold_id) if copy and copy.hold_id else None
        return hold.cause if hold else None


def find_problems(shared: Shared, row: InvoiceRow, invoice: Invoice, today: date) -> tuple[Problem, ...]:
    """Return what dialog and action would say of an invoice whose answers nobody touched."""
    session = shared.session
    connection = shared.connection
    ground = Ground(session, connection, row, invoice, None)
    finder = CustomerFinder(session, connection.id, invoice, today)
    # Only these can be certain, or leave another in doubt.
    finder.customers = shared.customers.alike(invoice.bill_to) if invoice.bill_to else []
    choices = complete(ground, Choices(customer_id=finder.preselect()))
    is_later = was_booked(session, row.id)
    basis = keep_numbers(shared.basis) if is_later else shared.basis

    found = (
        *find_obstacles(connection, row, CopyAction.CREATE, None),
        *draft_copy(session, connection, invoice, choices, basis=basis).problems,
        *stranger_problems(session, connection.id, row, choices.customer_id),
    )
    return tuple(dict.fromkeys(found))


def _seen(row: InvoiceRow, readiness: Readiness, needs: tuple[Need, ...] = ()) -> Seen:
    return Seen(row.id, row.fingerprint, row.copy_state, readiness, needs)
