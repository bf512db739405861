"""Tells why an invoice and its entry differ: the first cause that fits."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.domain.books.next_steps import STEPS, TOLD
from portal.domain.books.reconciliation import Verdict
from portal.domain.books.states import DIFFERENCES, NextStep, Why
from portal.domain.payments.states import GOING, PaymentState
from portal.domain.said import FOLLOWED, Said, listed


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the comparison itself."""

    connected: bool = True
    linked_by_hand: bool = False
    drifted: bool = False
    half_updated: bool = False
    trouble: Said | None = None
    reason: str | None = None
    number: str | None = None
    entry: str | None = None
    linked: str | None = None
    paid_more_in_exact: bool = False
    payment_states: frozenset[PaymentState] = frozenset()
    payment_trouble: Said | None = None
    baseline: bool = False
    findings: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, what is said of it, and the next steps, the first one first."""

    code: Why
    said: Said
    steps: tuple[NextStep, ...]


def code_of(why: Why) -> str:
    """Return the code by which a cause is said."""
    return f"books_{why.name.lower()}"


def find_cause(verdict: Verdict, facts: Facts) -> Cause | None:
    """Tell the first cause that fits, None where both sides agree."""
    why = next(_each_cause(verdict, facts), None)
    if why is None:
        return None

    known = _known(why, facts)
    values = {name: known[name] or "" for name in TOLD.get(why, ())}
    return Cause(why, Said(code_of(why), values), STEPS[why])


def _known(why: Why, facts: Facts) -> dict[str, str | Said | None]:
    """Return what a sentence can name."""
    of_copy = facts.trouble

    return {
        "trouble": facts.payment_trouble if why == Why.PAYMENT_REFUSED else of_copy,
        "reason": facts.reason,
        "number": facts.number,
        "entry": facts.entry,
        "linked": facts.linked,
        "finding": listed(facts.findings, FOLLOWED) if facts.findings else None,
    }


def _each_cause(verdict: Verdict, facts: Facts) -> Iterator[Why]:
    codes = set(verdict.codes)
    if Why.NOT_COPIED in codes and not facts.connected:
        yield Why.NOT_CONNECTED

    yield from (code for code in verdict.codes if code in STEPS and code not in DIFFERENCES)
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
