"""Payments as Productive has them, read for many invoices at once. Each reading serves one decision."""

from collections.abc import Iterable

from portal.actions.engine.ports import Billing
from portal.domain.booking.invoice import Payment
from portal.domain.unreadable import Unreadable
from portal.remote.odd import all_read

SOME = 50


class Seen:
    """The payments of some invoices, read fifty invoices a call."""

    def __init__(self, billing: Billing, invoice_ids: Iterable[str]) -> None:
        self._billing = billing
        self._waiting = list(dict.fromkeys(invoice_ids))
        self._found: dict[str, list[Payment | Unreadable]] = {}

    def take(self, invoice_id: str) -> list[Payment]:
        """Return the payments of one invoice. May raise a ``RemoteError``, as where one cannot be read."""
        if invoice_id not in self._found:
            self._read(invoice_id)
        return all_read(self._found.pop(invoice_id))

    def _read(self, invoice_id: str) -> None:
        waiting = [one for one in self._waiting if one != invoice_id]
        some = [invoice_id, *waiting[: SOME - 1]]
        self._waiting = waiting[SOME - 1 :]
        found = self._billing.find_payments(some)
        self._found |= {one: [each for each in found if _invoice_of(each) == one] for one in some}


def _invoice_of(payment: Payment | Unreadable) -> str:
    return payment.parent if isinstance(payment, Unreadable) else payment.invoice_id
