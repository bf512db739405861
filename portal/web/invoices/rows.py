"""The rows of the list: each as it is shown, and by what one that changed is known."""

import zlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from flask import url_for
from flask_babel import gettext as _

from portal.domain.copies.standing import Standing
from portal.domain.copies.states import IN_FLIGHT
from portal.store.invoice_list import Listed
from portal.web.common.formats import money
from portal.web.common.words import Words, words
from portal.web.invoices.due_words import Due, due_of, short_day
from portal.web.invoices.state_words import State, state_of_listed

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


class ListedRow(NamedTuple):
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
    amount: str
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
        shown = f"{words().language} {self!r}".encode()
        return f"{zlib.crc32(shown):08x}"

    @property
    def url_id(self) -> str:
        """Return the id as a part of an address."""
        return quote(self.id, safe="")


def list_rows(found: Sequence[Listed], *, may_write: bool, today: date) -> list[ListedRow]:
    """Return invoices as the list shows them."""
    return [_list_row(row, may_write, today) for row in found]


def _list_row(row: Listed, may_write: bool, today: date) -> ListedRow:
    number = row.number or ""
    return ListedRow(
        id=row.id,
        number=number,
        short_number=shorten(number),
        customer=row.company_name,
        subject=row.subject,
        invoiced_on=row.invoiced_on,
        day=short_day(row.invoiced_on, today),
        due=due_of(row, today, row.paid_on),
        cents=row.amount_with_tax,
        currency=row.currency,
        amount=money(row.amount_with_tax, row.currency),
        state=state_of_listed(row),
        action=_action_of(row, may_write),
        entry=row.entry_number or "",
        is_ready=row.standing == Standing.READY,
        may_write=may_write,
    )


def _action_of(row: Listed, may_write: bool) -> str:
    """Name the one thing that can be done with a row. Viewers may look."""
    # A copy that is held needs somebody, but is asked for already.
    action = PROGRESS if row.copy_state in IN_FLIGHT else ACTIONS.get(row.standing, NOTHING)
    return action if may_write or action in (MENU, PROGRESS) else NOTHING


def row_words() -> dict[str, object]:
    """Return what is alike in all rows of a page."""
    return {
        "invoices_url": url_for("invoices.list_invoices"),
        "words": _row_words(words()),
    }


@cache
def _row_words(_language: Words) -> dict[str, str]:
    """Return the words of all rows in the request's language, which is the key."""
    return {
        "select": _("Select %(number)s", number="%s"),
        "open": _("Open entry %(number)s in Exact", number="{}"),
        "no_number": _("no number"),
        "progress": _("Show progress"),
        "copied": _("Invoice copied"),
        "do": _("Copy to Exact"),
        "link": _("Link entry"),
    }


def shorten(number: str) -> str:
    """Leave out the middle of a long number: what tells numbers apart stands at their ends."""
    if len(number) <= LONGEST:
        return number
    return f"{number[: LONGEST - ENDING - 1]}…{number[-ENDING:]}"
