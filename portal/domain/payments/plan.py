"""Payments wanted and payments made, and the plan that brings them together, in cents."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.payments.pairing import pair_off
from portal.domain.payments.states import FindingKind, TermDoubt


@dataclass(frozen=True, slots=True)
class WantedPayment:
    """A payment Productive should have. A held one is neither made nor removed, ``credit`` is why."""

    term_id: str
    amount: int
    on: date
    written_off: bool = False
    held: bool = False
    credit: bool = False


@dataclass(frozen=True, slots=True)
class MadePayment:
    """A payment this portal made in Productive. ``id`` is Productive's."""

    id: str
    term_id: str
    amount: int
    on: date
    written_off: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something settled that a person must judge: what it is, and the part."""

    code: FindingKind
    term_id: str
    amount: int
    on: date


@dataclass(frozen=True, slots=True)
class Wanted:
    """The payments an entry asks for. ``held`` are parts that neither make nor remove a payment."""

    payments: tuple[WantedPayment, ...]
    outstanding: int
    paid: int
    doubtful: TermDoubt | None = None
    findings: tuple[Finding, ...] = ()
    held: tuple[WantedPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A payment that stays. ``term_id`` is the term it stands for now."""

    made: MadePayment
    term_id: str

    @property
    def rekeyed(self) -> bool:
        """Say whether the term only got a new id."""
        return self.made.term_id != self.term_id


@dataclass(frozen=True, slots=True)
class PaymentChange:
    """A payment of ours and what it should become."""

    made: MadePayment
    wanted: WantedPayment


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """What to do in Productive."""

    create: tuple[WantedPayment, ...] = ()
    change: tuple[PaymentChange, ...] = ()
    remove: tuple[MadePayment, ...] = ()
    keep: tuple[Kept, ...] = ()


def _same_row(payment: WantedPayment | MadePayment) -> Hashable:
    return payment.term_id, *_same_amount(payment)


def _same_amount(payment: WantedPayment | MadePayment) -> tuple[int, date, bool]:
    return payment.amount, payment.on, payment.written_off


def _same_part(payment: WantedPayment | MadePayment) -> Hashable:
    return payment.term_id, payment.written_off


def _same_term(payment: WantedPayment | MadePayment) -> Hashable:
    return payment.term_id


SAME = (_same_row, _same_amount)
SAME_TERM = (_same_part, _same_term)


def _outgrows(held: WantedPayment, made: Sequence[MadePayment]) -> bool:
    """Say whether more was paid for a term than the credit note settled that it is about now."""
    return held.credit and held.amount < sum(one.amount for one in made if one.term_id == held.term_id)


def diff_payments(wanted: Wanted, made: Sequence[MadePayment]) -> PaymentPlan:
    """Compare wanted and made payments: keep, change, create, remove. Doubtful terms keep everything."""
    if wanted.doubtful:
        return PaymentPlan(keep=tuple(Kept(payment, payment.term_id) for payment in made))

    held = [payment for payment in wanted.held if not _outgrows(payment, made)]
    asked = [*wanted.payments, *held]
    same = pair_off(asked, made, SAME)
    changed = pair_off(same.left, same.right, SAME_TERM)
    kept = [*same.matched, *(pair for pair in changed.matched if pair[0].held)]
    held_terms = {payment.term_id for payment in held}
    left = [Kept(payment, payment.term_id) for payment in changed.right if payment.term_id in held_terms]

    return PaymentPlan(
        create=tuple(payment for payment in changed.left if not payment.held),
        change=tuple(PaymentChange(payment, new) for new, payment in changed.matched if not new.held),
        remove=tuple(payment for payment in changed.right if payment.term_id not in held_terms),
        keep=(*(Kept(payment, new.term_id) for new, payment in kept), *left),
    )
