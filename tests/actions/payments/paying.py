"""An office whose invoice is copied and sent, and whose payments are synchronised."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.payments.synchronize import pay_due, synchronize_payments
from portal.domain.connections.states import ConnectionState, PaymentsMode
from portal.domain.payments.states import FindingKind
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.findings import FindingRow
from portal.store.payments import PaymentRow
from tests.actions.office import Office, an_office, some_invoice
from tests.fakes import some_guid
from tests.furnishing.said import english

D1 = date(2026, 3, 12)
D2 = date(2026, 3, 20)
SENT = date(2026, 3, 2)
Paid = tuple[int, date, bool]


class Till(Office):
    """The office with words for payments; no remote call may find a transaction open."""

    def pull(self, seconds: float = 60) -> None:
        """Let time pass and pull once."""
        self.pass_time(seconds)
        synchronize_payments(self.session, self.desk, self.connection_id)

    def pay(self, seconds: float = 60) -> None:
        """Let time pass and go on with what is due."""
        self.pass_time(seconds)
        pay_due(self.session, self.desk, self.connection_id)

    def switch_on(self, mode: PaymentsMode = PaymentsMode.CATCH_UP, **given: object) -> None:
        """Switch payments on."""
        connection = self.connection()
        connection.payments.on = True
        connection.payments.mode = mode
        connection.payments.baseline_done = False
        for name, value in given.items():
            setattr(connection.payments, name, value)
        self.session.commit()

    def an_entry(self, invoice_id: str = "105", *, sent: bool = True) -> str:
        """Add an invoice and copy it; returns the entry's id."""
        self.add(some_invoice(id=invoice_id, number=f"2026-{invoice_id}", sent_on=SENT if sent else None))
        return self.copied(invoice_id=invoice_id).entry_id or ""

    def again(self, invoice_id: str = "105") -> CopyRow:
        """Create another copy of an invoice."""
        self.pass_time(60)
        return self.copied(invoice_id=invoice_id)

    def paid(self, invoice_id: str = "105") -> list[Paid]:
        """What Productive has: amount, day and whether written off, by day."""
        found = [one for one in self.billing.payments.values() if one.invoice_id == invoice_id]
        return sorted((one.amount, one.on, one.written_off) for one in found)

    def rows(self) -> Sequence[PaymentRow]:
        """Every payment row, oldest first."""
        self.session.expire_all()
        query = select(PaymentRow).order_by(PaymentRow.created_at, PaymentRow.amount)
        found = self.session.scalars(query).all()
        self.session.commit()
        return found

    def one(self) -> PaymentRow:
        """The only payment row."""
        (row,) = self.rows()
        return row

    def findings(self) -> list[FindingKind]:
        """The kinds of the findings that are open."""
        query = select(FindingRow.kind).where(FindingRow.resolved_at.is_(None)).order_by(FindingRow.kind)
        found = list(self.session.scalars(query))
        self.session.commit()
        return found

    def trouble(self) -> str | None:
        """What went wrong with the last pull."""
        row = self.session.get_one(ConnectionRow, self.connection_id, populate_existing=True)
        self.session.commit()
        return english(row.payments.trouble)

    def split(self, entry_id: str, amount: int, on: date, way: str) -> None:
        """Receive a part, with each of the three ways in which Exact may split the term."""
        settled = self.ledger.receive(entry_id, amount, on)
        if way == "same row":
            return
        rows = self.ledger.terms
        rest = next((one for one in rows.values() if one.entry_id == entry_id and not one.is_settled), None)
        self.ledger.bury(settled.id)
        new = replace(settled, id=some_guid(), timestamp=self.ledger.tick())
        rows[new.id] = new
        if way == "part new" and rest:
            del rows[rest.id]
            rows[settled.id] = replace(rest, id=settled.id, timestamp=self.ledger.tick())
            self.ledger.tombstones = [one for one in self.ledger.tombstones if one.key != settled.id]

    def unmatch(self, entry_id: str) -> None:
        """Take the matching of an entry's settled terms back."""
        for term in [
            one for one in self.ledger.terms.values() if one.entry_id == entry_id and one.is_settled
        ]:
            self.ledger.terms[term.id] = replace(
                term, timestamp=self.ledger.tick(), status=20, last_payment_on=None, ended_on=None
            )


def a_till(session: Session, mode: PaymentsMode = PaymentsMode.CATCH_UP) -> Till:
    """Open a till: nothing copied yet."""
    made = an_office(session)
    till = Till(session, made.ledger, made.billing, made.nudge, made.now, made.connection_id)

    def check(_name: str) -> None:
        assert not session.in_transaction(), f"a transaction is open during {_name}"

    till.ledger.on_call = check
    till.billing.on_call = check
    till.switch_on(mode)
    assert till.connection().state == ConnectionState.LIVE
    session.commit()
    return till
