"""Compare the entries that no invoice stands for: strangers, older copies, twins."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.books.invoice_rows import spell_lines
from portal.domain.books.reconciliation import compare_alone
from portal.domain.books.states import DIFFERING, Part, Why
from portal.domain.connections.states import ConnectionState
from portal.domain.periods import month_of
from portal.store.catalogue import CustomerRow
from portal.store.comparing import (
    Behind,
    Key,
    Namesake,
    invoices_behind,
    namesakes,
)
from portal.store.connections import ConnectionRow
from portal.store.entries import AcceptedRow, EntryRow, acceptances, find_entries
from portal.store.keep_compared import replace_rows
from portal.store.reconciliation import ComparedRow


def compare_strangers(session: Session, keys: set[Key]) -> set[tuple[str, str]]:
    """Compare entries that no invoice's row shows, and return the months that changed."""
    session.flush()
    shown = _shown(session, keys)
    ours = invoices_behind(session, keys)
    named = namesakes(session, keys)
    names = _subsidiaries(session)
    months: set[tuple[str, str]] = set()

    for connection_id in sorted({each for each, _ in keys}):
        ids = sorted({entry_id for each, entry_id in keys if each == connection_id})
        entries = find_entries(session, connection_id, ids)
        customers = _customer_names(session, connection_id, [row.customer_id for row in entries.values()])
        accepted = acceptances(session, ids)
        fresh = {
            f"e-{connection_id}-{row.id}": _spell_alone(
                row,
                names[connection_id],
                customers.get(row.customer_id, ""),
                _reason(ours.get((connection_id, row.id)), named.get((connection_id, row.id))),
                accepted.get((connection_id, row.id), []),
            )
            for row in entries.values()
            if _is_alone(row, ours.get((connection_id, row.id)))
            and (connection_id, row.id) not in shown
            and connection_id in names
        }

        alone = ComparedRow.key.in_([f"e-{connection_id}-{entry_id}" for entry_id in ids])
        months |= replace_rows(session, alone, fresh)[0]

    return months


def _shown(session: Session, keys: set[Key]) -> set[Key]:
    """Return which of these entries stand beside an invoice."""
    query = select(ComparedRow.connection_id, ComparedRow.entry_id).where(
        ComparedRow.entry_id.in_([entry_id for _, entry_id in keys]), ComparedRow.invoice_id.is_not(None)
    )
    return {(row[0] or 0, row[1] or "") for row in session.execute(query)}


def _subsidiaries(session: Session) -> dict[int, str]:
    """Return the subsidiary of each live connection."""
    # The entries of others are nobody's any more.
    found = session.execute(
        select(ConnectionRow.id, ConnectionRow.subsidiary_id).where(
            ConnectionRow.state == ConnectionState.LIVE
        )
    )
    return {row[0]: row[1] for row in found}


def _customer_names(session: Session, connection_id: int, ids: Sequence[str]) -> dict[str, str]:
    here = (CustomerRow.connection_id == connection_id, CustomerRow.id.in_(ids))
    found = session.execute(select(CustomerRow.id, CustomerRow.name).where(*here))
    return {row[0]: row[1] for row in found}


def _reason(behind: Behind | None, namesake: Namesake | None) -> Why:
    """Say why an entry stands alone."""
    # One of ours was credited, is older, or its invoice is gone.
    if behind is None and namesake is not None:
        return Why.TWIN if namesake.by_marker else Why.BESIDE
    if behind is None:
        return Why.STRANGER
    if behind.credited:
        return Why.CREDITED

    return Why.INVOICE_GONE if behind.deleted else Why.OLDER


def _is_alone(row: EntryRow, behind: Behind | None) -> bool:
    """Say whether an entry is still in Exact."""
    # What the portal deleted is not read again at once.
    return row.gone_at is None and not (behind and behind.undone)


def _spell_alone(
    entry: EntryRow, subsidiary_id: str, customer: str, reason: Why, accepted: Sequence[AcceptedRow]
) -> dict[str, Any]:
    same = any(row.content == entry.content and row.invoice_id is None for row in accepted)
    verdict = compare_alone(reason, accepted=same)
    return {
        "key": f"e-{entry.connection_id}-{entry.id}",
        "subsidiary_id": subsidiary_id,
        "month": month_of(entry.entry_date),
        "day": entry.entry_date,
        "part": Part.BOTH,
        "verdict": verdict.word,
        "differs": verdict.word in DIFFERING,
        "codes": f",{','.join(verdict.codes)},",
        "drifted": False,
        "number": entry.your_ref.strip(),
        "customer": customer,
        "journal": entry.journal.strip(),
        "connection_id": entry.connection_id,
        "invoice_id": None,
        "entry_id": entry.id,
        "entry_number": str(entry.invoice_number or entry.entry_number),
        "currency": entry.currency,
        "ours": None,
        "ours_open": None,
        "their_currency": entry.currency,
        "their_month": month_of(entry.entry_date),
        "theirs": entry.gross,
        "theirs_open": None,
        "ours_vat": None,
        "theirs_vat": entry.vat,
        "vat_sums": spell_lines(entry),
        "due_on": None,
        "days_late": None,
    }
