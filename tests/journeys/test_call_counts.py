"""The sandbox's own log of calls proves what a copy and a pull cost."""

from tests.furnishing.waits import until
from tests.journeys.desk import Desk

ENTRIES = "/api/v1/1001/salesentry/SalesEntries"


def test_a_copy_for_a_known_customer_costs_a_look_and_a_post(desk: Desk) -> None:
    invoice = desk.invoice()
    until(desk.world.is_at_rest, "quiet")
    desk.exact.delete("calls")
    assert "Invoice copied." in desk.copy(invoice)
    assert desk.exact.calls() == [f"GET {ENTRIES}", f"POST {ENTRIES}"]


def test_a_copy_with_a_new_customer_costs_one_more(desk: Desk) -> None:
    invoice = desk.invoice("Drukkerij Nieuw B.V.")
    person = desk.open_dialog(invoice).press("Create new customer")
    until(desk.world.is_at_rest, "quiet")
    desk.exact.delete("calls")
    assert "Invoice copied." in desk.outcome(person.press("Copy invoice"))
    assert desk.exact.calls() == [f"GET {ENTRIES}", "POST /api/v1/1001/crm/Accounts", f"POST {ENTRIES}"]


def test_an_idle_pull_of_payments_costs_two_calls(desk: Desk) -> None:
    desk.pull_payments()
    until(desk.world.is_at_rest, "quiet")
    desk.exact.delete("calls")
    desk.productive.delete("calls")
    assert desk.pull_payments().startswith("Nothing new")
    assert desk.exact.calls() == [
        "GET /api/v1/1001/sync/Cashflow/PaymentTerms",
        "GET /api/v1/1001/sync/Deleted",
    ]
    assert not desk.productive.calls()
