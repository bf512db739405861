"""The sentences of what happened."""

from collections.abc import Mapping

from portal.domain.happened import Happened
from portal.sentences.mark import N_, NN_, Sentence

COPYING: Mapping[str, Sentence] = {
    Happened.ASKED_TO_COPY: N_("Asked to copy invoice %(number)s"),
    Happened.ASKED_TO_UPDATE: N_("Asked to update the copy of invoice %(number)s"),
    Happened.ASKED_TO_UNDO: N_("Asked to undo the copy of invoice %(number)s"),
    Happened.ASKED_TO_CREDIT: N_("Asked to credit the copy of invoice %(number)s"),
    Happened.ASKED_TO_UNLINK: N_("Asked to take back the link of invoice %(number)s"),
    Happened.ENTRY_FOUND: N_("Found entry %(entry)s in Exact by its marker"),
    Happened.ENTRY_COPIED: N_("Entry %(entry)s in Exact, copied"),
    Happened.ENTRY_DIFFERENT: N_("Entry %(entry)s in Exact, copied with a difference"),
    Happened.ENTRY_UPDATED_ALREADY: N_("Entry %(entry)s in Exact is updated already"),
    Happened.ENTRY_DELETED: N_("Entry %(entry)s deleted in Exact"),
    Happened.ENTRY_CREDITED: N_("Credit entry %(entry)s booked in Exact"),
    Happened.ENTRY_UNLINKED: N_("Entry %(entry)s in Exact is linked no more"),
    Happened.COUNTS_AGAIN: N_(
        "Entry %(entry)s of an older copy is still in Exact and counts as the copy again"
    ),
    Happened.CREDIT_DIFFERENT: N_(
        "Exact booked the credit entry as %(booked)s instead of %(sent)s. "
        "Correct credit entry %(entry)s in Exact."
    ),
    Happened.NOT_TO_BE_COPIED: N_("Not to be copied: %(reason)s"),
    Happened.MAY_BE_COPIED: N_("May be copied again"),
    Happened.LINKED: N_("Linked to entry %(entry)s in Exact"),
    Happened.ANOTHER_BY_NUMBER: N_(
        "Said that entry %(numbers)s in Exact, which carries the same number, is another one"
    ),
    Happened.ANOTHER_NAMED: N_(
        "Said that entry %(numbers)s in Exact, which Productive names, is another one"
    ),
    Happened.HELD: N_("Further copies like this one are held unsent: %(words)s"),
    Happened.HELD_FOR_FAULT: N_("Further copies like this one are held unsent: %(fault)s"),
    Happened.RELEASED: NN_(
        "%(count)s held copy goes on: %(words)s", "%(count)s held copies go on: %(words)s"
    ),
    Happened.RELEASED_FROM_FAULT: NN_(
        "%(count)s held copy goes on: %(fault)s", "%(count)s held copies go on: %(fault)s"
    ),
}
RUNS: Mapping[str, Sentence] = {
    Happened.RUN_ASKED: NN_(
        "Asked to copy %(count)s invoice at once", "Asked to copy %(count)s invoices at once"
    ),
    Happened.RUN_STOPPED: N_("Stopped the run"),
    Happened.RUN_GOES_ON: N_("Let the run go on"),
    Happened.RUN_ENDED: NN_(
        "Run ended: %(booked)s of %(total)s copied, %(count)s needs somebody",
        "Run ended: %(booked)s of %(total)s copied, %(count)s need somebody",
    ),
    Happened.NOT_SENT: N_("Not sent, for the run was stopped"),
    Happened.RULE_CHANGED: N_("Changed what is copied by itself. The rule is off"),
    Happened.RULE_ON: NN_(
        "Switched copying by itself on. %(count)s invoice is ready for it",
        "Switched copying by itself on. %(count)s invoices are ready for it",
    ),
    Happened.RULE_OFF: N_("Switched copying by itself off"),
}
PAYMENTS: Mapping[str, Sentence] = {
    Happened.PAYMENT_MADE: N_("Payment made in Productive: %(reason)s"),
    Happened.PAYMENT_CHANGED: N_("Payment changed in Productive: %(reason)s"),
    Happened.PAYMENT_REMOVED: N_("Payment removed: %(reason)s"),
    Happened.PAYMENT_TRIED_AGAIN: N_("Asked to try the payment again"),
    Happened.PAYMENT_RESTORED: N_("Asked to restore a payment that was changed or removed in Productive"),
    Happened.PAYMENT_ANYWAY: N_("Asked to record the payment although it over-pays the invoice"),
    Happened.MARKED_AS_SENT: N_("Marked as sent in Productive"),
    Happened.SETTLED_BEFORE_MOVED: N_(
        "A part that was settled before payments were switched on has another date in Exact now. "
        "It makes no payment; if it is new money, record it in Productive."
    ),
    Happened.REPAIRED: N_(
        "The nightly control found %(open)s open in Exact for entry %(entry)s, "
        "where the portal had %(before)s. It was read again and put right."
    ),
    Happened.ANEW_DIVISION_MOVED: N_("Exact moved the division, so all receivables are read anew."),
    Happened.ANEW_TOO_OLD: N_(
        "Exact was last asked so long ago that it may have forgotten deletions, "
        "so all receivables are read anew."
    ),
    Happened.ANEW_BACKWARDS: N_(
        "Exact's list of changes went backwards, as after a restored backup, "
        "so all receivables are read anew."
    ),
}
CUSTOMERS: Mapping[str, Sentence] = {
    Happened.CUSTOMER_LINKED_CERTAIN: N_(
        "Linked %(company)s to customer %(customer)s in Exact, by the portal, for the evidence left no doubt"
    ),
    Happened.CUSTOMER_LINKED_CHOSEN: N_("Linked %(company)s to customer %(customer)s in Exact, by choice"),
    Happened.CUSTOMER_LINKED_CREATED: N_("Linked %(company)s to customer %(customer)s in Exact, made for it"),
    Happened.CUSTOMER_LINKED_ENTRY: N_(
        "Linked %(company)s to customer %(customer)s in Exact, by an entry in Exact"
    ),
    Happened.CUSTOMER_LINKED_BEFORE: N_("Linked %(company)s to customer %(customer)s in Exact, as before"),
    Happened.CUSTOMER_CONFIRMED: N_("Confirmed that %(company)s is customer %(customer)s in Exact"),
    Happened.CUSTOMER_LINK_REMOVED: N_("Removed the link of %(company)s to customer %(customer)s in Exact"),
    Happened.CUSTOMER_GONE: N_("Customer %(customer)s is no longer in Exact. Choose another"),
    Happened.UNKNOWN_CUSTOMER: N_("unknown"),
}
MAPPINGS: Mapping[str, Sentence] = {
    Happened.LEDGER_MAPPED: N_("Default ledger mapped to ledger %(ledger)s"),
    Happened.SERVICES_MAPPED: NN_(
        "%(count)s service type mapped to ledger %(ledger)s",
        "%(count)s service types mapped to ledger %(ledger)s",
    ),
    Happened.TAXES_MAPPED: NN_(
        "%(count)s tax rate mapped to VAT code %(vat_code)s",
        "%(count)s tax rates mapped to VAT code %(vat_code)s",
    ),
    Happened.LEDGER_UNMAPPED: N_("Default ledger no longer mapped"),
    Happened.SERVICES_UNMAPPED: NN_(
        "%(count)s service type no longer mapped", "%(count)s service types no longer mapped"
    ),
    Happened.TAXES_UNMAPPED: NN_(
        "%(count)s tax rate no longer mapped", "%(count)s tax rates no longer mapped"
    ),
    Happened.LEDGER_UNDONE: N_("Default ledger: change undone"),
    Happened.SERVICES_UNDONE: NN_(
        "%(count)s service type: change undone", "%(count)s service types: change undone"
    ),
    Happened.TAXES_UNDONE: NN_("%(count)s tax rate: change undone", "%(count)s tax rates: change undone"),
    Happened.TAXES_SPLIT_AGAIN: NN_("%(count)s tax rate: split again", "%(count)s tax rates: split again"),
    Happened.RATE_SPLIT: N_("%(rate)s: a VAT code for each place"),
    Happened.RATE_JOINED: N_("%(rate)s: one VAT code for all customers"),
    Happened.OWN_CODE_SET: N_("%(rate)s: a customer has its own VAT code %(vat_code)s"),
    Happened.OWN_CODE_REMOVED: N_("%(rate)s: a customer has no VAT code of its own any more"),
    Happened.MAPPINGS_REMEMBERED: NN_(
        "%(count)s mapping remembered from the copy of invoice %(number)s",
        "%(count)s mappings remembered from the copy of invoice %(number)s",
    ),
    Happened.SUGGESTIONS_ACCEPTED: NN_("%(count)s suggestion accepted", "%(count)s suggestions accepted"),
}
CONNECTIONS: Mapping[str, Sentence] = {
    Happened.CONNECTED: N_("Exact connected: %(division)s"),
    Happened.CONNECTION_CHANGED: N_("Integration with %(division)s changed"),
    Happened.DISCONNECTED: N_("Exact disconnected: %(division)s"),
    Happened.PRODUCTIVE_SET_UP: N_("Productive set up: %(organization)s"),
    Happened.SIGNED_IN_AT_EXACT: N_("%(user)s signed in at Exact"),
    Happened.SIGN_IN_NEVER_SETTLED: N_(
        "Exact did not say whose the new sign-in is. Sign in again (%(words)s)"
    ),
    Happened.SIGN_IN_WORKS_AGAIN: N_("The sign-in of %(user)s works again"),
}
BOOKS: Mapping[str, Sentence] = {
    Happened.ACCEPTED: N_("Accepted Exact’s version of entry %(entry)s"),
    Happened.ACCEPTED_DELETED: N_("Accepted that entry %(entry)s was deleted in Exact"),
    Happened.ACCEPTED_ALONE: N_("Accepted that entry %(entry)s belongs to Exact alone"),
    Happened.ACCEPTED_BECAUSE: N_("%(accepted)s: %(reason)s"),
    Happened.ACCEPTANCE_ENDED: N_("Exact’s version counts as a difference again"),
    Happened.SIGNED_OFF: N_("Signed off %(month)s"),
    Happened.TOTALS_MENDED: NN_(
        "The totals of Reconciliation were wrong in %(count)s place and were put right.",
        "The totals of Reconciliation were wrong in %(count)s places and were put right.",
    ),
    Happened.COUNT_MENDED: NN_(
        "The kept count “%(name)s” was wrong in %(count)s place and was put right.",
        "The kept count “%(name)s” was wrong in %(count)s places and was put right.",
    ),
}
RESTORES: Mapping[str, Sentence] = {
    Happened.RESTORED_FROM_BACKUP: N_("This database is a backup of %(moment)s."),
    Happened.RESTORED_FROM_DUMP: N_("This database was restored from a dump."),
    Happened.DATABASE_BEHIND: N_(
        "This database is older than what this portal has done: "
        "it knows %(known)s writes, %(seen)s were made."
    ),
    Happened.CLOSED_BY_HAND: N_("An administrator closed copying."),
    Happened.COPYING_OPENED: N_("Copying is open again: what was written since the backup is adopted"),
    Happened.ENTRY_ADOPTED: N_("Adopted entry %(entry)s of Exact after a restore, copied"),
    Happened.ENTRY_ADOPTED_DIFFERENT: N_(
        "Adopted entry %(entry)s of Exact after a restore, copied with a difference"
    ),
    Happened.ENTRY_CHANGED_AFTER_BACKUP: N_("Entry %(entry)s was changed after the backup; taken over"),
    Happened.SETTLED_BY_HAND: N_("Settled by hand: %(number)s %(reference)s – %(why)s"),
}
TRIALS: Mapping[str, Sentence] = {
    Happened.TRIAL_STARTED: N_("Started a trial in the division %(division)s"),
    Happened.TRIAL_STOPPED: N_("Broke off the trial in the division %(division)s"),
    Happened.TRIAL_ENDED: N_("Trial ended in %(division)s: %(hold)s assumptions hold, %(fail)s fail"),
    Happened.TRIAL_BROKEN_OFF: N_(
        "Trial broken off in %(division)s: %(hold)s assumptions hold, %(fail)s fail"
    ),
}
PEOPLE: Mapping[str, Sentence] = {
    Happened.USER_ADDED: N_("Added %(email)s as %(role)s for %(reach)s"),
    Happened.USER_CHANGED: N_("Changed %(email)s: %(changes)s"),
    Happened.USER_RENAMED: N_("name %(before)s → %(name)s"),
    Happened.USER_ROLE: N_("role %(before)s → %(role)s"),
    Happened.USER_REACH: N_("reach %(before)s → %(reach)s"),
    Happened.USER_LET_IN: N_("may sign in no → yes"),
    Happened.USER_SHUT_OUT: N_("may sign in yes → no"),
    Happened.PASSWORD_SET: N_("Set the password of %(email)s"),
    Happened.PASSWORD_SET_FOR_ONCE: N_("Set the password of %(email)s, to be changed at the next sign-in"),
    Happened.ALL_SUBSIDIARIES: N_("all subsidiaries"),
    Happened.NO_SUBSIDIARY: N_("no subsidiary"),
    Happened.ROLE_ADMINISTRATOR: N_("administrator"),
    Happened.ROLE_FINANCE: N_("finance"),
    Happened.ROLE_VIEWER: N_("viewer"),
    Happened.SIGNED_IN: N_("%(email)s signed in from %(address)s"),
    Happened.SIGNED_IN_FROM_UNKNOWN: N_("%(email)s signed in from an unknown address"),
    Happened.SIGNED_OUT: N_("%(email)s signed out"),
    Happened.SIGN_IN_FAILED: N_("A sign-in for %(email)s failed, from %(address)s"),
    Happened.SIGN_IN_FAILED_FROM_UNKNOWN: N_("A sign-in for %(email)s failed, from an unknown address"),
    Happened.STRANGER_FAILED: N_("A sign-in for an e-mail that nobody has failed, from %(address)s"),
    Happened.STRANGER_FAILED_FROM_UNKNOWN: N_(
        "A sign-in for an e-mail that nobody has failed, from an unknown address"
    ),
    Happened.CODE_FAILED: N_("A wrong code was entered after the password of %(email)s, from %(address)s"),
    Happened.CODE_FAILED_FROM_UNKNOWN: N_(
        "A wrong code was entered after the password of %(email)s, from an unknown address"
    ),
    Happened.RECOVERY_CODE_USED: NN_(
        "%(email)s signed in with a recovery code, %(count)s is left",
        "%(email)s signed in with a recovery code, %(count)s are left",
    ),
    Happened.SECOND_FACTOR_ON: N_("%(email)s set up a second factor"),
    Happened.SECOND_FACTOR_OFF: N_("%(email)s switched the second factor off"),
    Happened.SECOND_FACTOR_RESET: N_("Took away the second factor of %(email)s"),
    Happened.RECOVERY_CODES_MADE: N_("%(email)s made new recovery codes"),
    Happened.MANY_SIGN_INS_FAILED: N_("More sign-ins failed; only the first 100 of an hour are listed"),
}
EVENTS: Mapping[str, Sentence] = {
    **COPYING,
    **RUNS,
    **PAYMENTS,
    **CUSTOMERS,
    **MAPPINGS,
    **CONNECTIONS,
    **BOOKS,
    **RESTORES,
    **TRIALS,
    **PEOPLE,
}
