"""The sentences of what a restore could not match."""

from collections.abc import Mapping

from portal.domain.copies.adoption import DoubtCause, adoption_code
from portal.sentences.mark import N_, Sentence

DOUBTS: Mapping[DoubtCause, str] = {
    DoubtCause.NO_MARKER: N_(
        "It carries no marker of this portal. If it is this invoice's, use Link existing entry on its page."
    ),
    DoubtCause.SEVERAL_MARKERS: N_("Its lines carry several markers: %(markers)s."),
    DoubtCause.SAME_MARKER: N_(
        "Another entry carries the same marker %(marker)s. Remove the surplus in Exact, then adopt again."
    ),
    DoubtCause.NO_INVOICE: N_("No invoice of this number is in Productive for this subsidiary."),
    DoubtCause.SEVERAL_INVOICES: N_("Several invoices answer to it: %(numbers)s."),
    DoubtCause.TURNED: N_(
        "Its amounts are turned, so it may credit invoice %(number)s, "
        "but it names no entry that it takes back."
    ),
    DoubtCause.OTHER_CURRENCY: N_("It is in %(entry)s, invoice %(number)s in %(invoice)s."),
    DoubtCause.NO_ENTRY: N_("It credits entry %(number)s, which is not known here."),
    DoubtCause.ENTRY_NOT_READ: N_(
        "It cannot be read, so nobody knows whether this portal booked it. Correct it in Exact: %(why)s"
    ),
    DoubtCause.LEFT_CUSTOMER: N_(
        "Customer %(name)s was created for a copy that left no entry. Choose it when you copy."
    ),
    DoubtCause.CUSTOMER_NOT_READ: N_(
        "It cannot be read, so nobody knows whether this portal made it. Correct it in Exact: %(why)s"
    ),
    DoubtCause.TWO_PAYMENTS: N_(
        "Payment %(payment)s carries the marker of a payment that is there too. "
        "Remove the surplus in Productive."
    ),
    DoubtCause.NO_COPY: N_("It carries a marker of this portal, but no copy of its invoice is known."),
    DoubtCause.NO_TERM: N_(
        "It carries a marker of this portal, but its note does not name the receivable term."
    ),
    DoubtCause.PAYMENT_NOT_READ: N_(
        "It cannot be read, so nobody knows whether this portal made it. Correct it in Productive: %(why)s"
    ),
}
UNMATCHED: Mapping[str, Sentence] = {adoption_code(cause): text for cause, text in DOUBTS.items()}
