"""The proof of a copy: what was wanted, sent, answered, asked for and found, for people and for auditors."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.domain.booking.catalogue import LedgerAccount
from portal.domain.copies.states import (
    IN_FLIGHT,
    REPEATABLE,
    AttemptKind,
    AttemptState,
    CopyAction,
    CopyState,
)
from portal.store.copies import AttemptRow, CopyRow
from portal.web.common.formats import day, money

Fields = Mapping[str, Any]
TITLES = {
    AttemptKind.ENTRY: _l("Book the entry in Exact"),
    AttemptKind.CREDIT_ENTRY: _l("Book the credit entry in Exact"),
    AttemptKind.DELETE_ENTRY: _l("Delete the entry in Exact"),
    AttemptKind.CUSTOMER: _l("Create the customer in Exact"),
    AttemptKind.HEADER: _l("Change the head of the entry in Exact"),
    AttemptKind.LINE: _l("Add a line to the entry in Exact"),
    AttemptKind.CHANGE_LINE: _l("Change a line of the entry in Exact"),
    AttemptKind.DELETE_LINE: _l("Delete a line of the entry in Exact"),
    AttemptKind.MARK: _l("Mark the invoice as exported in Productive"),
    AttemptKind.UNMARK: _l("Take the mark as exported off in Productive"),
    AttemptKind.NUMBER: _l("Write Exact’s number into the invoice in Productive"),
    AttemptKind.CREATE_PAYMENT: _l("Record the payment in Productive"),
    AttemptKind.CHANGE_PAYMENT: _l("Change the payment in Productive"),
    AttemptKind.REMOVE_PAYMENT: _l("Remove the payment in Productive"),
    AttemptKind.MARK_SENT: _l("Mark the invoice as sent in Productive"),
}
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
PAYING = {
    AttemptKind.CREATE_PAYMENT,
    AttemptKind.CHANGE_PAYMENT,
    AttemptKind.REMOVE_PAYMENT,
    AttemptKind.MARK_SENT,
}
AMOUNTS = {"gross", "vat", "amount"}
DATES = {"entry_date", "due_date", "on"}
SECRET_NAME = re.compile(r"token|secret|password|authorization|cookie", re.IGNORECASE)
# A line may be called "Basic hosting", so without its header only what is long and has a digit is a token.
SECRET_TEXT = re.compile(
    r"(?i)authorization\W+(bearer|basic)\s+\S+"
    r"|\b(bearer|basic)\s+(?=\S*\d)[\w.~+/=-]{20,}"
    r"|\b(access_token|refresh_token|client_secret)=[^&\s]+|[?&]code=[^&\s]+"
)
MASK = "••••"
TONES = {
    AttemptState.DONE: "success",
    AttemptState.LOST: "warn",
    AttemptState.INTENDED: "info",
    AttemptState.FAILED: "error",
    AttemptState.UNSENT: "neutral",
}
ICONS = {
    AttemptState.DONE: "check",
    AttemptState.LOST: "circle-question-mark",
    AttemptState.INTENDED: "clock",
    AttemptState.FAILED: "x",
    AttemptState.UNSENT: "refresh-cw",
}


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line as it was sent or deleted; amounts in cents."""

    text: str
    ledger: str
    vat_code: str
    net: int
    vat: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the proof; ``several`` are things found in Exact among which nothing was guessed."""

    at: datetime
    title: str
    said: tuple[str, ...]
    tone: str
    icon: str
    marker: str = ""
    until: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[SentLine, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    several: tuple[Fields, ...] = ()
    raw: str = ""


def read_proof(
    copy: CopyRow, attempts: Sequence[AttemptRow], accounts: Mapping[str, LedgerAccount]
) -> list[Step]:
    """Tell a copy's story in the order in which it happened."""
    steps = [_wish(copy), *(_tell(row, copy.currency, accounts) for row in attempts)]
    if copy.finished_at and copy.state not in IN_FLIGHT:
        steps.append(
            _end(
                copy,
                copy.finished_at,
                begun=any(row.step and row.state != AttemptState.FAILED for row in attempts),
            )
        )
    return sorted(steps, key=lambda step: step.at)


def read_payment_proof(attempts: Sequence[AttemptRow], currency: str) -> list[Step]:
    """Tell what was written to Productive for an invoice's payments."""
    return [_tell(row, currency, {}) for row in attempts]


def _wish(copy: CopyRow) -> Step:
    titles = {
        CopyAction.UPDATE: _("Wish to update the entry"),
        CopyAction.UNDO: _("Wish to undo the copy"),
        CopyAction.UNLINK: _("Wish to take back the link"),
        CopyAction.CREDIT: _("Wish to credit"),
    }

    chosen = {"journal": copy.choices.get("journal"), "entry_date": copy.choices.get("booking_date")}
    said = _("%(who)s asked for it. It was written down before anything was sent.", who=copy.requested_by)
    return Step(
        copy.requested_at,
        titles.get(copy.action, _("Wish to copy the invoice")),
        (said,),
        "info",
        "file-plus",
        marker=copy.marker,
        facts=tuple(_facts(chosen, copy.currency)),
    )


def _end(copy: CopyRow, at: datetime, *, begun: bool) -> Step:
    tone, icon = ("error", "circle-x") if copy.state == CopyState.REFUSED else ("success", "circle-check")
    said = tuple(text for text in (copy.trouble, copy.remote_text) if text)
    return Step(at, _how_it_ended(copy, begun=begun), said, tone, icon, facts=tuple(_totals(copy)))


def _how_it_ended(copy: CopyRow, *, begun: bool) -> str:
    """Name the end of a wish, and of a copy that was undone later; ``begun`` says that an update was."""
    ends = {
        CopyState.COPIED: _l("Copied: entry %(number)s in Exact, equal to the cent"),
        CopyState.DIFFERENT: _l("Copied with a difference: entry %(number)s in Exact"),
        CopyState.REFUSED: _l("Ended before all of it was done") if begun else _l("Ended without effect"),
    }

    taken_back = {
        CopyAction.UNDO: _l("Undone: entry %(number)s is deleted in Exact"),
        CopyAction.CREDIT: _l("Undone by credit entry %(number)s in Exact"),
        CopyAction.UNLINK: _l("Entry %(number)s in Exact is linked no more"),
    }

    later = _l("Was in Exact as entry %(number)s, and was undone later")
    text = ends.get(copy.state) or taken_back.get(copy.action, later)
    return str(text) % {"number": copy.entry_number or ""}


def _totals(copy: CopyRow) -> Iterator[tuple[str, str]]:
    if copy.gross_sent is not None:
        yield _("Total as sent"), money(copy.gross_sent, copy.currency)
    if copy.gross_booked is not None:
        yield _("Total as booked"), money(copy.gross_booked, copy.currency)


def _tell(row: AttemptRow, currency: str, accounts: Mapping[str, LedgerAccount]) -> Step:
    """Tell one attempt: the intent, what came back, what was asked for and what was found."""
    answered = row.answered or {}
    sent = _flat(row.sent)
    currency = sent.get("currency") or currency
    told = {name: value for name, value in answered.items() if name not in ("several", "error", "gone")}

    return Step(
        row.started_at,
        str(TITLES.get(row.kind, row.kind)),
        tuple(_say(row, answered)),
        TONES.get(row.state, "neutral"),
        ICONS.get(row.state, "info"),
        marker=row.marker,
        until=row.finished_at,
        facts=tuple(_facts(sent, currency)),
        lines=tuple(_lines(row.sent, accounts)),
        answers=tuple(_facts(told, currency)),
        several=tuple(answered.get("several") or ()),
        raw=spell_raw({"kind": row.kind, "state": row.state, "sent": row.sent, "answered": row.answered}),
    )


def _say(row: AttemptRow, answered: Fields) -> Iterator[str]:
    """Yield what became of an attempt, in the order in which it happened."""
    yield _("Written down before the call, so that a crash cannot hide it.")
    if error := answered.get("error"):
        code = f" ({answered['status']})" if answered.get("status") else ""
        yield _("The call did not end well%(code)s: %(why)s", code=code, why=masked(error))

    if row.probes:
        asked = _("Productive") if row.kind in PAYING else _("Exact")
        yield ngettext(
            "%(who)s was asked once whether it took effect.",
            "%(who)s was asked %(num)d times whether it took effect.",
            row.probes,
            who=asked,
        )

    if answered.get("several"):
        yield _("Several were found. None was guessed; a person must remove the surplus.")
    elif (
        row.state == AttemptState.DONE
        and (answered.get("found") or answered.get("gone"))
        and row.kind in REPEATABLE
    ):
        yield _("What it asks for is so already.")
    elif row.state == AttemptState.DONE and answered.get("found"):
        yield _("It was found by its marker and adopted; nothing was sent twice.")
    elif row.state == AttemptState.DONE and answered.get("gone"):
        yield _("The entry was gone, so it counts as deleted; nothing was sent twice.")
    elif row.state == AttemptState.DONE:
        yield _("It was answered with success.")
    elif row.state == AttemptState.LOST:
        yield _("Whether it took effect is not known yet. It is asked for before anything is sent again.")
    elif row.state == AttemptState.INTENDED:
        yield _("Its end is not known yet.")
    elif row.state == AttemptState.UNSENT and row.kind in REPEATABLE:
        yield _("It says what shall be and adds nothing, so it could simply be made again.")
    elif row.state == AttemptState.UNSENT and row.probes:
        yield _("It had no effect, and no request could be running any more; so it could be sent again.")
    elif row.state == AttemptState.UNSENT:
        yield _("It had no effect; it could be sent again.")
    elif row.state == AttemptState.FAILED:
        yield _("It was refused and had no effect.")


def _flat(sent: Fields) -> dict[str, Any]:
    """Bring what stands inside a step of an update to the top."""
    line = sent.get("line")
    return {**sent, **dict(sent.get("header") or ()), "line": None if isinstance(line, Mapping) else line}


def _facts(fields: Fields, currency: str) -> Iterator[tuple[str, str]]:
    """Yield label and value of what people read; the rest is in the raw fields."""
    for name, label in LABELS.items():
        value = fields.get(name)
        if value is not None and value != "":
            yield str(label), _spell(name, value, currency)


def _spell(name: str, value: Any, currency: str) -> str:
    if SECRET_NAME.search(name):
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


def _lines(sent: Fields, accounts: Mapping[str, LedgerAccount]) -> Iterator[SentLine]:
    """Yield the lines that were sent, or that stood in a deleted entry."""
    line = sent.get("line")
    for each in sent.get("lines") or ([line] if isinstance(line, Mapping) else []):
        account = accounts.get(each["ledger_id"])
        ledger = f"{account.code.strip()} {account.description}" if account else each["ledger_id"]
        yield SentLine(
            each["description"], ledger, (each["vat_code"] or "").strip(), each["amount"], each["vat_amount"]
        )


def spell_raw(fields: Fields) -> str:
    """Spell the raw fields for an auditor, with secrets masked."""
    return json.dumps(masked(fields), ensure_ascii=False, indent=2, default=str)


def masked(value: Any) -> Any:
    """Mask what looks like a secret, by name or by shape; none is sent, but an error may quote one."""
    if isinstance(value, Mapping):
        return {name: MASK if SECRET_NAME.search(str(name)) else masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(each) for each in value]
    return SECRET_TEXT.sub(MASK, value) if isinstance(value, str) else value
