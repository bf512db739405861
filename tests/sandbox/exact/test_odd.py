"""Odd rows, as real divisions have them: made by the back door, read through the API."""

from pathlib import Path

import pytest

from portal.sandbox.exact.app import create_exact_app
from tests.sandbox.exact.client import Exact

_TERMS = {"select": "ID,AmountFC,EndDate", "filter": "Timestamp gt 1L"}

# where a row is read, with which options, what is odd about it
ODD: list[tuple[str, dict[str, str], dict[str, object]]] = [
    ("sync/CRM/Accounts", {"select": "ID,Name,Code,VATNumber", "filter": "Timestamp gt 1L"}, {"Name": None}),
    ("sync/CRM/Accounts", {"select": "ID,Name,Status", "filter": "Timestamp gt 1L"}, {"Status": 10**30}),
    ("financial/GLAccounts", {"select": "ID,Code,Description"}, {"Description": "a\x00b"}),
    ("financial/Journals", {"select": "ID,Code,Type"}, {"Type": "twenty"}),
    ("vat/VATCodes", {"select": "ID,Code,Percentage"}, {"Percentage": "NaN"}),
    ("vat/VatPercentages", {"select": "ID,Percentage,StartDate"}, {"StartDate": "/Date(99999999999999999)/"}),
    (
        "sync/Cashflow/PaymentTerms",
        {"select": "ID,AmountFC,EndDate", "filter": "Timestamp gt 1L"},
        {"AmountFC": None},
    ),
    ("cashflow/Receivables", {"select": "ID,AmountFC,Status"}, {"AmountFC": 10**40, "Status": None}),
    ("salesentry/SalesEntries", {"select": "EntryID,EntryNumber"}, {"EntryNumber": 10**20}),
    ("read/financial/ReceivablesList", {"select": "Id,Amount,DueDate"}, {"DueDate": "yesterday"}),
]


@pytest.mark.parametrize(("path", "query", "fields"), ODD, ids=[f"{each[0]} {each[2]}"[:60] for each in ODD])
def test_an_odd_row_comes_out_as_it_was_wished(
    exact: Exact, path: str, query: dict[str, str], fields: dict[str, object]
) -> None:
    before = exact.rows(path, **query)
    key = next(before[0][name] for name in ("ID", "EntryID", "Id") if name in before[0])
    body = {"division": 1001, "entity": path, "key": key, "fields": fields, "times": 2}
    exact.door("POST", "odd", body)
    after = exact.rows(path, **query)
    assert len(after) == len(before) + 1
    found = [row for row in after if key in (row.get("ID"), row.get("EntryID"), row.get("Id"))]
    assert [fields.items() <= row.items() for row in found] == [True, True]
    exact.door("DELETE", "odd")
    assert len(exact.rows(path, **query)) == len(before)


def test_an_odd_customer_is_odd_wherever_it_is_read_and_counts_as_changed(exact: Exact) -> None:
    since = exact.rows("sync/CRM/Accounts", select="Timestamp")[-1]["Timestamp"]
    customer = exact.customer()
    exact.door("POST", "odd", {"division": 1001, "entity": "Accounts", "key": customer, "without": ["Name"]})
    changed = exact.only("sync/CRM/Accounts", select="ID,Name", filter=f"Timestamp gt {since}L")
    assert changed["ID"] == customer
    assert "Name" not in changed
    assert "Name" not in exact.only("crm/Accounts", filter=f"ID eq guid'{customer}'", select="Name")


def test_odd_rows_outlive_a_restart_and_end_with_a_reset(tmp_path: Path) -> None:
    path = tmp_path / "exact.json"
    first = Exact(create_exact_app(state_path=path)).sign_in()
    key = first.ledger()
    body = {"division": 1001, "entity": "GLAccounts", "key": key, "fields": {"Code": 10**30}}
    first.door("POST", "odd", body)
    assert first.state.snapshot
    first.state.snapshot.flush()
    second = Exact(create_exact_app(state_path=path)).sign_in()
    query = {"filter": f"ID eq guid'{key}'", "select": "Code"}
    assert second.only("financial/GLAccounts", **query)["Code"] == 10**30
    second.door("POST", "reset")
    assert second.only("financial/GLAccounts", **query)["Code"] == "8000"


@pytest.mark.parametrize(
    "body",
    [
        {"division": 9, "entity": "Accounts", "key": "x"},
        {"division": 1001, "entity": "Nothing", "key": "x"},
        {"division": 1001, "entity": "Accounts", "key": "x"},
        {"division": 1001, "entity": "Accounts", "key": 7},
        {"division": 1001, "entity": "Journals", "key": "70", "fields": "x"},
    ],
)
def test_what_is_asked_wrongly_is_a_sentence(exact: Exact, body: dict[str, object]) -> None:
    response = exact.http.post("/_sandbox/odd", json=body)
    assert response.status_code in (400, 404)
    assert response.json
    assert response.json["error"]
