"""Tells why an invoice and its entry differ: the first cause that fits."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.domain.books.reconciliation import Verdict
from portal.domain.books.sentences import CAUSES
from portal.domain.books.states import DIFFERENCES, NextStep, Why
from portal.domain.payments.states import GOING, PaymentState


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the comparison itself."""

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

    code: Why
    pattern: str
    steps: tuple[NextStep, ...]
    values: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence."""
        return self.pattern.format(**self.values)


def find_cause(verdict: Verdict, facts: Facts) -> Cause | None:
    """Tell the first cause that fits, None where both sides agree."""
    code = next(_each_cause(verdict, facts), None)
    if code is None:
        return None

    pattern, steps = CAUSES[code]
    said = {
        "trouble": facts.payment_trouble if code == Why.PAYMENT_REFUSED else facts.trouble,
        "reason": facts.reason,
        "number": facts.number,
        "entry": facts.entry,
        "linked": facts.linked,
        "finding": " ".join(facts.findings),
    }

    values = {name: text or "" for name, text in said.items() if f"{{{name}}}" in pattern}
    return Cause(code, pattern, steps, values)


def _each_cause(verdict: Verdict, facts: Facts) -> Iterator[Why]:
    codes = set(verdict.codes)
    if Why.NOT_COPIED in codes and not facts.connected:
        yield Why.NOT_CONNECTED

    yield from (code for code in verdict.codes if code in CAUSES and code not in DIFFERENCES)
    if Why.UNLINKED in codes:
        yield Why.UNLINKED

    if Why.CURRENCY in codes:
        yield Why.CURRENCY

    yield from _each_cause_of_content(codes, facts)
    if codes & {Why.OPEN, Why.PAID}:
        yield from _each_cause_of_payments(facts)


def _each_cause_of_content(codes: set[Why], facts: Facts) -> Iterator[Why]:
    """Yield why amounts, lines, dates or customers differ."""
    if facts.half_updated and codes - {Why.OPEN, Why.PAID}:
        yield Why.HALF_UPDATED

    if facts.drifted:
        yield Why.BOTH_CHANGED if Why.CHANGED in codes else Why.EDITED_IN_EXACT

    if Why.CHANGED in codes:
        yield Why.EDITED_IN_PRODUCTIVE

    if codes == {Why.DATE} or codes == {Why.DATE, Why.OPEN} or codes == {Why.DATE, Why.OPEN, Why.PAID}:
        yield Why.OTHER_PERIOD

    if codes & {Why.AMOUNT, Why.VAT, Why.CUSTOMER, Why.LEDGER, Why.DETAILS, Why.DATE}:
        yield Why.LINKED_DIFFERENTLY if facts.linked_by_hand else Why.BOOKED_DIFFERENTLY


def _each_cause_of_payments(facts: Facts) -> Iterator[Why]:
    """Yield why the open amounts differ."""
    if facts.findings:
        yield Why.FINDING

    if PaymentState.HELD in facts.payment_states:
        yield Why.NOT_SENT

    if PaymentState.REFUSED in facts.payment_states:
        yield Why.PAYMENT_REFUSED

    if facts.payment_states.intersection(GOING):
        yield Why.PAYMENT_ON_ITS_WAY

    if not facts.paid_more_in_exact:
        yield Why.BY_HAND

    if facts.baseline:
        yield Why.BASELINE

    yield Why.NOT_PULLED
