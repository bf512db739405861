"""What is said about payments, by its code. Nothing is decided by it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.domain.payments.states import FindingKind, PaymentCause, PaymentReason, TermDoubt
from portal.domain.said import Amount, Said, as_written, listed, said

Figures = Mapping[str, Any]
"""What a sentence tells besides its code: cents, days, a code, or what was said as plain data."""

# What cannot be read is a term of the same customer, and not the entry's own.
UNREADABLE_ELSEWHERE = "payment_unreadable_elsewhere"
# Who holds an over-paid invoice's money, in the order in which it is said.
HOLDERS = ("strangers", "credited", "ours")
HOLDERS_NONE = "payment_holder_none"


def reason_code(reason: PaymentReason) -> str:
    """Return the code of why a payment was recorded, changed or removed."""
    return _code("reason", reason)


def cause_code(cause: PaymentCause) -> str:
    """Return the code of what a payment waits for, or why it was not taken."""
    return _code("cause", cause)


def finding_code(kind: FindingKind) -> str:
    """Return the code of what a person must look at."""
    return _code("finding", kind)


def doubt_code(doubt: TermDoubt) -> str:
    """Return the code of what is odd about receivable terms."""
    return _code("doubt", doubt)


def holder_code(holder: str) -> str:
    """Return the code of who holds money."""
    return _code("holder", holder)


def say_reason(reason: PaymentReason) -> Said:
    """Say why a payment was recorded, changed or removed."""
    return said(reason_code(reason))


def say_cause(cause: PaymentCause, figures: Figures) -> Said:
    """Say what a payment waits for, or why it was not taken."""
    match cause:
        case PaymentCause.OVERPAID:
            return _say_overpaid(figures)
        case PaymentCause.CHANGED_BY_HAND:
            on = date.fromisoformat(str(figures["on"]))
            return said(cause_code(cause), amount=_amount(figures, "amount"), on=on)
        case PaymentCause.CALL_FAILED:
            return said(cause_code(cause), said=_told(figures["said"]))
    return said(cause_code(cause))


def say_finding(kind: FindingKind, figures: Figures) -> Said:
    """Say what a person must look at."""
    match kind:
        case FindingKind.OVERPAID:
            return _say_overpaid(figures)
        case FindingKind.DOUBTFUL:
            return said(doubt_code(TermDoubt(str(figures["doubt"]))))
        case FindingKind.UNREADABLE if "said" not in figures:
            return said(UNREADABLE_ELSEWHERE)
        case FindingKind.UNREADABLE:
            return said(finding_code(kind), said=_told(figures["said"]))
    return said(finding_code(kind))


def _say_overpaid(figures: Figures) -> Said:
    """Say who holds an invoice's money already, and by how much it would be over-paid."""
    held = [
        said(holder_code(holder), amount=_amount(figures, holder))
        for holder in HOLDERS
        if int(figures[holder]) > 0
    ]

    return said(
        cause_code(PaymentCause.OVERPAID),
        held=listed(held) if held else said(HOLDERS_NONE),
        amount=_amount(figures, "amount"),
        excess=_amount(figures, "excess"),
    )


def _amount(figures: Figures, name: str) -> Amount:
    return Amount(int(figures[name]), str(figures["currency"]))


def _told(kept: str | list[Any]) -> Said:
    """Read what was said. Until version 57 of the tables it was a sentence."""
    return as_written(kept) if isinstance(kept, str) else Said.from_json(kept)


def _code(kind: str, member: str) -> str:
    return f"payment_{kind}_{member.replace(' ', '_').replace('-', '_')}"
