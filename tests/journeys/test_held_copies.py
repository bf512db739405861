"""Three copies fail alike, two more are held unsent, and one Retry copies all five."""

import re

from tests.furnishing.waits import until
from tests.journeys.desk import Desk

WORDS = '{"error":{"code":"","message":{"lang":"","value":"Periode 3 is afgesloten"}}}'


def test_what_failed_alike_is_held_and_retried_in_one_action(desk: Desk) -> None:
    ids = desk.invoices(5)
    desk.exact.delete("calls")
    desk.exact.fail("POST", "/salesentry/SalesEntries", "status:500", body=WORDS, times=3)
    for invoice_id in ids[:3]:
        assert "Periode 3 is afgesloten" in desk.copy(invoice_id)
    for invoice_id in ids[3:]:
        assert "Held, not sent" in desk.copy(invoice_id)
    posts = [call for call in desk.exact.calls() if call.startswith("POST") and "salesentry" in call]
    assert len(posts) == 3

    person = desk.person.open("/activity")
    assert "Fix in Exact" in person.text
    assert "2 of these are held unsent" in person.text
    assert "1 copy is tried again. 4 wait and follow when it succeeds." in person.press("Retry all 5").text
    until(lambda: all(len(desk.entries(each)) == 1 for each in ids), "the entries of all five")
    text = person.open("/activity").text
    assert "Periode 3 is afgesloten" not in text.partition("Everything that happened")[0]
    limits = person.open("/settings/limits").text
    assert re.search(r"Calls this minute [\d,]+ of [\d,]+ left", limits), "what is left of Exact's limits"
