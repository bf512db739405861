"""All that the page of one invoice tells, read by two statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, String, bindparam
from sqlalchemy.orm import Session

from portal.actions.copies.beside import AskBeside, Beside
from portal.domain.unreadable import Kind
from portal.store.attention import Twin, twins_of
from portal.store.baseline import BaselineRow
from portal.store.connections import ConnectionRow
from portal.store.copies import AttemptRow, CopyRow
from portal.store.differing import Beside as BesideComparison
from portal.store.differing import facts_of
from portal.store.entries import EntryRow
from portal.store.events import EventRow
from portal.store.findings import FindingRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.together import Found, Together
from portal.store.unreadable import UnreadableRow, open_about
from portal.web.common.access import current_person
from portal.web.common.frame import places
from portal.web.invoices.lines import find_shown_copy
from portal.web.reconciliation.explain import Explained, explain_by
from portal.web.reconciliation.sides import AskSides, Sides, sides_of

INVOICE = bindparam("invoice", type_=String())

# What belongs to the invoice.
OWN = Together()
COPIES = OWN.ask(CopyRow, CopyRow.invoice_id == INVOICE)
PAYMENTS = OWN.ask(PaymentRow, PaymentRow.invoice_id == INVOICE)
EVENTS = OWN.ask(EventRow, EventRow.invoice_id == INVOICE)
FINDINGS = OWN.ask(FindingRow, FindingRow.invoice_id == INVOICE, FindingRow.resolved_at.is_(None))
UNREADABLE = OWN.ask(UnreadableRow, *open_about(INVOICE, (Kind.INVOICE, Kind.PAYMENT)))
COMPARED = OWN.ask(ComparedRow, ComparedRow.key == bindparam("key", type_=String()))

# What belongs to those, and what is beside the invoice in its connection.
MORE = Together()
OF_COPIES = MORE.ask(AttemptRow, AttemptRow.copy_id.in_(bindparam("copies", expanding=True)))
OF_PAYMENTS = MORE.ask(AttemptRow, AttemptRow.payment_id.in_(bindparam("payments", expanding=True)))
MARKED = MORE.ask(
    EntryRow,
    EntryRow.connection_id.in_(bindparam("marked_in", expanding=True)),
    EntryRow.marker.in_(bindparam("markers", expanding=True)),
)
SETTLED = MORE.ask(BaselineRow, BaselineRow.entry_id == bindparam("their_entry", type_=String()))
SIDES = AskSides(MORE)
BESIDE = AskBeside(MORE, bindparam("connection", type_=Integer()))


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one invoice. ``connection`` is that of its shown copy, else the live one."""

    row: InvoiceRow
    live: ConnectionRow | None
    connection: ConnectionRow | None
    copies: Sequence[CopyRow]
    own: Found
    more: Found

    @property
    def beside(self) -> Beside:
        """Return what is beside the invoice in the connection."""
        return Beside(BESIDE, self.more)

    @property
    def latest(self) -> CopyRow | None:
        """Return the latest copy."""
        return next((copy for copy in self.copies if copy.id == self.row.latest_copy_id), None)

    @property
    def payments(self) -> Sequence[PaymentRow]:
        """Return the payments that were mirrored."""
        return self.own.all(PAYMENTS)

    @property
    def events(self) -> Sequence[EventRow]:
        """Return what happened to the invoice, newest first."""
        return sorted(self.own.all(EVENTS), key=lambda each: each.id, reverse=True)

    @property
    def findings(self) -> Sequence[FindingRow]:
        """Return what a person must look at in its payments."""
        return self.own.all(FINDINGS)

    @property
    def unreadable(self) -> Sequence[UnreadableRow]:
        """Return what cannot be read of it, whoever may see it."""
        return self.own.all(UNREADABLE)

    @property
    def attempts(self) -> Sequence[AttemptRow]:
        """Return what was written for its copies and payments, in the order it was."""
        both = {each.id: each for each in (*self.more.all(OF_COPIES), *self.more.all(OF_PAYMENTS))}
        return sorted(both.values(), key=lambda each: (each.started_at, each.id))

    @property
    def sides(self) -> Sides | None:
        """Return both sides where the invoice was compared."""
        row = self.own.first(COMPARED)
        return sides_of(row, self.row, self.latest, SIDES, self.more) if row else None

    def explain(self, row: ComparedRow) -> Explained:
        """Explain how the invoice and its entry compare."""
        known = BesideComparison(
            connected=bool(places().live([row.subsidiary_id])),
            reason=self.row.exclude_reason,
            copy=self.latest,
            payments={each.id: each for each in self.payments},
            findings={each.id: each for each in self.findings},
            settled=self.more.first(SETTLED) is not None,
        )
        return explain_by(row, facts_of(row, known), may_write=current_person().may_write)

    def twins(self, session: Session) -> list[Twin]:
        """Return the entries that were booked beside the invoice's own by the same request."""
        return twins_of(session, self.copies, self.more.all(MARKED))


def read_told(session: Session, row: InvoiceRow) -> Told:
    """Read all that the page of an invoice tells."""
    own = OWN.read(session, invoice=row.id, key=f"i-{row.id}")
    copies = sorted(own.all(COPIES), key=lambda copy: copy.requested_at, reverse=True)
    latest = next((copy for copy in copies if copy.id == row.latest_copy_id), None)
    shown = find_shown_copy(row, copies)
    live = next(iter(places().live([row.subsidiary_id])), None)
    # A copy may have gone through a connection that was taken down since.
    connection = places().connection(shown.connection_id) if shown else live

    more = MORE.read(
        session,
        connection=connection.id if connection else None,
        copies=[copy.id for copy in copies],
        payments=[payment.id for payment in own.all(PAYMENTS)],
        markers=[copy.marker for copy in copies],
        marked_in=sorted({copy.connection_id for copy in copies}),
        **AskBeside.values(row, shown.customer_id if shown else None),
        **SIDES.values(own.first(COMPARED), latest),
    )
    return Told(row, live, connection, copies, own, more)
