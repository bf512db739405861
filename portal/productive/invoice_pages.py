"""All finalised invoices, page by page, while people go on changing them."""

from collections.abc import Iterator
from datetime import date

from portal.domain.booking.invoice import Invoice
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.productive.api import Api
from portal.productive.jsonapi import PAGE_SIZE, Document, Params, spell_filter, spell_list
from portal.productive.parse import parse_invoice
from portal.productive.reading import read_resources
from portal.remote.errors import RefusedError

INVOICE_INCLUDES = ("company", "bill_to", "subsidiary", "parent_invoice")
FINALIZED = spell_filter("invoice_state", 2)


def each_invoice_page(api: Api, since: date | None) -> Iterator[list[Invoice | Unreadable]]:
    """Yield pages of invoices changed on or after a day, oldest change first.

    Where Productive does not take a cursor or the filter (400), everything is read by page number. What was
    yielded until then is yielded again.
    """
    try:
        for page in api.each_page("invoices", _by_cursor(since)):
            yield _parse_page(page)
    except RefusedError as error:
        if error.status != 400:
            raise
        yield from _each_gathered_page(api, since)


def _by_cursor(since: date | None) -> Params:
    changed = spell_filter("last_activity_at", since, "gt_eq") if since else {}
    params = spell_list(FINALIZED, changed, include=INVOICE_INCLUDES, sort="last_activity_at")
    return params | {"page[after]": ""}


def _parse_page(page: Document) -> list[Invoice | Unreadable]:
    included = page.index()
    return read_resources(Kind.INVOICE, page.many, lambda one: parse_invoice(one, included))


def _each_gathered_page(api: Api, since: date | None) -> Iterator[list[Invoice | Unreadable]]:
    """Read newest change first, so that a change meanwhile repeats an invoice and never hides one."""
    found: dict[str, Invoice] = {}
    odd: dict[str, Unreadable] = {}

    for page in _each_numbered_page(api):
        read = _parse_page(page)
        invoices = readable(read)
        odd |= {one.id: one for one in unreadable(read)}
        for invoice in invoices:
            found.setdefault(invoice.id, invoice)

        if since and any(invoice.last_activity_at.date() < since for invoice in invoices):
            break

    oldest_first = sorted(found.values(), key=lambda invoice: invoice.last_activity_at)
    wanted = [each for each in oldest_first if since is None or each.last_activity_at.date() >= since]
    rows: list[Invoice | Unreadable] = [*odd.values(), *wanted]
    for start in range(0, len(rows), PAGE_SIZE):
        yield rows[start : start + PAGE_SIZE]


def _each_numbered_page(api: Api) -> Iterator[Document]:
    """Yield pages by number. Where the list shrank meanwhile, the page before is read again."""
    params = spell_list(FINALIZED, include=INVOICE_INCLUDES, sort="-last_activity_at")
    number = 1
    count = 0

    while True:
        page = api.read("invoices", params | {"page[number]": str(number)})
        shrunk = (page.meta.total_count or 0) < count
        count = page.meta.total_count or 0

        if shrunk and number > 1:
            number -= 1
            continue

        yield page
        if not page.links.next:
            return

        number += 1
