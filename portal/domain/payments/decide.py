"""Decide what is done next about a payment that is due, from what is known of it."""

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.payments.room import Fit, Room
from portal.domain.payments.states import PaymentStep


class Lost(StrEnum):
    """Whether the reply to an earlier creation was lost, and what Productive says of it now."""

    NO = "no"
    FOUND = "found"
    # The first request may still be running.
    YOUNG = "young"
    # It was not found, and can no longer be running.
    OLD = "old"


class There(StrEnum):
    """Whether Productive has the payment that is still to be created."""

    NO = "no"
    ALIKE = "alike"
    # It came late, and something else is wanted by now.
    UNLIKE = "unlike"


class Move(StrEnum):
    """What is done next."""

    SEND = "send"
    MARK_AND_SEND = "mark and send"
    ADOPT = "adopt"
    WAIT_FOR_REPLY = "wait for the reply"
    WAIT_FOR_OURS = "wait for ours"
    ASK_PERSON = "ask a person"
    HOLD_DELETED = "hold, for the invoice is deleted"
    HOLD_UNSENT = "hold, for the invoice is not sent"


# What needs a call.
SENDING = (Move.SEND, Move.MARK_AND_SEND)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of a payment that is due, and of its invoice.

    ``room`` is None where a payment is sent without being weighed.
    """

    wanted: PaymentStep
    amount: int
    is_recorded: bool
    lost: Lost = Lost.NO
    there: There = There.NO
    room: Room | None = None
    invoice_deleted: bool = False
    invoice_sent: bool = True
    may_mark: bool = False


def is_weighed(*, amount: int, recorded: int | None, restored: bool, anyway: bool) -> bool:
    """Say whether an amount needs room in its invoice. ``recorded`` is what Productive has of it."""
    # What is restored takes the place of what a person wrote, who may have used the room since.
    shrinks = recorded is not None and amount <= recorded and not restored
    return not (anyway or shrinks)


def decide(sight: Sight) -> Move:
    """Decide what is done next about a payment."""
    if sight.lost is Lost.FOUND:
        return Move.ADOPT

    if sight.lost is Lost.YOUNG:
        return Move.WAIT_FOR_REPLY

    if sight.wanted is PaymentStep.REMOVE:
        return Move.SEND

    # Asked before the room: what fills a deleted invoice will not make any, so waiting would tell nobody.
    if sight.invoice_deleted:
        return Move.HOLD_DELETED

    if sight.there is There.ALIKE:
        return Move.ADOPT

    return _decide_room(sight) or _decide_sent(sight)


def _decide_room(sight: Sight) -> Move | None:
    """Decide what is done where a payment does not fit into its invoice. None where it does."""
    fit = Fit.FREE if sight.room is None else sight.room.judge(sight.amount)
    return {Fit.FREE: None, Fit.LATER: Move.WAIT_FOR_OURS, Fit.ASK: Move.ASK_PERSON}[fit]


def _decide_sent(sight: Sight) -> Move:
    """Decide whether a payment goes now: Productive takes new ones only on invoices marked as sent."""
    if sight.is_recorded or sight.there is There.UNLIKE or sight.invoice_sent:
        return Move.SEND
    if sight.may_mark or sight.wanted is PaymentStep.MARK:
        return Move.MARK_AND_SEND
    return Move.HOLD_UNSENT
