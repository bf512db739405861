"""One compared row, both sides in full: what is written where, what was changed, paid and accepted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.accept_entry import content_of
from portal.actions.draft_copy import entry_from_row
from portal.domain.catalogue import shown
from portal.domain.changes import FieldChange
from portal.domain.differences import Scalar
from portal.domain.drift import find_drift
from portal.domain.money import to_decimal
from portal.domain.reconciliation import DIFFERENT, EXPLAINED, GONE
from portal.domain.sales_entry import BookedEntry, SalesEntry
from portal.store.catalogue import CustomerRow, read_stored_catalogue
from portal.store.comparing import is_fresh
from portal.store.copies import IN_EXACT, CopyRow
from portal.store.entries import AcceptedRow, EntryRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import TermRow
from portal.store.reconciliation import ComparedRow


@dataclass(frozen=True, slots=True)
class Pair:
    """One field on both sides; ``differs`` only where both are known and not alike."""

    label: str
    ours: Scalar
    theirs: Scalar
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a row. ``drift`` is what changed in Exact since it was booked."""

    row: ComparedRow
    invoice: InvoiceRow | None
    entry: EntryRow | None
    pairs: tuple[Pair, ...]
    drift: tuple[FieldChange, ...]
    terms: Sequence[TermRow]
    accepted: Sequence[AcceptedRow]
    content: str | None

    @property
    def is_gone(self) -> bool:
        """Say whether the entry was deleted in Exact."""
        return GONE in self.row.reasons

    @property
    def may_accept(self) -> bool:
        """Say whether Exact's version can be accepted: one of ours that was read, or a stranger."""
        if self.content is None or self.row.verdict == EXPLAINED or self.row.verdict == "equal":
            return False
        return self.row.verdict != DIFFERENT or "unlinked" not in self.row.reasons


def read_sides(session: Session, row: ComparedRow) -> Sides:
    """Read both sides of a row."""
    invoice = session.get(InvoiceRow, row.invoice_id) if row.invoice_id else None
    entry = session.get(EntryRow, (row.connection_id, row.entry_id)) if row.entry_id else None
    copy = _copy_of(session, invoice, entry)
    if entry is not None and copy is not None and not is_fresh(entry, copy):
        entry = None
    sent = entry_from_row(copy.entry) if copy is not None and copy.entry else None
    names = _names(session, row.connection_id, entry, sent)
    booked = entry.entry() if entry is not None and not entry.gone_at else None
    drift = find_drift(booked, sent, names) if booked and sent else ()
    return Sides(
        row=row,
        invoice=invoice,
        entry=entry,
        pairs=tuple(_each_pair(row, invoice, booked, sent, names)),
        drift=drift,
        terms=_terms(session, row),
        accepted=_accepted(session, row),
        content=content_of(entry) if entry is not None else None,
    )


def find_sides(session: Session, invoice_id: str) -> Sides | None:
    """Find both sides of an invoice that was compared."""
    row = session.get(ComparedRow, f"i-{invoice_id}")
    return read_sides(session, row) if row else None


def _copy_of(session: Session, invoice: InvoiceRow | None, entry: EntryRow | None) -> CopyRow | None:
    copy = session.get(CopyRow, invoice.latest_copy_id) if invoice and invoice.latest_copy_id else None
    if copy is None or copy.state not in IN_EXACT:
        return None
    return copy if entry is None or copy.entry_id == entry.id else None


def _names(
    session: Session, connection_id: int | None, entry: EntryRow | None, sent: SalesEntry | None
) -> dict[str, str]:
    """Spell the customers and ledger accounts of both sides."""
    if connection_id is None:
        return {}
    ids = {entry.customer_id if entry else "", sent.customer_id.lower() if sent else ""}
    here = (CustomerRow.connection_id == connection_id, CustomerRow.id.in_(ids))
    found = session.execute(select(CustomerRow.id, CustomerRow.code, CustomerRow.name).where(*here))
    names = {row[0]: f"{shown(row[1])} {row[2]}" for row in found}
    accounts = read_stored_catalogue(session, connection_id).accounts
    return names | {each.id: f"{shown(each.code)} {each.description}" for each in accounts}


def _each_pair(
    row: ComparedRow,
    invoice: InvoiceRow | None,
    booked: BookedEntry | None,
    sent: SalesEntry | None,
    names: dict[str, str],
) -> Iterator[Pair]:
    """Yield the fields that both sides have, the amounts first."""
    ours, codes = invoice is not None, set(row.reasons)
    theirs = row.theirs is not None
    customer = booked.customer_id if booked else sent.customer_id if sent else None
    number = f"{row.entry_number}" if row.entry_number else None
    yield Pair(_("Number"), row.number if ours else None, number if theirs else None)
    yield Pair(
        _("Customer"),
        row.customer if ours else None,
        (names.get(customer or "", "") or (row.customer if not ours else None)) if theirs else None,
        "customer" in codes,
    )
    day = booked.entry_date if booked else sent.entry_date if sent else None
    yield Pair(_("Date"), invoice.invoiced_on if invoice else None, day if theirs else None, "date" in codes)
    yield Pair(
        _("Currency"),
        row.currency if ours else None,
        row.their_currency if theirs else None,
        "currency" in codes,
    )
    net, vat = (booked.gross - booked.vat, booked.vat) if booked else (None, None)
    yield Pair(
        _("Net"),
        _amount(invoice.amount if invoice else None),
        _amount(net),
        _unlike(invoice.amount if invoice else None, net),
    )
    yield Pair(_("VAT"), _amount(invoice.amount_tax if invoice else None), _amount(vat), "vat" in codes)
    yield Pair(_("Total"), _amount(row.ours), _amount(row.theirs), "amount" in codes)
    if row.theirs_open is not None or ours:
        yield Pair(_("Open amount"), _amount(row.ours_open), _amount(row.theirs_open), "open" in codes)
    yield Pair(_("Journal"), None, row.journal or None)
    yield Pair(_("Reference in Exact"), None, booked.your_ref if booked else None)


def _amount(cents: int | None) -> Scalar:
    return None if cents is None else to_decimal(cents)


def _unlike(ours: int | None, theirs: int | None) -> bool:
    return ours is not None and theirs is not None and ours != theirs


def _terms(session: Session, row: ComparedRow) -> Sequence[TermRow]:
    """Return what Exact shows as open or settled of the entry."""
    query = select(TermRow).where(
        TermRow.connection_id == row.connection_id,
        TermRow.entry_id == row.entry_id,
        TermRow.deleted_at.is_(None),
    )
    return session.scalars(query.order_by(TermRow.last_payment_on, TermRow.id)).all()


def _accepted(session: Session, row: ComparedRow) -> Sequence[AcceptedRow]:
    """Return what was accepted of the entry, the newest first, also what was taken back."""
    query = select(AcceptedRow).where(
        AcceptedRow.connection_id == row.connection_id, AcceptedRow.entry_id == row.entry_id
    )
    return session.scalars(query.order_by(AcceptedRow.accepted_at.desc())).all()
