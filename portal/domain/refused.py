"""Why something that a person asked for is not done: a code for each sentence of it."""

from enum import StrEnum


class Refused(StrEnum):
    """One reason. Its sentence is in ``sentences/refusals.py``."""

    CHOOSE_SUBSIDIARY = "refused_choose_subsidiary"
    SUBSIDIARY_TAKEN = "refused_subsidiary_taken"
    SIGN_IN_GONE = "refused_sign_in_gone"
    CANNOT_OPEN = "refused_cannot_open"
    DIVISION_FIRST = "refused_division_first"
    DIVISION_TAKEN_MEANWHILE = "refused_division_taken_meanwhile"
    DIVISION_TAKEN = "refused_division_taken"
    DIVISION_NOT_OFFERED = "refused_division_not_offered"
    LEDGER_NOT_OFFERED = "refused_ledger_not_offered"
    JOURNAL_NOT_OFFERED = "refused_journal_not_offered"
    NOT_COMPLETE = "refused_not_complete"
    OTHER_ORGANIZATION = "refused_other_organization"
    STILL_CONNECTED = "refused_still_connected"
    CUSTOMER_GONE = "refused_customer_gone"
    LINKED_MEANWHILE = "refused_linked_meanwhile"
    CUSTOMER_FROM_LIST = "refused_customer_from_list"
    NO_INVOICES = "refused_no_invoices"
    LINK_REMOVED = "refused_link_removed"
