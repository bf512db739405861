"""Invoices as last read from Productive, with where their copies stand."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Computed, ForeignKey, Index, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import MappingKind
from portal.domain.copies.standing import Readiness, Standing
from portal.domain.copies.states import CopyState
from portal.store.base import Base, Instant, Large, Word
from portal.store.stale import INVOICE, Compared, StaleKey, has_changed
from portal.store.unready import INVOICE as ONE_INVOICE
from portal.store.unready import Foreseen, UnreadyKey

# Characters of number, customer and subject that are searched; PostgreSQL indexes no more than 2,700 bytes.
SEARCHED = 400
FILTERED = ("deleted", "sample", "search_text")
NOT_COPIED = "not copied"
ELSEWHERE = "copied elsewhere"
EXCLUDED = "do not copy"
# An invoice that is not copied, nor under way.
FREE = (NOT_COPIED, CopyState.UNDONE)

# The database keeps it, so that no write can leave it behind, however it is made.
STANDING = """CASE
    WHEN copy_state = 'copied' AND changed_since_copied THEN 'changed since copied'
    WHEN copy_state IN ('copied', 'copied with a difference', 'refused', 'copied elsewhere', 'do not copy')
        THEN copy_state
    WHEN copy_state IN ('waiting', 'sending', 'uncertain') AND readiness = 'held' THEN 'needs you'
    WHEN copy_state IN ('waiting', 'sending', 'uncertain') THEN 'copying'
    WHEN readiness = 'held' THEN 'not looked at yet'
    ELSE readiness
END"""

# The columns that the list is sorted by.
SORTED = ("invoiced_on", "pay_on", "number", "company_name", "amount_with_tax")
# Partial indexes say which rows they have in the words of the queries that use them.
IN_SQLITE = "deleted IS 0 AND sample IS 0"
IN_POSTGRES = "deleted IS false AND sample IS false"
NEEDY = text("need IS NOT NULL")


def _listed(name: str, *columns: str) -> Index:
    """Return an index of the invoices that are shown at all."""
    return Index(name, *columns, sqlite_where=text(IN_SQLITE), postgresql_where=text(IN_POSTGRES))


def _unpaid(name: str, column: str) -> Index:
    """Return an index of what is unpaid, with what tells whether it is overdue."""
    columns = dict.fromkeys(("subsidiary_id", column, "id", "amount_unpaid", "pay_on"))
    unpaid = "amount_unpaid != 0"
    return Index(
        name,
        *columns,
        sqlite_where=text(f"{IN_SQLITE} AND {unpaid}"),
        postgresql_where=text(f"{IN_POSTGRES} AND {unpaid}"),
    )


class InvoiceRow(Compared, Foreseen, Base):
    """An invoice as it was last read."""

    # ``body`` is the whole domain invoice, the columns serve lists and filters.
    # ``readiness`` is what a job found out about copying it, ``need`` the code of its first problem, or of
    # why its copy was refused or is held. ``standing`` is the one state that a row shows.

    __tablename__ = "invoice"
    __table_args__ = (
        # Everything that a search looks through, newest first, and what it adds up, so that only rows that
        # are shown are read with their long bodies. It serves days of a period, too.
        Index(
            "ix_invoice_searched",
            "invoiced_on",
            "id",
            *FILTERED,
            "subsidiary_id",
            "standing",
            "currency",
            "amount_with_tax",
            "amount_unpaid",
            "pay_on",
        ),
        Index("ix_invoice_state_newest", "copy_state", "invoiced_on", "id", *FILTERED, "subsidiary_id"),
        Index("ix_invoice_standing_newest", "standing", "invoiced_on", "id", *FILTERED, "subsidiary_id"),
        # The newest invoice of a company.
        Index("ix_invoice_company_newest", "company_id", "subsidiary_id", "invoiced_on", "id"),
        # The list in each order: of a subsidiary, of those that stand alike in it, and of what is unpaid.
        *(_listed(f"ix_invoice_by_{name}", "subsidiary_id", name, "id") for name in SORTED),
        *(
            _listed(f"ix_invoice_standing_by_{name}", "subsidiary_id", "standing", name, "id")
            for name in SORTED
        ),
        *(_unpaid(f"ix_invoice_unpaid_by_{name}", name) for name in SORTED),
        # Everything of one customer that is listed and added up.
        _listed(
            "ix_invoice_customers",
            "company_id",
            "company_name",
            "subsidiary_id",
            "standing",
            "currency",
            "amount_with_tax",
            "amount_unpaid",
            "pay_on",
            "invoiced_on",
        ),
        Index("ix_invoice_need", "need", sqlite_where=NEEDY, postgresql_where=NEEDY),
        # All that is told of what is new, so that no row is read for it.
        Index(
            "ix_invoice_first_read",
            "first_read_at",
            "deleted",
            "sample",
            "subsidiary_id",
            "currency",
            "amount_with_tax",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(index=True)
    subject: Mapped[str]
    kind: Mapped[int]
    subsidiary_id: Mapped[str]
    company_id: Mapped[str]
    company_name: Mapped[str]
    invoiced_on: Mapped[date]
    pay_on: Mapped[date | None]
    sent_on: Mapped[date | None]
    currency: Mapped[str]
    amount: Mapped[Large]
    amount_tax: Mapped[Large]
    amount_with_tax: Mapped[Large]
    amount_paid: Mapped[Large]
    amount_unpaid: Mapped[Large]
    amount_written_off: Mapped[Large]
    exported: Mapped[bool]
    export_id: Mapped[str | None]
    deleted: Mapped[bool]
    sample: Mapped[bool]
    fingerprint: Mapped[str]
    search_text: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime] = mapped_column(Instant)
    copy_state: Mapped[str] = mapped_column(default=NOT_COPIED)
    latest_copy_id: Mapped[str | None] = mapped_column(default=None)
    changed_since_copied: Mapped[bool] = mapped_column(default=False)
    exclude_reason: Mapped[str | None] = mapped_column(default=None)
    # None where an earlier version read it first.
    first_read_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    readiness: Mapped[Readiness] = mapped_column(Word(Readiness), default=Readiness.UNSURE)
    need: Mapped[str | None] = mapped_column(default=None)
    standing: Mapped[Standing] = mapped_column(Word(Standing), Computed(STANDING, persisted=True), init=False)

    def each_stale(self) -> Iterator[StaleKey]:
        """Name the comparison of the invoice."""
        yield StaleKey(INVOICE, None, self.id)

    def each_unready(self) -> Iterator[UnreadyKey]:
        """Name the invoice, where it changed and may be copied."""
        if self.copy_state in (*FREE, CopyState.REFUSED) and has_changed(self, "copy_state", "body"):
            yield UnreadyKey(ONE_INVOICE, self.id)

    def become_unready(self) -> None:
        """Forget what was found, where that was about another content or another state."""
        if has_changed(self, "copy_state", "fingerprint"):
            self.readiness = Readiness.UNSURE
            self.need = None

    def invoice(self) -> Invoice:
        """Return the domain invoice."""
        return read_invoice(self.body)


def read_invoice(body: str) -> Invoice:
    """Read an invoice as it is kept."""
    return msgspec.json.decode(body, type=Invoice)


class LineUseRow(Base):
    """How many lines of an invoice use a service type or tax rate (kind as in mappings)."""

    __tablename__ = "line_use"
    __table_args__ = (Index("ix_line_use_source", "kind", "source_id"),)

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    kind: Mapped[MappingKind] = mapped_column(Word(MappingKind), primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    lines: Mapped[int]


def searched_text(invoice: Invoice) -> str:
    """Return what a search looks through: number, customer and subject."""
    return f"{invoice.number or ''} {invoice.company_name} {invoice.subject}".lower()[:SEARCHED]


def keep_invoice(session: Session, invoice: Invoice, now: datetime) -> InvoiceRow:
    """Insert or refresh an invoice (with its lines) and how often it uses each type and rate."""
    row = session.get(InvoiceRow, invoice.id)
    fields = _fields_of(invoice)
    has_new_lines = row is None or row.fingerprint != fields["fingerprint"]

    if row is None:
        row = InvoiceRow(id=invoice.id, first_read_at=now, read_at=now, **fields)
        session.add(row)
        session.flush()
    else:
        row.read_at = now
        for name, value in fields.items():
            setattr(row, name, value)

    if has_new_lines:
        _keep_uses(session, invoice)

    return row


def is_kept(row: InvoiceRow, invoice: Invoice) -> bool:
    """Say whether a row has an invoice exactly as it was read."""
    return all(getattr(row, name) == value for name, value in _fields_of(invoice).items())


def _fields_of(invoice: Invoice) -> dict[str, Any]:
    """Spell an invoice as columns."""
    return {
        "number": invoice.number,
        "subject": invoice.subject,
        "kind": invoice.kind,
        "subsidiary_id": invoice.subsidiary_id,
        "company_id": invoice.company_id,
        "company_name": invoice.company_name,
        "invoiced_on": invoice.invoiced_on,
        "pay_on": invoice.pay_on,
        "sent_on": invoice.sent_on,
        "currency": invoice.currency,
        "amount": invoice.amount,
        "amount_tax": invoice.amount_tax,
        "amount_with_tax": invoice.amount_with_tax,
        "amount_paid": invoice.amount_paid,
        "amount_unpaid": invoice.amount_unpaid,
        "amount_written_off": invoice.amount_written_off,
        "exported": invoice.exported,
        "export_id": invoice.export_id,
        "deleted": invoice.deleted,
        "sample": invoice.sample,
        "fingerprint": invoice.fingerprint(),
        "search_text": searched_text(invoice),
        "body": msgspec.json.encode(invoice).decode(),
    }


def _keep_uses(session: Session, invoice: Invoice) -> None:
    """Write how often an invoice uses each service type and rate, where that changed."""
    uses: dict[tuple[MappingKind, str], int] = {}

    for line in invoice.lines:
        service = (MappingKind.SERVICE, line.service_type_id or "")
        tax = (MappingKind.TAX, line.tax_rate_id or "")
        for key in (service, tax):
            uses[key] = uses.get(key, 0) + 1

    kept = session.scalars(select(LineUseRow).where(LineUseRow.invoice_id == invoice.id))
    for row in kept:
        lines = uses.pop((row.kind, row.source_id), 0)
        if lines:
            row.lines = lines
        else:
            session.delete(row)

    session.add_all(
        LineUseRow(invoice_id=invoice.id, kind=kind, source_id=source, lines=lines)
        for (kind, source), lines in uses.items()
    )
