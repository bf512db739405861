"""What stands for all that a person was shown before a run, so that nothing else is booked."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from portal.domain.booking.sales_entry import SalesEntry
from portal.store.copies import CopyRow
from portal.store.runs import RunItemRow

# What does not change what is booked, only why.
_WHY = ("ledger_source", "vat_source", "ledger_why", "vat_why")


def spell_seen(fingerprint: str, entry: SalesEntry | None) -> str:
    """Return what stands for an invoice and for all that would be booked of it."""
    return f"{_digest(fingerprint)}-{_digest(_spell(entry) if entry else '')}"


def same_invoice(one: str, other: str) -> bool:
    """Say whether the invoice is the same in two of these, whatever would be booked of it."""
    return one.partition("-")[0] == other.partition("-")[0]


def is_as_shown(session: Session, copy: CopyRow, entry: SalesEntry) -> bool:
    """Say whether a copy books what was shown before its run. One of no run was shown by itself."""
    item = session.get(RunItemRow, (copy.run_id, copy.invoice_id)) if copy.run_id else None
    return item is None or item.seen == spell_seen(copy.fingerprint, entry)


def _spell(entry: SalesEntry) -> str:
    """Spell what is booked, without why."""
    plain: dict[str, Any] = msgspec.to_builtins(entry)
    lines = [{name: line[name] for name in line if name not in _WHY} for line in plain["lines"]]
    return msgspec.json.encode(plain | {"lines": lines}).decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
