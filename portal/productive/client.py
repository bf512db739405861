"""Productive as the portal uses it: the ``Billing`` of ``portal.actions.engine.ports`` over HTTP."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from portal.domain.booking.invoice import (
    Invoice,
    Organization,
    Payment,
    ServiceType,
    Subsidiary,
    TaxRate,
)
from portal.domain.failed import Failed
from portal.domain.said import said
from portal.domain.unreadable import Kind, Unreadable, unreadable
from portal.productive import parse
from portal.productive.api import Api
from portal.productive.invoice_lines import STRAY, parse_whole, read_lines
from portal.productive.invoice_pages import INVOICE_INCLUDES, each_invoice_page
from portal.productive.jsonapi import (
    Params,
    Reference,
    Resource,
    read_document,
    spell_filter,
    spell_list,
    spell_resource,
)
from portal.productive.reading import K, read_resources
from portal.remote.errors import BadAnswerError, NotFoundError, RefusedError, Vendor
from portal.remote.pace import Lane
from portal.remote.transport import Transport

MOST_AT_ONCE = 50


class ProductiveClient:
    """One organisation in Productive, seen with one token."""

    def __init__(
        self,
        base_url: str,
        token: str,
        organization_id: str,
        *,
        lane: Lane,
        transport: Transport | None = None,
        interactive: bool = False,
        pull: bool = False,
    ) -> None:
        self._api = Api(
            base_url.rstrip("/"),
            token,
            organization_id,
            transport or Transport(),
            lane,
            interactive=interactive,
            pull=pull,
        )

    def __repr__(self) -> str:
        """Never show the token."""
        return f"ProductiveClient({self._api.base_url!r}, organization_id={self._api.organization_id!r})"

    def read_organization(self) -> Organization:
        """Return the organisation the token belongs to."""
        return parse.parse_organization(self._api.read(f"organizations/{self._api.organization_id}").one)

    def each_subsidiary(self) -> Iterator[Subsidiary | Unreadable]:
        """Yield all subsidiaries."""
        return self._each(Kind.SUBSIDIARY, "subsidiaries", spell_list(), parse.parse_subsidiary)

    def each_service_type(self) -> Iterator[ServiceType | Unreadable]:
        """Yield all service types, archived ones too."""
        return self._each(Kind.SERVICE_TYPE, "service_types", spell_list(), parse.parse_service_type)

    def each_tax_rate(self) -> Iterator[TaxRate | Unreadable]:
        """Yield all tax rates, archived ones too."""
        params = spell_list(include=["subsidiary"])
        return self._each(Kind.TAX_RATE, "tax_rates", params, parse.parse_tax_rate)

    def _each(
        self, kind: Kind, path: str, params: Params, parse_one: Callable[[Resource], K]
    ) -> Iterator[K | Unreadable]:
        for page in self._api.each_page(path, params):
            yield from read_resources(kind, page.many, parse_one)

    def each_invoice_page(self, *, since: date | None) -> Iterator[list[Invoice | Unreadable]]:
        """Yield pages of finalised invoices without lines, changed on or after a day, oldest change first."""
        return each_invoice_page(self._api, since)

    def read_invoices(self, ids: Sequence[str]) -> list[Invoice | Unreadable]:
        """Return up to 50 invoices with their lines in two calls, without those that are gone.

        An invoice with a line that cannot be read cannot be read itself.
        """
        if not ids:
            return []

        lines = read_lines(self._api, _few(ids))
        params = spell_list(spell_filter("id", ids), include=INVOICE_INCLUDES)
        page = self._api.read("invoices", params)
        included = page.index()
        read = read_resources(Kind.INVOICE, page.many, lambda one: parse_whole(one, included, lines))
        if STRAY not in lines and all(one.id in ids for one in unreadable(read)):
            return read
        if len(ids) == 1:
            return [replace(one, id=ids[0]) if isinstance(one, Unreadable) else one for one in read]

        # Something does not say whose it is, so each invoice is asked for alone.
        return [found for one in ids for found in self.read_invoices([one])]

    def mark_exported(self, invoice_id: str, *, export_id: str, url: str) -> None:
        """Mark an invoice as exported."""
        self._change_invoice(
            invoice_id, {"exported": True, "export_id": export_id, "export_invoice_url": url}
        )

    def unmark_exported(self, invoice_id: str) -> None:
        """Take the export mark off."""
        self._change_invoice(invoice_id, {"exported": False, "export_id": None, "export_invoice_url": None})

    def set_number(self, invoice_id: str, number: str) -> None:
        """Write a number into an invoice that is not marked as sent."""
        self._change_invoice(invoice_id, {"number": number})

    def mark_sent(self, invoice_id: str, *, on: date) -> None:
        """Mark an invoice as sent."""
        self._change_invoice(invoice_id, {"sent_on": on.isoformat()})

    def _change_invoice(self, invoice_id: str, attributes: Mapping[str, Any]) -> None:
        """Change an invoice. Raise RefusedError where Productive says yes but keeps the old."""
        body = spell_resource("invoices", attributes, key=invoice_id)
        answer = read_document(self._api.write("PATCH", f"invoices/{invoice_id}", body)).one
        if answer.id != invoice_id:
            raise BadAnswerError(f"Productive answered for invoice {answer.id} instead of {invoice_id}.")

        kept = answer.read(dict[str, Any])
        unchanged = [
            name.replace("_", " ") for name, value in attributes.items() if kept.get(name, value) != value
        ]
        if unchanged:
            told = said(Failed.PRODUCTIVE_KEPT, fields=", ".join(unchanged))
            raise RefusedError(told, vendor=Vendor.PRODUCTIVE)

    def find_payments(self, invoice_ids: Sequence[str]) -> list[Payment | Unreadable]:
        """Return all payments of up to 50 invoices. One that cannot be read names its invoice, too."""
        if not invoice_ids:
            return []

        params = spell_list(spell_filter("invoice_id", _few(invoice_ids)), include=["invoice"])
        read = list(self._each(Kind.PAYMENT, "payments", params, parse.parse_payment))
        if all(one.parent in invoice_ids for one in unreadable(read)):
            return read

        if len(invoice_ids) == 1:
            return [
                replace(one, parent=invoice_ids[0]) if isinstance(one, Unreadable) else one for one in read
            ]

        return [found for one in invoice_ids for found in self.find_payments([one])]

    def create_payment(
        self, invoice_id: str, *, amount: int, on: date, written_off: bool, note: str
    ) -> Payment:
        """Record a payment, or a write-off, of ``amount`` cents.

        Productive refuses it on an invoice that is not marked as sent.
        """
        day = {"written_off_on" if written_off else "paid_on": on.isoformat()}
        body = spell_resource(
            "payments",
            {"amount": amount, "note": note} | day,
            relations={"invoice": Reference("invoices", invoice_id)},
        )
        return parse.parse_payment(read_document(self._api.write("POST", "payments", body)).one, invoice_id)

    def change_payment(
        self, payment_id: str, *, amount: int, on: date, written_off: bool, note: str
    ) -> Payment:
        """Change a payment."""
        day = on.isoformat()
        attributes = {
            "amount": amount,
            "note": note,
            "paid_on": None if written_off else day,
            "written_off_on": day if written_off else None,
        }

        path = f"payments/{payment_id}"
        params = {"include": "invoice"}
        body = spell_resource("payments", attributes, key=payment_id)
        answer = read_document(self._api.write("PATCH", path, body, params)).one
        if not answer.includes("invoice"):
            answer = self._api.read(path, params).one

        return parse.parse_payment(answer)

    def delete_payment(self, payment_id: str) -> None:
        """Remove a payment. One that is already gone, which only a look tells, is no failure."""
        path = f"payments/{payment_id}"
        try:
            self._api.write("DELETE", path)
        except NotFoundError:
            if self._is_there(path):
                raise

    def _is_there(self, path: str) -> bool:
        try:
            self._api.read(path)
        except NotFoundError:
            return False
        return True


def _few(ids: Sequence[str]) -> Sequence[str]:
    """Return the ids. More than fit one call are a mistake of ours."""
    if len(ids) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} invoices at once, not {len(ids)}")
    return ids
