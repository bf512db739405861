"""An update that Exact puts off reads the entry again, and leaves what a bookkeeper changed meanwhile."""

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, Desk

LINES = "/salesentry/SalesEntryLines"


def is_asked(desk: Desk) -> bool:
    """Say whether a change of a line reached Exact."""
    return any(call.startswith("PUT") and "SalesEntryLines" in call for call in desk.exact.calls())


def test_a_change_in_exact_while_an_update_waits_is_not_overwritten(desk: Desk) -> None:
    invoice = desk.invoice()
    assert "Invoice copied." in desk.copy(invoice)
    (line,) = desk.seen(invoice)["line_ids"]
    desk.productive.patch(f"invoices/{invoice}", lines=[{"id": line, "quantity": "12"}])
    desk.person.open("/invoices").press("Get invoices now")
    until(lambda: "Changed since copied" in desk.person.open(f"/invoices/{invoice}").text, "the change")

    desk.exact.fail("PUT", LINES, "status:429", times=1)
    progress = desk.submit(invoice, "update")
    assert "/copies/" in progress.url, progress.text
    until(lambda: is_asked(desk), "the first step, which is put off")
    booked = desk.entry(invoice)["lines"][0]
    desk.exact.patch(f"{DUTCH}/SalesEntryLines/{booked['ID']}", Description="By the bookkeeper")

    said = desk.outcome(progress, seconds=180)

    assert "Somebody changed this in Exact since it was copied" in said, said
    after = desk.entry(invoice)
    assert after["lines"][0]["Description"] == "By the bookkeeper"
    assert after["AmountFC"] == "919.60", "nothing of the update was written"
