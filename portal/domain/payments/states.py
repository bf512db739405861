"""The states of a payment, what is wanted of it, and what a person is told of."""

from enum import StrEnum


class PaymentState(StrEnum):
    """Where a payment stands on its way to Productive."""

    DUE = "due"
    SENDING = "sending"
    # The reply was lost, so Productive is asked before anything is sent again.
    UNCERTAIN = "uncertain"
    # Its invoice does not take payments yet.
    HELD = "held"
    # It would over-pay its invoice, so a person decides.
    ASKED = "asked"
    REFUSED = "refused"
    MADE = "made"
    # A person said that somebody recorded it already.
    BY_HAND = "by hand"
    REMOVED = "removed"


class PaymentStep(StrEnum):
    """What is to be done in Productive, or was done there last."""

    CREATE = "create"
    # A person said that the invoice may be marked as sent before the payment is created.
    MARK = "mark"
    CHANGE = "change"
    REMOVE = "remove"


class PaymentView(StrEnum):
    """Under which word the payments page lists a payment."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    WAITING = "waiting"
    HELD = "held"
    REFUSED = "refused"
    # It stands among all only.
    BY_HAND = "by hand"


class FindingKind(StrEnum):
    """What a person must look at."""

    UNCLEAR = "unclear"
    DIFFERENCE = "difference"
    SETTLED_BEFORE = "settled before"
    DECIMALS = "decimals"
    CREDIT_MATCH = "credit_match"
    ENTRY_DELETED = "entry deleted"
    OLDER_COPY = "older copy"
    OVERPAID = "over-paid"
    INVOICE_DELETED = "invoice deleted"
    UNREADABLE = "unreadable"
    DOUBTFUL = "doubtful"


# What goes on by itself.
GOING = (PaymentState.DUE, PaymentState.SENDING, PaymentState.UNCERTAIN)
# What is worked on once its next try is due.
OPEN = (*GOING, PaymentState.HELD, PaymentState.ASKED)
# What somebody has to do something about before it is recorded.
WAITING_FOR_PERSON = (PaymentState.HELD, PaymentState.ASKED)
# What nobody knows yet whether Productive has it.
UNKNOWN = (PaymentState.SENDING, PaymentState.UNCERTAIN)


class PaymentReason(StrEnum):
    """Why a payment was recorded, changed or removed."""

    SETTLED = "settled"
    WRITTEN_OFF = "written off"
    # Exact settled another amount or date.
    OTHERWISE = "settled otherwise"
    AGAIN = "settled again"
    NO_LONGER = "no longer settled"
    ENTRY_DELETED = "entry deleted"
    RESTORED = "restored"
    BY_HAND = "recorded by hand"
    # After a restored backup: found by its marker, or not made and asked for anew.
    ADOPTED = "adopted"
    DROPPED = "dropped"


class PaymentCause(StrEnum):
    """What a payment waits for, or why it was not taken."""

    UNSENT = "invoice not sent"
    INVOICE_DELETED = "invoice deleted"
    # A person said that its invoice may be marked as sent.
    MARKING = "marking as sent"
    OURS_FIRST = "ours first"
    OVERPAID = "over-paid"
    REMOVED_BY_HAND = "removed by hand"
    CHANGED_BY_HAND = "changed by hand"
    # A call failed. What was said then is kept beside it.
    CALL_FAILED = "call failed"


class TermDoubt(StrEnum):
    """Why the receivable terms of an entry cannot be trusted."""

    NONE_SHOWN = "none shown"
    SUM = "sum"
    CURRENCY = "currency"
    SIGN = "sign"
    KIND = "kind"
    UNDATED = "undated"


# What may end once something changed in Productive: the invoice, or what is recorded on it.
WAITS_FOR_PRODUCTIVE = (
    PaymentCause.UNSENT,
    PaymentCause.INVOICE_DELETED,
    PaymentCause.OURS_FIRST,
    PaymentCause.OVERPAID,
)
# A person did this in Productive, so it is restored, and not tried again.
BY_HAND = (PaymentCause.REMOVED_BY_HAND, PaymentCause.CHANGED_BY_HAND)
