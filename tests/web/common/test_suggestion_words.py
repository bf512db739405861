"""Every reason of a suggestion has its sentence."""

import pytest
from flask import Flask

from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Because, Reason, because
from portal.domain.booking.suggest_vat import NAMED
from portal.domain.customers.signs import Sign
from portal.web.common.suggestion_words import place_words, suggestion_words

SAID: dict[Reason, tuple[Because, str]] = {
    one.reason: (one, said)
    for one, said in (
        (because(Reason.ONLY_CODE, percentage="21"), "21 %, for sales, no other code fits"),
        (because(Reason.CODE_NAME, percentage="9"), "9 %, for sales, the names are alike"),
        (because(Reason.CODE_LISTED, percentage="0"), "0 %, for sales, listed for the EC sales list"),
        (
            because(Reason.CODE_SAYS, percentage="0", sense="outside the EU", seen="outside"),
            "0 %, for sales, the name says outside the EU; its customers are outside the EU",
        ),
        (because(Reason.SAME_HERE, service="Design"), "Design was booked there before"),
        (
            because(Reason.SAME_ELSEWHERE, subsidiary="Kade Belgium BV", service="Design"),
            "Kade Belgium BV books Design there",
        ),
        (because(Reason.LIKE_HERE, service="Workshop"), "Workshop is booked there"),
        (because(Reason.LIKE_ELSEWHERE, subsidiary="B", service="Workshop"), "B books Workshop there"),
        (because(Reason.LEDGER_NAME), "the names are alike"),
        (because(Reason.LEDGER_MEANING), "the names mean the same"),
        (
            because(Reason.EVIDENCE, signs=f"{Sign.SAME_VAT},{Sign.OTHER_CITY}"),
            "same VAT number; against: another city",
        ),
        (because(Reason.FIT_EQUALLY), "fit equally"),
        (
            because(Reason.SEVERAL_PLACES, places="domestic,eu-vat"),
            "its customers are at home and in the EU, with a VAT number. Split it by customer.",
        ),
        (
            because(Reason.NAME_OR_PLACE, place="outside"),
            "the name fits one, but its customers are outside the EU",
        ),
        (because(Reason.CHOSEN_DIFFERENTLY), "were both chosen for this name"),
    )
}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_said(app: Flask, reason: Reason) -> None:
    one, said = SAID[reason]
    with app.test_request_context():
        assert suggestion_words(one) == said


def test_every_sense_and_place_is_said(app: Flask) -> None:
    with app.test_request_context():
        for sense in NAMED:
            assert suggestion_words(because(Reason.CODE_SAYS, percentage="0", sense=sense))
        assert len({place_words(place) for place in (None, *Place)}) == len(Place) + 1
