"""Undo over real wires: deleted once and copied anew, or credited to the cent and never taken for money."""

from tests.furnishing.today import today
from tests.journeys.desk import DUTCH, Desk, gross


def test_a_copy_is_undone_and_the_invoice_copied_anew(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.copy(invoice)
    first = desk.entry(invoice)
    assert desk.seen(invoice)["export_id"] == first["EntryID"]
    person = desk.person.open(f"/invoices/{invoice}").follow("Undo")
    assert str(first["EntryNumber"]) in person.text
    desk.exact.fail("DELETE", "/api/v1/1001/salesentry", "drop-after", times=1)
    ended = desk.outcome(person.press("Delete entry in Exact"))
    assert f"Entry {first['EntryNumber']} is deleted in Exact." in ended
    assert desk.entries(invoice) == []
    assert desk.seen(invoice)["exported"] is False
    assert "Invoice copied." in desk.copy(invoice)
    again = desk.entry(invoice)
    assert gross(again) == gross(first)
    assert desk.seen(invoice)["export_id"] == again["EntryID"]


def test_a_processed_entry_is_credited_and_the_match_is_no_payment(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.copy(invoice)
    entry = desk.entry(invoice)
    desk.exact.patch(f"{DUTCH}/SalesEntries/{entry['EntryID']}", Status=50)
    person = desk.person.open(f"/invoices/{invoice}/undo")
    assert "is processed in Exact" in person.text
    assert "Exact booked credit entry" in desk.outcome(person.press("Book credit entry"))
    credit = next(one for one in desk.entries(invoice) if one["EntryID"] != entry["EntryID"])
    assert (gross(credit), credit["Journal"]) == (-gross(entry), "75")
    amount = str(gross(entry))
    desk.exact.post(
        "settle",
        division=DUTCH,
        entry=entry["EntryID"],
        kind="credit",
        amount=amount,
        date=today().isoformat(),
        credit=credit["EntryID"],
    )
    assert "did not get through" not in desk.pull_payments()
    assert (desk.seen(invoice)["paid"], desk.seen(invoice)["written_off"]) == ("0.00", "0.00")
    assert "Invoice copied." in desk.copy(invoice)
    assert len(desk.entries(invoice)) == 3
