"""Why an invoice and its entry differ, in plain words, and what to do next; the first that fits is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.domain.books import reconciliation as r
from portal.domain.payments.states import GOING, PaymentState

COPY = "copy"
LINK = "link"
UPDATE = "update"
CREATE = "create"
PULL = "pull"
SEE_PAYMENTS = "payments"
SEE_INVOICE = "invoice"
EXCLUDE = "exclude"
ACCEPT = "accept"
OPEN_EXACT = "open"
SETTINGS = "settings"

# What is said, and the steps that are offered, the likeliest first.
CAUSES: dict[str, tuple[str, tuple[str, ...]]] = {
    # only in Productive
    "not connected": ("This subsidiary is not connected to Exact.", (SETTINGS,)),
    "not copied": ("It was not copied to Exact yet.", (COPY, LINK, EXCLUDE)),
    "refused": ("Exact did not take it: {trouble}", (SEE_INVOICE, COPY, EXCLUDE)),
    "on its way": ("It is being copied now.", (SEE_INVOICE,)),
    "uncertain": (
        "A reply from Exact was lost. Whether the entry was booked is being found out.",
        (SEE_INVOICE,),
    ),
    "undone": ("The copy was undone, and it was not copied again.", (COPY, EXCLUDE)),
    "copied elsewhere": (
        "Productive says that another link exported it, and no entry here is linked to it.",
        (LINK, EXCLUDE),
    ),
    "several entries": (
        "Exact holds several entries with this number, and none is linked to it. Choose the right one.",
        (LINK, EXCLUDE),
    ),
    "do not copy": ("Not to be copied: {reason}", (SEE_INVOICE,)),
    "early": ("It is dated before the day from which invoices are copied.", (LINK, SEE_INVOICE)),
    "deleted in exact": ("The entry was deleted in Exact.", (CREATE, ACCEPT, SEE_INVOICE)),
    # only in Exact
    "stranger": (
        "No invoice in Productive has this reference. It was booked in Exact.",
        (OPEN_EXACT, ACCEPT),
    ),
    "twin": (
        "It carries the same marker as entry {linked}, which is linked to invoice {number}: most likely the "
        "network repeated one request, so the revenue is booked twice. Keep entry {linked} and delete this "
        "one, entry {entry}, in Exact.",
        (OPEN_EXACT, SEE_INVOICE, ACCEPT),
    ),
    "beside": (
        "It carries the number of invoice {number}, which is linked to entry {linked}. Delete it in Exact if "
        "it books the same invoice once more, else accept it.",
        (OPEN_EXACT, SEE_INVOICE, ACCEPT),
    ),
    "older copy": (
        "It is an older copy of invoice {number}, so the revenue is booked twice. Delete it in Exact.",
        (OPEN_EXACT, SEE_INVOICE, ACCEPT),
    ),
    "deleted in productive": (
        "Invoice {number} was deleted in Productive, but its entry stands in Exact. Credit it there.",
        (OPEN_EXACT, ACCEPT),
    ),
    "credited": (
        "The copy of invoice {number} was undone by a credit entry; the two take each other back.",
        (SEE_INVOICE, OPEN_EXACT),
    ),
    # in both
    "unlinked": (
        "Exact has an entry with this number, but it is not linked to the invoice. Link it, so that its "
        "payments are seen.",
        (LINK, EXCLUDE),
    ),
    "currency": ("Both sides are in different currencies.", (OPEN_EXACT, SEE_INVOICE)),
    "edited in exact": (
        "Somebody changed the entry in Exact after it was copied.",
        (UPDATE, ACCEPT, OPEN_EXACT),
    ),
    "both changed": (
        "The entry was changed in Exact, and the invoice in Productive, after it was copied.",
        (UPDATE, ACCEPT, OPEN_EXACT),
    ),
    "edited in productive": ("The invoice was changed in Productive after it was copied.", (UPDATE, ACCEPT)),
    "half updated": ("{trouble}", (UPDATE, ACCEPT, OPEN_EXACT)),
    "booked differently": (
        "Exact booked another amount than was sent.",
        (UPDATE, ACCEPT, OPEN_EXACT),
    ),
    "linked differently": (
        "The entry that was linked to this invoice says something else.",
        (UPDATE, ACCEPT, OPEN_EXACT),
    ),
    "other period": (
        "It is booked in another month than the invoice’s date, as chosen when it was copied.",
        (ACCEPT, UPDATE, OPEN_EXACT),
    ),
    "not sent": (
        "It is paid in Exact. Productive takes no payment before the invoice is marked as sent.",
        (SEE_PAYMENTS,),
    ),
    "payment refused": ("Productive refused the payment: {trouble}", (SEE_PAYMENTS, PULL)),
    "payment on its way": ("The payment is on its way to Productive.", (SEE_PAYMENTS, PULL)),
    "finding": ("{finding}", (SEE_INVOICE, SEE_PAYMENTS)),
    "baseline": (
        "It was settled in Exact before payments were synchronised. Record it in Productive by hand.",
        (SEE_INVOICE,),
    ),
    "by hand": (
        "Productive holds payments that this portal did not make and that Exact does not show.",
        (SEE_INVOICE, PULL),
    ),
    "not pulled": ("Exact shows a payment that was not recorded in Productive yet.", (PULL, SEE_PAYMENTS)),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the comparison itself; texts are None where there is none."""

    connected: bool = True
    linked_by_hand: bool = False
    drifted: bool = False
    half_updated: bool = False
    trouble: str | None = None
    reason: str | None = None
    number: str | None = None
    entry: str | None = None
    linked: str | None = None
    paid_more_in_exact: bool = False
    payment_states: frozenset[PaymentState] = frozenset()
    payment_trouble: str | None = None
    baseline: bool = False
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, as a code, a pattern and its values, and the next steps, the first one first."""

    code: str
    pattern: str
    steps: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence."""
        return self.pattern.format(**self.values)


def find_cause(verdict: r.Verdict, facts: Facts) -> Cause | None:
    """Tell the first cause that fits; None where both sides agree."""
    code = next(_each_cause(verdict, facts), None)
    if code is None:
        return None

    pattern, steps = CAUSES[code]
    said = {
        "trouble": facts.payment_trouble if code == "payment refused" else facts.trouble,
        "reason": facts.reason,
        "number": facts.number,
        "entry": facts.entry,
        "linked": facts.linked,
        "finding": " ".join(facts.findings),
    }

    values = {name: text or "" for name, text in said.items() if f"{{{name}}}" in pattern}
    return Cause(code, pattern, steps, values)


def _each_cause(verdict: r.Verdict, facts: Facts) -> Iterator[str]:
    codes = set(verdict.codes)
    if r.NOT_COPIED in codes and not facts.connected:
        yield "not connected"

    yield from (code for code in verdict.codes if code in CAUSES and code not in r.DIFFERENCES)
    if r.UNLINKED in codes:
        yield "unlinked"

    if r.CURRENCY in codes:
        yield "currency"

    yield from _each_cause_of_content(codes, facts)
    if codes & {r.OPEN, r.PAID}:
        yield from _each_cause_of_payments(facts)


def _each_cause_of_content(codes: set[str], facts: Facts) -> Iterator[str]:
    """Yield why amounts, lines, dates or customers differ."""
    if facts.half_updated and codes - {r.OPEN, r.PAID}:
        yield "half updated"

    if facts.drifted:
        yield "both changed" if r.CHANGED in codes else "edited in exact"

    if r.CHANGED in codes:
        yield "edited in productive"

    if codes == {r.DATE} or codes == {r.DATE, r.OPEN} or codes == {r.DATE, r.OPEN, r.PAID}:
        yield "other period"

    if codes & {r.AMOUNT, r.VAT, r.CUSTOMER, r.LEDGER, r.DETAILS, r.DATE}:
        yield "linked differently" if facts.linked_by_hand else "booked differently"


def _each_cause_of_payments(facts: Facts) -> Iterator[str]:
    """Yield why the open amounts differ."""
    if facts.findings:
        yield "finding"

    if PaymentState.HELD in facts.payment_states:
        yield "not sent"

    if PaymentState.REFUSED in facts.payment_states:
        yield "payment refused"

    if facts.payment_states.intersection(GOING):
        yield "payment on its way"

    if not facts.paid_more_in_exact:
        yield "by hand"

    if facts.baseline:
        yield "baseline"

    yield "not pulled"
