"""Rows for the web tests of payments and activity."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.domain.copies.states import IN_EXACT, CopyAction, CopyState
from portal.domain.ids import marker_of, new_id
from portal.domain.payments.states import PaymentCause, PaymentReason, PaymentState
from portal.domain.said import as_written
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.feeds import PaymentFeedRow
from portal.store.invoices import InvoiceRow, keep_invoice
from portal.store.payments import PaymentRow
from tests.conftest import NOW
from tests.domain.builders import an_invoice
from tests.furnishing.connections import add_connection, add_grant, add_subsidiaries

DAY = date(2026, 11, 20)


def a_connection(
    session: Session, subsidiary: str = "1", *, payments: dict[str, Any] | None = None, **given: Any
) -> ConnectionRow:
    """Add a live connection that synchronises payments, with its subsidiary and sign-in."""
    add_subsidiaries(session, {subsidiary: f"Studio {subsidiary}"})
    usual: dict[str, Any] = {
        "division": 100 + int(subsidiary),
        "division_name": f"Books {subsidiary}",
        "default_journal": None,
        "payments": PaymentFeedRow(**{"on": True, "pulled_at": NOW, **(payments or {})}),
    }
    grant = add_grant(session, NOW, user=f"user-{subsidiary}")
    return add_connection(session, subsidiary, NOW, grant_id=grant.id, **(usual | given))


def a_copied_invoice(
    session: Session, connection: ConnectionRow, number: str = "2026-0042", **given: Any
) -> tuple[InvoiceRow, CopyRow]:
    """Add an invoice and the newest wish to copy it."""
    invoice = replace(
        an_invoice(number=number), id=f"id-{number}".replace(" ", "-"), subsidiary_id=connection.subsidiary_id
    )
    row = keep_invoice(session, invoice, NOW)
    copy_id = new_id()
    usual: dict[str, Any] = {
        "id": copy_id,
        "invoice_id": row.id,
        "connection_id": connection.id,
        "marker": marker_of(copy_id),
        "state": CopyState.COPIED,
        "action": CopyAction.CREATE,
        "requested_by": "Anna",
        "requested_at": NOW,
        "fingerprint": row.fingerprint,
        "choices": {},
        "entry_id": f"entry-{number}",
        "entry_number": "26700001",
        "entry_url": "https://start.example.com/entry",
    }
    # A test says it by a sentence, as an earlier version wrote it.
    words = {name: as_written(text) for name, text in given.items() if name.endswith("trouble")}
    copy = CopyRow(**(usual | given | words))
    session.add(copy)
    row.copy_state = copy.state
    row.latest_copy_id = copy.id
    if copy.state not in IN_EXACT:
        copy.entry_id = None
        copy.entry_number = None
        copy.entry_url = None
    session.flush()
    return row, copy


def a_payment(session: Session, copy: CopyRow, minutes: int = 0, **given: Any) -> PaymentRow:
    """Add a payment of a copy, changed some minutes ago."""
    payment_id = new_id()
    usual: dict[str, Any] = {
        "id": payment_id,
        "connection_id": copy.connection_id,
        "invoice_id": copy.invoice_id,
        "copy_id": copy.id,
        "term_id": "11112222-term",
        "amount": 12100,
        "currency": "EUR",
        "paid_on": DAY,
        "written_off": False,
        "marker": marker_of(payment_id),
        "state": PaymentState.MADE,
        "reason": PaymentReason.SETTLED,
        "created_at": NOW,
        "changed_at": NOW - timedelta(minutes=minutes),
        "productive_id": "9001",
    }
    row = PaymentRow(**(usual | given))
    session.add(row)
    session.flush()
    return row


OVERPAID: dict[str, int | str] = {
    "strangers": 12100,
    "credited": 0,
    "ours": 0,
    "amount": 12100,
    "excess": 12100,
    "currency": "EUR",
}


def said(text: str) -> dict[str, Any]:
    """What a payment keeps of a call that failed with some words."""
    return {"cause": PaymentCause.CALL_FAILED, "figures": {"said": text}}


def overpaid() -> dict[str, Any]:
    """What a payment keeps that would over-pay its invoice."""
    return {"cause": PaymentCause.OVERPAID, "figures": OVERPAID}
