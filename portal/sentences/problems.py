"""Every problem's sentence: what is wrong with an invoice, and what to do next."""

from collections.abc import Mapping

from portal.domain.booking.sales_entry import problem_code
from portal.sentences.mark import N_, NN_, Sentence

# Words of ours that stand in sentences, by the text that the domain gives them.
WORDS_WITHIN = (
    N_("customer"),
    N_("journal"),
    N_("booking date"),
    N_("due date"),
    N_("reference"),
    N_("description"),
    N_("currency"),
    N_("exchange rate"),
    N_("ledger code"),
    N_("net amount"),
    N_("vat code"),
    N_("vat amount"),
    N_("cost centre"),
    N_("amount and VAT"),
    N_("a line that was changed"),
    N_("a line that was added"),
    N_("a line that was removed"),
    N_("at home"),
    N_("in the EU with a VAT number"),
    N_("in the EU without a VAT number"),
    N_("outside the EU"),
)
WITHIN: Mapping[str, Sentence] = {
    "our_word": "%(word)s",
    "part_of_line": N_("%(part)s of line %(line)s"),
    "line_number": N_("line %(line)s"),
    "the_ledger_account": N_("The ledger account %(code)s"),
    "the_vat_code": N_("The VAT code %(code)s"),
    "decimals_unknown": N_("an unknown number of decimals"),
    "decimals_none": N_("no decimals"),
    "decimals": NN_("%(count)s decimal", "%(count)s decimals"),
}
_BY_CODE: Mapping[str, Sentence] = {
    # the invoice
    "not_finalized": N_("This invoice is still a draft. Finalise it in Productive first."),
    "deleted": N_("This invoice was deleted in Productive. There is nothing to copy."),
    "sample": N_("This is one of Productive's sample invoices. Copy a real invoice instead."),
    "no_lines": N_("This invoice has no lines. Add a line in Productive, then try again."),
    "number_missing": N_("This invoice has no number. Give it a number in Productive."),
    "number_too_long": N_(
        "The number %(number)s has %(length)s characters, and Exact takes 30. Shorten it in Productive."
    ),
    "totals_do_not_add_up": N_(
        "Net %(net)s and VAT %(vat)s do not make the total %(total)s. Check the invoice in Productive."
    ),
    "lines_do_not_add_up": N_(
        "The lines add up to %(lines)s, but the invoice says %(net)s. Check the lines and the discount "
        "in Productive."
    ),
    "vat_does_not_add_up": N_(
        "The VAT of the lines adds up to %(lines)s, but the invoice says %(vat)s. Check the tax rates in"
        " Productive."
    ),
    "vat_off_line": N_(
        "“%(line)s” carries %(found)s of VAT, but %(percentage)s of %(net)s is %(expected)s. The tax "
        "rate %(rate)s may have changed after the invoice was made. Choose the right tax rate for the "
        "line in Productive."
    ),
    "vat_off_rate": N_(
        "The lines under the tax rate %(rate)s carry %(found)s of VAT, but %(percentage)s of %(net)s is "
        "%(expected)s. The rate may have changed after the invoice was made. Choose the right tax rate "
        "in Productive."
    ),
    # several at once
    "under_way": N_("This invoice is being copied already."),
    "already_copied": N_("This invoice is copied already. Open it to update its entry."),
    "before_start": N_(
        "This invoice is dated %(day)s, and invoices are copied from %(since)s. Open it to copy it all "
        "the same."
    ),
    # an entry of somebody else's under the same number
    "entry_stranger": N_(
        "Entry %(entry)s in Exact already carries %(reference)s and is linked to no copy: %(customer)s, "
        "%(total)s, journal %(journal)s, %(date)s. Customer and total are this invoice's. Link it "
        "instead of booking a second one, or confirm that it is another one."
    ),
    "entry_stranger_total": N_(
        "Entry %(entry)s in Exact already carries %(reference)s and is linked to no copy: %(customer)s, "
        "%(total)s, journal %(journal)s, %(date)s. The customer is this invoice's, the total is not. "
        "Look at it in Exact, then link it, or confirm that it is another one."
    ),
    "entry_stranger_customer": N_(
        "Entry %(entry)s in Exact already carries %(reference)s and is linked to no copy: %(customer)s, "
        "%(total)s, journal %(journal)s, %(date)s. The total is this invoice's, the customer is not. "
        "Look at it in Exact, then link it, or confirm that it is another one."
    ),
    "entry_stranger_both": N_(
        "Entry %(entry)s in Exact already carries %(reference)s and is linked to no copy: %(customer)s, "
        "%(total)s, journal %(journal)s, %(date)s. Neither customer nor total is this invoice's. Look at"
        " it in Exact, then confirm that it is another one, or link it."
    ),
    "invoice_unreadable": N_(
        "This invoice can no longer be read from Productive, so what is shown here may be old. Activity "
        "says what is odd about it. Correct it in Productive, then choose Get invoices now."
    ),
    # the kind
    "kind_unknown": N_(
        "Productive calls this a document of kind %(kind)s, which is neither an invoice nor a credit "
        "note. Book it in Exact by hand."
    ),
    "credit_note_charges": N_(
        "This credit note would charge the customer %(total)s instead of giving it back. Give its lines "
        "negative quantities in Productive, or make it an invoice there."
    ),
    "invoice_gives_back": N_(
        "This is an invoice, but it gives %(total)s back to the customer. Make it a credit note in "
        "Productive, or confirm that it is booked as it is."
    ),
    "journal_for_credits": N_(
        "The journal %(journal)s is for credit notes, and this invoice charges the customer. Choose a "
        "sales journal, or confirm this one."
    ),
    "journal_for_sales": N_(
        "The journal %(journal)s is for sales, and credit notes go to the journal %(credit)s. Choose "
        "that one, or confirm this one."
    ),
    # what the dialog proposed
    "proposed_anew": N_(
        "%(now)s is proposed here now instead of %(was)s, because what it follows from has changed. "
        "Check it, then copy again."
    ),
    "proposed_no_more": N_(
        "%(was)s was proposed here and no longer is, because what it follows from has changed. Choose "
        "what fits, then copy again."
    ),
    "proposed_first": N_(
        "%(now)s is proposed here now, because what it follows from has changed. Check it, then copy again."
    ),
    # the customer
    "customer_missing": N_("Choose the Exact customer, or create a new one."),
    "customer_made": N_(
        "Meanwhile this company was linked to customer %(code)s %(name)s in Exact. Choose that existing "
        "customer, or submit again to have another one made all the same."
    ),
    "customer_gone": N_(
        "The customer %(code)s %(name)s is no longer in Exact. Choose another customer, or create a new one."
    ),
    "customer_vat_changed": N_(
        "%(company)s was linked to customer %(code)s %(name)s with VAT number %(old)s, and the invoice "
        "now says %(new)s. Choose the customer again, this one or another."
    ),
    "customer_name_changed": N_(
        "%(company)s was linked to customer %(code)s %(name)s when invoices were made out to %(old)s, "
        "and this one is made out to %(new)s. Choose the customer again, this one or another."
    ),
    "customer_vat_unknown": N_(
        "“%(text)s” is not a VAT number of a known shape. Correct it, or leave the field empty."
    ),
    "customer_vat_several": N_("“%(text)s” holds more than one VAT number. Keep the one of this customer."),
    "customer_blocked": N_("The customer %(name)s is blocked. Unblock it in Exact, or choose another."),
    "customer_status": N_(
        "The relation %(name)s is not a customer in Exact. Give it the status Customer, or choose another."
    ),
    "customer_ended": N_(
        "The customer %(name)s ended on %(date)s. Clear the end date in Exact, or choose another."
    ),
    # the journal
    "journal_missing": N_("Choose a journal, or set a default journal in the settings."),
    "journal_unknown": N_("Exact has no journal %(journal)s. Choose another, or choose Refresh from Exact."),
    "journal_unreadable": N_(
        "The journal %(journal)s cannot be read from Exact. Activity says what is odd about it. Correct "
        "it in Exact and choose Refresh from Exact, or choose another."
    ),
    "journal_blocked": N_("The journal %(journal)s is blocked in Exact. Choose another journal."),
    "journal_type": N_("The journal %(journal)s is no sales journal. Choose a sales journal."),
    "journal_currency": N_(
        "The journal %(journal)s takes only %(allowed)s, and the invoice is in %(currency)s. Choose "
        "another journal."
    ),
    "currency_unknown": N_(
        "The currency %(currency)s is not active in Exact. Activate it there, then choose Refresh from Exact."
    ),
    "currency_unreadable": N_(
        "The currency %(currency)s cannot be read from Exact. Activity says what is odd about it. "
        "Correct it in Exact, then choose Refresh from Exact."
    ),
    "currency_decimals": N_(
        "Amounts in %(currency)s have %(decimals)s, and it is not known how Productive gives them. Book "
        "this invoice in Exact by hand, then choose Do not copy on its page."
    ),
    # the booking date
    "booking_date_invalid": N_("“%(text)s” is not a date. Choose a booking date."),
    "books_closed": N_("The books are closed until %(closed)s. Choose a booking date after that day."),
    "period_missing": N_(
        "Exact has no financial period for %(date)s. Create it in Exact and choose Refresh from Exact, "
        "or choose another booking date."
    ),
    "period_unreadable": N_(
        "A financial period cannot be read from Exact, and no other one is for %(date)s. Activity says "
        "what is odd about it. Correct it in Exact and choose Refresh from Exact, or choose another "
        "booking date."
    ),
    # the ledger account
    "ledger_unmapped": N_(
        "The service type %(service)s has no ledger account. Map it, or choose a ledger code here."
    ),
    "ledger_unmapped_line": N_("The line “%(line)s” has no service type. Choose a ledger code for it."),
    "ledger_unknown": N_(
        "The ledger account of “%(line)s” is not in Exact. Choose another, or choose Refresh from Exact."
    ),
    "ledger_unreadable": N_(
        "The ledger account of “%(line)s” cannot be read from Exact. Activity says what is odd about it."
        " Correct it in Exact and choose Refresh from Exact, or choose another."
    ),
    "ledger_blocked": N_("The ledger account %(ledger)s is blocked in Exact. Choose another one."),
    "ledger_type": N_(
        "The ledger account %(ledger)s keeps receivables or VAT and takes no revenue. Choose another one."
    ),
    "cost_center_missing": N_(
        "The ledger account %(ledger)s demands a cost centre. Choose one for “%(line)s”."
    ),
    "cost_center_unknown": N_(
        "Exact has no cost centre %(code)s. Choose another for “%(line)s”, or choose Refresh from Exact."
    ),
    "cost_center_unreadable": N_(
        "The cost centre %(code)s cannot be read from Exact. Activity says what is odd about it. Correct"
        " it in Exact and choose Refresh from Exact, or choose another for “%(line)s”."
    ),
    "cost_center_ended": N_("The cost centre %(code)s ended on %(date)s. Choose another for “%(line)s”."),
    # the VAT code
    "no_vat_codes": N_(
        "Exact has no VAT codes for sales, and this invoice carries VAT. Create them in Exact, then "
        "choose Refresh from Exact."
    ),
    "vat_unmapped": N_("The tax rate %(rate)s has no VAT code. Map it, or choose a VAT code here."),
    "vat_unmapped_none": N_("Some lines have no tax rate. Choose the VAT code for them."),
    "vat_unmapped_place": N_(
        "The tax rate %(rate)s has no VAT code for customers %(place)s. Map it, or choose a VAT code here."
    ),
    "vat_place_no_country": N_(
        "The tax rate %(rate)s has a VAT code for each place, and the country of %(customer)s is not "
        "known. Give the customer a country in Exact, or choose a VAT code here."
    ),
    "vat_place_other_country": N_(
        "The tax rate %(rate)s has a VAT code for each place. %(customer)s is in %(country)s, and its "
        "VAT number %(number)s is of another place. Correct the customer in Exact, or choose a VAT code "
        "here."
    ),
    "vat_place_unreadable": N_(
        "The tax rate %(rate)s has a VAT code for each place, and “%(number)s” is not a VAT number of a "
        "known shape. Correct the number of %(customer)s in Exact, or choose a VAT code here."
    ),
    "vat_place_no_division": N_(
        "The tax rate %(rate)s has a VAT code for each place, and Exact gives no country for this "
        "division. Choose a VAT code here, or one code for all places on Mappings."
    ),
    "vat_listed_without_number": N_(
        "The VAT code %(code)s is for the EC sales list, and %(customer)s has no VAT number of another "
        "EU country. Give it one in Exact, choose another code for %(rate)s, or confirm this one."
    ),
    "vat_listed_at_home": N_(
        "The VAT code %(code)s is for the EC sales list, and %(customer)s is in the country of this "
        "division. Choose another code for %(rate)s, or confirm this one."
    ),
    "vat_reversed_abroad": N_(
        "The VAT code %(code)s is for reverse charge at home, and %(customer)s is abroad. Choose another"
        " code for %(rate)s, or confirm this one."
    ),
    "vat_not_listed": N_(
        "%(customer)s is in the EU and has a VAT number, and the VAT code %(code)s is not for the EC "
        "sales list. Choose another code for %(rate)s, or confirm this one."
    ),
    "vat_unknown": N_("Exact has no VAT code %(code)s. Choose another, or choose Refresh from Exact."),
    "vat_unreadable": N_(
        "The VAT code %(code)s cannot be read from Exact. Activity says what is odd about it. Correct it"
        " in Exact and choose Refresh from Exact, or choose another."
    ),
    "vat_blocked": N_("The VAT code %(code)s is blocked in Exact. Choose another for %(rate)s."),
    "vat_not_for_sales": N_("The VAT code %(code)s is not meant for sales. Choose another for %(rate)s."),
    "vat_including": N_(
        "The VAT code %(code)s is for amounts that include VAT. Choose one excluding VAT for %(rate)s."
    ),
    "vat_on_exempt": N_(
        "The VAT code %(code)s books no VAT, but “%(line)s” carries %(vat)s. Choose another for %(rate)s."
    ),
    "vat_percentage": N_(
        "The VAT code %(code)s was %(code_percentage)s on %(date)s, and the tax rate %(rate)s is "
        "%(percentage)s. Choose another VAT code."
    ),
    "copying_closed": N_(
        "Copying is closed: this portal works on a restored database. It opens when flask adopt has "
        "ended. Nothing is lost; ask again then."
    ),
    # changing what is booked
    "journal_cannot_change": N_(
        "An entry cannot move from journal %(old)s to %(new)s. Keep the journal, or undo the copy and "
        "create a new one."
    ),
    "currency_cannot_change": N_(
        "The entry is in %(old)s and the invoice in %(new)s. Undo the copy and create a new one."
    ),
    "exact_changed": N_(
        "Somebody changed this in Exact since it was copied, and the update would overwrite it: "
        "%(what)s. Choose in Update existing for each whether it stays or is overwritten."
    ),
    "exact_undecided": N_(
        "Changed in Exact since it was copied, and not decided yet: %(count)s. Choose for each whether "
        "it stays or is overwritten."
    ),
    "no_lines_left": N_(
        "With what is kept as Exact has it, entry %(entry)s would have no line. Overwrite a line, or use"
        " Undo to take the entry back."
    ),
    "sign_cannot_change": N_(
        "Entry %(entry)s is over %(old)s in Exact, and the invoice is over %(new)s now. Undo the copy "
        "and create a new one."
    ),
    "rate_is_default": N_(
        "Entry %(entry)s was booked at the exchange rate 1 for %(currency)s, which is no real rate. An "
        "update cannot take that back. Undo the copy and create a new one."
    ),
    "entry_processed": N_(
        "Entry %(entry)s is processed in Exact and can no longer change. Correct it with a credit note "
        "and a new invoice."
    ),
    "entry_paid": N_(
        "Entry %(entry)s is already paid, at least in part. Take the payment off in Exact first, or "
        "correct it with a credit note."
    ),
    "entry_closed": N_(
        "Entry %(entry)s is booked on %(date)s, and the books are closed until %(closed)s. Correct it "
        "with a credit note in an open period."
    ),
    # a trial in a test division
    "trial_books_closed": N_(
        "The books are closed until %(closed)s, and a trial books today. Edit the integration first."
    ),
    "trial_no_period": N_(
        "Exact has no financial period for %(date)s. Create it in Exact, then choose Refresh from Exact."
    ),
    "trial_no_journal": N_(
        "The division has no sales journal in its own currency that is not blocked. Create one in Exact,"
        " then choose Refresh from Exact."
    ),
    "trial_no_ledger": N_(
        "The division has no ledger account for revenue that does without a cost centre. Create one in "
        "Exact, then choose Refresh from Exact."
    ),
    "trial_no_vat_code": N_(
        "The division has no VAT code for sales with a percentage. Create one in Exact, then choose "
        "Refresh from Exact."
    ),
    "trial_other_name": N_(
        "This is not the name of the division. Type “%(name)s” to confirm that the trial may book there."
    ),
    "trial_not_connected": N_("A trial needs a connection that is set up and signed in. Finish that first."),
    "trial_running": N_("A trial of this connection is under way. Wait for its end, or break it off."),
    "trial_invoice": N_(
        "There is no invoice %(number)s in this subsidiary. Refresh the invoices, or name another."
    ),
    # what a trial found not to hold
    "copying_kept_off": N_(
        "Copying is kept off, for a trial found that this does not hold: %(assumed)s Change what stands "
        "in the way in Exact or Productive, then try again."
    ),
    "credit_kept_off": N_(
        "Credit notes are kept off, for a trial found that this does not hold: %(assumed)s Book it in "
        "Exact, or try again with the other setting for credit notes."
    ),
    "foreign_kept_off": N_(
        "Without an exchange rate of Productive's this currency is kept off, for a trial found that this"
        " does not hold: %(assumed)s Book the invoice in Exact."
    ),
    "customer_kept_off": N_(
        "New customers are kept off, for a trial found that this does not hold: %(assumed)s Create the "
        "customer in Exact, choose Refresh from Exact, and then choose it here."
    ),
    "update_kept_off": N_(
        "Updates are kept off, for a trial found that this does not hold: %(assumed)s Undo the copy and "
        "create a new one."
    ),
    "deletion_kept_off": N_(
        "The portal deletes no entries here, for a trial found that this does not hold: %(assumed)s "
        "Delete the entry in Exact, or book a credit entry."
    ),
    "payments_kept_off": N_(
        "Payments are not synchronised, for a trial found that this does not hold: %(assumed)s"
    ),
    "other_vat_kept_off": N_(
        "“%(line)s” carries %(ours)s of VAT and Exact would book %(theirs)s, for a trial found that it "
        "does not keep the VAT that is sent. Book the invoice in Exact."
    ),
    "totaled_vat_kept_off": N_(
        "The lines with VAT code %(code)s carry %(ours)s of VAT and Exact would book %(theirs)s, for a "
        "trial found that it works VAT out on the sum. Book the invoice in Exact."
    ),
    # undoing a copy
    "nothing_to_undo": N_("There is no copy in Exact that could be undone."),
    "undo_stale": N_(
        "The copies of this invoice changed while you were looking. Please check it again as it is now."
    ),
    "entry_changed": N_(
        "Entry %(entry)s changed in Exact since it was shown here. Nothing was done. Open Undo again and"
        " check the entry as it is now."
    ),
    "entry_not_ours": N_(
        "Entry %(entry)s does not carry this portal's marker: somebody else booked it and it was only "
        "linked. The portal neither deletes nor credits what it did not book."
    ),
    "entry_in_collection": N_(
        "Entry %(entry)s is selected for collection in Exact. Take it out of the collection there first."
    ),
    "entry_paid_before": N_(
        "When payments were last fetched, entry %(entry)s was paid. Exact shows it as unpaid now: choose"
        " Get payments now on the payments page, then undo."
    ),
    "payment_kept": N_(
        "Productive still has a payment that this portal made from entry %(entry)s, or one is under way."
        " Take it off in Exact; Get payments now on the payments page then removes it in Productive."
    ),
    "charges_among_credits": N_(
        "The journal %(journal)s is for credit notes, and this entry charges the customer again. Choose "
        "a sales journal."
    ),
    "credit_blocked": N_("%(what)s of the entry is blocked in Exact. Unblock it there, then try again."),
    "credit_by_hand": N_(
        "Entry %(found)s in Exact carries the same number with its amounts turned, so somebody may have "
        "credited entry %(entry)s by hand. Nothing was booked. If it is another one, say so on the "
        "invoice's page, then try again."
    ),
    "credit_exists": N_(
        "Exact already holds entry %(found)s, which credits entry %(entry)s and carries this portal's "
        "marker. Nothing was booked. Delete it in Exact if it is not wanted, then try again."
    ),
    # what a person asks for, and what they type of a new customer
    "not-connected": N_("This subsidiary is not connected to Exact."),
    "changed": N_(
        "The invoice changed in Productive while you were looking. Please check it again as it is now."
    ),
    "nothing-to-update": N_("There is no copy in Exact to update."),
    "nothing-to-retry": N_("Only a refused copy can be tried again."),
    "one-is-tried": N_("Another copy is tried first; this one follows it."),
    "excluded": N_("This invoice is not to be copied: %(reason)s. Allow copying again on its page first."),
    "copied-elsewhere": N_(
        "Productive says that another link exported this invoice. Link the existing entry on its page."
    ),
    "customer-name": N_("Give the new customer a name."),
    "customer-too-long": N_("Shorten this to %(most)s characters; Exact takes no more."),
    "customer-country": N_("Write the country as two letters, such as NL."),
}
OF_PROBLEMS: Mapping[str, Sentence] = {
    **WITHIN,
    **{problem_code(code): sentence for code, sentence in _BY_CODE.items()},
}
