"""Copy many and runs: what is shown before, the progress, Stop, and what became of it."""

import re
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, select

from portal.actions.copies.ready import keep_ready
from portal.actions.copies.run import run_copies
from portal.actions.copies.run_wishes import make_wishes
from portal.actions.engine.desk import Desk
from portal.domain.copies.states import CopyState
from portal.domain.copies.strangers import HeldEntry
from portal.remote.errors import RefusedError
from portal.store.copies import CopyRow
from portal.store.runs import RunRow
from tests.conftest import SignedIn
from tests.pages import CheckingClient, seen
from tests.web.invoices import House, only


def moment() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def finance(house: House, signed_in: SignedIn, nudges: list[tuple[str, str]]) -> CheckingClient:
    house.connection.default_journal = "70"
    house.session.commit()
    return signed_in("finance")


def some(house: House, how_many: int) -> list[str]:
    ids = [str(2000 + at) for at in range(how_many)]
    for each in ids:
        house.add(id=each, number=f"K-{each}")
    keep_ready(house.session, clock=moment)
    return ids


def shown(client: CheckingClient, address: str) -> BeautifulSoup:
    return seen(client.get(address))


def choose(client: CheckingClient, ids: list[str]) -> str:
    answer = client.post("/runs", data={"invoice": ids})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def begin(client: CheckingClient, address: str) -> str:
    page = shown(client, address)
    fields = {str(each["name"]): str(each["value"]) for each in page.select("#plan-copy input")}
    answer = client.post("/runs/start", data=fields)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def work(house: House, run: str = "", *, only_wishes: bool = False) -> None:
    newest = select(RunRow.id).order_by(RunRow.requested_at.desc())
    run_id = run.rpartition("/")[2] or house.session.scalars(newest).first()
    house.session.commit()
    assert run_id is not None
    make_wishes(house.session, lambda _job, _subject: None, run_id, clock=moment)
    if only_wishes:
        return
    desk = Desk(lambda: house.billing, lambda _id: house.ledger, moment, 5)
    run_copies(house.session, desk, house.connection_id, others_wait=lambda: False)


def words(page: BeautifulSoup, selector: str = "main") -> str:
    return re.sub(r"\s+", " ", only(page, selector).get_text(" ")).strip()


def test_what_was_chosen_is_shown_as_one_sum_before_anything_is_booked(
    finance: CheckingClient, house: House
) -> None:
    page = shown(finance, choose(finance, some(house, 3)))
    assert only(page, "h1").get_text(strip=True) == "Copy 3 invoices to Exact"
    assert "Nothing is booked yet." in words(page)
    agree = page.select_one(".postings tfoot th .sub")
    assert agree is not None
    assert agree.get_text(strip=True) == "Debit and credit agree"
    total = [cell.get_text(strip=True) for cell in page.select(".postings tfoot td.num")]
    assert total == ["363.00", "363.00"]
    assert "70 Sales · 3" in words(page)
    assert only(page, "#plan-copy button[type=submit]").get_text(strip=True) == "Copy 3"
    assert house.session.scalars(select(CopyRow)).all() == []
    assert house.session.scalars(select(RunRow)).all() == []


def test_each_row_of_the_sum_says_where_it_comes_from(finance: CheckingClient, house: House) -> None:
    ids = some(house, 3)
    page = shown(finance, choose(finance, ids))
    head = [cell.get_text(strip=True) for cell in page.select(".postings thead th")]
    assert head == ["Ledger account", "From", "Debit", "Credit"]
    receivable, revenue, vat = (
        [line.get_text(strip=True) for line in cell.select(".line")]
        for cell in page.select(".postings tbody .from-cell")
    )
    assert receivable == ["3 invoices", "1 customer, linked"]
    assert revenue == ["3 lines, mapped"]
    assert vat == ["3 lines, mapped"]


def test_all_that_match_are_chosen_by_the_address_alone(finance: CheckingClient, house: House) -> None:
    some(house, 4)
    house.add(id="2900", number="K-2900", company_id="99", company_name="Nobody knows")
    keep_ready(house.session, clock=moment)
    answer = finance.get("/runs?all=1&view=ready")
    assert answer.status_code == 302
    page = shown(finance, answer.headers["Location"])
    assert only(page, "h1").get_text(strip=True) == "Copy 4 invoices to Exact"
    narrowed = shown(finance, "/runs/new?all=1&since=2026-04-01&until=2026-04-30")
    assert "Nothing of this can be copied as it is." in words(narrowed)


def test_a_form_may_choose_all_that_match_too(finance: CheckingClient, house: House) -> None:
    some(house, 2)
    answer = finance.post("/runs?view=ready&customer=7", data={"all": "1"})
    assert "customer=7" in answer.headers["Location"]
    assert "Copy 2 invoices" in words(shown(finance, answer.headers["Location"]), "h1")


def test_nothing_chosen_is_said(finance: CheckingClient, house: House) -> None:
    answer = finance.post("/runs", follow_redirects=True)
    assert "Nothing was chosen." in answer.get_data(as_text=True)


def test_a_choice_is_only_its_persons(finance: CheckingClient, house: House, signed_in: SignedIn) -> None:
    address = choose(finance, some(house, 1))
    assert signed_in("administrator").get(address).status_code == 404


def test_what_cannot_be_copied_is_left_and_named(finance: CheckingClient, house: House) -> None:
    ids = some(house, 2)
    house.add(id="2001", number="K-2001", company_id="99", company_name="Nobody knows")
    page = shown(finance, choose(finance, ids))
    assert "Copy 1 invoice to Exact" in words(page, "h1")
    assert "1 stays as it is" in words(page)
    assert "K-2001" in words(page, ".fixes")


def test_five_hundred_invoices_are_shown_by_as_many_queries_as_five(
    finance: CheckingClient, house: House
) -> None:
    counted = []
    ids = some(house, 40)

    def count(*_args: object) -> None:
        counted.append(1)

    event.listen(house.session.get_bind(), "before_cursor_execute", count)
    figures = []
    for some_ids in (ids[:5], ids):
        address = choose(finance, some_ids)
        counted.clear()
        shown(finance, address)
        figures.append(len(counted))
    event.remove(house.session.get_bind(), "before_cursor_execute", count)
    assert figures[0] == figures[1]


def test_a_run_is_begun_copied_and_told(finance: CheckingClient, house: House) -> None:
    run = begin(finance, choose(finance, some(house, 3)))
    page = shown(finance, run)
    assert words(page, "#run-done") == "0 of 3"
    assert only(page, "title").get_text().endswith("0 of 3 · Copying · Portal")
    work(house)
    page = shown(finance, run)
    assert words(page, "#run-heading") == "3 copied"
    assert "3 invoices copied · €363.00" in words(page)
    assert "Every total agrees with its invoice to the cent." in words(page)
    assert re.search(r"Entries \d+ to \d+ in journal 70\.", words(page))


def test_the_page_renews_itself_by_one_request_and_tells_what_it_tells(
    finance: CheckingClient, house: House
) -> None:
    run = begin(finance, choose(finance, some(house, 2)))
    work(house)
    page = shown(finance, run)
    live = str(only(page, "#live")["hx-get"])
    assert live == f"{run}/live"
    version = str(only(page, "#live-version")["value"])
    headers = {"HX-Request": "true"}
    assert finance.get(f"{live}?v={version}", headers=headers).status_code == 204
    answer = finance.get(f"{live}?v=0", headers=headers)
    part = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert words(part, "#run") == words(page, "#run")
    assert only(part, "title").get_text(strip=True) == "2 copied · Portal"


def test_stop_and_go_on(finance: CheckingClient, house: House) -> None:
    run = begin(finance, choose(finance, some(house, 3)))
    work(house, only_wishes=True)
    finance.post(f"{run}/stop")
    page = shown(finance, run)
    assert words(page, "#run-heading") == "0 copied, 3 stopped"
    assert "3 were not sent" in words(page)
    assert house.session.scalars(select(CopyRow)).all() == []

    answer = finance.post(f"{run}/go-on", headers={"HX-Request": "true"})
    assert "0 of 3" in answer.get_data(as_text=True)
    work(house)
    assert words(shown(finance, run), "#run-heading") == "3 copied"
    assert len(house.ledger.entries) == 3


def test_what_failed_is_grouped_by_cause_and_tried_again_in_one_action(
    finance: CheckingClient, house: House
) -> None:
    run = begin(finance, choose(finance, some(house, 6)))
    house.ledger.fail("create_entry", RefusedError("De periode is dicht.", status=500), times=6)
    work(house)
    page = shown(finance, run)
    assert words(page, "#run-heading") == "0 copied, 6 need you"
    assert len(page.select("#run .fix")) == 1
    assert "De periode is dicht." in words(page, "#run .fix")
    assert words(page, ".fix button") == "Retry 6"
    activity = shown(finance, "/activity")
    assert "0 copied, 6 need you" in words(activity, "#activity-runs")
    assert "1 needs you" in words(activity, "#signal-activity")

    house.ledger.forgive()
    form = only(page, "#run .fix form")
    fields = {str(each["name"]): str(each.get("value", "")) for each in form.select("input")}
    finance.post(str(form["action"]), data=fields)
    work(house)
    work(house)
    assert words(shown(finance, run), "#run-heading") == "6 copied"
    assert not only(shown(finance, "/activity"), "#signal-activity").get_text(strip=True)


def test_what_changed_between_page_and_click_is_left_out_and_named(
    finance: CheckingClient, house: House
) -> None:
    address = choose(finance, some(house, 2))
    page = shown(finance, address)
    fields = {str(each["name"]): str(each["value"]) for each in page.select("#plan-copy input")}
    house.add(id="2001", number="K-2001", amount=20000, amount_with_tax=24200)
    answer = finance.post("/runs/start", data=fields, follow_redirects=True)
    text = answer.get_data(as_text=True)
    assert "1 invoice changed since you looked and was left out: K-2001" in text
    assert "0 of 1" in text


def test_where_all_changed_the_person_looks_again(finance: CheckingClient, house: House) -> None:
    address = choose(finance, some(house, 1))
    page = shown(finance, address)
    fields = {str(each["name"]): str(each["value"]) for each in page.select("#plan-copy input")}
    house.add(id="2000", number="K-2000", amount=20000, amount_with_tax=24200)
    answer = finance.post("/runs/start", data=fields)
    assert answer.headers["Location"] == address
    assert house.session.scalars(select(RunRow)).all() == []


def test_what_exact_holds_is_asked_by_the_live_request_forty_numbers_a_call(
    finance: CheckingClient, house: House
) -> None:
    address = choose(finance, some(house, 45))
    page = shown(finance, address)
    assert "being asked …" in words(page, f"#plan-looked-{house.connection_id}")
    assert house.ledger.count("find_held") == 0
    live = str(only(page, "#live")["hx-get"])
    headers = {"HX-Request": "true"}
    said = BeautifulSoup(finance.get(live, headers=headers).get_data(as_text=True), "html.parser")
    assert "none of the first 40" in words(said, "dd")
    said = BeautifulSoup(finance.get(live, headers=headers).get_data(as_text=True), "html.parser")
    assert "asked at" in words(said, "dd")
    assert house.ledger.count("find_held") == 2
    finance.get(live, headers=headers)
    assert house.ledger.count("find_held") == 2


def test_without_script_exact_is_asked_by_a_link(finance: CheckingClient, house: House) -> None:
    address = choose(finance, some(house, 1))
    link = str(only(shown(finance, address), "noscript a")["href"])
    answer = finance.get(link)
    assert answer.headers["Location"] == address
    assert "asked at" in words(shown(finance, address), f"#plan-looked-{house.connection_id}")


def test_an_entry_of_somebody_else_under_a_number_keeps_its_invoice_back(
    finance: CheckingClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = some(house, 2)
    stranger = HeldEntry(
        "e-1",
        26700001,
        "K-2000",
        journal="70",
        entry_date=moment().date(),
        customer_id=house.customer_id,
        currency="EUR",
        gross=12100,
    )
    monkeypatch.setattr(house.ledger, "find_held", lambda _numbers: [stranger])
    address = choose(finance, ids)
    finance.get(str(only(shown(finance, address), "noscript a")["href"]))
    page = shown(finance, address)
    assert "Copy 1 invoice to Exact" in words(page, "h1")
    assert "26700001" in words(page, ".fixes")


def test_who_may_only_look_sees_a_run_and_cannot_stop_it(
    finance: CheckingClient, house: House, signed_in: SignedIn
) -> None:
    run = begin(finance, choose(finance, some(house, 1)))
    viewer = signed_in("viewer")
    assert not shown(viewer, run).select("#run-stop")
    assert viewer.post(f"{run}/stop").status_code == 403
    assert viewer.get("/runs/unknown").status_code == 404


def test_a_run_of_a_subsidiary_that_a_person_may_not_see_is_not_there(
    finance: CheckingClient, house: House, signed_in: SignedIn
) -> None:
    run = begin(finance, choose(finance, some(house, 1)))
    other = signed_in("finance", subsidiaries=["2"])
    assert other.get(run).status_code == 404
    assert not shown(other, "/activity").select("#activity-runs")


def listed(page: BeautifulSoup) -> list[str]:
    return sorted(words(page, f"#{row['id']} th") for row in page.select(".invoices tbody tr"))


def test_a_run_leads_to_the_list_of_what_it_booked(finance: CheckingClient, house: House) -> None:
    ids = some(house, 5)
    before = begin(finance, choose(finance, ids[:1]))
    work(house)
    house.ledger.fail("create_entry", RefusedError("De periode is dicht.", status=500), times=1)
    run = begin(finance, choose(finance, ids[1:4]))
    work(house, run)
    page = shown(finance, run)
    [link] = page.find_all("a", string="See the 2")
    booked = shown(finance, str(link["href"]))
    copies = house.session.scalars(select(CopyRow).where(CopyRow.entry_id.is_not(None)))
    numbers = sorted(f"K-{copy.invoice_id}" for copy in copies if copy.invoice_id != "2000")
    assert len(numbers) == 2
    assert listed(booked) == numbers
    assert "Run of" in words(booked, ".chips")
    assert words(booked, "#chip-count-all") == "2"
    [all_again] = [each for each in booked.select(".chips a.chip") if "Show all again" in each.get_text()]
    assert len(listed(shown(finance, str(all_again["href"])))) == 5

    [only_one] = shown(finance, before).find_all("a", string="See it")
    assert listed(shown(finance, str(only_one["href"]))) == ["K-2000"]


def test_what_was_undone_since_is_still_listed_and_a_run_that_is_not_known_lists_nothing(
    finance: CheckingClient, house: House
) -> None:
    run = begin(finance, choose(finance, some(house, 2)))
    work(house)
    copy = house.session.scalars(select(CopyRow).where(CopyRow.invoice_id == "2000")).one()
    copy.state = CopyState.UNDONE
    house.session.commit()
    address = f"/invoices?run={run.rpartition('/')[2]}"
    assert listed(shown(finance, address)) == ["K-2000", "K-2001"]
    assert "No invoices match" in words(shown(finance, "/invoices?run=unknown"))


def test_the_list_of_a_run_shows_nobody_what_they_may_not_see(
    finance: CheckingClient, house: House, signed_in: SignedIn
) -> None:
    run = begin(finance, choose(finance, some(house, 2)))
    work(house)
    other = signed_in("finance", subsidiaries=["2"])
    assert "No invoices match" in words(shown(other, f"/invoices?run={run.rpartition('/')[2]}"))
