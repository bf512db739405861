"""Both books side by side over real sockets: edited, deleted and foreign entries in Exact."""

from tests.furnishing.waits import until
from tests.journeys.desk import DUTCH, Desk

PAGE = 60
ENTRIES = f"GET /api/v1/{DUTCH}/salesentry/SalesEntries"


def read_exact(desk: Desk, *, whole: bool) -> list[str]:
    """Press Read Exact now, wait for its end, and return what Exact was asked."""
    until(desk.world.is_at_rest, "quiet")
    desk.exact.delete("calls")
    person = desk.person.open("/reconciliation")
    person.press("Read Exact now", **({"whole": "1"} if whole else {}))
    until(lambda: ended(desk), "the end of the reading")
    calls: list[str] = desk.exact.calls()
    return calls


def ended(desk: Desk) -> bool:
    """Say whether nothing is read or compared any more."""
    page = desk.person.open("/reconciliation").page
    return page.select_one("#books-status[data-poll]") is None


def row_of(desk: Desk, key: str) -> str:
    """What the page of one row says."""
    return desk.person.open(f"/reconciliation/rows/{key}").text


def test_what_people_do_in_exact_is_seen_explained_and_never_overwritten(desk: Desk) -> None:
    invoice = desk.invoice()
    assert "Invoice copied." in desk.copy(invoice)
    assert set(read_exact(desk, whole=True)) == {ENTRIES}
    assert "Both sides agree." in row_of(desk, f"i-{invoice}")

    entry = desk.entry(invoice)
    line = entry["lines"][0]
    desk.exact.patch(f"{DUTCH}/SalesEntryLines/{line['ID']}", AmountFC="700.00", VATAmountFC="147.00")
    pages = -(-len(desk.exact.get(f"entries?division={DUTCH}")) // PAGE)
    assert read_exact(desk, whole=False) in [[ENTRIES] * n for n in range(1, pages + 1)], "a call a page"
    text = row_of(desk, f"i-{invoice}")
    assert "Somebody changed the entry in Exact after it was copied." in text
    assert "Net amount: booked €760.00 now €700.00" in text
    assert "Changed in Exact since it was copied" in desk.person.open(f"/invoices/{invoice}").text
    assert desk.entry(invoice)["AmountFC"] == "847.00", "nothing is overwritten unasked"

    asked = desk.open_dialog(invoice, "update").page.select("input[name^=exact-]")
    overwriting = {str(one["name"]): "overwrite" for one in asked}
    assert overwriting, "what somebody changed in Exact is named before it is overwritten"
    assert "Entry updated." in desk.outcome(desk.submit(invoice, "update", **overwriting))
    until(lambda: ended(desk), "the comparison")
    assert "Both sides agree." in row_of(desk, f"i-{invoice}")
    assert desk.entry(invoice)["AmountFC"] == "919.60"


def test_a_deleted_entry_is_noticed_and_may_be_accepted(desk: Desk) -> None:
    invoice = desk.invoice()
    assert "Invoice copied." in desk.copy(invoice)
    desk.exact.delete(f"{DUTCH}/SalesEntries/{desk.entry(invoice)['EntryID']}")
    read_exact(desk, whole=True)
    key = f"i-{invoice}"
    assert "The entry was deleted in Exact." in row_of(desk, key)
    label = "If you accept it: why it is right as it is in Exact (for the record)"
    person = desk.person.fill(label, "Booked by the parent")
    assert "Accepted." in person.press("Accept the deletion").text
    until(lambda: "Explained" in row_of(desk, key), "the comparison")
    assert "Booked by the parent" in row_of(desk, key)


def test_what_was_booked_in_exact_alone_is_listed_with_its_customer(desk: Desk) -> None:
    read_exact(desk, whole=True)
    text = desk.person.open("/reconciliation?period=all&view=exact").text
    assert "2026-130" in text
    assert "No invoice in Productive has this reference" in text
    statement = desk.person.open("/reconciliation/statement?period=all&rows=all").text
    assert "Totals per journal and currency" in statement
    assert "2026-130" in statement
