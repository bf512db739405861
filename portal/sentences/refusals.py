"""The sentences of why something that a person asked for is not done."""

from collections.abc import Mapping

from portal.domain.refused import Refused
from portal.sentences.mark import N_, Sentence

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
}
