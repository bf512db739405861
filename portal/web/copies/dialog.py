"""What the copy dialog shows: the fields with their offers, and the entry as it will be booked."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from portal.actions.copies.cut_over import cut_over_of
from portal.actions.copies.draft import (
    draft_copy,
    find_made_meanwhile,
    keep_numbers,
    linked_customer,
    read_basis,
    with_defaults,
)
from portal.actions.copies.finish import was_booked
from portal.actions.copies.request import find_obstacles, find_turn
from portal.actions.copies.update_entry import find_refusal
from portal.domain.assumptions import Feature
from portal.domain.booking.catalogue import (
    CostCenter,
    Customer,
    Journal,
    LedgerAccount,
    VatCode,
    for_sales,
    is_revenue,
    takes_revenue,
    takes_sales,
)
from portal.domain.booking.draft import Draft
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.keep_off import find_kept_off
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import BookedEntry, Problem
from portal.domain.copies.changes import list_changes
from portal.domain.copies.strangers import is_stranger
from portal.domain.customers.evidence import Suggestion
from portal.store.catalogue import all_customers, find_customer
from portal.store.connections import ConnectionRow, find_live_connection
from portal.store.copies import CREATE, IN_EXACT, UPDATE, CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.trials import failed_assumptions
from portal.web.copies.customer import (
    Decision,
    Question,
    ask_customer,
    explain_customer,
    find_candidates,
    find_certain,
    say_vat,
)
from portal.web.strangers.held import Held, read_held

MOST = 8


@dataclass(frozen=True, slots=True)
class Dialog:
    """Everything the dialog's templates need; ``draft`` is None while the subsidiary is not connected."""

    action: str
    choices: Choices
    connection: ConnectionRow | None
    draft: Draft | None
    customer: Customer | None
    journals: tuple[Journal, ...]
    revenue: tuple[LedgerAccount, ...]
    others: tuple[LedgerAccount, ...]
    codes: tuple[VatCode, ...]
    cost_centers: tuple[CostCenter, ...]
    accounts: dict[str, LedgerAccount]
    problems: tuple[Problem, ...]
    open_entry: CopyRow | None
    too_early: date | None
    linked: str | None
    held: Held | None = None
    matches: tuple[Suggestion, ...] = ()
    question: Question | None = None
    decision: Decision | None = None
    buyer: BillTo | None = None
    refused: tuple[Problem, ...] = ()

    @property
    def vat_hint(self) -> str | None:
        """Return what is to be said about the VAT number of a new customer."""
        return say_vat(self.buyer, self.choices.customer)

    def trouble_of(self, field: str) -> str | None:
        """Return what a refused submission is told at one field."""
        texts = [problem.text for problem in self.refused if problem.field == field]
        return " ".join(texts) or None


def read_dialog(
    session: Session,
    row: InvoiceRow,
    action: str,
    choices: Choices,
    problems: tuple[Problem, ...] = (),
    *,
    query: str = "",
) -> Dialog:
    """Read what the dialog shows for these choices; problems of a refused submission come first."""
    connection = find_live_connection(session, row.subsidiary_id)
    if connection is None:
        gone = Problem("not-connected", "This subsidiary is not connected to Exact.", "settings")
        return Dialog(action, choices, None, None, None, (), (), (), (), (), {}, (gone,), None, None, None)

    invoice = row.invoice()
    basis = read_basis(session, connection)
    if action == UPDATE or was_booked(session, row.id):
        basis = keep_numbers(basis)

    choices = complete(connection, row, choices)
    draft = draft_copy(session, connection, invoice, choices, basis=basis)
    usable = sorted(filter(takes_revenue, basis.catalogue.accounts), key=by_code)
    made = find_made_meanwhile(session, connection.id, row.company_id, choices)
    turn = find_turn(session, row) if action == UPDATE else ()
    off = find_kept_off(Feature.UPDATES, failed_assumptions(connection)) if action == UPDATE else None
    found = (*((off,) if off else ()), *find_obstacles(row), *turn, *made, *draft.problems)
    all_problems = dict.fromkeys((*problems, *found))

    return Dialog(
        action=action,
        choices=choices,
        connection=connection,
        draft=draft,
        customer=find_customer(session, connection.id, choices.customer_id),
        journals=tuple(sorted(filter(takes_sales, basis.catalogue.journals), key=by_code)),
        revenue=tuple(account for account in usable if is_revenue(account)),
        others=tuple(account for account in usable if not is_revenue(account)),
        codes=tuple(sorted(filter(for_sales, basis.catalogue.vat_codes), key=by_code)),
        cost_centers=basis.catalogue.cost_centers,
        accounts={account.id: account for account in basis.catalogue.accounts},
        # What stands under the number is told apart, with what can be done about it.
        problems=tuple(each for each in all_problems if not is_stranger(each)),
        open_entry=_open_entry(session, row) if action == CREATE else None,
        too_early=cut_over_of(connection, row) if action == CREATE else None,
        linked=linked_customer(session, connection.id, row.company_id),
        held=read_held(session, connection.id, row, choices.customer_id) if action == CREATE else None,
        matches=tuple(find_matches(session, connection.id, row, query)) if query else (),
        question=ask_customer(session, connection.id, invoice, choices),
        decision=explain_customer(session, connection.id, invoice, choices),
        buyer=invoice.bill_to,
        refused=problems,
    )


def by_code(offer: Journal | LedgerAccount | VatCode) -> str:
    """Sort offers by their code, as people know them."""
    return offer.code.strip()


def preselect(session: Session, row: InvoiceRow, choices: Choices) -> Choices:
    """Preselect the customer: the linked one, else the one that is certainly the invoice's buyer."""
    connection = find_live_connection(session, row.subsidiary_id)
    invoice = row.invoice()
    if connection is None or choices.customer_id or choices.new_customer:
        return choices

    customer_id = with_defaults(session, connection, invoice, choices).customer_id
    if customer_id is None and invoice.bill_to:
        customer_id = find_certain(session, connection.id, invoice)

    return replace(choices, customer_id=customer_id)


def complete(connection: ConnectionRow, row: InvoiceRow, choices: Choices) -> Choices:
    """Fill in what a copy books where nothing is chosen: default journal and ledger, the invoice's date."""
    credit = connection.credit_journal if row.invoice().is_credit_note else None
    return replace(
        choices,
        journal=choices.journal if choices.journal is not None else credit or connection.default_journal,
        ledger=choices.ledger if choices.ledger is not None else connection.default_ledger,
        booking_date=row.invoiced_on.isoformat() if choices.booking_date is None else choices.booking_date,
    )


def find_matches(session: Session, connection_id: int, row: InvoiceRow, query: str) -> list[Suggestion]:
    """Return the customers that a search finds; where nothing is typed, those who may be the buyer."""
    return find_candidates(session, connection_id, row.invoice().bill_to, query)


def find_changes(
    session: Session, connection: ConnectionRow, row: InvoiceRow, choices: Choices, booked: BookedEntry | None
) -> dict[str, object]:
    """List what an update would change against the entry as Exact has it now."""
    if booked is None:
        return {"gone": True}
    if refusal := find_refusal(session, connection, booked):
        return {"refusal": refusal}

    dialog = read_dialog(session, row, "update", choices)
    names = {
        account.id: f"{account.code.strip()} {account.description}" for account in dialog.accounts.values()
    }
    names |= {customer.id: customer.name for customer in all_customers(session, connection.id)}
    wanted = dialog.draft.entry if dialog.draft else None
    changes = list_changes(booked, wanted, names=names) if wanted else ()

    return {"changes": changes, "blocked": wanted is None}


def _open_entry(session: Session, row: InvoiceRow) -> CopyRow | None:
    """Return the copy whose entry is still in Exact, for the warning of double revenue."""
    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    return latest if latest is not None and latest.state in IN_EXACT else None
