"""The rows of the list: each as it is shown, and by what one that changed is known."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.copies.standing import Standing
from portal.domain.copies.states import IN_FLIGHT
from portal.store.copies import CopyRow
from portal.store.invoice_list import last_payments
from portal.store.invoices import InvoiceRow
from portal.store.needs import NeedRow
from portal.web.invoices.due_words import Due, due_of, short_day
from portal.web.invoices.state_words import State, state_of

LONGEST = 17
ENDING = 10
COPY = "copy"
PROGRESS = "progress"
MENU = "menu"
LINK = "link"
NOTHING = ""
ACTIONS = {
    Standing.READY: COPY,
    Standing.NEEDS_YOU: COPY,
    Standing.UNSURE: COPY,
    Standing.REFUSED: COPY,
    Standing.COPYING: PROGRESS,
    Standing.COPIED: MENU,
    Standing.CHANGED: MENU,
    Standing.DIFFERENT: MENU,
    Standing.ELSEWHERE: LINK,
}
Found = tuple[InvoiceRow, CopyRow | None]


@dataclass(frozen=True, slots=True)
class ListedRow:
    """An invoice as the list shows it, and nothing else, so that equal rows look alike."""

    id: str
    number: str
    short_number: str
    customer: str
    subject: str
    invoiced_on: date
    day: str
    due: Due
    cents: int
    currency: str
    state: State
    action: str
    entry: str
    is_ready: bool
    may_write: bool

    @property
    def is_choosable(self) -> bool:
        """Say whether it can be copied together with others."""
        return self.is_ready and self.may_write

    @property
    def mark(self) -> str:
        """Return what tells this row from how it was, or from another one."""
        shown = f"{get_locale()} {self!r}".encode()
        return f"{self.id}.{zlib.crc32(shown):08x}"


def list_rows(session: Session, found: Sequence[Found], *, may_write: bool, today: date) -> list[ListedRow]:
    """Return invoices as the list shows them."""
    needs = _first_needs(session, [row.id for row, _copy in found if row.standing == Standing.NEEDS_YOU])
    paid_on = last_payments(session, [row.id for row, _copy in found if row.amount_unpaid == 0])
    return [
        _list_row(row, copy, needs.get(row.id), due_of(row, today, paid_on.get(row.id)), may_write, today)
        for row, copy in found
    ]


def _list_row(
    row: InvoiceRow, copy: CopyRow | None, need: NeedRow | None, due: Due, may_write: bool, today: date
) -> ListedRow:
    number = row.number or ""
    return ListedRow(
        id=row.id,
        number=number,
        short_number=shorten(number),
        customer=row.company_name,
        subject=row.subject,
        invoiced_on=row.invoiced_on,
        day=short_day(row.invoiced_on, today),
        due=due,
        cents=row.amount_with_tax,
        currency=row.currency,
        state=state_of(row, copy, need),
        action=_action_of(row, may_write),
        entry=str((copy and copy.entry_number) or ""),
        is_ready=row.standing == Standing.READY,
        may_write=may_write,
    )


def _action_of(row: InvoiceRow, may_write: bool) -> str:
    """Name the one thing that can be done with a row. Viewers may look."""
    # A copy that is held needs somebody, but is asked for already.
    action = PROGRESS if row.copy_state in IN_FLIGHT else ACTIONS.get(row.standing, NOTHING)
    return action if may_write or action in (MENU, PROGRESS) else NOTHING


def _first_needs(session: Session, ids: Sequence[str]) -> Mapping[str, NeedRow]:
    """Return the first need of invoices that have one."""
    if not ids:
        return {}
    query = select(NeedRow).where(NeedRow.invoice_id.in_(ids), NeedRow.position == 0)
    return {need.invoice_id: need for need in session.scalars(query)}


def shorten(number: str) -> str:
    """Leave out the middle of a long number: what tells numbers apart stands at their ends."""
    if len(number) <= LONGEST:
        return number
    return f"{number[: LONGEST - ENDING - 1]}…{number[-ENDING:]}"
