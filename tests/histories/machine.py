"""Random histories: people and banks do what they do, pulls fail and die, and in the end both sides agree."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as use_seed
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from portal.actions.connections.catalogue import pull_catalogue
from portal.actions.connections.connect import SetUp, save_set_up
from portal.actions.invoices.pull import pull_invoices
from portal.actions.payments.control import control_payments
from portal.actions.payments.on_request import mark_sent_and_pay, restore_payment
from portal.actions.payments.synchronize import synchronize_payments
from portal.domain.connections.states import NumberSource, PaymentsMode
from portal.domain.here import day_here
from portal.domain.payments.states import PaymentState
from portal.remote.errors import RemoteError
from portal.sandbox.common.faults import Fault
from portal.sandbox.exact.entries import remove_entry
from portal.sandbox.exact.matching import SPLITS, Allocation, Matching
from portal.sandbox.exact.receipts import change_matching, record_matching, release_entry, remove_matching
from portal.sandbox.exact.settlements import settle_entry
from portal.sandbox.exact.store import midnight
from portal.sandbox.exact.terms import outstanding
from portal.sandbox.productive.make import make_invoice
from portal.sandbox.productive.payments import add_payment, delete_payment
from portal.sandbox.productive.person import edit_invoice, throw_away
from portal.sandbox.productive.rows import Payment
from portal.store.payments import PaymentRow
from tests.furnishing.wires import SHAPED, KilledError
from tests.histories.ids import known_ids, numbers
from tests.histories.truth import BY_HAND, Memory, differences, each_part, ours, watch_removal
from tests.histories.world import World, begin, keep_exact, restore_exact

QUIET_PULLS = 5
FIRST_DAY = date(2026, 10, 12)
SPLIT_KINDS = sorted(set(SPLITS.values()))
READS = ("sync/Cashflow/PaymentTerms", "sync/Deleted", "cashflow/Receivables", "salesentry/SalesEntries")
FAILURES = ("drop-before", "drop-after", "truncate", "garbage", "status:500", "status:503", "status:401")
WRITES = ("POST", "PATCH", "DELETE")
number = st.integers(0, 999)
choice = st.integers(0, 11)


@dataclass
class Tally:
    """What all histories of this process came to."""

    histories: int = 0
    with_faults: int = 0
    pulls: int = 0
    spoilt_reads: int = 0
    killed: int = 0
    removals: int = 0
    false_removals: int = 0
    unequal: int = 0


tally = Tally()


def run_histories(seed: int, count: int, *, steps: int, shortens: bool = True) -> Tally:
    """Run so many histories, the same for a seed; one that fails may be shortened, which takes minutes."""
    how = settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if shortens else [])],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with known_ids():
        run_state_machine_as_test(use_seed(seed)(type("Histories", (Histories,), {})), settings=how)
    return tally


class Histories(RuleBasedStateMachine):
    """One history; each rule happens at the bank, in Exact, in Productive or to the portal."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World = begin(loaded=True)
        self.version = -1
        self.memory = Memory()
        self.kept: list[bytes] = []
        self.left_no_trace = False
        self.spoilt = 0
        self.world.productive_wire.before = self.hear

    def hear(self, method: str, path: str) -> None:
        """Judge every removal of a payment that comes over the wire."""
        if method == "DELETE" and "/payments/" in path:
            watch_removal(self.world, self.memory, int(path.rpartition("/")[2]))

    @initialize(loaded=st.sampled_from([True, True, True, False]), ids=number)
    def begin(self, loaded: bool, ids: int) -> None:
        """Most histories begin after a first pull, some before it; which ids come decides what is first."""
        numbers.seed(ids)
        if not loaded:
            begin(loaded=False)
        self.world.productive_wire.before = self.hear
        self.version = self.world.productive.version

    # At the bank and in Exact.

    def open_entries(self) -> list[tuple[str, str, Decimal]]:
        """Invoice, entry and what is open of it, of every entry that still has to be paid."""
        books = self.world.books
        found = [
            (invoice_id, entry_id, outstanding(books, entry_id))
            for invoice_id, entries in sorted(self.world.copies.items())
            for entry_id in entries
            if entry_id in books["SalesEntries"].rows
        ]
        return [(invoice_id, entry_id, owed) for invoice_id, entry_id, owed in found if owed > 0]

    def settlements(self) -> list[Matching]:
        """Everything that was matched, in the order of its numbers."""
        return list(self.world.books.matchings.values())

    @rule(which=number, part=choice, day=choice, split=choice)
    def receive(self, which: int, part: int, day: int, split: int) -> None:
        """Somebody pays a part, all of it, or too much."""
        if not (found := self.open_entries()):
            return
        _, entry_id, owed = found[which % len(found)]
        share = [owed, owed / 2, owed / 3, owed, owed + 10, owed / 4][part % 6]
        amount = share.quantize(Decimal("0.01"))
        self.settle("receipt", amount, day, split, [Allocation(entry_id, min(amount, owed))])

    @rule(which=number, day=choice, split=choice, short=choice)
    def receive_for_many(self, which: int, day: int, split: int, short: int) -> None:
        """One transfer pays several invoices of one customer, the last perhaps in part."""
        books = self.world.books
        paid = self.open_entries()
        if not paid:
            return
        first = books["SalesEntries"].rows[paid[which % len(paid)][1]]
        same = [one for one in paid if books["SalesEntries"].rows[one[1]]["Customer"] == first["Customer"]]
        parts = [Allocation(entry_id, owed) for _, entry_id, owed in same]
        if short % 2:
            parts[-1].amount = (parts[-1].amount / 2).quantize(Decimal("0.01"))
        self.settle("receipt", sum((part.amount for part in parts), Decimal(0)), day, split, parts)

    def settle(self, kind: str, amount: Decimal, day: int, split: int, parts: list[Allocation]) -> None:
        """Book a settlement."""
        books = self.world.books
        record_matching(books, kind, self.day(day), amount, SPLIT_KINDS[split % 3], parts)

    def day(self, at: int):  # type: ignore[no-untyped-def]
        """One of few days, so that things meet on one."""
        return midnight(FIRST_DAY + timedelta(days=at % 4))

    @rule(which=number, kind=choice, part=choice, day=choice, split=choice)
    def settle_without_money(self, which: int, kind: int, part: int, day: int, split: int) -> None:
        """A discount, a write-off, an exchange difference or a credit note settles a part."""
        if not (found := self.open_entries()):
            return
        _, entry_id, owed = found[which % len(found)]
        books = self.world.books
        entry = books["SalesEntries"].rows[entry_id]
        name = ("discount", "writeoff", "exchange", "credit")[kind % 4]
        amount = owed if part % 2 else (owed / 5).quantize(Decimal("0.01"))
        own = self.world.copies["7"][-1]
        credit = books["SalesEntries"].rows.get(own) if name == "credit" and kind % 3 else None
        if credit is not None and credit["Customer"] == entry["Customer"] and outstanding(books, own) < 0:
            settle_entry(
                books, entry, name, min(owed, -outstanding(books, own)), self.day(day), "same-row", credit
            )
            return
        settle_entry(books, entry, name, amount, self.day(day), SPLIT_KINDS[split % 3])

    @rule(which=number, day=choice, part=choice)
    def edit_settlement(self, which: int, day: int, part: int) -> None:
        """Somebody corrects the date or the amount of a receipt."""
        found = [one for one in self.settlements() if one.kind == "receipt" and len(one.allocations) == 1]
        if not found:
            return
        one = found[which % len(found)]
        if part % 2:
            change_matching(self.world.books, one, day=self.day(day))
            return
        amount = max(one.amount * (part + 1) / 6, Decimal(1)).quantize(Decimal("0.01"))
        allocations = [Allocation(one.allocations[0].entry, amount)]
        change_matching(self.world.books, one, amount=amount, allocations=allocations)

    @rule(which=number)
    def unmatch(self, which: int) -> None:
        """Somebody takes a matching back; the money stays on the account."""
        found = [one for one in self.settlements() if one.kind == "receipt" and one.allocations]
        if found:
            one = found[which % len(found)]
            entry = self.world.books["SalesEntries"].rows[one.allocations[0].entry]
            one.account = one.account or str(entry["Customer"])
            change_matching(self.world.books, one, allocations=[])

    @rule(which=number)
    def take_back(self, which: int) -> None:
        """Somebody deletes a bank entry or another settlement."""
        if found := self.settlements():
            remove_matching(self.world.books, found[which % len(found)])

    @rule(which=number)
    def delete_entry(self, which: int) -> None:
        """Somebody deletes an entry in Exact."""
        books = self.world.books
        alive = [
            key
            for entries in self.world.copies.values()
            for key in entries
            if key in books["SalesEntries"].rows
        ]
        if alive and which % 3 == 0:
            key = alive[which % len(alive)]
            release_entry(books, key)
            remove_entry(books, books["SalesEntries"].rows[key])

    @rule()
    def back_up_exact(self) -> None:
        """Exact keeps a backup."""
        self.kept.append(keep_exact(self.world.exact))

    @precondition(lambda self: self.kept and not self.memory.baseline)
    @rule()
    def restore_exact(self) -> None:
        """Exact goes back to its backup: its timestamps run backwards."""
        restore_exact(self.world.exact, self.kept.pop())
        self.left_no_trace = True

    @rule()
    def move_division(self) -> None:
        """Exact moves the division: every timestamp is another one, and the log of deletions is empty.

        Exact tells only the day of it, so one more move on that day would leave no trace.
        """
        books = self.world.books
        counters = self.world.exact.counters
        moved = midnight(day_here(self.world.clock.now()))
        if books.facts.get("DivisionMoveDate") == moved:
            return
        counters.rowversion = 5000
        counters.deletion = 700
        kept = list(books["PaymentTerms"].rows)
        for key in kept:
            books.change("PaymentTerms", key, {})
        for key in list(books["Deleted"].rows):
            books["Deleted"].drop(key)
        books.facts["DivisionMoveDate"] = moved
        pull_catalogue(
            self.world.session, self.world.ledger, self.world.connection_id, now=self.world.clock.now()
        )

    # In Productive.

    def invoice(self, which: int):  # type: ignore[no-untyped-def]
        """One of Productive's invoices."""
        self.world.clock.advance(1)
        found = self.world.productive.tables.invoices
        return found[sorted(found)[which % len(found)]]

    @rule(which=number, part=choice)
    def pay_by_hand(self, which: int, part: int) -> None:
        """Somebody records a payment in Productive."""
        invoice = self.invoice(which)
        state = self.world.productive
        if invoice.amount_unpaid <= 0 or not invoice.is_live:
            return
        amount = invoice.amount_unpaid if part % 2 else max(invoice.amount_unpaid // 3, 1)
        payment = Payment(
            id=state.next_id("payments"),
            invoice_id=invoice.id,
            amount=amount,
            created_at=state.moment(),
            paid_on=str(FIRST_DAY),
            note=BY_HAND,
        )
        self.memory.by_hand[payment.id] = (amount, payment.paid_on)
        add_payment(state, payment)

    @rule(which=number, part=choice)
    def meddle(self, which: int, part: int) -> None:
        """Somebody changes or removes a payment in Productive, ours or theirs."""
        self.world.clock.advance(1)
        payments = self.world.productive.tables.payments
        if not payments:
            return
        payment = payments[sorted(payments)[which % len(payments)]]
        self.memory.meddled.add(payment.id)
        if part % 2:
            self.memory.by_hand.pop(payment.id, None)
            delete_payment(self.world.productive, payment)
            return
        payment.amount = max(payment.amount // 2, 1)
        if payment.id in self.memory.by_hand:
            self.memory.by_hand[payment.id] = (payment.amount, payment.paid_on)
        self.world.productive.settle(self.world.productive.tables.invoices[payment.invoice_id])

    @rule(which=number)
    def send_invoice(self, which: int) -> None:
        """Somebody marks an invoice as sent."""
        invoice = self.invoice(which)
        if invoice.sent_on is None and invoice.is_live:
            edit_invoice(self.world.productive, invoice, {"sent_on": str(FIRST_DAY)})

    @rule(which=number)
    def throw_invoice_away(self, which: int) -> None:
        """Somebody deletes an invoice."""
        invoice = self.invoice(which)
        if which % 4 == 0 and invoice.is_live:
            throw_away(self.world.productive, invoice)

    @rule(which=number)
    def credit_in_productive(self, which: int) -> None:
        """Somebody credits a part of an invoice in Productive."""
        invoice = self.invoice(which)
        if invoice.is_live and not invoice.is_credit_note and invoice.sent_on and not invoice.credited:
            line = {"description": "Back", "quantity": "1", "unit_price": -1000, "tax_rate": "Geen btw"}
            company = {"id": invoice.company_id}
            wish = {"parent_invoice_id": invoice.id, "lines": [line], "company": company}
            make_invoice(self.world.productive, wish | {"currency": invoice.currency})

    # In the portal.

    @rule(which=number)
    def copy_again(self, which: int) -> None:
        """Somebody creates another copy."""
        invoice = self.invoice(which)
        if str(invoice.id) in self.world.copies and invoice.is_live and not invoice.is_credit_note:
            self.read_productive()
            self.world.copy(str(invoice.id))

    @rule()
    def mark_and_pay(self) -> None:
        """Somebody lets a held payment mark its invoice as sent."""
        row = self.world.session.scalar(
            select(PaymentRow).where(PaymentRow.state == PaymentState.HELD).limit(1)
        )
        self.world.session.commit()
        if row is not None:
            mark_sent_and_pay(self.world.session, row.id, actor="Anna", now=self.world.clock.now())

    @rule()
    def restore(self) -> None:
        """Somebody restores what was changed by hand."""
        rows = self.world.session.scalars(select(PaymentRow).where(PaymentRow.state == "refused")).all()
        self.world.session.commit()
        for row in rows:
            if row.may_restore:
                restore_payment(self.world.session, row.id, actor="Anna", now=self.world.clock.now())

    @rule(mode=choice)
    def switch(self, mode: int) -> None:
        """Somebody switches payments off, or on again."""
        on = self.world.connection().payments.on
        self.switch_to(not on, PaymentsMode.FROM_NOW if mode % 2 else PaymentsMode.CATCH_UP)

    def switch_to(self, on: bool, mode: PaymentsMode) -> None:
        """Switch payments, as the wizard does. What was copied until now is not booked since."""
        if on and not self.world.connection().payments.on:
            self.memory.copied = {entry_id for entries in self.world.copies.values() for entry_id in entries}
        chosen = SetUp(NumberSource.PRODUCTIVE, None, None, date(2026, 1, 1), on, mode)
        save_set_up(
            self.world.session, self.world.connection_id, chosen, actor="Anna", now=self.world.clock.now()
        )
        self.world.clock.advance(1)

    @rule(days=st.sampled_from([1, 3, 20, 51, 70]))
    def pass_days(self, days: int) -> None:
        """Days pass without a pull."""
        self.world.clock.advance(days * 86400)

    @rule(
        read=st.sampled_from(READS),
        how=st.sampled_from([*FAILURES, *SHAPED, *SHAPED]),
        also=st.sampled_from([None, None, *FAILURES[:5]]),
        method=st.sampled_from(WRITES),
        dies=st.one_of(st.none(), st.none(), st.integers(0, 60)),
    )
    def pull_badly(self, read: str, how: str, also: str | None, method: str, dies: int | None) -> None:
        """A pull whose reads or writes fail, and which may be killed."""
        self.fail(read, how, also, method, dies)

    @rule(
        reads=st.lists(st.tuples(st.sampled_from(READS), st.sampled_from(SHAPED)), min_size=1, max_size=3),
        again=st.booleans(),
    )
    def pull_odd_answers(self, reads: list[tuple[str, str]], again: bool) -> None:
        """Answers that are well formed, but empty, cut off or turned round; perhaps twice running."""
        for read, how in reads:
            self.fail(read, how, None, "POST", None)
            if again:
                self.fail(read, how, None, "POST", None)

    @rule(also=st.sampled_from(FAILURES[:5]), method=st.sampled_from(WRITES), dies=st.integers(0, 60))
    def pull_and_die(self, also: str, method: str, dies: int) -> None:
        """A pull that is killed somewhere between reading, comparing and paying."""
        self.fail(READS[0], "status:503", also, method, None)
        self.fail(READS[2], "status:500", None, method, dies)

    def fail(self, read: str, how: str, also: str | None, method: str, dies: int | None) -> None:
        """Pull once while a read is spoilt, a write fails, and the process may be killed."""
        before = self.world.exact_wire.spoilt
        if how in SHAPED:
            self.world.exact_wire.shapes.append((read, how))
        else:
            self.world.exact.backstage.faults.add(Fault("GET", read, 1, how))
        if also:
            self.world.productive.backstage.faults.add(Fault(method, "/api/v2/payments", 1, also))
        self.pull(dies)
        self.spoilt += 1 if self.is_used(before) else 0
        self.quieten()

    def is_used(self, before: int) -> bool:
        """Say whether a read of this pull was spoilt, and forget what was not used."""
        left = self.world.exact.backstage.faults.all() or self.world.exact_wire.shapes
        return self.world.exact_wire.spoilt > before or not left

    def quieten(self) -> None:
        """Let everything go right again."""
        self.world.exact.backstage.faults.clear()
        self.world.productive.backstage.faults.clear()
        self.world.exact_wire.shapes.clear()

    @rule()
    def pull_well(self) -> None:
        """An undisturbed pull."""
        self.pull()

    @rule()
    def pull_later(self) -> None:
        """A pull after what was put off has become due."""
        self.world.clock.advance(700)
        self.pull()

    def pull(self, dies: int | None = None) -> None:
        """Pull once, a little later; a killed process is started again."""
        tally.pulls += 1
        self.world.clock.advance(60)
        fresh = not self.world.connection().payments.baseline_done
        self.world.mortal.left = dies
        try:
            self.read_productive()
            synchronize_payments(self.world.session, self.world.desk, self.world.connection_id)
        except KilledError:
            tally.killed += 1
            self.world.restart()
        self.world.mortal.revive()
        if fresh and self.world.connection().payments.baseline_done:
            self.remember_baseline()

    def read_productive(self) -> None:
        """Pull invoices as the timetable does, if there is anything; a failure is shown and tried again."""
        version = self.world.productive.version
        if version == self.version:
            return
        try:
            pull_invoices(self.world.session, self.world.billing, now=self.world.clock.now())
            self.version = version
        except RemoteError:
            self.world.session.rollback()

    def remember_baseline(self) -> None:
        """Remember what was settled when the first whole load ended, of entries older than the wish."""
        self.memory.baseline.clear()
        self.memory.paid_before.clear()
        if self.world.connection().payments.mode != PaymentsMode.FROM_NOW:
            return
        for invoice_id, entries in self.world.copies.items():
            for entry_id in self.memory.copied.intersection(entries):
                parts = [part for part in each_part(self.world, entry_id) if part.amount > 0]
                self.memory.baseline[entry_id] = parts
                had = ours(self.world, self.world.productive.tables.invoices[int(invoice_id)])
                self.memory.paid_before[entry_id] = Counter(had)

    def teardown(self) -> None:
        """Some quiet pulls later both sides agree, or a person is told.

        What a restored Exact forgot may leave no trace in the feeds: the nightly control finds it.
        """
        self.quieten()
        if not self.world.connection().payments.on:
            self.switch_to(True, PaymentsMode.CATCH_UP)
        found = self.pull_quietly()
        if found and self.left_no_trace:
            control_payments(self.world.session, self.world.desk, self.world.connection_id)
            found = self.pull_quietly()
        self.count(found)
        assert not found, "\n".join(found)
        assert not self.memory.false_removals, self.memory.false_removals
        assert self.world.connection().payments.trouble is None, self.world.connection().payments.trouble
        kept = self.world.productive.tables.payments
        for payment_id, (amount, on) in self.memory.by_hand.items():
            assert (kept[payment_id].amount, kept[payment_id].paid_on) == (amount, on), "a stranger's payment"

    def pull_quietly(self) -> list[str]:
        """Pull until both sides agree; returns what still differs after some pulls."""
        for _ in range(QUIET_PULLS):
            self.world.clock.advance(700)
            self.pull()
            if not (found := differences(self.world, self.memory)):
                break
        return found

    def count(self, found: list[str]) -> None:
        """Add this history up."""
        tally.histories += 1
        tally.with_faults += self.spoilt > 0
        tally.spoilt_reads += self.spoilt
        tally.removals += self.memory.removals
        tally.false_removals += len(self.memory.false_removals)
        tally.unequal += bool(found)
