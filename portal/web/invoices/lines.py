"""The lines of an invoice as they were booked, or as they would be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.actions.copies.beside import Beside
from portal.actions.copies.draft import as_copied, choices_of, draft_copy, with_defaults
from portal.domain.booking.catalogue import Catalogue, LedgerAccount
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import Choices
from portal.domain.booking.postings import Postings, bookable_draft, bookable_entry, postings_of
from portal.domain.copies.states import IN_EXACT, IN_FLIGHT
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, entry_from_row
from portal.store.invoices import InvoiceRow


@dataclass(frozen=True, slots=True)
class Lines:
    """The draft whose lines are shown, with the ledger accounts and the customer that it names."""

    connection: ConnectionRow
    draft: Draft
    accounts: Mapping[str, LedgerAccount]
    customer_id: str | None
    catalogue: Catalogue
    copy: CopyRow | None = None

    def post(self, currency: str) -> Postings | None:
        """Return the entry as a bookkeeper reads it: as it was copied, else as it would be booked."""
        entry = self.copy.entry if self.copy else None
        drafted = [bookable_draft(self.draft, currency)] if self.draft.lines else []
        booked = [bookable_entry(entry_from_row(entry))] if entry else drafted
        found = postings_of(booked, self.catalogue)
        return found[0] if found else None


def read_lines(
    session: Session,
    row: InvoiceRow,
    connection: ConnectionRow | None,
    copies: Sequence[CopyRow],
    beside: Beside,
) -> Lines | None:
    """Read what the page shows, None while the subsidiary is not connected and nothing was copied."""
    copy = find_shown_copy(row, copies)
    if connection is None:
        return None

    basis = beside.basis(connection)
    invoice = row.invoice()
    is_linked = beside.linked_id is not None
    choices = (
        choices_of(copy)
        if copy
        else with_defaults(session, connection, invoice, Choices(), is_linked=is_linked)
    )
    draft = draft_copy(
        session,
        connection,
        invoice,
        choices,
        basis=basis,
        unreadable=beside.is_unreadable,
        is_linked=is_linked,
    )
    accounts = {account.id: account for account in basis.catalogue.accounts}

    shown = as_copied(draft, copy) if copy else draft
    return Lines(connection, shown, accounts, choices.customer_id, basis.catalogue, copy)


def find_shown_copy(row: InvoiceRow, copies: Sequence[CopyRow]) -> CopyRow | None:
    """Find the copy under way, else the latest that is in Exact."""
    if row.copy_state in IN_FLIGHT:
        return next((copy for copy in copies if copy.in_flight == row.id), None)
    latest = next((copy for copy in copies if copy.id == row.latest_copy_id), None)
    return latest if latest is not None and latest.state in IN_EXACT else None
