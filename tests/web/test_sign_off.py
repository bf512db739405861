"""Signing a month off: who, when and what was open, and what makes it outdated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from portal.actions.books.compare import compare_books
from portal.domain.books.sign_off import OpenKind
from portal.domain.copies.states import CopyState
from portal.domain.events import EventKind
from portal.domain.payments.states import PaymentState
from portal.store.events import EventRow
from portal.store.invoices import InvoiceRow
from portal.store.months import place_of
from portal.store.payments import PaymentRow
from portal.store.sign_offs import SignedLineRow, SignOffRow, sign_off_of
from tests.conftest import SignedIn
from tests.pages import CheckingClient, seen, words
from tests.web.invoices import House, only
from tests.web.payments_story import a_payment
from tests.web.test_overview import MONTH, PAGE, TODAY, add, copy_it, look

ASK = f"{PAGE}/sign-off"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    """A month with one copied invoice and one that is ready."""
    add(house, "copied")
    add(house, "ready")
    copy_it(house, "copied")
    look(house)
    compare(house)
    return signed_in("finance")


def compare(house: House) -> None:
    compare_books(house.session, clock=lambda: datetime.now(UTC))
    house.session.commit()


def sign(client: CheckingClient) -> None:
    page = seen(client.get(ASK))
    answer = client.post(ASK, data={"seen": only(page, "[name=seen]")["value"]})
    assert answer.headers["Location"] == "/overview"


def state_of(client: CheckingClient) -> str:
    return only(seen(client.get(PAGE)), "#sign-state").get_text(" ", strip=True)


def test_what_is_open_is_listed_before_it_is_signed(client: CheckingClient) -> None:
    assert "is not signed off" in state_of(client)
    page = seen(client.get(ASK))
    assert words(page, ".sign-open li") == ["1 ready, not copied €121.00"]
    assert "with this open" in only(page, ".sign-question button").get_text()


def test_a_sign_off_records_who_and_when_and_what_was_open(house: House, client: CheckingClient) -> None:
    sign(client)
    row = sign_off_of(house.session, "1", MONTH)
    assert row is not None
    assert (row.signed_by, row.invoices) == ("Finance", 2)
    assert [(one.kind, one.count, one.amounts) for one in row.open_items] == [
        (OpenKind.READY, 1, {"EUR": 12100})
    ]
    assert row.signed_at.tzinfo is not None
    assert "Finance" in state_of(client)
    assert "1 ready, not copied" in state_of(client)
    assert house.session.scalars(select(EventRow.kind)).all()[-1] == EventKind.SIGNED_OFF


def test_a_second_click_adds_no_second_row(house: House, client: CheckingClient) -> None:
    sign(client)
    sign(client)
    assert house.session.query(SignOffRow).count() == 1


def test_what_opened_while_somebody_looked_is_asked_anew(house: House, client: CheckingClient) -> None:
    page = seen(client.get(ASK))
    add(house, "late")
    look(house)
    answer = client.post(ASK, data={"seen": only(page, "[name=seen]")["value"]}, headers=HTMX)
    assert "Something changed while you were looking" in answer.text
    assert house.session.query(SignOffRow).count() == 0


def an_invoice_comes(house: House) -> None:
    add(house, "new")


def an_invoice_changes(house: House) -> None:
    row = house.row("copied")
    row.fingerprint = "another"


def an_invoice_moves_to_another_month(house: House) -> None:
    house.row("ready").invoiced_on = TODAY.replace(day=1) - timedelta(days=1)


def an_invoice_is_deleted(house: House) -> None:
    house.row("ready").deleted = True


def it_is_copied(house: House) -> None:
    copy_it(house, "ready")


def it_is_undone(house: House) -> None:
    house.row("copied").copy_state = CopyState.UNDONE


def a_payment_comes(house: House) -> None:
    a_payment(house.session, house.latest("copied"), paid_on=TODAY)


def a_payment_to_decide_comes(house: House) -> None:
    a_payment(house.session, house.latest("copied"), paid_on=TODAY, state=PaymentState.ASKED)


def a_difference_comes(house: House) -> None:
    house.latest("copied").gross_booked = 100


KINDS: dict[str, tuple[Callable[[House], None], str]] = {
    "an invoice new": (an_invoice_comes, "1 new invoice"),
    "an invoice changed": (an_invoice_changes, "1 invoice changed"),
    "an invoice dated in another month": (an_invoice_moves_to_another_month, "1 invoice gone"),
    "an invoice deleted": (an_invoice_is_deleted, "1 invoice gone"),
    "copied": (it_is_copied, "1 invoice copied"),
    "undone": (it_is_undone, "1 copy undone"),
    "a payment": (a_payment_comes, "1 new payment"),
    "a payment to decide": (a_payment_to_decide_comes, "1 new payment"),
    "a difference": (a_difference_comes, "1 new difference"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_change_makes_it_outdated_and_is_told(
    house: House, client: CheckingClient, kind: str
) -> None:
    change, said = KINDS[kind]
    sign(client)
    assert "Outdated" not in state_of(client)
    change(house)
    house.session.commit()
    compare(house)

    told = state_of(client)
    assert "Outdated" in told
    assert said in told
    row = sign_off_of(house.session, "1", MONTH)
    assert row is not None
    assert row.is_outdated, "the comparison notes it, so that other months need no look"
    page = seen(client.get(f"/overview/sign-offs/{row.id}"))
    assert len(page.select("tbody tr")) == 1


def test_a_payment_of_another_month_changes_nothing(house: House, client: CheckingClient) -> None:
    sign(client)
    a_payment(house.session, house.latest("copied"), paid_on=TODAY.replace(day=1) - timedelta(days=1))
    house.session.commit()
    compare(house)
    assert "Outdated" not in state_of(client)


def test_what_is_put_back_is_outdated_no_more(house: House, client: CheckingClient) -> None:
    sign(client)
    it_is_undone(house)
    house.session.commit()
    compare(house)
    assert "Outdated" in state_of(client)
    house.row("copied").copy_state = CopyState.COPIED
    house.session.commit()
    compare(house)
    assert "Outdated" not in state_of(client)
    row = sign_off_of(house.session, "1", MONTH)
    assert row is not None
    assert not row.is_outdated


def test_it_is_signed_again_and_the_former_one_stays(house: House, client: CheckingClient) -> None:
    sign(client)
    an_invoice_comes(house)
    look(house)
    compare(house)
    sign(client)
    assert "Outdated" not in state_of(client)
    former, newest = house.session.scalars(select(SignOffRow).order_by(SignOffRow.id))
    assert (former.invoices, newest.invoices) == (2, 3)
    page = seen(client.get(f"/overview/sign-offs/{former.id}"))
    assert "Signed again since" in page.get_text()
    assert len(page.select(".sign-offs li")) == 2


def test_many_changes_are_told_by_pages(house: House, client: CheckingClient) -> None:
    sign(client)
    for at in range(60):
        add(house, f"new-{at:02}")
    look(house)
    compare(house)
    row = sign_off_of(house.session, "1", MONTH)
    assert row is not None

    told = []
    address: str | None = f"/overview/sign-offs/{row.id}"
    while address:
        page = seen(client.get(address))
        told.append([each.get_text() for each in page.select("tbody th a")])
        older = page.select_one("a[rel=next]")
        address = str(older["href"]) if older else None

    assert [len(each) for each in told] == [25, 25, 10]
    assert len({number for each in told for number in each}) == 60
    assert "(60)" in only(page, "caption").get_text()
    assert len(seen(client.get(f"/overview/sign-offs/{row.id}?page=99")).select("tbody tr")) == 10


def test_a_sign_off_of_which_nothing_changed_reads_no_month(house: House, client: CheckingClient) -> None:
    sign(client)
    row = sign_off_of(house.session, "1", MONTH)
    assert row is not None
    asked: list[str] = []

    def listen(*given: Any) -> None:
        asked.append(given[2])

    event.listen(house.session.get_bind(), "before_cursor_execute", listen)
    page = seen(client.get(f"/overview/sign-offs/{row.id}"))
    event.remove(house.session.get_bind(), "before_cursor_execute", listen)
    assert "Nothing changed" in page.get_text()
    assert [each for each in asked if "signed_line" in each or "FROM invoice" in each] == []


def test_another_month_tells_it_beside_itself(house: House, client: CheckingClient) -> None:
    sign(client)
    it_is_undone(house)
    house.session.commit()
    compare(house)
    following = TODAY.replace(day=28) + timedelta(days=7)
    page = seen(client.get(f"/overview/{following:%Y-%m}"))
    first = only(page, "#month-aside .aside-list li")
    assert "Outdated" in first.get_text()
    assert "1 copy undone" in first.get_text()


def test_htmx_gets_the_part_of_the_page(client: CheckingClient) -> None:
    asked = client.get(ASK, headers=HTMX)
    part = seen(asked)
    assert part.find("html") is None
    seen_then = only(part, "[name=seen]")["value"]
    answer = seen(client.post(ASK, data={"seen": seen_then}, headers=HTMX))
    assert "Signed off" in only(answer, "#sign-off").get_text()
    assert only(answer, "#sign-off-open").has_attr("autofocus")
    kept = seen(client.get(f"{ASK}/cancel", headers=HTMX))
    assert kept.select("form") == []


def test_each_subsidiary_in_sight_is_signed_by_itself(house: House, signed_in: SignedIn) -> None:
    house.session.execute(update(InvoiceRow).values(subsidiary_id="1"))
    house.session.commit()
    stranger = signed_in("finance", subsidiaries=["2"])
    sign(stranger)
    assert sign_off_of(house.session, "1", MONTH) is None
    assert sign_off_of(house.session, "2", MONTH) is not None


def test_what_a_month_held_is_kept_in_lines(house: House, client: CheckingClient) -> None:
    sign(client)
    kept = house.session.execute(
        select(SignedLineRow.key, SignedLineRow.state).order_by(SignedLineRow.key)
    ).all()
    assert [tuple(row) for row in kept] == [
        ("copied", place_of(CopyState.COPIED)),
        ("ready", place_of("not copied")),
    ]


def test_no_payment_is_told_that_was_removed_before(house: House, client: CheckingClient) -> None:
    a_payment(house.session, house.latest("copied"), paid_on=TODAY, state=PaymentState.REMOVED)
    house.session.commit()
    sign(client)
    house.session.execute(update(PaymentRow).values(tries=3))
    house.session.commit()
    compare(house)
    assert "Outdated" not in state_of(client)
