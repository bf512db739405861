"""The states of a copy and of its remote writes, and what each of them is for."""

from enum import StrEnum


class CopyState(StrEnum):
    """What became of a wish to put an invoice into Exact."""

    WAITING = "waiting"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    COPIED = "copied"
    DIFFERENT = "copied with a difference"
    REFUSED = "refused"
    UNDONE = "undone"


# The wish is under way.
IN_FLIGHT = (CopyState.WAITING, CopyState.SENDING, CopyState.UNCERTAIN)
# The entry stands in Exact and counts as the copy.
IN_EXACT = (CopyState.COPIED, CopyState.DIFFERENT)


class CopyAction(StrEnum):
    """What a wish is for."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    UNDO = "undo"
    CREDIT = "credit"
    UNLINK = "unlink"


TAKES_BACK = (CopyAction.UNDO, CopyAction.CREDIT, CopyAction.UNLINK)


class Ending(StrEnum):
    """How an undone copy was undone."""

    DELETED = "deleted"
    CREDITED = "credited"
    UNLINKED = "unlinked"


class AttemptState(StrEnum):
    """What became of one remote write."""

    INTENDED = "intended"
    DONE = "done"
    LOST = "uncertain"
    FAILED = "refused"
    # It had no effect for certain.
    UNSENT = "unsent"
    # Whether it took effect is not known and not asked, for it is made again or left to a person.
    UNKNOWN = "unknown"


# Nobody knows yet whether the write took effect.
OPEN = (AttemptState.INTENDED, AttemptState.LOST)
# The write had no effect for certain: it was refused, or it never left.
WITHOUT_EFFECT = (AttemptState.FAILED, AttemptState.UNSENT)


class AttemptKind(StrEnum):
    """What one remote write does."""

    ENTRY = "entry"
    CREDIT_ENTRY = "credit entry"
    DELETE_ENTRY = "delete entry"
    HEADER = "header"
    LINE = "line"
    CHANGE_LINE = "change line"
    DELETE_LINE = "delete line"
    CUSTOMER = "customer"
    MARK = "mark"
    UNMARK = "unmark"
    NUMBER = "number"
    MARK_SENT = "mark sent"
    CREATE_PAYMENT = "create payment"
    CHANGE_PAYMENT = "change payment"
    REMOVE_PAYMENT = "remove payment"


# These say what should be, not what to add, so they are simply made again.
REPEATABLE = (
    AttemptKind.MARK,
    AttemptKind.UNMARK,
    AttemptKind.NUMBER,
    AttemptKind.HEADER,
    AttemptKind.CHANGE_LINE,
    AttemptKind.DELETE_LINE,
    AttemptKind.MARK_SENT,
    AttemptKind.CHANGE_PAYMENT,
    AttemptKind.REMOVE_PAYMENT,
)
