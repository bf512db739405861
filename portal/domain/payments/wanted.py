"""From receivable terms to the payments Productive should have, in cents of its currency."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.currencies import has_cents
from portal.domain.payments.cover import Cover, explain
from portal.domain.payments.pairing import pair_off
from portal.domain.payments.plan import (
    Finding,
    Wanted,
    WantedPayment,
)
from portal.domain.payments.states import FindingKind
from portal.domain.payments.terms import (
    Settled,
    Term,
    read_state,
    settled_parts,
)


@dataclass(frozen=True, slots=True)
class PaymentPolicy:
    """Whether differences become write-offs, and what was settled before payments were switched on."""

    write_off_differences: bool = True
    baseline: tuple[Settled, ...] = ()


def wanted_payments(
    terms: Sequence[Term],
    *,
    gross: int,
    currency: str,
    related: Sequence[Term] = (),
    policy: PaymentPolicy,
    productive_credited: bool,
) -> Wanted:
    """Say which payments Productive should have. Nothing is said while the terms are doubtful."""
    state = read_state(terms, gross=gross, currency=currency)
    if state.doubtful or gross <= 0:
        return Wanted((), state.outstanding, state.paid, state.doubtful)

    old = _find_old(terms, policy.baseline)
    natures = explain(terms, related)
    parts = sorted((t for t in terms if t.is_settled), key=lambda term: (term.paid_on or date.min, term.id))
    verdicts = [
        verdict
        for part in parts
        for verdict in _judge(part, natures[part.id], old.get(part.id), policy, productive_credited)
    ]

    return Wanted(
        payments=tuple(payment for payment, _ in verdicts if not payment.held),
        outstanding=state.outstanding,
        paid=state.paid,
        findings=tuple(_find(payment, code) for payment, code in verdicts if code),
        held=tuple(payment for payment, _ in verdicts if payment.held),
    )


def _judge(
    term: Term, cover: Cover | None, old: Settled | None, policy: PaymentPolicy, productive_credited: bool
) -> Iterator[tuple[WantedPayment, FindingKind | None]]:
    """Yield what one settled part asks for (money, a write-off, a person) and the code of a finding."""
    on = term.paid_on or date.min
    if not has_cents(term.currency):
        yield WantedPayment(term.id, term.owed, on, held=True), None if old else FindingKind.DECIMALS
        return

    if old is not None:
        yield (
            WantedPayment(term.id, term.owed, on, held=True),
            FindingKind.SETTLED_BEFORE if old.unsure else None,
        )
        return

    if cover is None:
        yield WantedPayment(term.id, term.owed, on, held=True), FindingKind.UNCLEAR
        return

    if cover.money:
        yield WantedPayment(term.id, cover.money, on), None

    if cover.difference:
        held = not policy.write_off_differences
        yield (
            WantedPayment(term.id, cover.difference, on, True, held),
            FindingKind.DIFFERENCE if held else None,
        )

    if cover.credit and not productive_credited:
        yield WantedPayment(term.id, cover.credit, on, held=True, credit=True), FindingKind.CREDIT_MATCH


def _find(payment: WantedPayment, code: FindingKind) -> Finding:
    """Say what a person should look at."""
    return Finding(code, payment.term_id, payment.amount, payment.on)


def still_old(terms: Sequence[Term], baseline: Sequence[Settled]) -> list[tuple[Settled, Settled]]:
    """Pair the parts that are settled now with those that were before payments were switched on."""
    keys: list[Callable[[Settled], Hashable]] = [
        lambda part: (part.term_id, part.amount, part.on),
        lambda part: (part.amount, part.on),
        lambda part: (part.term_id, part.amount),
    ]
    return pair_off(settled_parts(terms), baseline, keys).matched


def _find_old(terms: Sequence[Term], baseline: Sequence[Settled]) -> dict[str, Settled]:
    """Return by term id what was settled like this before payments were switched on."""
    return {part.term_id: old for part, old in still_old(terms, baseline)}
