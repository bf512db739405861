"""The sentences of why something that a person asked for is not done."""

from collections.abc import Mapping

from portal.domain.refused import Refused
from portal.sentences.mark import N_, NN_, Sentence

REFUSALS: Mapping[str, Sentence] = {
    Refused.CHOOSE_SUBSIDIARY: N_("Choose one of the subsidiaries."),
    Refused.SUBSIDIARY_TAKEN: N_("This subsidiary is already connected to Exact."),
    Refused.SIGN_IN_GONE: N_("This sign-in no longer works. Sign in at Exact again."),
    Refused.CANNOT_OPEN: N_("%(user)s cannot open %(division)s in Exact."),
    Refused.DIVISION_FIRST: N_("Choose the division first."),
    Refused.DIVISION_TAKEN_MEANWHILE: N_("This division was connected elsewhere meanwhile."),
    Refused.DIVISION_TAKEN: N_("%(division)s is already connected to %(name)s. Choose another division."),
    Refused.DIVISION_NOT_OFFERED: N_("Exact does not offer this division to you. Choose another."),
    Refused.LEDGER_NOT_OFFERED: N_("Exact does not offer this ledger account. Choose another."),
    Refused.JOURNAL_NOT_OFFERED: N_("Exact does not offer this journal for sales. Choose another."),
    Refused.NOT_COMPLETE: N_("The set-up is not complete yet. Go back one step."),
    Refused.OTHER_ORGANIZATION: N_(
        "This token belongs to %(name)s (organisation %(id)s), not to organisation %(wanted)s."
    ),
    Refused.STILL_CONNECTED: N_(
        "%(name)s is still connected to Exact. Disconnect it before you change the organisation."
    ),
    Refused.CUSTOMER_GONE: N_("This customer is no longer in Exact. Choose another."),
    Refused.LINKED_MEANWHILE: N_("This company was linked meanwhile."),
    Refused.CUSTOMER_FROM_LIST: N_("Choose a customer from the list."),
    Refused.NO_INVOICES: N_("This company has no invoices any more. Remove the link."),
    Refused.LINK_REMOVED: N_("This link was removed meanwhile."),
    Refused.SAY_WHY_NOT_COPIED: N_("Say why this invoice is not to be copied."),
    Refused.SAY_WHY_SHORTER: N_("Say why in %(most)s characters at most. Nothing was changed."),
    Refused.ENTRY_NO_LONGER_THERE: N_("That entry is no longer in Exact. Search again."),
    Refused.OTHER_REFERENCE: N_("Entry %(entry)s carries another reference: %(reference)s."),
    Refused.OTHER_COPYS: N_("Entry %(entry)s already belongs to another copy."),
    Refused.BEING_COPIED: N_("This invoice is being copied now. Wait until that has ended."),
    Refused.COPIED_ALREADY: N_("This invoice is copied already. Its page shows the entry in Exact."),
    Refused.TURNED: N_(
        "Entry %(entry)s is %(booked)s and %(number)s is %(wanted)s, so it is another document. Choose "
        "another entry, or confirm in Copy to Exact that it is another one."
    ),
    Refused.RULE_CHANGED: N_("Somebody changed this rule meanwhile. Look at it again."),
    Refused.RULE_CLOSED: N_("Copying is closed after a restore, so no rule can be switched on now."),
    Refused.RULE_COVERS_OTHERS: NN_(
        "It would copy %(count)s invoice now, not %(seen)s. Look at it again.",
        "It would copy %(count)s invoices now, not %(seen)s. Look at it again.",
    ),
    Refused.NO_SUCH_ENTRY: N_(
        "Exact shows no such entry under this number. Open Copy to Exact to look again."
    ),
    Refused.SAY_WHY_ACCEPTED: N_("Say why in %(most)s characters at most. Nothing was accepted."),
    Refused.VERSION_UNKNOWN: N_("Exact’s version is not known. Choose Read Exact now, then accept it."),
    Refused.CHANGED_WHILE_LOOKING: N_(
        "The entry changed in Exact while you were looking. Check it again as it is now."
    ),
    Refused.NOT_LINKED: N_("This entry is not linked to the invoice. Link it first."),
    Refused.LOOK_TOO_OLD: N_(
        "The last look in Exact is older than ten minutes. Look up again, then link. Nothing was changed."
    ),
    Refused.ACCOUNT_NOT_FOR_SALES: N_("Exact does not offer this ledger account for sales. Choose another."),
    Refused.CODE_NOT_FOR_SALES: N_("Exact does not offer this VAT code for sales. Choose another."),
    Refused.NO_SOURCE: N_("Tick the rows to map first."),
    Refused.NO_LONGER_SUGGESTED: N_(
        "What you accepted is no longer suggested. Look at the suggestions as they are now."
    ),
}
