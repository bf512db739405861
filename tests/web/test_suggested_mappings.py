"""Suggestions on the mappings screen: accepted one by one or all at once, and VAT by place."""

from dataclasses import replace
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal.domain.booking.catalogue import VatCode
from portal.domain.booking.mapping import MappingKind
from portal.domain.booking.place import Place
from portal.domain.connections.states import ConnectionState
from portal.store.catalogue import keep_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import MappingRow, TaxRateRow, mapping_rules
from tests.actions.some_connections import a_live_connection, some_offer
from tests.conftest import SignedIn
from tests.fakes import NOW, REVENUE, FakeWiring, a_catalogue
from tests.pages import CheckingClient, read_page
from tests.web.connected import wire_fakes

PAGE = "/mappings"
LISTED = VatCode("7  ", "EU services", Decimal(0), "B", "S", False, True, "S")
EXPORT = VatCode("6  ", "Outside the EU", Decimal(0), "B", "S", False, False, "N")


@pytest.fixture
def connection(app: Flask, session: Session) -> ConnectionRow:
    fakes: FakeWiring = wire_fakes(app)
    some_offer(session)
    made = a_live_connection(session, fakes.fake_ledger)
    made.division_country = "NL"
    catalogue = a_catalogue()
    codes = (*catalogue.vat_codes, LISTED, EXPORT)
    keep_catalogue(session, made.id, replace(catalogue, vat_codes=codes), NOW)
    session.add(TaxRateRow(id="39", name="VAT 0%", percentage="0", subsidiary_id="11"))
    session.commit()
    return made


@pytest.fixture
def client(connection: ConnectionRow, signed_in: SignedIn) -> CheckingClient:
    return signed_in("finance")


def shown(client: CheckingClient, query: str = "") -> BeautifulSoup:
    return read_page(client.get(f"{PAGE}{query}").text)


def names(page: BeautifulSoup, kind: str) -> list[str]:
    return [str(one.contents[0]).strip() for one in page.select(f"#mapping-section-{kind} th.card-title")]


def chips(page: BeautifulSoup) -> list[str]:
    return [" ".join(chip.get_text(" ").split()) for chip in page.select("#mapping-chips a")]


def test_a_suggestion_says_its_reason_and_looks_different_from_a_decision(client: CheckingClient) -> None:
    page = shown(client)
    words = page.select_one("#mapping-tax-31 .suggest")
    assert words
    text = " ".join(words.get_text(" ").split())
    assert text == "Suggested 2 · High 21 %, for sales, no other code fits"
    assert not page.select("#mapping-tax-31 .inline-value")


def test_the_chips_count_what_is_suggested_to_choose_and_decided(client: CheckingClient) -> None:
    page = shown(client)
    rows = len(page.select("#mapping-section-service tbody tr, #mapping-section-tax tbody tr"))
    suggested = len(page.select(".suggest"))
    assert chips(page) == [
        f"All {rows}",
        f"Suggested {suggested}",
        f"To choose {rows - suggested}",
        "Decided 0",
    ]
    assert len(shown(client, "?show=suggested").select(".suggest")) == suggested
    assert shown(client, "?show=decided").select("#mapping-section-tax tbody tr") == []


def test_one_is_accepted_in_its_row_and_can_be_undone(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    form = shown(client).select_one("#mapping-tax-31 form")
    assert form
    fields = form.select("input[name=accept], input[name=one]")
    data = {str(one["name"]): str(one["value"]) for one in fields}
    answer = client.htmx(str(form["action"]), "POST", data=data)
    assert answer.headers["HX-Trigger"] == "mappings-changed"
    row = read_page(answer.text)
    assert row.select_one("tr#mapping-tax-31 a.inline-value")
    assert "Undo" in row.text
    assert mapping_rules(session, connection).vat_codes == {"31": "2  "}
    why = row.select_one("[role=tooltip]")
    assert why
    assert "accepted it on" in why.text
    assert "Suggested because: 21 %, for sales, no other code fits." in why.text


def test_all_are_accepted_at_once_and_no_row_moves(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    page = shown(client)
    form = page.select_one("#accept-all form")
    assert form
    wanted = [str(one["value"]) for one in form.select("input[name=accept]")]
    assert form.text.strip() == f"Accept {len(wanted)} suggestions"
    answer = client.htmx(str(form["action"]), "POST", data={"accept": wanted})
    assert answer.text.count("<template><tr") == answer.text.count("hx-swap-oob") == len(wanted)
    assert mapping_rules(session, connection).ledgers["21"] == REVENUE
    assert not shown(client).select("#accept-all form")


def test_accepting_works_without_scripts_and_leads_back(
    client: CheckingClient, connection: ConnectionRow
) -> None:
    url = f"{PAGE}/{connection.id}/accept"
    answer = client.post(url, data={"accept": "tax/31/2  ", "back": "/activity"})
    assert answer.headers["Location"] == "/activity"
    answer = client.post(url, data={"accept": "tax/32/1  "}, follow_redirects=True)
    assert "1 suggestion accepted." in answer.text
    elsewhere = client.post(url, data={"accept": "service/21/" + REVENUE, "back": "//evil.example"})
    assert elsewhere.headers["Location"].startswith(PAGE)


@pytest.mark.parametrize("text", ["", "tax", "tax/31~mars/2  ", "other/31/2  "])
def test_what_names_no_suggestion_is_not_found(
    client: CheckingClient, connection: ConnectionRow, text: str
) -> None:
    assert client.post(f"{PAGE}/{connection.id}/accept", data={"accept": text}).status_code == 404


def test_what_is_no_longer_suggested_is_said(client: CheckingClient, connection: ConnectionRow) -> None:
    data = {"accept": "tax/31/1  "}
    answer = client.post(f"{PAGE}/{connection.id}/accept", data=data, follow_redirects=True)
    assert "no longer suggested" in answer.text


def test_a_rate_is_split_and_each_place_has_its_row(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    client.post(f"{PAGE}/{connection.id}/tax/39", data={"target": "7  "})
    answer = client.post(f"{PAGE}/{connection.id}/tax/39/split")
    assert answer.headers["Location"].endswith("#tax-39")
    page = shown(client)
    [name] = page.select("th#tax-39")
    assert name["rowspan"] == "4"
    # The code for all stays where it fits, and nowhere else.
    assert mapping_rules(session, connection).split == {"39": {Place.EU_VAT: "7  "}}
    outside = page.select_one("#mapping-tax-39-outside .suggest")
    assert outside
    assert "6 · Outside the EU" in outside.text
    assert "No code: such an invoice needs you" in page.select_one("#mapping-tax-39-eu").text  # type: ignore[union-attr]

    client.post(f"{PAGE}/{connection.id}/tax/39~outside", data={"target": "6  "})
    assert mapping_rules(session, connection).split["39"][Place.OUTSIDE] == "6  "
    answer = client.post(f"{PAGE}/{connection.id}/tax/39/join", follow_redirects=True)
    rules = mapping_rules(session, connection)
    assert (rules.split, rules.vat_codes) == ({}, {"39": "7  "})
    assert read_page(answer.text).select("#mapping-tax-39 form[action$='tax/39/undo']")


def test_one_code_for_all_is_undone_with_who_chose_what(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    row = f"{PAGE}/{connection.id}/tax/39"
    client.post(f"{row}/split")
    client.post(f"{row}~outside", data={"target": "6  "})
    session.expire_all()
    before = mapping_rules(session, connection)

    client.post(f"{row}/join")
    answer = client.htmx(f"{row}/undo", "POST")

    session.expire_all()
    after = mapping_rules(session, connection)
    assert answer.headers["HX-Redirect"].endswith("#tax-39")
    assert (after.split, after.settings) == (before.split, before.settings)

    # What was changed meanwhile is undone first.
    client.post(f"{row}/join")
    client.post(row, data={"target": "7  "})
    client.post(f"{row}/undo")
    session.expire_all()
    assert mapping_rules(session, connection).split == {}


def test_a_link_to_a_split_rate_leads_to_its_rows(client: CheckingClient, connection: ConnectionRow) -> None:
    client.post(f"{PAGE}/{connection.id}/tax/39/split")
    answer = client.get(f"{PAGE}/{connection.id}/tax/39/edit")
    assert answer.headers["Location"].endswith("#tax-39")


def test_a_customer_has_its_own_code(
    client: CheckingClient, connection: ConnectionRow, session: Session
) -> None:
    url = f"{PAGE}/{connection.id}/customers/7/tax/31"
    client.post(url, data={"target": "1  "})
    assert mapping_rules(session, connection).own == {("7", "31"): "1  "}
    assert "Own code for 1 customer:" in shown(client).text
    client.post(url, data={"target": "3  "})
    assert mapping_rules(session, connection).own == {("7", "31"): "1  "}
    client.post(url, data={"target": ""})
    assert mapping_rules(session, connection).own == {}


def test_choices_stand_by_how_well_they_fit(client: CheckingClient, connection: ConnectionRow) -> None:
    editor = read_page(client.htmx(f"{PAGE}/{connection.id}/tax/32/edit").text)
    assert [one["value"] for one in editor.select("option")][:2] == ["", "1  "]
    editor = read_page(client.htmx(f"{PAGE}/{connection.id}/service/22/edit").text)
    assert editor.select("option")[1].text == "8010 · Revenue development"


def test_what_needs_a_hand_comes_first(client: CheckingClient, connection: ConnectionRow) -> None:
    before = names(shown(client), "tax")
    client.post(f"{PAGE}/{connection.id}/tax/31", data={"target": "2  "})
    assert before[-1] != "VAT 21%"
    assert names(shown(client), "tax")[-1] == "VAT 21%"


def test_a_viewer_sees_suggestions_and_changes_nothing(
    connection: ConnectionRow, signed_in: SignedIn, session: Session
) -> None:
    viewer = signed_in("viewer")
    page = shown(viewer)
    assert page.select(".suggest")
    assert not page.select("main form")
    for path in ("accept", "tax/39/split", "tax/39/join", "customers/7/tax/31"):
        assert viewer.post(f"{PAGE}/{connection.id}/{path}").status_code == 403
    assert session.query(MappingRow).count() == 0


def test_the_wizard_suggests_on_its_third_page(
    connection: ConnectionRow, signed_in: SignedIn, session: Session
) -> None:
    connection.state = ConnectionState.DRAFT
    connection.copy_from = NOW.date()
    session.commit()
    client = signed_in("administrator")
    url = f"/connections/{connection.id}/mappings"
    page = read_page(client.get(url).text)
    form = page.select_one("#accept-all form")
    assert form
    wanted = [str(one["value"]) for one in form.select("input[name=accept]")]
    answer = client.post(str(form["action"]), data={"accept": wanted})
    assert answer.headers["Location"].startswith(url)
    assert session.query(MappingRow).filter_by(kind=MappingKind.TAX).count()
