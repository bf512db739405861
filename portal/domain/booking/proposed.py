"""What a dialog proposed by itself is proposed anew with every answer. What a person chose stays."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from portal.domain.booking.mapping import Choices

CUSTOMER = "customer"
JOURNAL = "journal"
LEDGER = "ledger"
BOOKING_DATE = "booking_date"
VAT = "vat_codes."


def reopen(choices: Choices, proposed: Collection[str]) -> Choices:
    """Leave open again what was only proposed, by the names of its fields."""
    codes = {rate: code for rate, code in choices.vat_codes.items() if f"{VAT}{rate}" not in proposed}
    return replace(
        choices,
        customer_id=None if CUSTOMER in proposed else choices.customer_id,
        journal=None if JOURNAL in proposed else choices.journal,
        ledger=None if LEDGER in proposed else choices.ledger,
        booking_date=None if BOOKING_DATE in proposed else choices.booking_date,
        vat_codes=codes,
    )


def find_renewed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return which proposals are others now, as they were and as they are."""
    return {field: (was, now.get(field, "")) for field, was in before.items() if now.get(field, "") != was}
