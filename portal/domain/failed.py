"""Why a call to another system failed, or was not made: a code for each sentence of it."""

from enum import StrEnum


class Failed(StrEnum):
    """One reason. Its sentence is in ``sentences/failures.py``."""

    # What the other system said, in its own words.
    WORDS = "failed_words"
    NO_REASON = "failed_no_reason"
    STATUS = "failed_status"
    BAD_ANSWER = "failed_bad_answer"
    ANSWER_TOO_LARGE = "failed_answer_too_large"
    NO_CONNECTION = "failed_no_connection"
    NO_ANSWER = "failed_no_answer"
    BROKE_OFF = "failed_broke_off"

    # The portal itself did not call.
    NO_TIME = "failed_no_time"
    CROWDED = "failed_crowded"
    WAITED_TOO_LONG = "failed_waited_too_long"
    TAKEN_OVER = "failed_taken_over"
    OTHERS_FIRST = "failed_others_first"
    ASKED_TO_WAIT = "failed_asked_to_wait"
    USED_UP_TODAY = "failed_used_up_today"
    USED_UP_THIS_MINUTE = "failed_used_up_this_minute"
    USED_UP = "failed_used_up"
    ALMOST_BLOCKED = "failed_almost_blocked"
    COPYING_CLOSED = "failed_copying_closed"
    CUSTOMER_BEING_MADE = "failed_customer_being_made"

    # Settings and sign-ins.
    NO_KEY = "failed_no_key"
    SEALED_ELSEWHERE = "failed_sealed_elsewhere"
    NO_PRODUCTIVE = "failed_no_productive"
    NO_SIGN_IN = "failed_no_sign_in"
    SIGN_IN_BUSY = "failed_sign_in_busy"
    SIGNING_IN = "failed_signing_in"
    RENEWED_NOW = "failed_renewed_now"
    SIGN_INS_LIMITED = "failed_sign_ins_limited"
    NOT_ACCEPTED = "failed_not_accepted"
    TOO_YOUNG = "failed_too_young"
    APP_REFUSED = "failed_app_refused"
    RENEWAL_REFUSED = "failed_renewal_refused"
    NOT_RENEWED = "failed_not_renewed"
    RENEWAL_LOST = "failed_renewal_lost"
    SIGN_IN_EXPIRED = "failed_sign_in_expired"
    SIGN_IN_ENDED = "failed_sign_in_ended"

    # What Productive answered.
    PRODUCTIVE_TOKEN = "failed_productive_token"  # noqa: S105 - a code
    PRODUCTIVE_UNPAID = "failed_productive_unpaid"
    PRODUCTIVE_DENIED = "failed_productive_denied"
    PRODUCTIVE_LACKS = "failed_productive_lacks"
    PRODUCTIVE_WAITS = "failed_productive_waits"
    PRODUCTIVE_REFUSED = "failed_productive_refused"
    PRODUCTIVE_FAILED = "failed_productive_failed"
    PRODUCTIVE_KEPT = "failed_productive_kept"

    # Answers that nothing is concluded from.
    NO_CUSTOMERS = "failed_no_customers"
    MANY_CUSTOMERS_LEFT_OUT = "failed_many_customers_left_out"
    CUSTOMER_LEFT_OUT = "failed_customer_left_out"
    NO_RECEIVABLES = "failed_no_receivables"
    NOTHING_OPEN = "failed_nothing_open"
    LISTS_KEPT = "failed_lists_kept"
    LIST_JOURNALS = "failed_list_journals"
    LIST_LEDGERS = "failed_list_ledgers"
    LIST_VAT_CODES = "failed_list_vat_codes"
    LIST_VAT_PERCENTAGES = "failed_list_vat_percentages"
    LIST_PERIODS = "failed_list_periods"
    LIST_CURRENCIES = "failed_list_currencies"
    LIST_PAYMENT_CONDITIONS = "failed_list_payment_conditions"
    LIST_COST_CENTERS = "failed_list_cost_centers"

    # A trial.
    NOTHING_TO_BOOK_WITH = "failed_nothing_to_book_with"
    TRIAL_SPENT = "failed_trial_spent"
    TRIAL_REFUSED_OFTEN = "failed_trial_refused_often"
    TRIAL_STOPPED = "failed_trial_stopped"
    TRIAL_CUT_OFF = "failed_trial_cut_off"
    TRIAL_CONNECTION_CHANGED = "failed_trial_connection_changed"
    MAY_STILL_COME = "failed_may_still_come"
    NO_DIVISION = "failed_no_division"
    OTHER_DIVISION = "failed_other_division"
