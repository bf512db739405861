"""Two tabs with the same dialog, both submitted: one entry."""

from concurrent.futures import ThreadPoolExecutor

from tests.furnishing.waits import until
from tests.journeys.desk import Desk
from tests.journeys.person import Person


def test_the_same_dialog_submitted_twice_at_once_books_one_entry(desk: Desk) -> None:
    invoice = desk.invoice()
    tabs = [a_tab(desk, invoice) for _ in range(2)]
    customer = desk.find_customer(invoice, "Lantaarn")
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda tab: tab.press("Copy invoice", customer=customer), tabs))
    assert any("/copies/" in one.url for one in answers)
    for one in answers:
        if "/copies/" in one.url:
            assert "Invoice copied." in desk.outcome(one)
    assert len(desk.entries(invoice)) == 1


def test_a_dialog_submitted_again_after_the_copy_books_nothing_more(desk: Desk) -> None:
    invoice = desk.invoice()
    late = a_tab(desk, invoice)
    desk.copy(invoice)
    late.press("Copy invoice", customer=desk.find_customer(invoice, "Lantaarn"))
    assert late.status in (200, 422)
    until(desk.world.is_at_rest, "quiet")
    assert len(desk.entries(invoice)) == 1


def a_tab(desk: Desk, invoice: str) -> Person:
    """A second tab of the same browser."""
    tab = Person(desk.world.url)
    tab.session.cookies.update(desk.person.session.cookies)
    return tab.open(f"/invoices/{invoice}/copy")
