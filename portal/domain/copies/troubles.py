"""What is said of a copy, or of an invoice of a run, that did not end as it was wished."""

from enum import StrEnum

from portal.domain.copies.failures import Cause
from portal.domain.copies.states import CopyAction


class Trouble(StrEnum):
    """One thing that is said of it. Its sentence is in ``sentences/troubles.py``."""

    BOOKED_LOST = "booked_lost"
    DELETED_LOST = "deleted_lost"
    CREDITED_LOST = "credited_lost"
    UNDO_REFUSED = "undo_refused"
    CREDIT_REFUSED = "credit_refused"
    UNLINK_REFUSED = "unlink_refused"
    EXACT_REFUSED = "exact_refused"
    NO_LONGER_IN_EXACT = "no_longer_in_exact"
    RIGHT_MISSING = "right_missing"
    PRODUCTIVE_REFUSED = "productive_refused"
    NOT_UNDERSTOOD = "not_understood"
    PART_REFUSED = "part_refused"
    UPDATE_UNSEEN = "update_unseen"
    BOOKED_DIFFERENTLY = "booked_differently"
    LINKED_DIFFERENTLY = "linked_differently"
    CREDITED_DIFFERENTLY = "credited_differently"
    ENTRY_GONE = "entry_gone"
    ENTRY_DELETED = "entry_deleted_in_exact"
    UPDATE_HALF = "update_half"
    FINISH_UPDATE = "finish_update"
    SEE_UNDO = "see_undo"
    FAILED_ALIKE = "failed_alike"
    FAILED_HERE = "failed_here"
    MARKS_KEPT_OFF = "marks_kept_off"
    NUMBER_STAYS = "number_stays"
    NUMBER_REFUSED = "number_refused"
    NOT_MARKED_GONE = "not_marked_gone"
    MARK_REFUSED = "mark_refused"
    UNMARK_REFUSED = "unmark_refused"
    DISCONNECTED = "disconnected_before"
    DISCONNECTED_UNDO = "disconnected_before_undo"
    INVOICE_DELETED = "invoice_deleted_in_productive"
    INVOICE_CHANGED = "invoice_changed_since"
    RUN_STOPPED = "stopped_after_one_try"
    BOOKED_OTHERWISE = "booked_otherwise"
    CHANGED_AFTER_LOOK = "changed_after_look"
    TRIED_MEANWHILE = "tried_meanwhile"
    NOT_BOOKED = "not_booked_before_backup"
    NOT_UPDATED = "not_updated_before_backup"
    NOT_UNDONE = "not_undone_before_backup"
    BOOKED_SINCE = "booked_since_backup"
    MANY_ENTRIES = "many_entries"
    MANY_CUSTOMERS = "many_customers"
    MANY_LINES = "many_lines"


LOST = {CopyAction.UNDO: Trouble.DELETED_LOST, CopyAction.CREDIT: Trouble.CREDITED_LOST}
REFUSED_UNDO = {
    CopyAction.UNDO: Trouble.UNDO_REFUSED,
    CopyAction.CREDIT: Trouble.CREDIT_REFUSED,
    CopyAction.UNLINK: Trouble.UNLINK_REFUSED,
}
REFUSALS: dict[str, Trouble] = {
    Cause.REFUSED: Trouble.EXACT_REFUSED,
    Cause.NOT_FOUND: Trouble.NO_LONGER_IN_EXACT,
    Cause.MISSING_RIGHT: Trouble.RIGHT_MISSING,
    Cause.BY_PRODUCTIVE: Trouble.PRODUCTIVE_REFUSED,
    Cause.MALFORMED: Trouble.NOT_UNDERSTOOD,
}
