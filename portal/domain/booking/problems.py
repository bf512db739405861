"""Where each problem of an invoice is put right. Its sentence is in ``sentences/problems.py``."""

from collections.abc import Mapping, Sequence

from portal.domain.booking.sales_entry import Problem
from portal.domain.said import FOLLOWED, Said, Value, listed

FIXES: Mapping[str, str] = {
    # the invoice
    "not_finalized": "productive",
    "deleted": "productive",
    "sample": "productive",
    "no_lines": "productive",
    "number_missing": "productive",
    "number_too_long": "productive",
    "totals_do_not_add_up": "productive",
    "lines_do_not_add_up": "productive",
    "vat_does_not_add_up": "productive",
    "vat_off_line": "productive",
    "vat_off_rate": "productive",
    # several at once
    "under_way": "dialog",
    "already_copied": "dialog",
    "before_start": "dialog",
    # an entry of somebody else's under the same number
    "entry_stranger": "dialog",
    "entry_stranger_total": "dialog",
    "entry_stranger_customer": "dialog",
    "entry_stranger_both": "dialog",
    "invoice_unreadable": "productive",
    # the kind
    "kind_unknown": "productive",
    "credit_note_charges": "productive",
    "invoice_gives_back": "confirm",
    "journal_for_credits": "confirm",
    "journal_for_sales": "confirm",
    # what the dialog proposed
    "proposed_anew": "dialog",
    "proposed_no_more": "dialog",
    "proposed_first": "dialog",
    # the customer
    "customer_missing": "dialog",
    "customer_made": "dialog",
    "customer_gone": "dialog",
    "customer_vat_changed": "dialog",
    "customer_name_changed": "dialog",
    "customer_vat_unknown": "dialog",
    "customer_vat_several": "dialog",
    "customer_blocked": "exact",
    "customer_status": "exact",
    "customer_ended": "exact",
    # the journal
    "journal_missing": "dialog",
    "journal_unknown": "dialog",
    "journal_unreadable": "exact",
    "journal_blocked": "dialog",
    "journal_type": "dialog",
    "journal_currency": "dialog",
    "currency_unknown": "exact",
    "currency_unreadable": "exact",
    "currency_decimals": "exact",
    # the booking date
    "booking_date_invalid": "dialog",
    "books_closed": "dialog",
    "period_missing": "exact",
    "period_unreadable": "exact",
    # the ledger account
    "ledger_unmapped": "mappings",
    "ledger_unmapped_line": "dialog",
    "ledger_unknown": "catalogue",
    "ledger_unreadable": "exact",
    "ledger_blocked": "exact",
    "ledger_type": "dialog",
    "cost_center_missing": "dialog",
    "cost_center_unknown": "dialog",
    "cost_center_unreadable": "exact",
    "cost_center_ended": "dialog",
    # the VAT code
    "no_vat_codes": "exact",
    "vat_unmapped": "mappings",
    "vat_unmapped_none": "dialog",
    "vat_unmapped_place": "mappings",
    "vat_place_no_country": "dialog",
    "vat_place_other_country": "dialog",
    "vat_place_unreadable": "dialog",
    "vat_place_no_division": "dialog",
    "vat_listed_without_number": "confirm",
    "vat_listed_at_home": "confirm",
    "vat_reversed_abroad": "confirm",
    "vat_not_listed": "confirm",
    "vat_unknown": "dialog",
    "vat_unreadable": "exact",
    "vat_blocked": "dialog",
    "vat_not_for_sales": "dialog",
    "vat_including": "dialog",
    "vat_on_exempt": "dialog",
    "vat_percentage": "dialog",
    "copying_closed": "settings",
    # changing what is booked
    "journal_cannot_change": "dialog",
    "currency_cannot_change": "exact",
    "exact_changed": "dialog",
    "exact_undecided": "dialog",
    "no_lines_left": "dialog",
    "sign_cannot_change": "exact",
    "rate_is_default": "dialog",
    "entry_processed": "exact",
    "entry_paid": "exact",
    "entry_closed": "settings",
    # a trial in a test division
    "trial_books_closed": "settings",
    "trial_no_period": "exact",
    "trial_no_journal": "exact",
    "trial_no_ledger": "exact",
    "trial_no_vat_code": "exact",
    "trial_other_name": "dialog",
    "trial_not_connected": "settings",
    "trial_running": "dialog",
    "trial_invoice": "dialog",
    # what a trial found not to hold
    "copying_kept_off": "trial",
    "credit_kept_off": "trial",
    "foreign_kept_off": "trial",
    "customer_kept_off": "trial",
    "update_kept_off": "trial",
    "deletion_kept_off": "trial",
    "payments_kept_off": "trial",
    "other_vat_kept_off": "trial",
    "totaled_vat_kept_off": "trial",
    # undoing a copy
    "nothing_to_undo": "dialog",
    "undo_stale": "dialog",
    "entry_changed": "dialog",
    "entry_not_ours": "exact",
    "entry_in_collection": "exact",
    "entry_paid_before": "dialog",
    "payment_kept": "dialog",
    "charges_among_credits": "dialog",
    "credit_blocked": "exact",
    "credit_by_hand": "dialog",
    "credit_exists": "exact",
    # what a person asks for, and what they type of a new customer
    "not-connected": "settings",
    "changed": "dialog",
    "nothing-to-update": "dialog",
    "nothing-to-retry": "dialog",
    "one-is-tried": "dialog",
    "excluded": "dialog",
    "copied-elsewhere": "dialog",
    "customer-name": "dialog",
    "customer-too-long": "dialog",
    "customer-country": "dialog",
}


def say_all(problems: Sequence[Problem]) -> Said:
    """Say several problems, one sentence after the other."""
    return listed([each.said for each in problems], FOLLOWED)


def problem(code: str, field: str | None = None, /, **values: Value) -> Problem:
    """Make a problem from its code and the values of its sentence."""
    return Problem(code, FIXES[code], field, tuple(values.items()))
