"""What decides about one invoice, read by one statement and kept while it is looked at."""

from collections.abc import Collection

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import aliased

from portal.actions.copies.draft import Basis, basis_of
from portal.actions.copies.under_number import UnderNumber
from portal.domain.unreadable import Kind
from portal.store.catalogue import CatalogueRow, CustomerRow, catalogue_of
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.entries import EntryRow
from portal.store.invoices import InvoiceRow
from portal.store.looks import LookRow, SetAsideRow, stand_under
from portal.store.mappings import CustomerVatRow, MappingRow, rules_of
from portal.store.together import Together
from portal.store.unreadable import PRODUCTIVE, UnreadableRow


class Beside:
    """The catalogue, mappings and customer of an invoice, and what Exact holds under its number."""

    # Its rows stay in the session while it is kept, so that who asks for one by its key reads nothing again.

    def __init__(
        self,
        together: Together,
        row: InvoiceRow,
        connection: int | ScalarSelect[int],
        *,
        customers: Collection[str] = (),
    ) -> None:
        """Ask for all that is known beside an invoice, with some customers that were chosen."""
        link = (CustomerLinkRow.connection_id == connection, CustomerLinkRow.company_id == row.company_id)
        linked_id = select(CustomerLinkRow.customer_id).where(*link).scalar_subquery()
        linked = aliased(CustomerRow)
        number = (row.number or "").strip()

        self.row = row
        self.catalogue = together.ask(CatalogueRow, CatalogueRow.connection_id == connection)
        self.mappings = together.ask(MappingRow, MappingRow.connection_id == connection)
        self.own = together.ask(CustomerVatRow, CustomerVatRow.connection_id == connection)
        self.link = together.ask(CustomerLinkRow, *link)
        self.linked = together.ask(linked, linked.connection_id == connection, linked.id == linked_id)
        self.chosen = together.ask(
            CustomerRow, CustomerRow.connection_id == connection, CustomerRow.id.in_(customers)
        )
        self.unreadable = together.ask(
            UnreadableRow,
            UnreadableRow.connection_id == PRODUCTIVE,
            UnreadableRow.kind == Kind.INVOICE,
            UnreadableRow.remote_id == row.id,
        )
        self.look = together.ask(LookRow, LookRow.connection_id == connection, LookRow.number == number)
        self.entries = together.ask(EntryRow, *stand_under(connection, {number} - {""}))
        self.asides = together.ask(SetAsideRow, SetAsideRow.invoice_id == row.id)

    def basis(self, connection: ConnectionRow) -> Basis:
        """Return what decides besides the invoice and the choices."""
        rules = rules_of(connection, self.mappings, self.own)
        return basis_of(connection, catalogue_of(self.catalogue.first), rules)

    @property
    def is_unreadable(self) -> bool:
        """Say whether the invoice cannot be read now."""
        return any(record.ended_at is None for record in self.unreadable)

    @property
    def linked_id(self) -> str | None:
        """Return the customer that the company is linked to."""
        return self.link.first.customer_id if self.link.first else None

    @property
    def under(self) -> UnderNumber:
        """Return what Exact holds under the number."""
        asides = sorted(self.asides, key=lambda each: (each.set_aside_at, each.entry_id))
        return UnderNumber(self.look.first, self.entries.found, asides)
