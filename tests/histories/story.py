"""Words for telling one history: what happens at the bank and in Exact, pulls, and what Productive holds."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from portal.actions.invoices.pull import pull_invoices
from portal.actions.payments.synchronize import synchronize_payments
from portal.domain.payments.states import FindingKind
from portal.sandbox.exact.entries import remove_entry
from portal.sandbox.exact.matching import Allocation, Matching
from portal.sandbox.exact.receipts import change_matching, record_matching, release_entry, remove_matching
from portal.sandbox.exact.settlements import settle_entry
from portal.sandbox.exact.store import midnight
from portal.sandbox.exact.terms import outstanding
from portal.sandbox.productive.rows import Invoice
from portal.store.findings import FindingRow
from portal.store.payments import PaymentRow
from tests.furnishing.said import english
from tests.histories.truth import Key, ours
from tests.histories.world import World, begin

D1 = date(2026, 10, 12)
D2 = date(2026, 10, 20)
PLAIN, SECOND, TRANCHES, DOLLARS, UNSENT, CREDITED, CREDIT = "1234567"


class Story:
    """One history; 1 and 2 are of one customer, 3 in tranches, 4 in dollars, 5 not sent, 7 credits 6."""

    def __init__(self, split: str = "same-row") -> None:
        self.world: World = begin(loaded=False)
        self.split = split

    def entry(self, invoice_id: str = PLAIN) -> str:
        """The latest entry of an invoice."""
        return self.world.copies[invoice_id][-1]

    def owed(self, invoice_id: str = PLAIN) -> Decimal:
        """What is open of an invoice's latest entry."""
        return outstanding(self.world.books, self.entry(invoice_id))

    def receive(self, *parts: tuple[str, str], on: date = D1, amount: str = "") -> Matching:
        """Receive one transfer: an amount for each of some invoices, and perhaps more than those."""
        allocations = [Allocation(self.entry(invoice_id), Decimal(part)) for invoice_id, part in parts]
        total = Decimal(amount) if amount else sum((each.amount for each in allocations), Decimal(0))
        return record_matching(self.world.books, "receipt", midnight(on), total, self.split, allocations)

    def receive_all(self, invoice_id: str = PLAIN, on: date = D1) -> Matching:
        """Receive what is open of an invoice."""
        return self.receive((invoice_id, str(self.owed(invoice_id))), on=on)

    def edit(self, matching: Matching, *, amount: str = "", on: date | None = None) -> None:
        """Correct a receipt for one invoice."""
        parts = [Allocation(matching.allocations[0].entry, Decimal(amount))] if amount else None
        change_matching(
            self.world.books,
            matching,
            day=midnight(on) if on else None,
            amount=Decimal(amount) if amount else None,
            allocations=parts,
        )

    def unmatch(self, matching: Matching) -> None:
        """Take the matching back; the money stays on the account."""
        entry = self.world.books["SalesEntries"].rows[matching.allocations[0].entry]
        matching.account = str(entry["Customer"])
        change_matching(self.world.books, matching, allocations=[])

    def take_back(self, matching: Matching) -> None:
        """Delete a bank entry or another settlement."""
        remove_matching(self.world.books, matching)

    def settle(
        self, kind: str, amount: str, invoice_id: str = PLAIN, on: date = D1, credit: str = ""
    ) -> Matching:
        """Settle without money; a credit note is made unless an invoice's own entry is named."""
        rows = self.world.books["SalesEntries"].rows
        note = rows[self.entry(credit)] if credit else None
        entry = rows[self.entry(invoice_id)]
        return settle_entry(self.world.books, entry, kind, Decimal(amount), midnight(on), self.split, note)

    def delete_entry(self, invoice_id: str = PLAIN) -> None:
        """Delete an entry in Exact."""
        row = self.world.books["SalesEntries"].rows[self.entry(invoice_id)]
        release_entry(self.world.books, str(row["EntryID"]))
        remove_entry(self.world.books, row)

    def copy_again(self, invoice_id: str = PLAIN) -> None:
        """Create another copy."""
        self.world.clock.advance(60)
        self.world.copy(invoice_id)

    def pull(self, seconds: float = 60) -> None:
        """Pull, a little later, what changed in Productive and what was settled in Exact."""
        self.world.clock.advance(seconds)
        self.read_invoices()
        synchronize_payments(self.world.session, self.world.desk, self.world.connection_id)

    def read_invoices(self) -> None:
        """Read what changed in Productive."""
        pull_invoices(self.world.session, self.world.billing, now=self.world.clock.now())

    def pass_days(self, days: int) -> None:
        """Let days pass at every clock."""
        self.world.clock.advance(timedelta(days=days).total_seconds())

    def invoice(self, invoice_id: str = PLAIN) -> Invoice:
        """An invoice in Productive."""
        return self.world.productive.tables.invoices[int(invoice_id)]

    def paid(self, invoice_id: str = PLAIN) -> list[Key]:
        """What the portal made in Productive: cents, day, and whether written off."""
        return sorted(ours(self.world, self.invoice(invoice_id)).elements())

    def findings(self, invoice_id: str = PLAIN) -> list[FindingKind]:
        """The kinds of the open findings of an invoice."""
        query = select(FindingRow.kind).where(
            FindingRow.invoice_id == invoice_id, FindingRow.resolved_at.is_(None)
        )
        found = sorted(self.world.session.scalars(query))
        self.world.session.commit()
        return found

    def rows(self, invoice_id: str = PLAIN) -> list[PaymentRow]:
        """The payment rows of an invoice, oldest first."""
        query = select(PaymentRow).where(PaymentRow.invoice_id == invoice_id)
        ordered = query.order_by(PaymentRow.created_at, PaymentRow.amount)
        found = list(self.world.session.scalars(ordered.execution_options(populate_existing=True)))
        self.world.session.commit()
        return found

    def calls(self) -> list[str]:
        """The calls at Exact since the log was cleared, without their division and query."""
        found = [call.path.partition("?")[0] for call in self.world.exact.backstage.calls.all()]
        self.world.exact.backstage.calls.clear()
        return [path.removeprefix("/api/v1/1001/") for path in found]

    def trouble(self) -> str | None:
        """What went wrong with the last pull."""
        return english(self.world.connection().payments.trouble)
