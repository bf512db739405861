"""A worker that is killed while Exact books: one entry, and the copy ends by itself."""

from tests.furnishing.waits import until
from tests.journeys.desk import Desk


def test_a_worker_killed_during_the_call_books_one_entry(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.exact.delete("calls")
    desk.exact.fail("POST", "/api/v1/1001/salesentry", "slow", seconds=4)
    person = desk.submit(invoice)
    until(lambda: not desk.exact.get("faults"), "the call to Exact")
    assert desk.world.kill_worker() >= 1
    # Its lease ends after 20 seconds, and the sweep looks once a minute.
    assert "Invoice copied." in desk.outcome(person, 120)
    assert len(desk.entries(invoice)) == 1
    assert sum(call.startswith("POST") for call in desk.exact.calls()) == 1
