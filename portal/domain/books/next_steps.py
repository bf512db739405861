"""What to do next where both books differ, and what the sentence of each cause tells."""

from collections.abc import Mapping

from portal.domain.books.states import NextStep, Why

# The steps that are offered, the likeliest first.
STEPS: Mapping[Why, tuple[NextStep, ...]] = {
    # only in Productive
    Why.NOT_CONNECTED: (NextStep.SETTINGS,),
    Why.NOT_COPIED: (NextStep.COPY, NextStep.LINK, NextStep.EXCLUDE),
    Why.REFUSED: (NextStep.SEE_INVOICE, NextStep.COPY, NextStep.EXCLUDE),
    Why.ON_ITS_WAY: (NextStep.SEE_INVOICE,),
    Why.UNCERTAIN: (NextStep.SEE_INVOICE,),
    Why.UNDONE: (NextStep.COPY, NextStep.EXCLUDE),
    Why.ELSEWHERE: (NextStep.LINK, NextStep.EXCLUDE),
    Why.SEVERAL: (NextStep.LINK, NextStep.EXCLUDE),
    Why.EXCLUDED: (NextStep.SEE_INVOICE,),
    Why.EARLY: (NextStep.LINK, NextStep.SEE_INVOICE),
    Why.GONE: (NextStep.CREATE, NextStep.ACCEPT, NextStep.SEE_INVOICE),
    # only in Exact
    Why.STRANGER: (NextStep.OPEN_EXACT, NextStep.ACCEPT),
    Why.TWIN: (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE, NextStep.ACCEPT),
    Why.BESIDE: (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE, NextStep.ACCEPT),
    Why.OLDER: (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE, NextStep.ACCEPT),
    Why.INVOICE_GONE: (NextStep.OPEN_EXACT, NextStep.ACCEPT),
    Why.CREDITED: (NextStep.SEE_INVOICE, NextStep.OPEN_EXACT),
    # in both
    Why.UNLINKED: (NextStep.LINK, NextStep.EXCLUDE),
    Why.CURRENCY: (NextStep.OPEN_EXACT, NextStep.SEE_INVOICE),
    Why.EDITED_IN_EXACT: (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    Why.BOTH_CHANGED: (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    Why.EDITED_IN_PRODUCTIVE: (NextStep.UPDATE, NextStep.ACCEPT),
    Why.HALF_UPDATED: (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    Why.BOOKED_DIFFERENTLY: (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    Why.LINKED_DIFFERENTLY: (NextStep.UPDATE, NextStep.ACCEPT, NextStep.OPEN_EXACT),
    Why.OTHER_PERIOD: (NextStep.ACCEPT, NextStep.UPDATE, NextStep.OPEN_EXACT),
    Why.NOT_SENT: (NextStep.SEE_PAYMENTS,),
    Why.PAYMENT_REFUSED: (NextStep.SEE_PAYMENTS, NextStep.PULL),
    Why.PAYMENT_ON_ITS_WAY: (NextStep.SEE_PAYMENTS, NextStep.PULL),
    Why.FINDING: (NextStep.SEE_INVOICE, NextStep.SEE_PAYMENTS),
    Why.BASELINE: (NextStep.SEE_INVOICE,),
    Why.BY_HAND: (NextStep.SEE_INVOICE, NextStep.PULL),
    Why.NOT_PULLED: (NextStep.PULL, NextStep.SEE_PAYMENTS),
}
# What a sentence names; all others name nothing.
TOLD: Mapping[Why, tuple[str, ...]] = {
    Why.REFUSED: ("trouble",),
    Why.EXCLUDED: ("reason",),
    Why.TWIN: ("linked", "number", "entry"),
    Why.BESIDE: ("number", "linked"),
    Why.OLDER: ("number",),
    Why.INVOICE_GONE: ("number",),
    Why.CREDITED: ("number",),
    Why.HALF_UPDATED: ("trouble",),
    Why.PAYMENT_REFUSED: ("trouble",),
    Why.FINDING: ("finding",),
}
