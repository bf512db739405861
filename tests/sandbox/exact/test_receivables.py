"""The lists of open items, and documents with their files."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from portal.sandbox.exact.app import create_exact_app
from portal.sandbox.exact.documents import TYPES
from tests.sandbox.exact.client import Exact, fault_of
from tests.sandbox.exact.test_demo import fill_documents_and_cash

LIST = "read/financial/ReceivablesList"


def test_the_list_by_account_holds_that_accounts_items(exact: Exact) -> None:
    everything = exact.rows(LIST)
    account = everything[0]["AccountId"]
    response = exact.call("GET", f"{LIST}ByAccount", query={"accountId": f"guid'{account}'"})
    assert response.json
    rows = response.json["d"]["results"]
    assert {row["HID"] for row in rows} == {row["HID"] for row in everything if row["AccountId"] == account}
    count = exact.http.get(
        f"/api/v1/1001/{LIST}ByAccount/$count?accountId=guid'{account}'",
        headers={"Authorization": f"Bearer {exact.access}"},
    )
    assert count.text == str(len(rows))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("ReceivablesListByAccount", {}),
        ("ReceivablesListByAccount", {"accountId": "12"}),
        ("ReceivablesListByAccount", {"accountId": "guid'x'"}),
        ("ReceivablesListByAgeGroup", {}),
        ("ReceivablesListByAgeGroup", {"ageGroup": "²"}),
        ("ReceivablesListOverdueByAccount", {}),
        ("AgingReceivablesListByAgeGroup", {"ageGroup": "old"}),
    ],
)
def test_a_function_wants_its_parameter(exact: Exact, path: str, query: dict[str, str]) -> None:
    response = exact.call("GET", f"read/financial/{path}", query=query)
    assert response.status_code in (200, 400)
    assert (response.status_code == 400) or query == {"accountId": "12"}


def test_the_age_groups_part_the_open_items(exact: Exact) -> None:
    everything = {row["HID"] for row in exact.rows(LIST)}
    groups = []
    for group in range(1, 5):
        answer = exact.call("GET", f"{LIST}ByAgeGroup", query={"ageGroup": str(group)}).json
        assert answer
        groups.append({row["HID"] for row in answer["d"]["results"]})
    assert set.union(*groups) == everything
    assert sum(map(len, groups)) == len(everything)
    aged = exact.rows("read/financial/AgingReceivablesList")
    total = sum(row["TotalAmount"] for row in aged)
    assert total == pytest.approx(sum(row["Amount"] for row in exact.rows(LIST)))
    for row in aged:
        parts = sum(row[f"AgeGroup{group}Amount"] for group in range(1, 5))
        assert parts == pytest.approx(row["TotalAmount"])


def test_the_overview_has_a_row_per_currency_with_both_sides(exact: Exact) -> None:
    exact.post_entry(Currency="USD", YourRef="USD-1")
    rows = {row["CurrencyCode"]: row for row in exact.rows("read/financial/OutstandingInvoicesOverview")}
    assert set(rows) == {"EUR", "USD"}
    assert rows["USD"]["OutstandingReceivableInvoiceAmount"] == 121.0
    assert rows["USD"]["OverdueReceivableInvoiceCount"] == 0
    euros = [row for row in exact.rows(LIST) if row["CurrencyCode"] == "EUR"]
    owed = rows["EUR"]["OutstandingReceivableInvoiceAmount"]
    assert owed == pytest.approx(sum(row["Amount"] for row in euros))
    assert rows["EUR"]["OutstandingReceivableInvoiceCount"] == len(euros)
    assert rows["EUR"]["OutstandingPayableInvoiceAmount"] == 726.0


def test_what_is_overdue_is_listed_apart(exact: Exact) -> None:
    overdue = exact.rows("read/financial/ReceivablesListOverdue")
    exact.post_entry()
    assert exact.rows("read/financial/ReceivablesListOverdue") == overdue
    assert 0 < len(overdue) < len(exact.rows(LIST))


def test_a_document_hangs_on_an_entry_with_its_file(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    body = {
        "Subject": "Invoice 1",
        "Type": 10,
        "Account": exact.customer(),
        "FinancialTransactionEntryID": entry,
    }
    made = exact.call("POST", "documents/Documents", body, headers={"Prefer": "return=representation"}).json
    assert made
    document = made["d"]
    assert (document["TypeDescription"], document["AccountName"]) == (
        "Verkoopfactuur",
        "Fietsfabriek Noord B.V.",
    )
    shown = exact.only("salesentry/SalesEntries", filter=f"EntryID eq guid'{entry}'")
    assert (shown["Document"], shown["DocumentSubject"]) == (document["ID"], "Invoice 1")
    file = {"Document": document["ID"], "FileName": "1.pdf", "Attachment": b64encode(b"%PDF-1").decode()}
    assert exact.call("POST", "documents/DocumentAttachments", file).status_code == 201
    row = exact.only("documents/DocumentAttachments", filter=f"Document eq guid'{document['ID']}'")
    assert (row["FileName"], row["FileSize"], row["Attachment"]) == ("1.pdf", 6.0, None)
    headers = {"Authorization": f"Bearer {exact.access}"}
    assert exact.http.get(f"{row['Url']}&Download=1", headers=headers).data == b"%PDF-1"
    assert exact.http.get(f"{row['Url']}&Download=1").status_code == 401
    assert exact.call("DELETE", f"documents/Documents(guid'{document['ID']}')").status_code == 204
    assert [row["EntityKey"] for row in exact.deleted(6)] == [document["ID"]]
    assert [each["EntityKey"] for each in exact.deleted(4)] == [row["ID"]]
    assert exact.only("salesentry/SalesEntries", filter=f"EntryID eq guid'{entry}'")["Document"] is None


def test_a_document_is_linked_by_the_entry_too(exact: Exact) -> None:
    made = exact.call("POST", "documents/Documents", {"Subject": "x", "Type": 55}).json
    assert made
    key = made["d"]["ID"]
    entry = exact.post_entry(Document=key)["EntryID"]
    assert exact.only("salesentry/SalesEntries", filter=f"EntryID eq guid'{entry}'")["DocumentSubject"] == "x"
    other = exact.post_entry(YourRef="T-2")["EntryID"]
    assert exact.call("PUT", f"salesentry/SalesEntries(guid'{other}')", {"Document": key}).status_code == 204


def test_the_types_say_what_a_client_may_make(exact: Exact) -> None:
    rows = {row["ID"]: row["DocumentIsCreatable"] for row in exact.rows("documents/DocumentTypes")}
    assert rows == {number: is_creatable for number, _, is_creatable in TYPES}
    one = exact.call("GET", "documents/DocumentTypes(10)", query={"$select": "Description"}).json
    assert one
    assert one["d"]["Description"] == "Verkoopfactuur"


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("Documents", {}, "Verplicht: Onderwerp\r\nVerplicht: Type"),
        ("Documents", {"Subject": "x", "Type": 999}, "Ongeldige referentie: Type"),
        ("Documents", {"Subject": "x", "Type": 40}, "Niet toegestaan: Type"),
        ("DocumentAttachments", {}, "Verplicht: Document"),
        ("DocumentAttachments", {"FileName": "x", "Attachment": "%%%"}, "Niet toegestaan: Bijlage"),
    ],
)
def test_a_document_that_is_wrong_is_refused_in_words(
    exact: Exact, path: str, body: dict[str, object], text: str
) -> None:
    response = exact.call("POST", f"documents/{path}", body)
    assert response.status_code == 500
    assert text in fault_of(response)


def test_a_file_cannot_be_changed(exact: Exact) -> None:
    assert (
        exact.call("PUT", f"documents/DocumentAttachments(guid'{exact.customer()}')", {}).status_code == 405
    )


def test_documents_and_bank_entries_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "exact.json"
    first = Exact(create_exact_app(state_path=path)).sign_in()
    fill_documents_and_cash(first)
    entry = first.post_entry()
    first.receive("121.00", (entry["EntryID"], "121.00"))
    assert first.state.snapshot
    first.state.snapshot.flush()
    second = Exact(create_exact_app(state_path=path)).sign_in()
    names = ("documents/Documents", "documents/DocumentAttachments", "documents/DocumentTypes")
    bookings = ("financialtransaction/CashEntries", "financialtransaction/BankEntries")
    for each in (*names, *bookings, "financialtransaction/CashEntryLines"):
        assert without_address(second.rows(each)) == without_address(first.rows(each)), each
    for each in ("sync/Financial/TransactionLines", "sync/Financial/GLAccounts"):
        query = {"select": "ID,Timestamp", "filter": "Timestamp gt 1L"}
        assert without_address(second.rows(each, **query)) == without_address(first.rows(each, **query)), each
    receipt = next(row for row in second.rows(bookings[1]) if row["ClosingBalanceFC"] == 121.0)
    assert second.call("DELETE", f"{bookings[1]}(guid'{receipt['EntryID']}')").status_code == 204
    assert [row["Status"] for row in second.terms(entry["EntryID"])] == [20]


def without_address(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "__metadata"} for row in rows]
