"""The one state that a row of the payments page shows: an icon, a word and the reason."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.payments.states import PaymentCause, PaymentState, PaymentStep
from portal.domain.payments.words import say_cause
from portal.store.payment_list import MirroredPayment
from portal.store.payments import PaymentRow
from portal.web.common.said import sentence_of

# What is still to be done in Productive, by what is wanted there.
TO_DO = {
    PaymentStep.CREATE: _l("To be recorded"),
    PaymentStep.MARK: _l("To be recorded"),
    PaymentStep.CHANGE: _l("To be changed"),
    PaymentStep.REMOVE: _l("To be removed"),
}
DOING = {
    PaymentStep.CREATE: _l("Being recorded"),
    PaymentStep.MARK: _l("Being recorded"),
    PaymentStep.CHANGE: _l("Being changed"),
    PaymentStep.REMOVE: _l("Being removed"),
}
DONE = {
    "created": _l("Recorded"),
    "changed": _l("Changed"),
    "removed": _l("Removed"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a state looks and what it says."""

    tone: str
    icon: str
    word: str
    reason: str


def shown_state(payment: MirroredPayment) -> Shown:
    """Return the state of a payment, with the reason that counts now."""
    row = payment.row
    tone, icon, word = _look_of(payment)
    return Shown(tone, icon, str(word), _reason_of(row))


def _look_of(payment: MirroredPayment) -> tuple[str, str, str]:
    row = payment.row
    if row.is_by_hand:
        return "warn", "equal-not", _("Differs")
    if row.state == PaymentState.HELD and row.wanted == PaymentStep.MARK:
        return "info", "loader-circle", _("Being marked as sent")

    return {
        PaymentState.MADE: ("success", "circle-check", DONE[payment.what]),
        PaymentState.REMOVED: ("neutral", "undo-2", DONE[payment.what]),
        PaymentState.DUE: ("info", "clock", TO_DO[row.wanted]),
        PaymentState.SENDING: ("info", "loader-circle", DOING[row.wanted]),
        PaymentState.UNCERTAIN: ("warn", "circle-question-mark", _("Uncertain")),
        PaymentState.HELD: ("warn", "clock", _("Held")),
        PaymentState.ASKED: ("warn", "circle-question-mark", _("To decide")),
        PaymentState.BY_HAND: ("neutral", "circle-check", _("Recorded by hand")),
        PaymentState.REFUSED: ("error", "circle-x", _("Refused")),
    }[row.state]


def _reason_of(row: PaymentRow) -> str:
    """Return one sentence: what it waits for, else why it is there."""
    if row.state == PaymentState.UNCERTAIN:
        return str(_("The reply was lost. Productive is asked before anything is sent again."))
    if row.trouble:
        return sentence_of(row.trouble)
    if row.state == PaymentState.HELD:
        return sentence_of(say_cause(PaymentCause.UNSENT, {}))

    return sentence_of(row.told_reason)
