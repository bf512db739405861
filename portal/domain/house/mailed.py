"""What mails say: a code for each sentence."""

from enum import StrEnum


class Mailed(StrEnum):
    """One sentence of a mail. It is in ``sentences/mails.py``."""

    SIGN_IN_LOST = "mail_sign_in_lost"
    SIGN_IN_IN_DANGER = "mail_sign_in_in_danger"
    SERVES = "mail_serves"
    LAPSES = "mail_lapses"
    COPIES_STAND = "mail_copies_stand"
    COPIES_UNDER_WAY = "mail_copies_under_way"
    COPY_SAYS = "mail_copy_says"
    NO_PAYMENTS = "mail_no_payments"
    NO_INVOICES = "mail_no_invoices"
    LAST_READ = "mail_last_read"

    SUMMARY = "mail_summary"
    COPIED = "mail_copied"
    NEEDS = "mail_needs"
    NEED = "mail_need"
    PAYMENTS = "mail_payments"
    COUNT = "mail_count"
    COUNT_OF_MONEY = "mail_count_of_money"
    MONEY = "mail_money"
    CHOSEN = "mail_chosen"
