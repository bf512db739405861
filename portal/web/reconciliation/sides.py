"""One compared row, both sides in full: what is written where, what was changed, paid and accepted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, String, bindparam, select
from sqlalchemy.orm import Session

from portal.actions.books.accept import content_of
from portal.domain.booking.catalogue import shown
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.books.drift import find_drift
from portal.domain.books.states import Agreement, Why
from portal.domain.copies.changes import FieldChange
from portal.domain.copies.differences import Scalar
from portal.domain.copies.states import IN_EXACT
from portal.domain.money import to_cents
from portal.store.catalogue import CatalogueRow, CustomerRow, catalogue_of
from portal.store.comparing import is_fresh
from portal.store.copies import CopyRow, entry_from_row
from portal.store.entries import AcceptedRow, EntryRow
from portal.store.invoices import InvoiceRow
from portal.store.reconciliation import ComparedRow
from portal.store.terms import TermRow
from portal.store.together import Found, Together
from portal.web.common.formats import money


@dataclass(frozen=True, slots=True)
class Pair:
    """One field on both sides."""

    # It ``differs`` only where both are known and not alike. ``words`` may break over lines.

    label: str
    ours: Scalar
    theirs: Scalar
    differs: bool = False
    words: bool = False


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
        return Why.GONE in self.row.reasons

    @property
    def may_accept(self) -> bool:
        """Say whether Exact's version can be accepted: one of ours that was read, or a stranger."""
        if self.content is None or self.row.verdict in (Agreement.EXPLAINED, Agreement.EQUAL):
            return False
        return self.row.verdict != Agreement.DIFFERENT or Why.UNLINKED not in self.row.reasons


class AskSides:
    """Asks for what both sides of a row are told from, besides the invoice and its copy."""

    def __init__(self, together: Together) -> None:
        """Add it to what is read together."""
        connection = bindparam("their_connection", type_=Integer())
        entry_id = bindparam("their_entry", type_=String())
        customer_id = (
            select(EntryRow.customer_id)
            .where(EntryRow.connection_id == connection, EntryRow.id == entry_id)
            .correlate(None)
            .scalar_subquery()
        )

        self.entry = together.ask(EntryRow, EntryRow.connection_id == connection, EntryRow.id == entry_id)
        self.owes = together.ask(
            CustomerRow, CustomerRow.connection_id == connection, CustomerRow.id == customer_id
        )
        self.sent = together.ask(
            CustomerRow,
            CustomerRow.connection_id == connection,
            CustomerRow.id == bindparam("sent_to", type_=String()),
        )
        self.catalogue = together.ask(CatalogueRow, CatalogueRow.connection_id == connection)
        self.terms = together.ask(
            TermRow,
            TermRow.connection_id == connection,
            TermRow.entry_id == entry_id,
            TermRow.deleted_at.is_(None),
        )
        self.accepted = together.ask(
            AcceptedRow, AcceptedRow.connection_id == connection, AcceptedRow.entry_id == entry_id
        )

    @staticmethod
    def values(row: ComparedRow | None, copy: CopyRow | None) -> dict[str, Any]:
        """Return what is asked with for a row, and for the copy of its invoice."""
        sent = entry_from_row(copy.entry) if copy is not None and copy.entry else None
        return {
            "their_connection": row.connection_id if row else None,
            "their_entry": row.entry_id if row else None,
            "sent_to": sent.customer_id.lower() if sent else None,
        }


ALONE = Together()
SIDES = AskSides(ALONE)


def read_sides(session: Session, row: ComparedRow) -> Sides:
    """Read both sides of a row."""
    invoice = session.get(InvoiceRow, row.invoice_id) if row.invoice_id else None
    latest = session.get(CopyRow, invoice.latest_copy_id) if invoice and invoice.latest_copy_id else None
    found = ALONE.read(session, **SIDES.values(row, latest))
    return sides_of(row, invoice, latest, SIDES, found)


def sides_of(
    row: ComparedRow, invoice: InvoiceRow | None, latest: CopyRow | None, asked: AskSides, found: Found
) -> Sides:
    """Return both sides of a row, told from what was found."""
    entry = found.first(asked.entry)
    copy = _copy_of(latest, entry)
    if entry is not None and copy is not None and not is_fresh(entry, copy):
        entry = None

    sent = entry_from_row(copy.entry) if copy is not None and copy.entry else None
    names = _names(asked, found)
    booked = entry.entry() if entry is not None and not entry.gone_at else None
    changes = find_drift(booked, sent, names) if booked and sent else ()
    drift = tuple(_spell(change, row.their_currency) for change in changes)

    return Sides(
        row=row,
        invoice=invoice,
        entry=entry,
        pairs=tuple(_each_pair(row, invoice, booked, sent, names)),
        drift=drift,
        terms=_terms(found.all(asked.terms)),
        # The newest first, also what was taken back.
        accepted=sorted(found.all(asked.accepted), key=lambda each: each.accepted_at, reverse=True),
        content=content_of(entry) if entry is not None else None,
    )


def find_sides(session: Session, invoice_id: str) -> Sides | None:
    """Find both sides of an invoice that was compared."""
    row = session.get(ComparedRow, f"i-{invoice_id}")
    return read_sides(session, row) if row else None


def _copy_of(copy: CopyRow | None, entry: EntryRow | None) -> CopyRow | None:
    """Return the latest copy where it is the one of this entry."""
    if copy is None or copy.state not in IN_EXACT:
        return None
    return copy if entry is None or copy.entry_id == entry.id else None


def _names(asked: AskSides, found: Found) -> dict[str, str]:
    """Spell the customers and ledger accounts of both sides."""
    customers = (*found.all(asked.owes), *found.all(asked.sent))
    names = {each.id: f"{shown(each.code)} {each.name}" for each in customers}
    accounts = catalogue_of(found.first(asked.catalogue)).accounts

    return names | {each.id: f"{shown(each.code)} {each.description}" for each in accounts}


def _each_pair(
    row: ComparedRow,
    invoice: InvoiceRow | None,
    booked: BookedEntry | None,
    sent: SalesEntry | None,
    names: dict[str, str],
) -> Iterator[Pair]:
    """Yield the fields that both sides have."""
    # Where Exact was not read, its side is as it was booked.
    codes = set(row.reasons)
    theirs = row.theirs is not None
    as_is = booked or sent
    customer = names.get(as_is.customer_id.lower(), row.customer) if as_is else row.customer
    day = as_is.entry_date if as_is else None
    number = row.number if invoice else None
    yield Pair(_("Number"), number, row.entry_number if theirs else None, words=True)
    yield Pair(
        _("Customer"),
        row.customer if invoice else None,
        customer if theirs else None,
        Why.CUSTOMER in codes,
        words=True,
    )

    yield Pair(
        _("Date"),
        invoice.invoiced_on if invoice else None,
        day if theirs else None,
        Why.DATE in codes,
    )
    if booked and sent and Why.LEDGER in codes:
        yield Pair(_("Ledger code"), _ledgers(sent, names), _ledgers(booked, names), True, words=True)

    yield from _each_amount(row, invoice, as_is, codes)
    if theirs:
        yield Pair(_("Journal"), "", row.journal)


def _each_amount(
    row: ComparedRow, invoice: InvoiceRow | None, as_is: BookedEntry | SalesEntry | None, codes: set[Why]
) -> Iterator[Pair]:
    """Yield net, VAT, the total, and what is paid and open."""
    # ``as_is`` tells only what adds up to the total.
    ours = row.currency
    theirs = row.their_currency
    told = as_is if as_is and as_is.gross == row.theirs else None
    net, vat = (told.gross - told.vat, told.vat) if told else (None, None)
    our_net = invoice.amount if invoice else None
    our_vat = invoice.amount_tax if invoice else None
    other = Why.CURRENCY in codes
    unlike = our_net is not None and net is not None and our_net != net
    yield Pair(_("Net"), _amount(our_net, ours), _amount(net, theirs), unlike or other)
    yield Pair(_("VAT"), _amount(our_vat, ours), _amount(vat, theirs), Why.VAT in codes or other)
    yield Pair(_("Total"), _amount(row.ours, ours), _amount(row.theirs, theirs), Why.AMOUNT in codes or other)

    if invoice and row.theirs_open is not None:
        paid = _settled(row.ours, row.ours_open), _settled(row.theirs, row.theirs_open)
        unlike = Why.OPEN in codes and paid[0] != paid[1]
        yield Pair(_("Paid or settled"), _amount(paid[0], ours), _amount(paid[1], theirs), unlike)
        opens = _amount(row.ours_open, ours), _amount(row.theirs_open, theirs)
        yield Pair(_("Open amount"), *opens, Why.OPEN in codes)


def _settled(whole: int | None, opened: int | None) -> int | None:
    return None if whole is None or opened is None else whole - opened


def _ledgers(entry: BookedEntry | SalesEntry, names: dict[str, str]) -> str:
    """Spell the ledger accounts of an entry's lines, each once."""
    return ", ".join(sorted({names.get(line.ledger_id, line.ledger_id) for line in entry.lines}))


def _amount(cents: int | None, currency: str) -> str | None:
    return None if cents is None else money(cents, currency)


def _spell(change: FieldChange, currency: str) -> FieldChange:
    """Spell the amounts of a change with their currency."""
    old, new = (
        money(to_cents(value), currency) if isinstance(value, Decimal) else value
        for value in (change.old, change.new)
    )
    return replace(change, old=old, new=new)


def _terms(terms: Sequence[TermRow]) -> Sequence[TermRow]:
    """Order what Exact shows as open or settled of the entry, what was never paid at the end."""
    return sorted(terms, key=lambda term: (term.last_payment_on or date.max, term.id))
