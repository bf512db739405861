"""A rule copies by itself what it covers, through pull, look and run, and nothing else."""

from tests.furnishing.waits import until
from tests.journeys.desk import Desk

SMALL = [{"service_type": "Design", "description": "Klein", "quantity": "1", "unit_price": 100}]


def test_what_a_rule_covers_is_copied_without_a_hand_and_the_rest_waits(desk: Desk) -> None:
    until(desk.world.is_at_rest, "the end of what went before")
    person = desk.person.open("/settings/rules")
    assert "There is no rule here" in person.text
    person.fill("Invoices dated from", "2020-01-01").fill("Up to an amount of", "2.00")
    person.press("Save, switched off")
    assert "The rule is kept and off" in desk.person.text
    assert "up to €2.00 each" in desk.person.text
    desk.person.press("Switch on")
    assert "The rule is on" in desk.person.text

    try:
        small, large = desk.invoice(lines=SMALL), desk.invoice()
        entry = until(lambda: desk.entries(small), "the entry of the small one")
        assert len(entry) == 1
        assert "Rule" in desk.person.open(f"/invoices/{small}").text
        until(desk.world.is_at_rest, "the end of all work")
        assert len(desk.entries(small)) == 1
        assert desk.entries(large) == []
    finally:
        desk.person.open("/settings/rules").press("Switch off")

    assert "Nothing more is copied by itself" in desk.person.text
    another = desk.invoice(lines=SMALL)
    until(desk.world.is_at_rest, "the end of the look")
    assert desk.entries(another) == []
