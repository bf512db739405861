"""Every problem's sentence in one place: what is wrong and what to do next."""

from portal.domain.booking.sales_entry import Problem

SENTENCES: dict[str, tuple[str, str]] = {
    # the invoice
    "not_finalized": ("productive", "This invoice is still a draft. Finalise it in Productive first."),
    "deleted": ("productive", "This invoice was deleted in Productive. There is nothing to copy."),
    "sample": ("productive", "This is one of Productive's sample invoices. Copy a real invoice instead."),
    "no_lines": ("productive", "This invoice has no lines. Add a line in Productive, then try again."),
    "number_missing": ("productive", "This invoice has no number. Give it a number in Productive."),
    "number_too_long": (
        "productive",
        "The number {number} has {length} characters, and Exact takes 30. Shorten it in Productive.",
    ),
    "totals_do_not_add_up": (
        "productive",
        "Net {net} and VAT {vat} do not make the total {total}. Check the invoice in Productive.",
    ),
    "lines_do_not_add_up": (
        "productive",
        "The lines add up to {lines}, but the invoice says {net}. "
        "Check the lines and the discount in Productive.",
    ),
    "vat_does_not_add_up": (
        "productive",
        "The VAT of the lines adds up to {lines}, but the invoice says {vat}. "
        "Check the tax rates in Productive.",
    ),
    "vat_off_line": (
        "productive",
        "“{line}” carries {found} of VAT, but {percentage} of {net} is {expected}. The tax rate {rate} may "
        "have changed after the invoice was made. Choose the right tax rate for the line in Productive.",
    ),
    "vat_off_rate": (
        "productive",
        "The lines under the tax rate {rate} carry {found} of VAT, but {percentage} of {net} is {expected}. "
        "The rate may have changed after the invoice was made. Choose the right tax rate in Productive.",
    ),
    # several at once
    "under_way": ("dialog", "This invoice is being copied already."),
    "already_copied": ("dialog", "This invoice is copied already. Open it to update its entry."),
    "before_start": (
        "dialog",
        "This invoice is dated {day}, and invoices are copied from {since}. Open it to copy it all the same.",
    ),
    # an entry of somebody else's under the same number
    "entry_stranger": (
        "dialog",
        "Entry {entry} in Exact already carries {reference} and is linked to no copy: {customer}, {total}, "
        "journal {journal}, {date}. Customer and total are this invoice's. Link it instead of booking "
        "a second one, or confirm that it is another one.",
    ),
    "entry_stranger_total": (
        "dialog",
        "Entry {entry} in Exact already carries {reference} and is linked to no copy: {customer}, {total}, "
        "journal {journal}, {date}. The customer is this invoice's, the total is not. Look at it in Exact, "
        "then link it, or confirm that it is another one.",
    ),
    "entry_stranger_customer": (
        "dialog",
        "Entry {entry} in Exact already carries {reference} and is linked to no copy: {customer}, {total}, "
        "journal {journal}, {date}. The total is this invoice's, the customer is not. Look at it in Exact, "
        "then link it, or confirm that it is another one.",
    ),
    "entry_stranger_both": (
        "dialog",
        "Entry {entry} in Exact already carries {reference} and is linked to no copy: {customer}, {total}, "
        "journal {journal}, {date}. Neither customer nor total is this invoice's. Look at it in Exact, "
        "then confirm that it is another one, or link it.",
    ),
    "invoice_unreadable": (
        "productive",
        "This invoice can no longer be read from Productive, so what is shown here may be old. Activity says "
        "what is odd about it. Correct it in Productive, then choose Get invoices now.",
    ),
    # the kind
    "kind_unknown": (
        "productive",
        "Productive calls this a document of kind {kind}, which is neither an invoice nor a credit note. "
        "Book it in Exact by hand.",
    ),
    "credit_note_charges": (
        "productive",
        "This credit note would charge the customer {total} instead of giving it back. "
        "Give its lines negative quantities in Productive, or make it an invoice there.",
    ),
    "invoice_gives_back": (
        "confirm",
        "This is an invoice, but it gives {total} back to the customer. "
        "Make it a credit note in Productive, or confirm that it is booked as it is.",
    ),
    "journal_for_credits": (
        "confirm",
        "The journal {journal} is for credit notes, and this invoice charges the customer. "
        "Choose a sales journal, or confirm this one.",
    ),
    "journal_for_sales": (
        "confirm",
        "The journal {journal} is for sales, and credit notes go to the journal {credit}. "
        "Choose that one, or confirm this one.",
    ),
    # what the dialog proposed
    "proposed_anew": (
        "dialog",
        "{now} is proposed here now instead of {was}, because what it follows from has changed. "
        "Check it, then copy again.",
    ),
    "proposed_no_more": (
        "dialog",
        "{was} was proposed here and no longer is, because what it follows from has changed. "
        "Choose what fits, then copy again.",
    ),
    "proposed_first": (
        "dialog",
        "{now} is proposed here now, because what it follows from has changed. Check it, then copy again.",
    ),
    # the customer
    "customer_missing": ("dialog", "Choose the Exact customer, or create a new one."),
    "customer_made": (
        "dialog",
        "Meanwhile this company was linked to customer {code} {name} in Exact. Choose that existing "
        "customer, or submit again to have another one made all the same.",
    ),
    "customer_gone": (
        "dialog",
        "The customer {code} {name} is no longer in Exact. Choose another customer, or create a new one.",
    ),
    "customer_vat_changed": (
        "dialog",
        "{company} was linked to customer {code} {name} with VAT number {old}, and the invoice now says "
        "{new}. Choose the customer again, this one or another.",
    ),
    "customer_name_changed": (
        "dialog",
        "{company} was linked to customer {code} {name} when invoices were made out to {old}, and this one "
        "is made out to {new}. Choose the customer again, this one or another.",
    ),
    "customer_vat_unknown": (
        "dialog",
        "“{text}” is not a VAT number of a known shape. Correct it, or leave the field empty.",
    ),
    "customer_vat_several": (
        "dialog",
        "“{text}” holds more than one VAT number. Keep the one of this customer.",
    ),
    "customer_blocked": ("exact", "The customer {name} is blocked. Unblock it in Exact, or choose another."),
    "customer_status": (
        "exact",
        "The relation {name} is not a customer in Exact. Give it the status Customer, or choose another.",
    ),
    "customer_ended": (
        "exact",
        "The customer {name} ended on {date}. Clear the end date in Exact, or choose another.",
    ),
    # the journal
    "journal_missing": ("dialog", "Choose a journal, or set a default journal in the settings."),
    "journal_unknown": (
        "dialog",
        "Exact has no journal {journal}. Choose another, or choose Refresh from Exact.",
    ),
    "journal_unreadable": (
        "exact",
        "The journal {journal} cannot be read from Exact. Activity says what is odd about it. "
        "Correct it in Exact and choose Refresh from Exact, or choose another.",
    ),
    "journal_blocked": ("dialog", "The journal {journal} is blocked in Exact. Choose another journal."),
    "journal_type": ("dialog", "The journal {journal} is no sales journal. Choose a sales journal."),
    "journal_currency": (
        "dialog",
        "The journal {journal} takes only {allowed}, and the invoice is in {currency}. "
        "Choose another journal.",
    ),
    "currency_unknown": (
        "exact",
        "The currency {currency} is not active in Exact. Activate it there, then choose Refresh from Exact.",
    ),
    "currency_unreadable": (
        "exact",
        "The currency {currency} cannot be read from Exact. Activity says what is odd about it. "
        "Correct it in Exact, then choose Refresh from Exact.",
    ),
    "currency_decimals": (
        "exact",
        "Amounts in {currency} have {decimals}, and it is not known how Productive gives them. "
        "Book this invoice in Exact by hand, then choose Do not copy on its page.",
    ),
    # the booking date
    "booking_date_invalid": ("dialog", "“{text}” is not a date. Choose a booking date."),
    "books_closed": (
        "dialog",
        "The books are closed until {closed}. Choose a booking date after that day.",
    ),
    "period_missing": (
        "exact",
        "Exact has no financial period for {date}. Create it in Exact and choose Refresh from Exact, "
        "or choose another booking date.",
    ),
    "period_unreadable": (
        "exact",
        "A financial period cannot be read from Exact, and no other one is for {date}. Activity says what is "
        "odd about it. Correct it in Exact and choose Refresh from Exact, or choose another booking date.",
    ),
    # the ledger account
    "ledger_unmapped": (
        "mappings",
        "The service type {service} has no ledger account. Map it, or choose a ledger code here.",
    ),
    "ledger_unmapped_line": ("dialog", "The line “{line}” has no service type. Choose a ledger code for it."),
    "ledger_unknown": (
        "catalogue",
        "The ledger account of “{line}” is not in Exact. Choose another, or choose Refresh from Exact.",
    ),
    "ledger_unreadable": (
        "exact",
        "The ledger account of “{line}” cannot be read from Exact. Activity says what is odd about it. "
        "Correct it in Exact and choose Refresh from Exact, or choose another.",
    ),
    "ledger_blocked": ("exact", "The ledger account {ledger} is blocked in Exact. Choose another one."),
    "ledger_type": (
        "dialog",
        "The ledger account {ledger} keeps receivables or VAT and takes no revenue. Choose another one.",
    ),
    "cost_center_missing": (
        "dialog",
        "The ledger account {ledger} demands a cost centre. Choose one for “{line}”.",
    ),
    "cost_center_unknown": (
        "dialog",
        "Exact has no cost centre {code}. Choose another for “{line}”, or choose Refresh from Exact.",
    ),
    "cost_center_unreadable": (
        "exact",
        "The cost centre {code} cannot be read from Exact. Activity says what is odd about it. "
        "Correct it in Exact and choose Refresh from Exact, or choose another for “{line}”.",
    ),
    "cost_center_ended": (
        "dialog",
        "The cost centre {code} ended on {date}. Choose another for “{line}”.",
    ),
    # the VAT code
    "no_vat_codes": (
        "exact",
        "Exact has no VAT codes for sales, and this invoice carries VAT. "
        "Create them in Exact, then choose Refresh from Exact.",
    ),
    "vat_unmapped": ("mappings", "The tax rate {rate} has no VAT code. Map it, or choose a VAT code here."),
    "vat_unmapped_none": ("dialog", "Some lines have no tax rate. Choose the VAT code for them."),
    "vat_unmapped_place": (
        "mappings",
        "The tax rate {rate} has no VAT code for customers {place}. Map it, or choose a VAT code here.",
    ),
    "vat_place_no_country": (
        "dialog",
        "The tax rate {rate} has a VAT code for each place, and the country of {customer} is not known. "
        "Give the customer a country in Exact, or choose a VAT code here.",
    ),
    "vat_place_other_country": (
        "dialog",
        "The tax rate {rate} has a VAT code for each place. {customer} is in {country}, and its VAT number "
        "{number} is of another place. Correct the customer in Exact, or choose a VAT code here.",
    ),
    "vat_place_unreadable": (
        "dialog",
        "The tax rate {rate} has a VAT code for each place, and “{number}” is not a VAT number of a known "
        "shape. Correct the number of {customer} in Exact, or choose a VAT code here.",
    ),
    "vat_place_no_division": (
        "dialog",
        "The tax rate {rate} has a VAT code for each place, and Exact gives no country for this division. "
        "Choose a VAT code here, or one code for all places on Mappings.",
    ),
    "vat_listed_without_number": (
        "confirm",
        "The VAT code {code} is for the EC sales list, and {customer} has no VAT number of another EU "
        "country. Give it one in Exact, choose another code for {rate}, or confirm this one.",
    ),
    "vat_listed_at_home": (
        "confirm",
        "The VAT code {code} is for the EC sales list, and {customer} is in the country of this division. "
        "Choose another code for {rate}, or confirm this one.",
    ),
    "vat_reversed_abroad": (
        "confirm",
        "The VAT code {code} is for reverse charge at home, and {customer} is abroad. "
        "Choose another code for {rate}, or confirm this one.",
    ),
    "vat_not_listed": (
        "confirm",
        "{customer} is in the EU and has a VAT number, and the VAT code {code} is not for the EC sales list. "
        "Choose another code for {rate}, or confirm this one.",
    ),
    "vat_unknown": ("dialog", "Exact has no VAT code {code}. Choose another, or choose Refresh from Exact."),
    "vat_unreadable": (
        "exact",
        "The VAT code {code} cannot be read from Exact. Activity says what is odd about it. "
        "Correct it in Exact and choose Refresh from Exact, or choose another.",
    ),
    "vat_blocked": ("dialog", "The VAT code {code} is blocked in Exact. Choose another for {rate}."),
    "vat_not_for_sales": ("dialog", "The VAT code {code} is not meant for sales. Choose another for {rate}."),
    "vat_including": (
        "dialog",
        "The VAT code {code} is for amounts that include VAT. Choose one excluding VAT for {rate}.",
    ),
    "vat_on_exempt": (
        "dialog",
        "The VAT code {code} books no VAT, but “{line}” carries {vat}. Choose another for {rate}.",
    ),
    "vat_percentage": (
        "dialog",
        "The VAT code {code} was {code_percentage} on {date}, and the tax rate {rate} is {percentage}. "
        "Choose another VAT code.",
    ),
    "copying_closed": (
        "settings",
        "Copying is closed: this portal works on a restored database. It opens when flask adopt has ended. "
        "Nothing is lost; ask again then.",
    ),
    # changing what is booked
    "journal_cannot_change": (
        "dialog",
        "An entry cannot move from journal {old} to {new}. "
        "Keep the journal, or undo the copy and create a new one.",
    ),
    "currency_cannot_change": (
        "exact",
        "The entry is in {old} and the invoice in {new}. Undo the copy and create a new one.",
    ),
    "exact_changed": (
        "dialog",
        "Somebody changed this in Exact since it was copied, and the update would overwrite it: {what}. "
        "Choose in Update existing for each whether it stays or is overwritten.",
    ),
    "exact_undecided": (
        "dialog",
        "Changed in Exact since it was copied, and not decided yet: {count}. "
        "Choose for each whether it stays or is overwritten.",
    ),
    "no_lines_left": (
        "dialog",
        "With what is kept as Exact has it, entry {entry} would have no line. "
        "Overwrite a line, or use Undo to take the entry back.",
    ),
    "sign_cannot_change": (
        "exact",
        "Entry {entry} is over {old} in Exact, and the invoice is over {new} now. "
        "Undo the copy and create a new one.",
    ),
    "rate_is_default": (
        "dialog",
        "Entry {entry} was booked at the exchange rate 1 for {currency}, which is no real rate. "
        "An update cannot take that back. Undo the copy and create a new one.",
    ),
    "entry_processed": (
        "exact",
        "Entry {entry} is processed in Exact and can no longer change. "
        "Correct it with a credit note and a new invoice.",
    ),
    "entry_paid": (
        "exact",
        "Entry {entry} is already paid, at least in part. "
        "Take the payment off in Exact first, or correct it with a credit note.",
    ),
    "entry_closed": (
        "settings",
        "Entry {entry} is booked on {date}, and the books are closed until {closed}. "
        "Correct it with a credit note in an open period.",
    ),
    # a trial in a test division
    "trial_books_closed": (
        "settings",
        "The books are closed until {closed}, and a trial books today. Edit the integration first.",
    ),
    "trial_no_period": (
        "exact",
        "Exact has no financial period for {date}. Create it in Exact, then choose Refresh from Exact.",
    ),
    "trial_no_journal": (
        "exact",
        "The division has no sales journal in its own currency that is not blocked. "
        "Create one in Exact, then choose Refresh from Exact.",
    ),
    "trial_no_ledger": (
        "exact",
        "The division has no ledger account for revenue that does without a cost centre. "
        "Create one in Exact, then choose Refresh from Exact.",
    ),
    "trial_no_vat_code": (
        "exact",
        "The division has no VAT code for sales with a percentage. "
        "Create one in Exact, then choose Refresh from Exact.",
    ),
    "trial_other_name": (
        "dialog",
        "This is not the name of the division. Type “{name}” to confirm that the trial may book there.",
    ),
    "trial_not_connected": (
        "settings",
        "A trial needs a connection that is set up and signed in. Finish that first.",
    ),
    "trial_running": (
        "dialog",
        "A trial of this connection is under way. Wait for its end, or break it off.",
    ),
    "trial_invoice": (
        "dialog",
        "There is no invoice {number} in this subsidiary. Refresh the invoices, or name another.",
    ),
    # what a trial found not to hold
    "copying_kept_off": (
        "trial",
        "Copying is kept off, for a trial found that this does not hold: {assumed} "
        "Change what stands in the way in Exact or Productive, then try again.",
    ),
    "credit_kept_off": (
        "trial",
        "Credit notes are kept off, for a trial found that this does not hold: {assumed} "
        "Book it in Exact, or try again with the other setting for credit notes.",
    ),
    "foreign_kept_off": (
        "trial",
        "Without an exchange rate of Productive's this currency is kept off, for a trial found that this "
        "does not hold: {assumed} Book the invoice in Exact.",
    ),
    "customer_kept_off": (
        "trial",
        "New customers are kept off, for a trial found that this does not hold: {assumed} "
        "Create the customer in Exact, choose Refresh from Exact, and then choose it here.",
    ),
    "update_kept_off": (
        "trial",
        "Updates are kept off, for a trial found that this does not hold: {assumed} "
        "Undo the copy and create a new one.",
    ),
    "deletion_kept_off": (
        "trial",
        "The portal deletes no entries here, for a trial found that this does not hold: {assumed} "
        "Delete the entry in Exact, or book a credit entry.",
    ),
    "payments_kept_off": (
        "trial",
        "Payments are not synchronised, for a trial found that this does not hold: {assumed}",
    ),
    "other_vat_kept_off": (
        "trial",
        "“{line}” carries {ours} of VAT and Exact would book {theirs}, for a trial found that it does not "
        "keep the VAT that is sent. Book the invoice in Exact.",
    ),
    "totaled_vat_kept_off": (
        "trial",
        "The lines with VAT code {code} carry {ours} of VAT and Exact would book {theirs}, for a trial found "
        "that it works VAT out on the sum. Book the invoice in Exact.",
    ),
    # undoing a copy
    "nothing_to_undo": ("dialog", "There is no copy in Exact that could be undone."),
    "undo_stale": (
        "dialog",
        "The copies of this invoice changed while you were looking. Please check it again as it is now.",
    ),
    "entry_changed": (
        "dialog",
        "Entry {entry} changed in Exact since it was shown here. Nothing was done. "
        "Open Undo again and check the entry as it is now.",
    ),
    "entry_not_ours": (
        "exact",
        "Entry {entry} does not carry this portal's marker: somebody else booked it and it was only linked. "
        "The portal neither deletes nor credits what it did not book.",
    ),
    "entry_in_collection": (
        "exact",
        "Entry {entry} is selected for collection in Exact. Take it out of the collection there first.",
    ),
    "entry_paid_before": (
        "dialog",
        "When payments were last fetched, entry {entry} was paid. Exact shows it as unpaid now: "
        "choose Get payments now on the payments page, then undo.",
    ),
    "payment_kept": (
        "dialog",
        "Productive still has a payment that this portal made from entry {entry}, or one is under way. "
        "Take it off in Exact; Get payments now on the payments page then removes it in Productive.",
    ),
    "charges_among_credits": (
        "dialog",
        "The journal {journal} is for credit notes, and this entry charges the customer again. "
        "Choose a sales journal.",
    ),
    "credit_blocked": ("exact", "{what} of the entry is blocked in Exact. Unblock it there, then try again."),
    "credit_by_hand": (
        "dialog",
        "Entry {found} in Exact carries the same number with its amounts turned, so somebody may have "
        "credited entry {entry} by hand. Nothing was booked. If it is another one, say so on the invoice's "
        "page, then try again.",
    ),
    "credit_exists": (
        "exact",
        "Exact already holds entry {found}, which credits entry {entry} and carries this portal's marker. "
        "Nothing was booked. Delete it in Exact if it is not wanted, then try again.",
    ),
}


def problem(code: str, field: str | None = None, /, **values: str) -> Problem:
    """Make a problem from its code and the values of its sentence."""
    fix, pattern = SENTENCES[code]
    return Problem(code, pattern.format(**values), fix, field, pattern, tuple(values.items()))
