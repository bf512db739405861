"""The words of a comparison: whether both books agree, why not, and what can be done about it."""

from enum import StrEnum


class Agreement(StrEnum):
    """What became of a comparison."""

    EQUAL = "equal"
    DIFFERENT = "different"
    ONLY_PRODUCTIVE = "productive"
    ONLY_EXACT = "exact"
    EXPLAINED = "explained"


DIFFERING = (Agreement.DIFFERENT, Agreement.ONLY_PRODUCTIVE, Agreement.ONLY_EXACT)


class Part(StrEnum):
    """Which side of a row counts in its month."""

    BOTH = "both"
    OURS = "ours"
    THEIRS = "theirs"


class Why(StrEnum):
    """In what both sides differ, why only one has it, or what brought the difference about."""

    # In what both sides differ, in the order in which people ask.
    AMOUNT = "amount"
    VAT = "vat"
    CURRENCY = "currency"
    LEDGER = "ledger"
    DATE = "date"
    CUSTOMER = "customer"
    OPEN = "open"
    PAID = "paid"
    DETAILS = "details"
    CHANGED = "changed"
    UNLINKED = "unlinked"

    # Why only one side has it.
    NOT_COPIED = "not copied"
    ELSEWHERE = "copied elsewhere"
    EXCLUDED = "do not copy"
    EARLY = "early"
    ON_ITS_WAY = "on its way"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    UNDONE = "undone"
    SEVERAL = "several entries"
    GONE = "deleted in exact"
    STRANGER = "stranger"
    OLDER = "older copy"
    INVOICE_GONE = "deleted in productive"
    CREDITED = "credited"
    NOT_CONNECTED = "not connected"

    # Two entries of one request, and an entry under the number of an invoice that has another one.
    TWIN = "twin"
    BESIDE = "beside"

    # What brought a difference about.
    EDITED_IN_EXACT = "edited in exact"
    BOTH_CHANGED = "both changed"
    EDITED_IN_PRODUCTIVE = "edited in productive"
    HALF_UPDATED = "half updated"
    BOOKED_DIFFERENTLY = "booked differently"
    LINKED_DIFFERENTLY = "linked differently"
    OTHER_PERIOD = "other period"
    NOT_SENT = "not sent"
    PAYMENT_REFUSED = "payment refused"
    PAYMENT_ON_ITS_WAY = "payment on its way"
    FINDING = "finding"
    BASELINE = "baseline"
    BY_HAND = "by hand"
    NOT_PULLED = "not pulled"


DIFFERENCES = (
    Why.AMOUNT,
    Why.VAT,
    Why.CURRENCY,
    Why.LEDGER,
    Why.DATE,
    Why.CUSTOMER,
    Why.OPEN,
    Why.PAID,
    Why.DETAILS,
    Why.CHANGED,
    Why.UNLINKED,
)


class NextStep(StrEnum):
    """What a person can do about a difference."""

    COPY = "copy"
    LINK = "link"
    UPDATE = "update"
    CREATE = "create"
    PULL = "pull"
    SEE_PAYMENTS = "payments"
    SEE_INVOICE = "invoice"
    EXCLUDE = "exclude"
    ACCEPT = "accept"
    OPEN_EXACT = "open"
    SETTINGS = "settings"
