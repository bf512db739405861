"""The queue is wiped and every worker killed in the middle of a run: all of it is copied, once."""

from tests.furnishing.waits import until
from tests.journeys.desk import Desk, settled

ENTRIES = "POST /api/v1/1001/salesentry/SalesEntries"


def test_what_was_under_way_when_the_queue_was_wiped_is_copied_once(desk: Desk) -> None:
    invoices = desk.invoices(4)
    desk.exact.delete("calls")
    desk.exact.fail("POST", "/api/v1/1001/salesentry", "slow", seconds=3)
    pages = [desk.submit(invoice).url for invoice in invoices]
    until(lambda: not desk.exact.get("faults"), "the first call to Exact")
    desk.world.queue().flushall()
    assert desk.world.kill("valkey-server") == 1
    assert desk.world.kill_worker() >= 1
    assert all("Invoice copied." in outcome(desk, page) for page in pages)
    assert [len(desk.entries(invoice)) for invoice in invoices] == [1] * 4
    assert desk.exact.calls().count(ENTRIES) == 4


def outcome(desk: Desk, page: str) -> str:
    """What a copy's page says in the end."""
    return until(lambda: settled(desk.person.open(page)), f"the end of {page}", 120)
