"""What is done next about a payment, by a table of cases and by what must always hold."""

from dataclasses import replace
from itertools import product

import pytest

from portal.domain.payments.decide import Lost, Move, Sight, There, decide, is_weighed
from portal.domain.payments.room import Room
from portal.domain.payments.states import PaymentStep

CREATE = Sight(PaymentStep.CREATE, 12100, is_recorded=False)
CHANGE = Sight(PaymentStep.CHANGE, 12100, is_recorded=True)
REMOVE = Sight(PaymentStep.REMOVE, 12100, is_recorded=True)
EMPTY = Room(total=12100, credited=0, strangers=0, ours=0, ours_later=0)
FULL = replace(EMPTY, strangers=1)
SOON_EMPTY = replace(EMPTY, ours=12100)
CASES = [
    ("a new one", CREATE, Move.SEND),
    ("a new one with room", replace(CREATE, room=EMPTY), Move.SEND),
    ("somebody recorded a part", replace(CREATE, room=FULL), Move.ASK_PERSON),
    ("one of ours is removed first", replace(CREATE, room=SOON_EMPTY), Move.WAIT_FOR_OURS),
    ("a change with room", replace(CHANGE, room=EMPTY), Move.SEND),
    ("a change that over-pays", replace(CHANGE, room=FULL), Move.ASK_PERSON),
    ("a change that shrinks", CHANGE, Move.SEND),
    ("a removal", REMOVE, Move.SEND),
    ("a removal at a deleted invoice", replace(REMOVE, invoice_deleted=True), Move.SEND),
    ("a removal at an unsent invoice", replace(REMOVE, invoice_sent=False), Move.SEND),
    ("a deleted invoice", replace(CREATE, invoice_deleted=True), Move.HOLD_DELETED),
    ("a change at a deleted invoice", replace(CHANGE, invoice_deleted=True), Move.HOLD_DELETED),
    (
        "a deleted and unsent one",
        replace(CREATE, invoice_deleted=True, invoice_sent=False),
        Move.HOLD_DELETED,
    ),
    ("an unsent invoice", replace(CREATE, invoice_sent=False), Move.HOLD_UNSENT),
    ("unsent with room", replace(CREATE, invoice_sent=False, room=EMPTY), Move.HOLD_UNSENT),
    ("unsent and full", replace(CREATE, invoice_sent=False, room=FULL), Move.ASK_PERSON),
    ("marked by itself", replace(CREATE, invoice_sent=False, may_mark=True), Move.MARK_AND_SEND),
    ("marked by a person", replace(CREATE, wanted=PaymentStep.MARK, invoice_sent=False), Move.MARK_AND_SEND),
    ("marked meanwhile", replace(CREATE, wanted=PaymentStep.MARK), Move.SEND),
    ("marked though full", replace(CREATE, invoice_sent=False, may_mark=True, room=FULL), Move.ASK_PERSON),
    ("a change at an unsent invoice", replace(CHANGE, invoice_sent=False), Move.SEND),
    ("a lost reply that is found", replace(CREATE, lost=Lost.FOUND, there=There.ALIKE), Move.ADOPT),
    ("found unlike", replace(CREATE, lost=Lost.FOUND, there=There.UNLIKE), Move.ADOPT),
    ("found at a deleted invoice", replace(CREATE, lost=Lost.FOUND, invoice_deleted=True), Move.ADOPT),
    ("a young lost reply", replace(CREATE, lost=Lost.YOUNG), Move.WAIT_FOR_REPLY),
    ("young with room", replace(CREATE, lost=Lost.YOUNG, room=EMPTY), Move.WAIT_FOR_REPLY),
    ("an old lost reply", replace(CREATE, lost=Lost.OLD, room=EMPTY), Move.SEND),
    ("an old one that came late", replace(CREATE, lost=Lost.OLD, there=There.ALIKE), Move.ADOPT),
    ("an old one that does not fit", replace(CREATE, lost=Lost.OLD, room=FULL), Move.ASK_PERSON),
    ("one that came late", replace(CREATE, there=There.ALIKE, room=FULL), Move.ADOPT),
    ("one that came late and unlike", replace(CREATE, there=There.UNLIKE, room=EMPTY), Move.SEND),
    ("late, unlike and too much", replace(CREATE, there=There.UNLIKE, room=FULL), Move.ASK_PERSON),
    ("late and unlike, unsent", replace(CREATE, there=There.UNLIKE, invoice_sent=False), Move.SEND),
]


@pytest.mark.parametrize(("sight", "move"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_sight_leads_to_one_move(sight: Sight, move: Move) -> None:
    assert decide(sight) is move


PLACES = product(PaymentStep, (False, True), Lost, There, (None, EMPTY, FULL))
EVERY = [
    Sight(wanted, 12100, recorded, lost, there, room, *flags)
    for wanted, recorded, lost, there, room in PLACES
    for flags in product((False, True), repeat=3)
]


def test_nothing_is_created_while_the_first_request_may_still_run() -> None:
    young = {decide(sight) for sight in EVERY if sight.lost is Lost.YOUNG}
    assert young == {Move.WAIT_FOR_REPLY}


def test_what_is_there_is_never_created_again() -> None:
    creating = [one for one in EVERY if one.wanted is PaymentStep.CREATE and one.there is There.ALIKE]
    assert creating
    assert Move.SEND not in {decide(sight) for sight in creating}


def test_nothing_over_pays_an_invoice_by_itself() -> None:
    full = [one for one in EVERY if one.room is FULL and one.wanted is not PaymentStep.REMOVE]
    assert not {decide(sight) for sight in full} & {Move.SEND, Move.MARK_AND_SEND}


def test_only_what_productive_never_had_marks_an_invoice() -> None:
    marked = [one for one in EVERY if decide(one) is Move.MARK_AND_SEND]
    assert not any(one.is_recorded or one.invoice_sent or one.invoice_deleted for one in marked)


@pytest.mark.parametrize(
    ("amount", "recorded", "restored", "anyway", "weighed"),
    [
        (12100, None, False, False, True),
        (12100, 12100, False, False, False),
        (12000, 12100, False, False, False),
        (12101, 12100, False, False, True),
        (12000, 12100, True, False, True),
        (12101, 12100, False, True, False),
        (12100, None, False, True, False),
    ],
)
def test_what_shrinks_or_is_insisted_on_needs_no_room(
    amount: int, recorded: int | None, restored: bool, anyway: bool, weighed: bool
) -> None:
    assert is_weighed(amount=amount, recorded=recorded, restored=restored, anyway=anyway) is weighed
