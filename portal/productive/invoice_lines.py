"""The lines of invoices, with the keys that mappings need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from portal.domain.booking.invoice import Invoice, InvoiceLine
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable
from portal.productive.api import Api
from portal.productive.jsonapi import Document, Included, Resource, spell_filter, spell_list
from portal.productive.parse import parse_invoice, parse_line, pointed_at
from portal.productive.reading import read_resources
from portal.remote.errors import RefusedError
from portal.remote.odd import OddValueError

LINE_INCLUDES = ("invoice", "service_type", "tax_rate", "expense", "service")


Lines = tuple[InvoiceLine, ...]
# Where a line does not say whose it is.
STRAY = ""


def read_lines(api: Api, invoice_ids: Sequence[str]) -> dict[str, Lines | Unreadable]:
    """Return the lines by invoice id, in the order they are printed, with one call per 200 lines.

    An invoice with a line that cannot be read has that line instead, for it counts only as a whole.
    """
    found: dict[str, dict[str, InvoiceLine]] = {}
    faulty: dict[str, Unreadable] = {}

    for page in _read_pages(api, invoice_ids):
        included = page.index()
        lines = read_resources(Kind.LINE, page.many, partial(_parse, included=included))

        for line in lines:
            if isinstance(line, Unreadable):
                faulty.setdefault(line.parent or STRAY, line)
            else:
                found.setdefault(line.invoice_id, {})[line.id] = line.line

    return {invoice_id: _in_order(lines.values()) for invoice_id, lines in found.items()} | faulty


@dataclass(frozen=True, slots=True)
class _Billed:
    """A line with the invoice that it is on."""

    id: str
    invoice_id: str
    line: InvoiceLine


def _parse(resource: Resource, included: Included) -> _Billed:
    invoice_id = pointed_at(resource, "invoice")
    if invoice_id is None:
        raise OddValueError(Fault(Reason.MISSING, "invoice"))
    return _Billed(resource.id, invoice_id, parse_line(resource, included))


def parse_whole(resource: Resource, included: Included, lines: Mapping[str, Lines | Unreadable]) -> Invoice:
    """Read an invoice with its lines. It cannot be read where one of them cannot."""
    own = lines.get(resource.id, lines.get(STRAY, ()))
    if isinstance(own, Unreadable):
        fault = own.fault
        raise OddValueError(fault if fault.part else replace(fault, part=Kind.LINE, part_name=own.number))
    return parse_invoice(resource, included, own)


def _read_pages(api: Api, ids: Sequence[str]) -> list[Document]:
    """Read all pages, and once more with the types of the services where a line needs them."""
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
    try:
        return line.find_id("service_type") is None and line.find_id("service") is not None
    except OddValueError:
        return False


def _in_order(lines: Iterable[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Order lines as printed. Productive does not sort them."""
    return tuple(sorted(lines, key=lambda line: (line.position, len(line.id), line.id)))
