"""What an update would change in the entry, as Exact has it now."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.actions.copies.propose import Ground, complete, draft_proposal, first_choices, read_ground
from portal.actions.copies.sent_before import sent_before
from portal.actions.copies.update_entry import find_refusal
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go
from portal.domain.booking.catalogue import Catalogue
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import BookedEntry, Problem
from portal.domain.copies.exact_changes import keep_exact
from portal.domain.copies.sides import SideGroup, list_sides
from portal.domain.copies.states import CopyAction
from portal.store.catalogue import all_customers
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow


@dataclass(frozen=True, slots=True)
class Ahead:
    """What an update would do. ``blocked`` says that problems come before any list of changes."""

    # ``decisions`` say by the key of a change in Exact whether it is kept or overwritten.
    # ``difference`` is by how many cents the entry would differ from the invoice with what is kept.

    copy: CopyRow
    gone: bool = False
    refusal: Problem | None = None
    sides: tuple[SideGroup, ...] = ()
    decisions: Mapping[str, str] | None = None
    blocked: bool = False
    difference: int = 0

    @property
    def is_possible(self) -> bool:
        """Say whether Exact still lets the entry change."""
        return not self.gone and self.refusal is None

    @property
    def open_keys(self) -> tuple[str, ...]:
        """Return the changes in Exact that are still to be decided."""
        decided = self.decisions or {}
        keys = (group.change.key for group in self.sides if group.change)
        return tuple(key for key in dict.fromkeys(keys) if key not in decided)


def read_ahead(
    session: Session, ledger: Ledger, row: InvoiceRow, choices: Choices | None = None
) -> Ahead | None:
    """Read the entry of the latest copy from Exact, and list what an update would change in it."""
    ground = read_ground(session, row)
    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    if ground is None or latest is None:
        return None

    let_go(session)
    booked = ledger.read_entry(latest.entry_id or "")
    if booked is None:
        return Ahead(latest, gone=True)
    if refusal := find_refusal(session, ground.connection, booked):
        return Ahead(latest, refusal=refusal)

    return _compare(ground, latest, booked, choices)


def _compare(ground: Ground, latest: CopyRow, booked: BookedEntry, choices: Choices | None) -> Ahead:
    choices = complete(ground, choices or first_choices(ground, CopyAction.UPDATE))
    basis, draft = draft_proposal(ground, CopyAction.UPDATE, choices)
    if draft.entry is None:
        return Ahead(latest, blocked=True)

    ours = sent_before(ground.session, latest, booked)
    kept = keep_exact(booked, draft.entry, ours, choices.exact)
    return Ahead(
        latest,
        sides=list_sides(booked, draft.entry, ours, _names(ground, basis.catalogue)),
        decisions=choices.exact,
        difference=kept.gross - draft.entry.gross,
    )


def _names(ground: Ground, catalogue: Catalogue) -> Mapping[str, str]:
    """Return what people call the accounts and customers whose ids stand in an entry."""
    accounts = {each.id.lower(): f"{each.code.strip()} {each.description}" for each in catalogue.accounts}
    customers = {each.id.lower(): each.name for each in all_customers(ground.session, ground.connection.id)}
    return accounts | customers
