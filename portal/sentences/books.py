"""The sentences of why both books differ."""

from collections.abc import Mapping

from portal.domain.books.causes import code_of
from portal.domain.books.states import Why
from portal.sentences.mark import N_, Sentence

SENTENCES_OF: Mapping[Why, str] = {
    # only in Productive
    Why.NOT_CONNECTED: N_("This subsidiary is not connected to Exact."),
    Why.NOT_COPIED: N_("It was not copied to Exact yet."),
    Why.REFUSED: N_("Exact did not take it: %(trouble)s"),
    Why.ON_ITS_WAY: N_("It is being copied now."),
    Why.UNCERTAIN: N_("A reply from Exact was lost. Whether the entry was booked is being found out."),
    Why.UNDONE: N_("The copy was undone, and it was not copied again."),
    Why.ELSEWHERE: N_("Productive says that another link exported it, and no entry here is linked to it."),
    Why.SEVERAL: N_(
        "Exact holds several entries with this number, and none is linked to it. Choose the right one."
    ),
    Why.EXCLUDED: N_("Not to be copied: %(reason)s"),
    Why.EARLY: N_("It is dated before the day from which invoices are copied."),
    Why.GONE: N_("The entry was deleted in Exact."),
    # only in Exact
    Why.STRANGER: N_("No invoice in Productive has this reference. It was booked in Exact."),
    Why.TWIN: N_(
        "It carries the same marker as entry %(linked)s, which is linked to invoice %(number)s: most "
        "likely the network repeated one request, so the revenue is booked twice. Keep entry %(linked)s"
        " and delete this one, entry %(entry)s, in Exact."
    ),
    Why.BESIDE: N_(
        "It carries the number of invoice %(number)s, which is linked to entry %(linked)s. Delete it in"
        " Exact if it books the same invoice once more, else accept it."
    ),
    Why.OLDER: N_(
        "It is an older copy of invoice %(number)s, so the revenue is booked twice. Delete it in Exact."
    ),
    Why.INVOICE_GONE: N_(
        "Invoice %(number)s was deleted in Productive, but its entry stands in Exact. Credit it there."
    ),
    Why.CREDITED: N_(
        "The copy of invoice %(number)s was undone by a credit entry; the two take each other back."
    ),
    # in both
    Why.UNLINKED: N_(
        "Exact has an entry with this number, but it is not linked to the invoice. Link it, so that its"
        " payments are seen."
    ),
    Why.CURRENCY: N_("Both sides are in different currencies."),
    Why.EDITED_IN_EXACT: N_("Somebody changed the entry in Exact after it was copied."),
    Why.BOTH_CHANGED: N_(
        "The entry was changed in Exact, and the invoice in Productive, after it was copied."
    ),
    Why.EDITED_IN_PRODUCTIVE: N_("The invoice was changed in Productive after it was copied."),
    Why.HALF_UPDATED: "%(trouble)s",
    Why.BOOKED_DIFFERENTLY: N_("Exact booked another amount than was sent."),
    Why.LINKED_DIFFERENTLY: N_("The entry that was linked to this invoice says something else."),
    Why.OTHER_PERIOD: N_(
        "It is booked in another month than the invoice’s date, as chosen when it was copied."
    ),
    Why.NOT_SENT: N_(
        "It is paid in Exact. Productive takes no payment before the invoice is marked as sent."
    ),
    Why.PAYMENT_REFUSED: N_("Productive refused the payment: %(trouble)s"),
    Why.PAYMENT_ON_ITS_WAY: N_("The payment is on its way to Productive."),
    Why.FINDING: "%(finding)s",
    Why.BASELINE: N_(
        "It was settled in Exact before payments were synchronised. Record it in Productive by hand."
    ),
    Why.BY_HAND: N_("Productive holds payments that this portal did not make and that Exact does not show."),
    Why.NOT_PULLED: N_("Exact shows a payment that was not recorded in Productive yet."),
}
OF_BOOKS: Mapping[str, Sentence] = {code_of(why): text for why, text in SENTENCES_OF.items()}
