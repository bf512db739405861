"""After a restore: what was written since the backup is adopted; nothing is booked or paid twice."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.engine.gate import may_write, open_copying
from portal.actions.restore.adopt import AdoptError, adopt, prepare_adoption, read_invoices
from portal.actions.restore.adopting import Adopted
from portal.domain.booking.invoice import BillTo
from portal.domain.copies.adoption import DUTCH
from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.customers.new_customer import new_customer_from
from portal.domain.ids import tag_of
from portal.domain.payments.states import PaymentState
from portal.remote.errors import LostReplyError, RefusedError, SignInLostError, UnreachableError
from portal.store.catalogue import CustomerRow
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.gate import UnmatchedRow, find_gate, the_gate
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.store.rows import metadata
from portal.store.tallies import KEPT
from portal.vat_numbers import read_vat
from tests.actions.office import some_invoice
from tests.actions.payments.paying import D1, SENT, Till, a_till
from tests.fakes import FakeLedger, a_customer, some_guid
from tests.furnishing.connections import add_productive
from tests.furnishing.said import english
from tests.telling import told

SINCE = date(2026, 3, 10)
Snapshot = dict[str, list[dict[str, Any]]]


class Restorable(Till):
    """A till whose database can be taken back to how it was."""

    def pass_time(self, seconds: float) -> None:
        super().pass_time(seconds)
        self.ledger.wall_clock = self.now.astimezone(DUTCH).replace(tzinfo=None)

    def back_up(self) -> Snapshot:
        self.session.commit()
        # What the database works out by itself is not put back.
        kept = {
            table: [each for each in table.c if each.computed is None]
            for table in metadata.sorted_tables
            if KEPT not in table.info
        }
        rows = {
            table.name: [dict(row._mapping) for row in self.session.execute(select(*columns))]
            for table, columns in kept.items()
        }
        self.session.commit()
        return rows

    def restore(self, snapshot: Snapshot) -> None:
        """Take the database back; Productive goes on knowing what was paid."""
        for payment in self.billing.payments.values():
            invoice = self.billing.invoices[payment.invoice_id]
            self.billing.invoices[invoice.id] = replace(invoice, amount_paid=payment.amount)
        self.session.rollback()
        self.session.expunge_all()
        for table in reversed(metadata.sorted_tables):
            self.session.execute(table.delete())
        for table in metadata.sorted_tables:
            if snapshot.get(table.name):
                self.session.execute(table.insert(), snapshot[table.name])
        self.session.commit()
        self.ledger.calls.clear()
        self.billing.calls.clear()

    def adopt(self, since: date = SINCE) -> Adopted:
        """Adopt and open, as the command does."""
        self.pass_time(1)
        prepare_adoption(self.session, self.desk, since=since)
        read_invoices(self.session, self.desk)
        told = adopt(self.session, self.desk, self.connection_id, since=since)
        assert told is not None
        assert open_copying(self.session, self.marks, now=self.now)
        return told

    def another(self, invoice_id: str, **changes: Any) -> CopyRow:
        """Copy an invoice that nobody knew before."""
        self.pass_time(60)
        self.add(some_invoice(id=invoice_id, number=f"2026-{invoice_id}", sent_on=SENT, **changes))
        return self.copied(invoice_id=invoice_id)

    def invoice(self, invoice_id: str) -> InvoiceRow:
        row = self.session.get_one(InvoiceRow, invoice_id, populate_existing=True)
        self.session.commit()
        return row

    def unmatched(self) -> list[str]:
        return [str(english(row.why)) for row in self.session.scalars(select(UnmatchedRow))]


@pytest.fixture
def till(session_factory: sessionmaker[Session]) -> Iterator[Restorable]:
    with session_factory() as session:
        made = a_till(session)
        till = Restorable(session, made.ledger, made.billing, made.nudge, made.now, made.connection_id)
        till.pass_time(0)
        add_productive(session, till.now)
        the_gate(session)
        session.commit()
        yield till


def test_what_was_booked_since_is_adopted_and_can_not_be_booked_again(till: Restorable) -> None:
    till.copied()
    backup = till.back_up()
    before = till.another("201"), till.another("202")
    till.restore(backup)
    assert not may_write(till.session, till.marks, now=till.now)
    told = till.adopt()
    assert (told.entries, told.known, told.different, told.unmatched) == (2, 1, 0, [])
    for copy in before:
        row = till.invoice(copy.invoice_id)
        again = till.session.get_one(CopyRow, row.latest_copy_id)
        assert (row.copy_state, again.entry_id, again.marker) == (
            CopyState.COPIED,
            copy.entry_id,
            copy.marker,
        )
        assert again.entry_number == copy.entry_number
    assert len(till.ledger.entries) == 3
    assert till.ledger.count("create_entry") == till.billing.count("mark_exported") == 0


def test_a_second_run_finds_everything_known(till: Restorable) -> None:
    backup = till.back_up()
    till.another("201")
    till.restore(backup)
    assert till.adopt().entries == 1
    told = till.adopt()
    assert (told.entries, told.known) == (0, 1)
    assert till.session.query(CopyRow).count() == 1


@pytest.mark.parametrize("step", ["each_changed_page", "each_remark_page", "find_payments"])
def test_it_can_break_off_anywhere_and_goes_on(till: Restorable, step: str) -> None:
    backup = till.back_up()
    entry_id = till.another("201").entry_id or ""
    till.ledger.receive(entry_id, 12100, D1)
    till.pull()
    till.restore(backup)
    side: Any = till.billing if step == "find_payments" else till.ledger
    side.fail(step, UnreachableError("no"))
    with pytest.raises(UnreachableError):
        till.adopt()
    till.session.rollback()
    assert not may_write(till.session, till.marks, now=till.now)
    till.adopt()
    till.pull()
    assert len(till.paid("201")) == till.session.query(CopyRow).count() == 1


def test_payments_made_since_are_not_made_again(till: Restorable) -> None:
    backup = till.back_up()
    entry_id = till.another("201").entry_id or ""
    till.ledger.receive(entry_id, 12100, D1)
    till.pull()
    till.restore(backup)
    assert till.adopt().payments == 1
    till.pull()
    till.pull()
    assert len(till.paid("201")) == 1
    row = till.one()
    assert (row.state, row.productive_id in till.billing.payments) == (PaymentState.MADE, True)
    till.unmatch(entry_id)
    till.pull()
    assert till.paid("201") == []


def test_a_payment_that_waited_at_the_backup_is_found_or_asked_for_anew(till: Restorable) -> None:
    entry_id = till.an_entry("201")
    till.ledger.receive(entry_id, 12100, D1)
    till.billing.fail("create_payment", UnreachableError("no"))
    till.pull()
    backup = till.back_up()
    till.pay(60)
    assert len(till.paid("201")) == 1
    till.restore(backup)
    assert till.adopt().payments == 1
    till.pull()
    assert (len(till.paid("201")), till.one().state) == (1, PaymentState.MADE)
    till.billing.payments.clear()
    till.restore(backup)
    assert till.adopt().payments == 0
    till.pull()
    assert len(till.paid("201")) == 1


def test_a_copy_that_waited_at_the_backup_takes_over_its_own_entry(till: Restorable) -> None:
    copy = till.wish()
    backup = till.back_up()
    till.perform(copy.id)
    till.restore(backup)
    assert till.adopt().entries == 1
    again = till.session.get_one(CopyRow, copy.id, populate_existing=True)
    assert (again.state, again.in_flight, len(till.ledger.entries)) == (CopyState.COPIED, None, 1)
    assert (again.lease_owner, till.attempts(copy.id)) == (None, [])


def test_an_uncertain_copy_takes_over_its_own_entry(till: Restorable) -> None:
    till.ledger.fail("create_entry", LostReplyError("lost"), after=True)
    copy = till.copied()
    assert copy.state == CopyState.UNCERTAIN
    till.restore(till.back_up())
    till.adopt()
    again = till.session.get_one(CopyRow, copy.id, populate_existing=True)
    assert (again.state, till.attempts(copy.id)) == (CopyState.COPIED, [("entry", "done")])


def test_a_copy_that_waited_and_was_never_booked_is_put_to_a_person(till: Restorable) -> None:
    copy = till.wish()
    till.restore(till.back_up())
    assert till.adopt().to_retry == 1
    again = till.session.get_one(CopyRow, copy.id, populate_existing=True)
    assert (again.state, again.cause, till.invoice("105").copy_state) == (
        CopyState.REFUSED,
        "restored",
        CopyState.REFUSED,
    )
    assert till.retried(copy.id).state == CopyState.COPIED


def test_a_wish_that_another_copy_overtook_is_not_booked_again(till: Restorable) -> None:
    old = till.wish()
    backup = till.back_up()
    till.ledger.fail("create_entry", RefusedError("The period is closed.", status=500))
    assert till.perform(old.id).state == CopyState.REFUSED
    till.pass_time(60)
    younger = till.copied()
    till.restore(backup)
    told = till.adopt()
    assert (told.entries, told.to_retry) == (1, 1)
    row = till.invoice("105")
    assert row.copy_state == CopyState.COPIED
    assert till.session.get_one(CopyRow, row.latest_copy_id).entry_id == younger.entry_id
    till.retry(old.id)
    assert len(till.ledger.entries) == 1


def test_an_update_since_is_taken_over(till: Restorable) -> None:
    copy = till.copied()
    backup = till.back_up()
    till.pass_time(60)
    dearer = some_invoice(amount=20000, amount_tax=4200, amount_with_tax=24200)
    line = replace(dearer.lines[0], amount=20000, amount_tax=4200)
    till.add(replace(dearer, lines=(line,)))
    assert till.copied(action=CopyAction.UPDATE).state == CopyState.COPIED
    till.ledger.edit(copy.entry_id or "")
    till.restore(backup)
    till.add(replace(dearer, lines=(line,)))
    assert till.adopt().changed == 1
    again = till.session.get_one(CopyRow, copy.id, populate_existing=True)
    assert (again.gross_booked, again.state, till.invoice("105").copy_state) == (
        24200,
        CopyState.COPIED,
        CopyState.COPIED,
    )


def test_an_update_under_way_at_the_backup_adds_no_line_twice(till: Restorable) -> None:
    copy = till.copied()
    till.add(replace(some_invoice(), lines=(*some_invoice().lines,), subject="Other"))
    till.pass_time(60)
    update = till.wish(action=CopyAction.UPDATE)
    backup = till.back_up()
    till.perform(update.id)
    lines = till.ledger.entries[copy.entry_id or ""].lines
    till.restore(backup)
    assert till.adopt().to_retry == 1
    assert till.ledger.entries[copy.entry_id or ""].lines == lines
    assert till.invoice("105").copy_state == CopyState.COPIED


def test_the_youngest_of_two_copies_is_the_latest(till: Restorable) -> None:
    backup = till.back_up()
    older = till.another("201")
    till.pass_time(60)
    younger = till.copied(invoice_id="201")
    assert older.entry_id != younger.entry_id
    till.restore(backup)
    assert till.adopt().entries == 2
    latest = till.session.get_one(CopyRow, till.invoice("201").latest_copy_id)
    assert (latest.entry_id, latest.mark_due) == (younger.entry_id, False)


def test_the_older_of_two_copies_marks_nothing_anew(till: Restorable) -> None:
    till.billing.fail("mark_exported", UnreachableError("no"))
    till.copied()
    backup = till.back_up()
    till.pass_time(60)
    younger = till.copied()
    till.restore(backup)
    till.adopt()
    due = select(CopyRow.id).where(CopyRow.mark_due.is_(True))
    for copy_id in till.session.scalars(due).all():
        till.perform(copy_id)
    assert till.billing.invoices["105"].export_id == younger.entry_id


def test_a_total_that_differs_is_said(till: Restorable) -> None:
    backup = till.back_up()
    till.ledger.vat_drift = 1
    till.another("201")
    till.restore(backup)
    assert till.adopt().different == 1
    row = till.invoice("201")
    assert row.copy_state == CopyState.DIFFERENT
    assert "121.01" in told(till.session.get_one(CopyRow, row.latest_copy_id).trouble)


def test_a_credit_entry_since_takes_its_copy_back(till: Restorable) -> None:
    copy = till.copied()
    backup = till.back_up()
    till.pass_time(60)
    booked = till.ledger.entries[copy.entry_id or ""]
    turned = replace(
        booked,
        id=some_guid(),
        created=till.ledger.wall_clock,
        entry_number=26700099,
        invoice_number=26700099,
        gross=-booked.gross,
    )
    lines = tuple(replace(line, notes="[CREDITAA]") for line in booked.lines)
    credit = replace(turned, description=f"Credit {booked.entry_number} Acme", lines=lines)
    till.ledger.entries[credit.id] = credit
    till.restore(backup)
    told = till.adopt()
    assert (told.entries, told.credits, told.unmatched) == (0, 1, [])
    assert till.invoice("105").copy_state == CopyState.UNDONE
    again = till.session.get_one(CopyRow, copy.id, populate_existing=True)
    assert (again.state, again.ending) == (CopyState.UNDONE, Ending.CREDITED)
    assert till.adopt().credits == 0


def test_the_customer_of_an_adopted_entry_is_linked_again(till: Restorable) -> None:
    backup = till.back_up()
    till.pass_time(60)
    new = new_customer_from(BillTo("Drukkerij Nieuw B.V.", country="Netherlands"), read_vat)
    till.add(some_invoice(id="201", number="2026-201", company_id="9"))
    copy = till.copied(till.choices(customer_id=None, new_customer=True, customer=new), invoice_id="201")
    till.restore(backup)
    till.adopt()
    link = till.session.get(CustomerLinkRow, (till.connection_id, "9"))
    assert link
    assert link.customer_id == copy.customer_id
    assert till.unmatched() == []


def test_a_customer_whose_copy_waited_is_linked_and_a_lost_one_is_reported(till: Restorable) -> None:
    till.add(some_invoice(company_id="9"))
    new = new_customer_from(BillTo("Of the wish", country="Netherlands"), read_vat)
    copy = till.wish(till.choices(customer_id=None, new_customer=True, customer=new))
    till.ledger.add_customer(a_customer("Of the wish"), tag_of(copy.marker))
    till.ledger.add_customer(a_customer("Of nobody", code="77"), "[ABCDEFGH]")
    till.restore(till.back_up())
    assert till.adopt().customers == 1
    assert till.session.get(CustomerLinkRow, (till.connection_id, "9"))
    assert till.unmatched() == [
        "Customer Of nobody (77) was created for a copy that left no entry. Choose it when you copy."
    ]
    assert till.session.query(CustomerRow).count() == 1


def spoil_marker(till: Restorable, entry_id: str) -> None:
    till.ledger.entries[entry_id] = replace(till.ledger.entries[entry_id], your_ref="2026-9999")


def twice(till: Restorable, entry_id: str) -> None:
    entry = replace(till.ledger.entries[entry_id], id="00000000-0000-4000-8000-000000000099")
    till.ledger.entries[entry.id] = entry


@pytest.mark.parametrize(
    ("spoil", "count", "why"),
    [(spoil_marker, 1, "No invoice of this number"), (twice, 2, "carries the same marker")],
)
def test_what_is_not_certain_is_reported_and_not_guessed(
    till: Restorable, spoil: Callable[[Restorable, str], None], count: int, why: str
) -> None:
    backup = till.back_up()
    entry_id = till.another("201").entry_id or ""
    till.billing.invoices.pop("201")
    till.add(some_invoice(id="201", number="2026-201", sent_on=SENT))
    spoil(till, entry_id)
    till.restore(backup)
    till.add(some_invoice(id="201", number="2026-201", sent_on=SENT))
    told = till.adopt()
    assert (told.entries, len(told.unmatched)) == (0, count)
    assert all(why in str(english(row.why)) for row in told.unmatched)
    told.unmatched[0].settled_at = till.now
    till.session.commit()
    assert len(till.adopt().unmatched) == count - 1


@pytest.mark.parametrize(("hours", "day"), [(0, date(2026, 3, 10)), (14.5, date(2026, 3, 11))])
def test_a_day_after_what_the_database_knows_is_refused(till: Restorable, hours: float, day: date) -> None:
    till.pass_time(3600 * hours)
    till.copied()
    till.restore(till.back_up())
    till.pass_time(86400 * 3)
    with pytest.raises(AdoptError, match=f"{day} or an earlier day"):
        till.adopt(since=day + timedelta(days=1))
    assert till.adopt(since=day).known == 1


def test_without_a_sign_in_it_stays_closed_until_a_person_consents(till: Restorable) -> None:
    backup = till.back_up()
    till.another("201")
    till.restore(backup)
    till.ledger.fail("each_changed_page", SignInLostError("Exact no longer accepts this sign-in."))
    with pytest.raises(SignInLostError):
        till.adopt()
    assert not open_copying(till.session, till.marks, now=till.now)
    assert till.adopt().entries == 1


def test_nothing_is_sent_twice_while_one_adopts(till: Restorable) -> None:
    till.copied()
    till.restore(till.back_up())
    seen: list[Adopted | None] = []

    def at_once(name: str) -> None:
        if name == "each_changed_page" and not seen:
            with Session(till.session.get_bind()) as other:
                seen.append(adopt(other, till.desk, till.connection_id, since=SINCE))

    till.ledger.on_call = at_once
    till.adopt()
    assert seen == [None]


def test_the_quiet_time_is_told(till: Restorable) -> None:
    assert isinstance(till.ledger, FakeLedger)
    quiet_from = prepare_adoption(till.session, till.desk, since=SINCE)
    assert quiet_from == till.now + timedelta(seconds=360)
    gate = find_gate(till.session)
    assert gate
    assert gate.closed_at == till.now
    assert till.wish()[0].code == "copying_closed"
    assert till.session.query(PaymentRow).count() == till.session.query(CopyRow).count() == 0
    assert CopyState("waiting") is CopyState.WAITING
