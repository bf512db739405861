"""What an update would change in the entry, as Exact has it now."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.actions.copies.propose import Ground, complete, draft_proposal, first_choices, read_ground
from portal.actions.copies.update_entry import find_refusal
from portal.actions.engine.ports import Ledger
from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.sales_entry import BookedEntry, Problem
from portal.domain.copies.changes import FieldChange, list_changes
from portal.domain.copies.states import CopyAction
from portal.store.catalogue import all_customers
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow


@dataclass(frozen=True, slots=True)
class Ahead:
    """What an update would do. ``blocked`` says that problems come before any list of changes."""

    copy: CopyRow
    gone: bool = False
    refusal: Problem | None = None
    changes: tuple[FieldChange, ...] = ()
    blocked: bool = False


def read_ahead(session: Session, ledger: Ledger, row: InvoiceRow) -> Ahead | None:
    """Read the entry of the latest copy from Exact, and list what an update would change in it."""
    ground = read_ground(session, row)
    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    if ground is None or latest is None:
        return None

    session.commit()
    booked = ledger.read_entry(latest.entry_id or "")
    if booked is None:
        return Ahead(latest, gone=True)
    if refusal := find_refusal(session, ground.connection, booked):
        return Ahead(latest, refusal=refusal)

    return _compare(ground, latest, booked)


def _compare(ground: Ground, latest: CopyRow, booked: BookedEntry) -> Ahead:
    choices = complete(ground, first_choices(ground, CopyAction.UPDATE))
    catalogue, draft = draft_proposal(ground, CopyAction.UPDATE, choices)
    if draft.entry is None:
        return Ahead(latest, blocked=True)

    changes = list_changes(booked, draft.entry, names=_names(ground, catalogue))
    return Ahead(latest, changes=changes)


def _names(ground: Ground, catalogue: Catalogue) -> Mapping[str, str]:
    """Return what people call the accounts and customers whose ids stand in an entry."""
    accounts = {each.id: f"{each.code.strip()} {each.description}" for each in catalogue.accounts}
    customers = {each.id: each.name for each in all_customers(ground.session, ground.connection.id)}
    return accounts | customers
