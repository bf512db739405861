"""What decides about one invoice, read by one statement and kept while it is looked at."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, select

from portal.actions.copies.draft import Basis, basis_of
from portal.actions.copies.under_number import UnderNumber
from portal.domain.unreadable import Kind
from portal.store.catalogue import CatalogueRow, CustomerRow, catalogue_of
from portal.store.connections import ConnectionRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.entries import EntryRow
from portal.store.invoices import InvoiceRow
from portal.store.looks import LookRow, SetAsideRow
from portal.store.mappings import CustomerVatRow, MappingRow, rules_of
from portal.store.together import Found, Together
from portal.store.unreadable import PRODUCTIVE, UnreadableRow


class AskBeside:
    """Asks for the catalogue, mappings and customer of an invoice, and what Exact holds under its number."""

    # ``connection`` is its number, as a value or as a question.

    def __init__(self, together: Together, connection: ColumnElement[int]) -> None:
        """Add what is known beside an invoice to what is read together."""
        invoice = bindparam("invoice", type_=String())
        company = bindparam("company", type_=String())
        number = bindparam("number", type_=String())
        link = (CustomerLinkRow.connection_id == connection, CustomerLinkRow.company_id == company)
        linked_id = select(CustomerLinkRow.customer_id).where(*link).correlate(None).scalar_subquery()

        self.catalogue = together.ask(CatalogueRow, CatalogueRow.connection_id == connection)
        self.mappings = together.ask(MappingRow, MappingRow.connection_id == connection)
        self.own = together.ask(CustomerVatRow, CustomerVatRow.connection_id == connection)
        self.link = together.ask(CustomerLinkRow, *link)
        self.linked = together.ask(
            CustomerRow, CustomerRow.connection_id == connection, CustomerRow.id == linked_id
        )
        self.chosen = together.ask(
            CustomerRow, CustomerRow.connection_id == connection, CustomerRow.id == bindparam("chosen")
        )
        self.unreadable = together.ask(
            UnreadableRow,
            UnreadableRow.connection_id == PRODUCTIVE,
            UnreadableRow.kind == Kind.INVOICE,
            UnreadableRow.remote_id == invoice,
        )
        self.look = together.ask(LookRow, LookRow.connection_id == connection, LookRow.number == number)
        self.entries = together.ask(
            EntryRow,
            EntryRow.connection_id == connection,
            EntryRow.your_ref == number,
            # Where there is no number, nothing stands under it.
            EntryRow.your_ref != "",
            EntryRow.gone_at.is_(None),
        )
        self.asides = together.ask(SetAsideRow, SetAsideRow.invoice_id == invoice)

    @staticmethod
    def values(row: InvoiceRow, chosen: str | None) -> dict[str, Any]:
        """Return what is asked with for an invoice, and a customer that was chosen."""
        return {
            "invoice": row.id,
            "company": row.company_id,
            "number": (row.number or "").strip(),
            "chosen": chosen,
        }


@dataclass(frozen=True, slots=True)
class Beside:
    """What was found beside an invoice."""

    # Its rows stay in the session while it is kept, so that who asks for one by its key reads nothing again.

    asked: AskBeside
    found: Found

    def basis(self, connection: ConnectionRow) -> Basis:
        """Return what decides besides the invoice and the choices."""
        rules = rules_of(connection, self.found.all(self.asked.mappings), self.found.all(self.asked.own))
        return basis_of(connection, catalogue_of(self.found.first(self.asked.catalogue)), rules)

    @property
    def is_unreadable(self) -> bool:
        """Say whether the invoice cannot be read now."""
        return any(record.ended_at is None for record in self.found.all(self.asked.unreadable))

    @property
    def linked_id(self) -> str | None:
        """Return the customer that the company is linked to."""
        link = self.found.first(self.asked.link)
        return link.customer_id if link else None

    @property
    def under(self) -> UnderNumber:
        """Return what Exact holds under the number."""
        asides = self.found.all(self.asked.asides)
        return UnderNumber(
            look=self.found.first(self.asked.look),
            entries=self.found.all(self.asked.entries),
            asides=sorted(asides, key=lambda each: (each.set_aside_at, each.entry_id)),
        )
