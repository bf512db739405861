"""The lines of invoices, with the keys that mappings need."""

from collections.abc import Iterable, Sequence

from portal.domain.invoice import InvoiceLine
from portal.productive.api import Api
from portal.productive.jsonapi import Document, Resource, spell_filter, spell_list
from portal.productive.parse import parse_line, pointed_at
from portal.remote.errors import RefusedError

LINE_INCLUDES = ("invoice", "service_type", "tax_rate", "expense", "service")


def read_lines(api: Api, invoice_ids: Sequence[str]) -> dict[str, tuple[InvoiceLine, ...]]:
    """Return the lines by invoice id, in the order they are printed; one call per 200 lines."""
    found: dict[str, dict[str, InvoiceLine]] = {}
    for page in _read_pages(api, invoice_ids):
        included = page.index()
        for resource in page.many:
            invoice_id = pointed_at(resource, "invoice") or ""
            found.setdefault(invoice_id, {})[resource.id] = parse_line(resource, included)
    return {invoice_id: _in_order(lines.values()) for invoice_id, lines in found.items()}


def _read_pages(api: Api, ids: Sequence[str]) -> list[Document]:
    """Read all pages; again with the services' types where a line needs them and Productive tells them."""
    asked = spell_filter("invoice_id", ids)
    pages = list(api.each_page("line_items", spell_list(asked, include=LINE_INCLUDES)))
    if not any(_needs_its_service(each) for page in pages for each in page.many):
        return pages
    nested = spell_list(asked, include=(*LINE_INCLUDES, "service.service_type"))
    try:
        return list(api.each_page("line_items", nested))
    except RefusedError as error:
        if error.status != 400:
            raise
        return pages


def _needs_its_service(line: Resource) -> bool:
    return line.find_id("service_type") is None and line.find_id("service") is not None


def _in_order(lines: Iterable[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Order lines as printed; Productive does not sort them."""
    return tuple(sorted(lines, key=lambda line: (line.position, len(line.id), line.id)))
