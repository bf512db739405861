"""The demo data, the web page, and what outlives a restart."""

from pathlib import Path

from flask import Flask

from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.exact.entities import ENTITIES
from portal.sandbox.exact.store import new_guid
from tests.sandbox.exact.client import Exact


def fill_documents_and_cash(exact: Exact) -> None:
    made = exact.call("POST", "documents/Documents", {"Subject": "x", "Type": 10}).json
    assert made
    file = {"Document": made["d"]["ID"], "FileName": "x.pdf", "Attachment": "eA=="}
    assert exact.call("POST", "documents/DocumentAttachments", file).status_code == 201
    lines = [{"GLAccount": exact.ledger("8000"), "AmountFC": 1}]
    cash = {"JournalCode": "10", "CashEntryLines": lines}
    assert exact.call("POST", "financialtransaction/CashEntries", cash).status_code == 201


def test_every_entity_is_served_with_all_its_fields(exact: Exact) -> None:
    exact.door("POST", "limits", {"minute": 1000})
    for path, entity in ENTITIES.items():
        query = {"$top": "1"} | ({"$filter": "Code ne ''"} if entity.needs_filter else {})
        if entity.parameter:
            fitting = {"accountId": f"guid'{exact.customer('Brouwerij De Lantaarn B.V.')}'", "ageGroup": "3"}
            query[entity.parameter.name] = fitting[entity.parameter.name]
        if path == "sync/Deleted":
            exact.call("DELETE", f"salesentry/SalesEntries(guid'{exact.post_entry()['EntryID']}')")
        if path.startswith(("documents/Documents", "financialtransaction/CashEntries")):
            fill_documents_and_cash(exact)
        if path == "webhooks/WebhookSubscriptions":
            hook = {"ID": new_guid(), "CallbackURL": "https://portal.test/", "Topic": "Items"}
            exact.state.books[exact.division].add(entity.table, {**hook})
        answer = exact.call("GET", path, query=query).json
        assert answer, path
        assert set(answer["d"][0]) == {"__metadata", *entity.fields}, path


def test_both_divisions_can_be_worked_in(exact: Exact) -> None:
    assert [row["Code"] for row in exact.rows("hrm/Divisions", select="Code")] == [1001, 1002]
    for division, percentages in ((1001, {0.21, 0.09, 0.06}), (1002, {0.21, 0.12, 0.06, 0.205})):
        exact.division = division
        codes = exact.rows("vat/VATCodes", select="Percentage,Type,VATTransactionType,IsBlocked")
        assert {code["Percentage"] for code in codes} - {0.0} == percentages
        assert {code["Type"] for code in codes} == {"E", "I", "B", "N"}
        names = [row["Name"] for row in exact.rows("sync/CRM/Accounts", select="Name")]
        assert len(names) >= 35
        assert all(len(name) <= 50 for name in names)
    assert [row["YourRef"] for row in exact.rows("salesentry/SalesEntries", select="YourRef")]


def test_active_is_0_in_one_list_of_divisions_and_1_in_the_other(exact: Exact) -> None:
    assert [row["Status"] for row in exact.rows("hrm/Divisions", select="Status")] == [0, 0]
    assert [row["Status"] for row in exact.rows("system/Divisions", select="Status")] == [1, 1]
    one = exact.call("GET", "system/Divisions(1002)", query={"$select": "Hid"}).json
    assert one
    assert one["d"]["Hid"] == "2"


def test_a_name_may_stand_twice(exact: Exact) -> None:
    names = [row["Name"] for row in exact.rows("sync/CRM/Accounts", select="Name")]
    assert names.count("Van den Berg Beheer B.V.") == 2
    assert "Łódź Design Sp. z o.o." in names


def test_the_state_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "exact.json"
    first = Exact(create_exact_app(state_path=path)).sign_in()
    entry = first.post_entry()["EntryID"]
    receipt = first.receive("50.00", (entry, "50.00"))
    first.advance(100)
    terms = first.terms()
    assert first.state.snapshot
    first.state.snapshot.touch()
    first.state.snapshot.flush()
    second = Exact(create_exact_app(state_path=path), access=first.access)
    assert second.terms() == terms
    second.door("DELETE", f"receipts/{receipt}")
    assert [row["AmountFC"] for row in second.terms(entry)] == [-121.0]
    number = second.post_entry()["EntryNumber"]
    assert number > first.only("salesentry/SalesEntries", filter=f"EntryID eq guid'{entry}'")["EntryNumber"]


def test_states_are_apart_from_each_other(app: Flask) -> None:
    one = Exact(app).sign_in()
    other = Exact(create_exact_app()).sign_in()
    one.post_entry(YourRef="MINE")
    assert other.rows("salesentry/SalesEntries", filter="YourRef eq 'MINE'") == []


def test_an_unseeded_sandbox_has_no_divisions() -> None:
    assert create_exact_app(seed=False).test_client().get("/").status_code == 200


def test_a_person_receives_changes_and_deletes_a_payment(exact: Exact) -> None:
    entries = [exact.post_entry()["EntryID"] for _ in range(2)]
    form = {"division": "1001", "date": exact.day(), "amount": "200.00", "split": "same-row"}
    response = exact.http.post("/receipts", data=form | {"entry": entries}, follow_redirects=True)
    assert "partly paid" in response.text
    shown = {row["EntryID"]: row["outstanding"] for row in exact.door("GET", "entries?division=1001")}
    assert sorted(shown[entry] for entry in entries) == ["0.00", "42.00"]
    receipt = exact.door("GET", "receipts?division=1001")[-1]["id"]
    exact.http.post(f"/receipts/{receipt}", data={"do": "delete", "division": "1001"})
    shown = {row["EntryID"]: row["outstanding"] for row in exact.door("GET", "entries?division=1001")}
    assert [shown[entry] for entry in entries] == ["121.00", "121.00"]


def test_a_person_sees_the_vat_codes_of_a_division(exact: Exact) -> None:
    page = exact.http.get("/vat-codes?division=1001").text
    assert "Btw hoog tarief 21%" in page
    assert "21 %" in page
    exact.door("DELETE", "1001/VATCodes/2")
    assert "Btw hoog tarief 21%" not in exact.http.get("/vat-codes?division=1001").text


def test_a_person_settles_on_the_page_of_an_entry(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    form = {"division": "1001", "date": exact.day(), "amount": "21.00", "split": "3", "kind": "discount"}
    page = exact.http.post(f"/entries/{entry}/settle", data=form, follow_redirects=True).text
    assert "100.00" in page
    wrong = exact.http.post("/receipts", data={"division": "1001", "amount": "x"}, follow_redirects=True)
    assert 'role="alert"' in wrong.text
    assert exact.http.get("/entries/nothing").status_code == 404
