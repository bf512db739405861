"""Why both books differ, in plain words, and what to do next."""

from collections.abc import Mapping

from portal.domain.books.states import NextStep, Why

# What is said, and the steps that are offered, the likeliest first.
CAUSES: Mapping[Why, tuple[str, tuple[NextStep, ...]]] = {
    # only in Productive
    Why.NOT_CONNECTED: ("This subsidiary is not connected to Exact.", (NextStep.SETTINGS,)),
    Why.NOT_COPIED: ("It was not copied to Exact yet.", (NextStep.COPY, NextStep.LINK, NextStep.EXCLUDE)),
    Why.REFUSED: (
        "Exact did not take it: {trouble}",
        (NextStep.SEE_INVOICE, NextStep.COPY, NextStep.EXCLUDE),
    ),
    Why.ON_ITS_WAY: ("It is being copied now.", (NextStep.SEE_INVOICE,)),
    Why.UNCERTAIN: (
        "A reply from Exact was lost. Whether the entry was booked is being found out.",
        (NextStep.SEE_INVOICE,),
    ),
    Why.UNDONE: ("The copy was undone, and it was not copied again.", (NextStep.COPY, NextStep.EXCLUDE)),
    Why.ELSEWHERE: (
        "Productive says that another link exported it, and no entry here is linked to it.",
        (NextStep.LINK, NextStep.EXCLUDE),
    ),
    Why.SEVERAL: (
        "Exact holds several entries with this number, and none is linked to it. Choose the right one.",
        (NextStep.LINK, NextStep.EXCLUDE),
    ),
    Why.EXCLUDED: ("Not to be copied: {reason}", (NextStep.SEE_INVOICE,)),
    Why.EARLY: (
        "It is dated before the day from which invoices are copied.",
        (NextStep.LINK, NextStep.SEE_INVOICE),
    ),
    Why.GONE: ("The entry was deleted in Exact.", (NextStep.CREATE, NextStep.ACCEPT, NextStep.SEE_INVOICE)),
    # only in Exact
    Why.STRANGER: (
        "No invoice in Productive has this reference. It was booked in Exact.",
        (NextStep.OPEN_EXACT, NextStep.ACCEPT),
    ),
    Why.TWIN: (
        "It carries the same marker as entry {linked}, which is linked to invoice {number}: most likely the "
        "network repeated one request, so the revenue is booked twice. Keep entry {linked} and delete this "
        "one, entry {entry}, in Exact.",
        (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE, NextStep.ACCEPT),
    ),
    Why.BESIDE: (
        "It carries the number of invoice {number}, which is linked to entry {linked}. Delete it in Exact if "
        "it books the same invoice once more, else accept it.",
        (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE, NextStep.ACCEPT),
    ),
    Why.OLDER: (
        "It is an older copy of invoice {number}, so the revenue is booked twice. Delete it in Exact.",
        (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE, NextStep.ACCEPT),
    ),
    Why.INVOICE_GONE: (
        "Invoice {number} was deleted in Productive, but its entry stands in Exact. Credit it there.",
        (NextStep.OPEN_EXACT, NextStep.ACCEPT),
    ),
    Why.CREDITED: (
        "The copy of invoice {number} was undone by a credit entry; the two take each other back.",
        (NextStep.SEE_INVOICE, NextStep.OPEN_EXACT),
    ),
    # in both
    Why.UNLINKED: (
        "Exact has an entry with this number, but it is not linked to the invoice. Link it, so that its "
        "payments are seen.",
        (NextStep.LINK, NextStep.EXCLUDE),
    ),
    Why.CURRENCY: ("Both sides are in different currencies.", (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE)),
    Why.EDITED_IN_EXACT: (
        "Somebody changed the entry in Exact after it was copied.",
        (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    ),
    Why.BOTH_CHANGED: (
        "The entry was changed in Exact, and the invoice in Productive, after it was copied.",
        (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    ),
    Why.EDITED_IN_PRODUCTIVE: (
        "The invoice was changed in Productive after it was copied.",
        (NextStep.UPDATE, NextStep.ACCEPT),
    ),
    Why.HALF_UPDATED: ("{trouble}", (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT)),
    Why.BOOKED_DIFFERENTLY: (
        "Exact booked another amount than was sent.",
        (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    ),
    Why.LINKED_DIFFERENTLY: (
        "The entry that was linked to this invoice says something else.",
        (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    ),
    Why.OTHER_PERIOD: (
        "It is booked in another month than the invoice’s date, as chosen when it was copied.",
        (NextStep.ACCEPT, NextStep.UPDATE, NextStep.OPEN_EXACT),
    ),
    Why.NOT_SENT: (
        "It is paid in Exact. Productive takes no payment before the invoice is marked as sent.",
        (NextStep.SEE_PAYMENTS,),
    ),
    Why.PAYMENT_REFUSED: (
        "Productive refused the payment: {trouble}",
        (NextStep.SEE_PAYMENTS, NextStep.PULL),
    ),
    Why.PAYMENT_ON_ITS_WAY: (
        "The payment is on its way to Productive.",
        (NextStep.SEE_PAYMENTS, NextStep.PULL),
    ),
    Why.FINDING: ("{finding}", (NextStep.SEE_INVOICE, NextStep.SEE_PAYMENTS)),
    Why.BASELINE: (
        "It was settled in Exact before payments were synchronised. Record it in Productive by hand.",
        (NextStep.SEE_INVOICE,),
    ),
    Why.BY_HAND: (
        "Productive holds payments that this portal did not make and that Exact does not show.",
        (NextStep.SEE_INVOICE, NextStep.PULL),
    ),
    Why.NOT_PULLED: (
        "Exact shows a payment that was not recorded in Productive yet.",
        (NextStep.PULL, NextStep.SEE_PAYMENTS),
    ),
}
