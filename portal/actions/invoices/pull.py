"""Pull what changed in Productive: invoices with their lines, service types, tax rates and subsidiaries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.ports import Billing
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.invoice import Invoice, ServiceType, Subsidiary, TaxRate
from portal.domain.copies.states import IN_EXACT
from portal.domain.unreadable import Kind, Unreadable, readable, unreadable
from portal.remote.errors import RemoteError
from portal.remote.odd import all_read
from portal.store.connections import ProductiveRow, SubsidiaryRow
from portal.store.copies import CopyRow
from portal.store.invoices import ELSEWHERE, NOT_COPIED, InvoiceRow, keep_invoice
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from portal.store.payments import PaymentRow, look_again
from portal.store.terms import touch
from portal.store.unreadable import (
    PRODUCTIVE,
    end_keyless,
    end_unreadable,
    note_unreadable,
    note_whole,
    open_of,
)

BATCH = 50
OVERLAP = timedelta(days=1)
REFERENCE = (Kind.SUBSIDIARY, Kind.SERVICE_TYPE, Kind.TAX_RATE)


def pull_invoices(session: Session, billing: Billing, *, now: datetime) -> int:
    """Pull every change since the last pull, and return how many invoices changed."""
    productive = session.get(ProductiveRow, 1)
    if productive is None:
        return 0

    since = productive.invoices_pulled_to
    let_go(session)

    try:
        pull_reference(session, billing, now=now)
        count = sum(
            _pull_page(session, billing, page, now) for page in billing.each_invoice_page(since=since)
        )
        _read_again(session, billing, now)
    except RemoteError as error:
        with transaction(session):
            productive.trouble = error.said
        raise

    with transaction(session):
        productive.trouble = None
        productive.invoices_pulled_at = now
        productive.invoices_pulled_to = (now - OVERLAP).date()

    return count


def pull_reference(session: Session, billing: Billing, *, now: datetime) -> None:
    """Read subsidiaries, service types and tax rates."""
    # Those that vanished stay, archived.
    subsidiaries = list(billing.each_subsidiary())
    service_types = list(billing.each_service_type())
    tax_rates = list(billing.each_tax_rate())
    with transaction(session):
        _keep_reference(session, subsidiaries, service_types, tax_rates, now)


def _keep_reference(
    session: Session,
    subsidiaries: Sequence[Subsidiary | Unreadable],
    service_types: Sequence[ServiceType | Unreadable],
    tax_rates: Sequence[TaxRate | Unreadable],
    now: datetime,
) -> None:
    odd = [*unreadable(subsidiaries), *unreadable(service_types), *unreadable(tax_rates)]
    note_whole(session, PRODUCTIVE, REFERENCE, odd, now)
    for subsidiary in readable(subsidiaries):
        session.merge(SubsidiaryRow(**{name: getattr(subsidiary, name) for name in subsidiary.__slots__}))

    kept = {service_type.id for service_type in service_types}
    for row in session.scalars(select(ServiceTypeRow).where(ServiceTypeRow.id.not_in(kept))):
        row.archived = True

    for service_type in readable(service_types):
        session.merge(
            ServiceTypeRow(id=service_type.id, name=service_type.name, archived=service_type.archived)
        )

    for rate in readable(tax_rates):
        session.merge(
            TaxRateRow(
                id=rate.id,
                name=rate.name,
                percentage=None if rate.percentage is None else str(rate.percentage),
                subsidiary_id=rate.subsidiary_id,
                archived=rate.archived,
            )
        )


def pull_one(session: Session, billing: Billing, invoice_id: str, *, now: datetime) -> InvoiceRow | None:
    """Read one invoice afresh, None when Productive no longer has it. UnreadableError where it is odd."""
    read = _read_afresh(session, billing, [invoice_id], now)
    return session.get(InvoiceRow, invoice_id) if all_read(read) else None


def pull_some(session: Session, billing: Billing, invoice_ids: Sequence[str], *, now: datetime) -> None:
    """Read some invoices afresh, in two calls per fifty."""
    for batch in _batches(invoice_ids):
        _read_afresh(session, billing, batch, now)


def _read_afresh(
    session: Session, billing: Billing, ids: Sequence[str], now: datetime
) -> Sequence[Invoice | Unreadable]:
    """Read up to fifty invoices and keep them. What does not come is deleted."""
    read = billing.read_invoices(ids)
    there = {one.id for one in read}
    gone = [one for one in ids if one not in there]

    with transaction(session):
        keep_read_invoices(session, read, now)
        end_unreadable(session, PRODUCTIVE, Kind.INVOICE, gone, now)
        for invoice_id in gone:
            row = session.get(InvoiceRow, invoice_id)
            if row is not None:
                keep_pulled(session, replace(row.invoice(), deleted=True), now)

    return read


def keep_read_invoices(
    session: Session, read: Iterable[Invoice | Unreadable], now: datetime
) -> list[InvoiceRow]:
    """Keep what was read, and list what could not be. Commits nothing."""
    read = list(read)
    rows = [keep_pulled(session, invoice, now) for invoice in readable(read)]
    note_unreadable(session, PRODUCTIVE, (_placed(session, one) for one in unreadable(read)), now)
    end_unreadable(session, PRODUCTIVE, Kind.INVOICE, [row.id for row in rows], now)
    return rows


def _placed(session: Session, record: Unreadable) -> Unreadable:
    """Complete an invoice that cannot be read by what is known of it from before."""
    known = session.get(InvoiceRow, record.id)
    if known is None:
        return record
    subsidiary = record.subsidiary or known.subsidiary_id
    return replace(record, number=record.number or known.number or "", subsidiary=subsidiary)


def _read_again(session: Session, billing: Billing, now: datetime) -> None:
    """Read again what could not be read before and did not come by itself, longest not tried first."""
    with transaction(session):
        waiting = open_of(session, PRODUCTIVE, Kind.INVOICE)
        ids = [row.remote_id for row in waiting if row.last_seen < now and row.remote_id.isdecimal()][:BATCH]
        end_keyless(session, PRODUCTIVE, Kind.INVOICE, now)

    if not ids:
        return

    read = billing.read_invoices(ids)
    there = {one.id for one in read}
    with transaction(session):
        keep_read_invoices(session, read, now)
        end_unreadable(session, PRODUCTIVE, Kind.INVOICE, [one for one in ids if one not in there], now)


def _pull_page(
    session: Session, billing: Billing, page: Sequence[Invoice | Unreadable], now: datetime
) -> int:
    with transaction(session):
        keep_read_invoices(session, unreadable(page), now)
        changed = [invoice.id for invoice in readable(page) if not _is_known(session, invoice)]

    for batch in _batches(changed):
        read = billing.read_invoices(batch)
        with transaction(session):
            keep_read_invoices(session, read, now)

    return len(changed)


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def _is_known(session: Session, invoice: Invoice) -> bool:
    row = session.get(InvoiceRow, invoice.id)
    return row is not None and row.invoice().last_activity_at == invoice.last_activity_at


def keep_pulled(session: Session, invoice: Invoice, now: datetime) -> InvoiceRow:
    """Keep an invoice and say what its copy state becomes by it."""
    known = session.get(InvoiceRow, invoice.id)
    before = None if known is None else known.invoice()
    was_sent_on = None if known is None else known.sent_on
    row = keep_invoice(session, invoice, now)

    if invoice.exported and row.copy_state == NOT_COPIED:
        row.copy_state = ELSEWHERE
    elif not invoice.exported and row.copy_state == ELSEWHERE and row.latest_copy_id is None:
        row.copy_state = NOT_COPIED

    latest = session.get(CopyRow, row.latest_copy_id) if row.latest_copy_id else None
    row.changed_since_copied = (
        latest is not None and latest.state in IN_EXACT and latest.fingerprint != row.fingerprint
    )
    if before is not None and (before, was_sent_on) != (invoice, invoice.sent_on):
        look_again(session, PaymentRow.invoice_id == invoice.id, now=now)

    if latest is not None and latest.entry_id and before is not None and _weighs(before) != _weighs(invoice):
        touch(session, latest.connection_id, [latest.entry_id])

    return row


def _weighs(invoice: Invoice) -> tuple[bool, bool]:
    """Return what of an invoice decides how its settled terms are judged, so that a change is compared."""
    return invoice.credited, invoice.deleted
