"""What of a wish is not used that comes after another one for the same invoice."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.actions.copies.draft import Basis, draft_copy, read_basis, with_defaults
from portal.actions.copies.request import Wish
from portal.domain.booking.catalogue import shown
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import Choices
from portal.domain.copies.changes import Field
from portal.domain.copies.states import TAKES_BACK
from portal.domain.text import say_date
from portal.store.catalogue import find_customer
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow, choices_from_row
from portal.store.invoices import InvoiceRow


@dataclass(frozen=True, slots=True)
class Unused:
    """A choice that is not used, beside the one that is."""

    field: Field
    used: str
    mine: str


def find_unused(session: Session, made: CopyRow, wish: Wish) -> tuple[Unused, ...]:
    """Return what a wish would have booked otherwise than the copy that came first."""
    if made.action != wish.action or made.action in TAKES_BACK or not made.choices:
        return ()

    connection = session.get_one(ConnectionRow, made.connection_id)
    row = session.get_one(InvoiceRow, made.invoice_id)
    basis = read_basis(session, connection)
    used = _spell(session, connection, row, choices_from_row(made.choices), basis)
    mine = _spell(session, connection, row, wish.choices, basis)
    return tuple(Unused(name, used[name], mine[name]) for name in used if used[name] != mine[name])


def _spell(
    session: Session, connection: ConnectionRow, row: InvoiceRow, choices: Choices, basis: Basis
) -> dict[Field, str]:
    """Spell what is booked with some choices as people call it."""
    choices = with_defaults(session, connection, row.invoice(), choices)
    draft = draft_copy(session, connection, row.invoice(), choices, basis=basis)
    accounts = {each.id.lower(): shown(each.code) for each in basis.catalogue.accounts}
    return {
        Field.CUSTOMER: _name_customer(session, connection.id, choices),
        Field.JOURNAL: shown(draft.journal or ""),
        Field.BOOKING_DATE: say_date(draft.booking_date) if draft.booking_date else "",
        Field.LEDGER: _join(accounts.get(code.lower(), "") for code in _ledgers(draft)),
        Field.VAT_CODE: _join(shown(line.vat.code) if line.vat else "" for line in draft.lines),
        Field.COST_CENTRE: _join(shown(line.cost_center or "") for line in draft.lines),
    }


def _ledgers(draft: Draft) -> Iterator[str]:
    return (line.ledger.code if line.ledger else "" for line in draft.lines)


def _join(codes: Iterator[str]) -> str:
    """Join the codes of lines, once where all have the same."""
    found = [code or "–" for code in codes]
    return found[0] if len(set(found)) == 1 else ", ".join(found)


def _name_customer(session: Session, connection_id: int, choices: Choices) -> str:
    if choices.new_customer:
        return choices.customer.name if choices.customer else ""
    customer = find_customer(session, connection_id, choices.customer_id)
    return customer.name if customer else ""
