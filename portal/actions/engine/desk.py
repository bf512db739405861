"""What copying and paying need: both systems and the clock."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.actions.engine.ports import NO_MARKS, Billing, Ledger, Marks
from portal.domain.booking.invoice import Invoice
from portal.domain.unreadable import Unreadable
from portal.remote.odd import all_read

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Desk:
    """What performing a copy needs: both systems, the clock and the quiet time in seconds.

    ``ahead`` returns an invoice that was read with others at most ``FRESH`` ago, or reads it now.
    """

    billing: Callable[[], Billing]
    ledger: Callable[[int], Ledger]
    clock: Clock
    quiet: int
    sleep: Callable[[float], None] = time.sleep
    marks: Marks = NO_MARKS
    ahead: Callable[[str], Sequence[Invoice | Unreadable]] | None = None

    def read_invoice(self, invoice_id: str) -> Sequence[Invoice]:
        """Return an invoice as Productive has it now, if it is there."""
        found = self.ahead(invoice_id) if self.ahead else self.billing().read_invoices([invoice_id])
        return all_read(found)
