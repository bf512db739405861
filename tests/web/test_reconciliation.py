"""The reconciliation page: what a controller sees, opens, accepts, downloads and prints."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal.actions.books.compare import compare_books
from portal.actions.books.read_entries import read_exact
from portal.actions.books.request_readings import request_readings
from portal.actions.engine.jobs import Job
from portal.domain.periods import read_period
from portal.remote.errors import RefusedError
from portal.store.entries import AcceptedRow
from portal.store.events import EventRow
from portal.store.reconciliation import ComparedRow
from portal.store.sign_offs import SignOffRow
from tests.conftest import SignedIn
from tests.domain.builders import a_line
from tests.fakes import OTHER_REVENUE
from tests.furnishing.today import today
from tests.pages import CheckingClient, csv_rows, read_page, seen
from tests.web.connected import find_named
from tests.web.invoices import House, a_still_house, form_of, only

MARCH = "/reconciliation?period=2026-03"


@pytest.fixture
def house(app: Flask, session: Session) -> House:
    return a_still_house(app, session)


@pytest.fixture
def client(house: House, signed_in: SignedIn) -> CheckingClient:
    """Somebody of the finance team."""
    return signed_in("finance", subsidiaries=["1"])


def copy_it(house: House, client: CheckingClient) -> str:
    """Copy the house's invoice by its dialog; returns the entry."""
    house.add()
    client.post("/invoices/105/copy", data=form_of(read_page(client.get("/invoices/105/copy").text)))
    return house.work().entry_id or ""


def read_books(house: House) -> None:
    """Read March from Exact and compare."""
    period = read_period("2026-03")
    assert period is not None
    clock = house.wiring.clock
    request_readings(
        house.session, house.wiring.nudge, period, subsidiaries=None, whole=True, now=house.wiring.now
    )
    read_exact(house.session, house.ledger, house.wiring.nudge, house.connection_id, clock=clock)
    compare_books(house.session, clock=clock)
    house.session.commit()


def drifted(house: House, client: CheckingClient) -> str:
    """Copy an invoice, and let somebody book it on another ledger in Exact."""
    entry_id = copy_it(house, client)
    lines = house.ledger.entries[entry_id].lines
    house.ledger.edit(entry_id, lines=tuple(replace(line, ledger_id=OTHER_REVENUE) for line in lines))
    read_books(house)
    return entry_id


def page_at(client: CheckingClient, url: str = MARCH) -> BeautifulSoup:
    return seen(client.get(url))


def words_of(page: BeautifulSoup, selector: str) -> str:
    return " ".join(only(page, selector).get_text(" ", strip=True).split())


def test_a_controller_sees_at_a_glance_that_both_books_agree(house: House, client: CheckingClient) -> None:
    copy_it(house, client)
    read_books(house)
    page = page_at(client)
    assert "EUR: both books agree" in words_of(page, ".verdict")
    assert words_of(page, "#books-list .empty h2") == "Nothing to check"
    assert "read as a whole" in words_of(page, "#books-status")
    row = words_of(page_at(client, f"{MARCH}&view=equal"), "#books-i-105")
    assert "2026-0042" in row
    assert "Both sides agree." in row


def test_a_controller_sees_by_how_much_it_differs_and_why(house: House, client: CheckingClient) -> None:
    house.add()
    read_books(house)
    page = page_at(client)
    verdict = words_of(page, ".verdict")
    assert "EUR: Exact has €121.00 less than Productive" in verdict
    assert "because of 1 row" in verdict
    row = words_of(page, "#books-i-105")
    assert "It was not copied to Exact yet." in row
    step = find_named(only(page, "#books-i-105"), "a", "Copy to Exact")
    assert step is not None
    assert step["href"] == "/invoices/105/copy"
    assert step.has_attr("data-dialog")
    chips = [chip.get_text(" ", strip=True) for chip in page.select("#books-list .chip")]
    assert chips[:3] == ["To check 1", "Amounts differ 0", "Only in Productive 1"]


def test_one_click_opens_both_sides_with_what_was_changed(house: House, client: CheckingClient) -> None:
    drifted(house, client)
    page = page_at(client)
    row = only(page, "#books-i-105")
    assert "Somebody changed the entry in Exact after it was copied." in row.get_text()
    details = only(page, "#books-i-105 details")
    table = only(page, "table[data-sides]")
    fragment = client.htmx(f"{table['data-sides']}{str(details['id']).removeprefix('why-of-')}/sides")
    text = " ".join(read_page(fragment.text).get_text(" ", strip=True).split())
    assert "Line 1, Ledger code: booked 8000 Revenue design now 8010 Revenue development" in text
    assert find_named(read_page(fragment.text), "a", "Update existing") is not None
    marked = words_of(read_page(fragment.text), ".pairs .differs")
    assert marked == "Ledger code 8000 Revenue design 8010 Revenue development"
    whole = read_page(client.get("/reconciliation/rows/i-105").text)
    both = [only(each, "#sides-i-105") for each in (whole, read_page(fragment.text))]
    for token in (token for each in both for token in each.select("[name=csrf_token]")):
        token.decompose()
    assert str(both[0]) == str(both[1])


def test_the_invoice_page_shows_the_drift_too(house: House, client: CheckingClient) -> None:
    drifted(house, client)
    text = words_of(page_at(client, "/invoices/105"), "#invoice-drift")
    assert "Changed in Exact since it was copied" in text
    assert "Nothing was overwritten." in text
    assert "Revenue development" in text


def test_a_half_update_is_told_as_that_and_not_as_somebodys_edit(
    house: House, client: CheckingClient
) -> None:
    copy_it(house, client)
    read_books(house)
    dearer = a_line(amount=20000, amount_tax=4200)
    house.add(subject="Anew", lines=(dearer,), amount=20000, amount_tax=4200, amount_with_tax=24200)
    house.ledger.fail("change_line", RefusedError("Nee", status=500))
    update = "/invoices/105/copy?action=update"
    client.post("/invoices/105/copy", data=form_of(read_page(client.get(update).text)))
    copy = house.work()
    page = page_at(client, "/invoices/105")
    text = words_of(page, "#invoice-drift")
    assert "Half updated in Exact An update of this entry ended half-way. Exact now has €121.00" in text
    compare_books(house.session, clock=house.wiring.clock)
    assert "Somebody" not in words_of(page_at(client), "#books-i-105")
    assert "Ended before all of it was done" in page.get_text()
    ended = read_page(client.get(f"/copies/{copy.id}").text)
    again = find_named(ended, "a", "Open the copy again")
    assert again is not None
    assert again["href"] == update


def test_accepting_keeps_who_and_when_and_ends_the_difference(house: House, client: CheckingClient) -> None:
    drifted(house, client)
    sides = read_page(client.htmx("/reconciliation/rows/i-105/sides").text)
    content = str(only(sides, "[name=content]")["value"])
    data = {"content": content, "reason": "Agreed with the auditor"}
    answer = client.post("/reconciliation/rows/i-105/accept", data=data)
    assert answer.location == "/reconciliation/rows/i-105"
    accepted = house.session.query(AcceptedRow).one()
    assert (accepted.accepted_by, accepted.accepted_at) == ("Finance", house.wiring.now)
    assert house.session.query(EventRow).filter_by(kind="accepted", invoice_id="105").one()
    page = page_at(client)
    assert words_of(page, "#books-list .empty h2") == "Nothing to check"
    assert "Agreed with the auditor" in words_of(page_at(client, "/reconciliation/rows/i-105"), "#main")
    assert "A person accepted" in words_of(page_at(client, "/invoices/105"), "#invoice-drift")
    client.post(f"/reconciliation/accepted/{accepted.id}/end")
    house.session.commit()
    assert house.session.get_one(ComparedRow, "i-105", populate_existing=True).differs


def test_accepting_what_changed_meanwhile_is_refused_in_words(house: House, client: CheckingClient) -> None:
    drifted(house, client)
    answer = client.post("/reconciliation/rows/i-105/accept", data={"content": "x"}, follow_redirects=True)
    assert "The entry changed in Exact while you were looking." in answer.text
    assert house.session.query(AcceptedRow).count() == 0


def test_a_viewer_sees_all_and_changes_nothing(
    house: House, client: CheckingClient, signed_in: SignedIn
) -> None:
    drifted(house, client)
    viewer = signed_in("viewer", subsidiaries=["1"])
    page = page_at(viewer)
    assert find_named(page, "button", "Read Exact now") is None
    assert find_named(page, "a", "Update existing") is None
    sides = read_page(viewer.htmx("/reconciliation/rows/i-105/sides").text)
    assert sides.select("form") == []
    assert find_named(sides, "a", "Open entry in Exact") is not None


def test_rows_of_another_subsidiary_are_not_there(
    house: House, client: CheckingClient, signed_in: SignedIn
) -> None:
    drifted(house, client)
    stranger = signed_in("finance", subsidiaries=["2"])
    assert "There is neither an invoice nor an entry" in words_of(page_at(stranger), "#books-summary")
    for path in ("", "/sides", "/entry"):
        assert stranger.get(f"/reconciliation/rows/i-105{path}").status_code == 404
    accepted = stranger.post("/reconciliation/rows/i-105/accept", data={"content": "x"})
    assert accepted.status_code == 404
    assert len(stranger.get("/reconciliation.csv?period=all").text.splitlines()) == 1


def test_reading_is_asked_for_and_shown_while_it_goes_on(house: House, client: CheckingClient) -> None:
    copy_it(house, client)
    answer = client.htmx("/reconciliation/read?period=2026-03", "POST")
    page = read_page(answer.text)
    assert "Exact is being read" in words_of(page, "#books-status")
    assert only(page, "#books-status").has_attr("data-poll")
    read_exact(house.session, house.ledger, house.wiring.nudge, house.connection_id, clock=house.wiring.clock)
    compare_books(house.session, clock=house.wiring.clock)
    ended = client.htmx("/reconciliation/status?period=2026-03")
    assert ended.headers["HX-Trigger"] == "books-compared"
    assert not only(read_page(ended.text), "#books-status").has_attr("data-poll")


def test_without_javascript_reading_leads_back_to_the_period(
    house: House, client: CheckingClient, nudges: list[tuple[str, str]]
) -> None:
    answer = client.post("/reconciliation/read?period=2026-03", data={"whole": "1"})
    assert answer.location == "/reconciliation?period=2026-03"
    assert (Job.READ_ENTRIES, str(house.connection_id)) in nudges


@pytest.mark.parametrize("text", ["2026-13", "soon", "0001"])
def test_a_period_that_is_none_is_said_and_this_month_shown(
    house: House, client: CheckingClient, text: str
) -> None:
    answer = client.get(f"/reconciliation?period={text}")
    assert answer.status_code == 200
    assert f"“{text}” is no period" in answer.text


def test_htmx_gets_the_rows_alone(house: House, client: CheckingClient) -> None:
    house.add()
    read_books(house)
    fragment = read_page(client.htmx(MARCH).text)
    assert fragment.find("html") is None
    assert only(fragment, "#books #books-list")
    assert only(fragment, "#books #books-summary")
    moments = {tag["data-moment"] for tag in fragment.select("[data-moment]")}
    charts = client.htmx(str(only(fragment, "#books-charts")["hx-get"]))
    moments |= {tag["data-moment"] for tag in read_page(charts.text).select("[data-moment]")}
    assert (len(fragment.select("[data-moment]")), len(moments)) == (2, 1)
    assert "HX-Trigger" not in charts.headers


def test_charts_of_another_moment_let_the_rows_renew_themselves(house: House, client: CheckingClient) -> None:
    house.add()
    read_books(house)
    address = str(only(page_at(client), "#books-charts")["hx-get"])
    house.add(id="106", number="2026-0106")
    read_books(house)
    answer = client.htmx(address)
    assert answer.headers["HX-Trigger"] == "books-compared"


def test_the_csv_tells_causes_and_runs_no_formula(house: House, client: CheckingClient) -> None:
    house.add(company_name='=HYPERLINK("x")')
    read_books(house)
    answer = client.get("/reconciliation.csv?period=2026-03")
    assert "reconciliation-2026-03.csv" in answer.headers["Content-Disposition"]
    head, row = csv_rows(answer)
    cells = dict(zip(head, row, strict=True))
    assert cells["Customer"] == '\'=HYPERLINK("x")'
    assert (cells["Productive"], cells["Exact"], cells["Difference"]) == ("121.00", "", "-121.00")
    assert cells["Cause"] == "It was not copied to Exact yet."
    assert (cells["Subsidiary"], cells["Result"]) == ("Bright Studio BV", "productive")


def test_the_statement_is_complete(house: House, client: CheckingClient) -> None:
    house.add()
    read_books(house)
    text = words_of(page_at(client, "/reconciliation/statement?period=2026-03"), "#main")
    for words in (
        "Bright Studio BV",
        "March 2026",
        "Finance",
        "1 row is to check.",
        "Signature",
        "Checked by",
    ):
        assert words in text
    assert "It was not copied to Exact yet." in text
    assert "Totals per journal and currency" in text


def test_the_charts_are_drawn_with_values_and_tables(house: House, client: CheckingClient) -> None:
    house.add(pay_on=today() - timedelta(days=40))
    read_books(house)
    page = page_at(client, "/reconciliation/charts")
    drawing = only(page, "svg[role=img]")
    assert "€121.00" in drawing.get_text()
    assert drawing.select("pattern rect")
    table = [row.get_text(" ", strip=True) for row in page.select("#chart-ages-EUR-box tbody tr")]
    assert table[2].startswith("31 to 60 days late 1 €121.00")
    assert page_at(client, "/reconciliation/charts").select_one("h1") is not None


def test_an_entry_leads_to_its_page_in_exact(house: House, client: CheckingClient) -> None:
    entry_id = drifted(house, client)
    assert entry_id in str(client.get("/reconciliation/rows/i-105/entry").location)


def test_two_subsidiaries_and_currencies_are_never_mixed(house: House, signed_in: SignedIn) -> None:
    house.add()
    house.add(id="106", number="2026-0043", currency="USD")
    house.add(id="107", number="2026-0044", subsidiary_id="2")
    read_books(house)
    page = page_at(signed_in())
    verdicts = [one.get_text(" ", strip=True) for one in page.select(".verdict-word")]
    assert len(verdicts) == 2
    assert any("US$121.00" in each or "$121.00" in each for each in verdicts)
    assert len(page.select("#books-summary tbody tr")) == 3


def test_without_javascript_the_reason_itself_leads_to_both_sides(
    house: House, client: CheckingClient
) -> None:
    drifted(house, client)
    link = only(page_at(client), "#books-i-105 noscript a")
    assert link.get_text() == "Somebody changed the entry in Exact after it was copied."
    assert link["href"] == "/reconciliation/rows/i-105"


def test_what_stands_in_another_month_counts_once_so_that_rows_add_up(
    house: House, client: CheckingClient
) -> None:
    entry_id = copy_it(house, client)
    house.ledger.edit(entry_id, entry_date=date(2026, 4, 2))
    read_books(house)
    april = "/reconciliation?period=2026-04"
    for url, key, difference in ((MARCH, "i-105", "-€121.00"), (april, "i-105-booked", "€121.00")):
        cells = [each.get_text(" ", strip=True) for each in page_at(client, url).select(f"#books-{key} td")]
        assert cells[6] == difference
        assert "none €121.00 in another month" in (cells[4], cells[5])
        assert cells[6] in words_of(page_at(client, url), "#books-summary tfoot")
    statement = words_of(page_at(client, "/reconciliation/statement?period=2026-03"), "#main")
    assert "-€121.00 Date: Somebody changed the entry in Exact after it was copied." in statement
    assert "Exact has €121.00 of it in another month." in statement
    head, *lines = csv_rows(client.get("/reconciliation.csv?period=all"))
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    told = [(row["Productive"], row["Exact"], row["Difference"]) for row in rows]
    assert sorted(told) == [("", "121.00", "121.00"), ("121.00", "", "-121.00")]


def test_every_printed_page_says_what_it_belongs_to(house: House, client: CheckingClient) -> None:
    house.add()
    read_books(house)
    page = page_at(client, "/reconciliation/statement?period=2026-03")
    head = words_of(page, "thead .print-only")
    assert head.startswith("Reconciliation statement · Bright Studio BV · March 2026 ·")
    assert words_of(page, "title") == "Reconciliation statement Bright Studio BV March 2026 · Portal"


def test_an_entry_that_was_not_read_shows_what_was_booked(house: House, client: CheckingClient) -> None:
    copy_it(house, client)
    compare_books(house.session, clock=house.wiring.clock)
    house.session.commit()
    sides = words_of(page_at(client, "/reconciliation/rows/i-105"), ".pairs")
    assert "Net €100.00 €100.00 VAT €21.00 €21.00 Total €121.00 €121.00" in sides


def test_update_and_accept_stand_side_by_side(house: House, client: CheckingClient) -> None:
    drifted(house, client)
    sides = read_page(client.htmx("/reconciliation/rows/i-105/sides").text)
    names = [tag.get_text(strip=True) for tag in sides.select(".decide > *")]
    assert names[:2] == ["Update existing", "Accept Exact’s version"]
    button = only(sides, ".decide button")
    form = only(sides, f"form#{button['form']}")
    assert form.select_one("[name=reason]") is not None
    client.post(str(form["action"]), data=form_of(sides, str(button["form"])) | {"reason": "Agreed"})
    assert "Explained" in words_of(page_at(client, "/reconciliation/rows/i-105"), ".states")


def test_the_statement_has_net_and_vat_per_journal_and_code(house: House, client: CheckingClient) -> None:
    copy_it(house, client)
    read_books(house)
    page = page_at(client, "/reconciliation/statement?period=2026-03")
    journals = words_of(page, "#statement-journals tbody")
    assert "Productive €100.00 €21.00 €121.00 1" in journals
    assert "Exact €100.00 €21.00 €121.00 1" in journals
    assert "Difference €0.00 €0.00 €0.00" in journals
    assert "1 €100.00 €21.00 €121.00" in words_of(page, "#statement-vat tbody")


def test_the_statement_says_what_it_does_not_know(house: House, client: CheckingClient) -> None:
    house.add(pay_on=today())
    read_books(house)
    page = page_at(client, "/reconciliation/statement?period=2026-03")
    text = words_of(page, "#statement-receivables")
    assert "is not known: payments are not synchronized." in text
    assert "Total €121.00 unknown" in text
    assert "€0.00" not in [
        tag.get_text(strip=True) for tag in page.select("#statement-receivables td:last-child")
    ]


def test_the_statement_has_the_sign_off(house: House, client: CheckingClient) -> None:
    house.add()
    read_books(house)
    url = "/reconciliation/statement?period=2026-03"
    assert "March 2026 is not signed off yet." in words_of(page_at(client, url), "#statement-sign-off")
    row = SignOffRow(
        subsidiary_id="1",
        month="2026-03",
        signed_by="Carla",
        signed_at=datetime(2026, 4, 2, 9, tzinfo=UTC),
        invoices=1,
        open=[],
        fingerprint="f",
    )
    house.session.add(row)
    house.session.commit()
    text = words_of(page_at(client, url), "#statement-sign-off")
    assert "March 2026 was signed off by Carla on" in text
    assert "changed since" not in text
    row.changes = {"copied": 1}
    house.session.commit()
    assert "changed since" in words_of(page_at(client, url), "#statement-sign-off")
