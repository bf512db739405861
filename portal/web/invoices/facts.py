"""What was sent and answered, field by field: in words for people, and raw for auditors."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.domain.booking.catalogue import LedgerAccount
from portal.web.common.formats import day, money
from portal.web.invoices.masks import MASK, is_secret, masked

Fields = Mapping[str, Any]

LABELS = {
    "entry_number": _l("Entry number"),
    "invoice_number": _l("Invoice number"),
    "number": _l("Number"),
    "journal": _l("Journal code"),
    "entry_date": _l("Booking date"),
    "due_date": _l("Due date"),
    "your_ref": _l("Your reference"),
    "payment_reference": _l("Payment reference"),
    "description": _l("Description"),
    "currency": _l("Currency"),
    "rate": _l("Exchange rate"),
    "amount": _l("Amount"),
    "on": _l("Date"),
    "note": _l("Note"),
    "gross": _l("Total"),
    "vat": _l("VAT"),
    "name": _l("Name"),
    "vat_number": _l("VAT number"),
    "country": _l("Country"),
    "code": _l("Code"),
    "customer_id": _l("Customer (Exact’s key)"),
    "id": _l("Exact’s key"),
    "entry": _l("Entry (Exact’s key)"),
    "line": _l("Line (Exact’s key)"),
    "line_id": _l("Line (Exact’s key)"),
    "found": _l("Found"),
    "export_id": _l("Entry (Exact’s key)"),
    "payment": _l("Payment (Productive’s key)"),
    "url": _l("Page in Exact"),
}
AMOUNTS = {"gross", "vat", "amount"}
DATES = {"entry_date", "due_date", "on"}


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line as it was sent or deleted, with its amounts in cents."""

    text: str
    ledger: str
    vat_code: str
    net: int
    vat: int


def read_facts(fields: Fields, currency: str) -> Iterator[tuple[str, str]]:
    """Yield label and value of what people read."""
    for name, label in LABELS.items():
        value = fields.get(name)
        if value is not None and value != "":
            yield str(label), _spell(name, value, currency)


def _spell(name: str, value: Any, currency: str) -> str:
    if is_secret(name):
        return MASK
    if name in AMOUNTS and isinstance(value, int):
        return money(value, currency)
    if name in DATES:
        return _spell_day(str(value))

    return str(masked(str(value))).strip()


def _spell_day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def read_sent_lines(sent: Fields, accounts: Mapping[str, LedgerAccount]) -> Iterator[SentLine]:
    """Yield the lines that were sent, or that stood in a deleted entry."""
    line = sent.get("line")
    alone = [line] if isinstance(line, Mapping) else []

    for each in sent.get("lines") or alone:
        account = accounts.get(each["ledger_id"])
        yield SentLine(
            text=each["description"],
            ledger=f"{account.code.strip()} {account.description}" if account else each["ledger_id"],
            vat_code=(each["vat_code"] or "").strip(),
            net=each["amount"],
            vat=each["vat_amount"],
        )


def lift_fields(sent: Fields) -> dict[str, Any]:
    """Bring what stands inside a step of an update to the top."""
    line = sent.get("line")
    header = dict(sent.get("header") or ())
    return {**sent, **header, "line": None if isinstance(line, Mapping) else line}


def spell_raw(fields: Fields) -> str:
    """Spell the raw fields for an auditor, with secrets masked."""
    return json.dumps(masked(fields), ensure_ascii=False, indent=2, default=str)
