"""Bank and cash entries that a client posts and deletes, and their postings in bulk and sync."""

from typing import Any

import pytest

from tests.sandbox.exact.client import Exact, fault_of

BANK = "financialtransaction/BankEntries"
CASH = "financialtransaction/CashEntries"
KINDS = [(BANK, "20", "BankEntryLines"), (CASH, "10", "CashEntryLines")]


def line(exact: Exact, amount: object, ledger: str = "1300", **more: object) -> dict[str, object]:
    return {"GLAccount": exact.ledger(ledger), "AmountFC": amount, "Description": "Receipt", **more}


def post(exact: Exact, path: str, journal: str, *lines: dict[str, object], **more: object) -> dict[str, Any]:
    name = f"{path.rpartition('/')[2].removesuffix('ies')}yLines"
    body = {"JournalCode": journal, name: list(lines), **more}
    response = exact.call("POST", path, body, headers={"Prefer": "return=representation"})
    assert response.status_code == 201, response.text
    assert response.json
    return dict(response.json["d"])


def paid(exact: Exact, entry: str) -> list[tuple[int, float]]:
    return sorted((row["Status"], row["AmountFC"]) for row in exact.terms(entry))


@pytest.mark.parametrize(("path", "journal", "lines"), KINDS)
def test_a_line_with_an_invoices_number_settles_it_and_deleting_the_entry_opens_it(
    exact: Exact, path: str, journal: str, lines: str
) -> None:
    entry = exact.post_entry()
    account = exact.customer()
    one = line(exact, "50.00", Account=account, OurRef=entry["InvoiceNumber"])
    made = post(exact, path, journal, one)
    assert (made["JournalCode"], made["Status"], made["ClosingBalanceFC"]) == (journal, 20, 50.0)
    assert paid(exact, entry["EntryID"]) == [(20, -71.0), (50, -50.0)]
    own = exact.terms(made["EntryID"])
    assert [(row["TransactionType"], row["AmountFC"], row["Status"]) for row in own] == [(40, 50.0, 50)]
    seen = exact.only(f"financialtransaction/{lines}", filter=f"EntryID eq guid'{made['EntryID']}'")
    assert (seen["AmountFC"], seen["OurRef"], seen["Account"]) == (50.0, entry["InvoiceNumber"], account)
    response = exact.call("DELETE", f"{path}(guid'{made['EntryID']}')")
    assert (response.status_code, response.data) == (204, b"")
    assert paid(exact, entry["EntryID"]) == [(20, -121.0)]
    assert exact.call("GET", f"{path}(guid'{made['EntryID']}')").status_code == 404
    assert exact.call("DELETE", f"{path}(guid'{made['EntryID']}')").status_code == 403


@pytest.mark.parametrize(("path", "journal", "lines"), KINDS)
def test_several_lines_are_one_entry_whose_postings_add_up(
    exact: Exact, path: str, journal: str, lines: str
) -> None:
    first = exact.post_entry()
    second = exact.post_entry("200.00", YourRef="T-2")
    account = exact.customer()
    made = post(
        exact,
        path,
        journal,
        line(exact, "121.00", Account=account, OurRef=first["InvoiceNumber"]),
        line(exact, 42, Account=account, OurRef=second["InvoiceNumber"]),
        line(exact, "10.00", Account=account),
        line(exact, "-3.00", "4500"),
    )
    assert paid(exact, first["EntryID"]) == [(50, -121.0)]
    assert paid(exact, second["EntryID"]) == [(20, -200.0), (50, -42.0)]
    opened = [row for row in exact.terms(made["EntryID"]) if row["Status"] == 20]
    assert [row["AmountFC"] for row in opened] == [10.0]
    condition = f"EntryID eq guid'{made['EntryID']}'"
    postings = exact.rows(
        "financialtransaction/TransactionLines", filter=condition, select="ID,AmountFC,LineNumber"
    )
    assert len({row["ID"] for row in postings}) == 5
    assert sum(row["AmountFC"] for row in postings) == 0
    expanded = exact.rows(path, filter=condition, expand=lines, select=f"EntryID,{lines}/AmountFC")
    assert [each["AmountFC"] for each in expanded[0][lines]["results"]] == [121.0, 42.0, 10.0, -3.0]


def test_what_does_not_name_an_invoice_stays_open_on_the_account(exact: Exact) -> None:
    entry = exact.post_entry()
    other = exact.customer("Brouwerij De Lantaarn B.V.")
    post(exact, BANK, "20", line(exact, "121.00", Account=other, OurRef=entry["InvoiceNumber"]))
    assert paid(exact, entry["EntryID"]) == [(20, -121.0)]


def test_too_much_stays_open_on_the_account(exact: Exact) -> None:
    entry = exact.post_entry()
    ref = {"Account": exact.customer(), "OurRef": entry["InvoiceNumber"]}
    made = post(exact, BANK, "20", line(exact, "130.00", **ref))
    assert paid(exact, entry["EntryID"]) == [(50, -121.0)]
    assert sorted((row["Status"], row["AmountFC"]) for row in exact.terms(made["EntryID"])) == [
        (20, 9.0),
        (50, 121.0),
    ]


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"JournalCode": None}, 500, "Verplicht: Dagboek"),
        ({"JournalCode": "70"}, 500, "Ongeldige referentie: Journals"),
        ({"JournalCode": "10"}, 500, "Ongeldige referentie: Journals"),
        ({"BankEntryLines": []}, 500, "Verplicht: Regels"),
        ({"BankEntryLines": [{"AmountFC": 1}]}, 500, "Verplicht: Grootboekrekening"),
        ({"BankEntryLines": [{"GLAccount": "8000"}]}, 400, "Edm.Guid"),
        ({"Currency": "XXX"}, 500, "Ongeldige referentie: Valuta"),
        ({"Nothing": 1}, 400, "is not valid"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_in_words(
    exact: Exact, change: dict[str, object], status: int, text: str
) -> None:
    body = {"JournalCode": "20", "BankEntryLines": [line(exact, 1, "4500")]} | change
    response = exact.call("POST", BANK, body)
    assert response.status_code == status
    assert text in fault_of(response)


def test_a_processed_entry_is_not_deleted(exact: Exact) -> None:
    made = post(exact, BANK, "20", line(exact, 1, "4500"))
    exact.door("PATCH", f"1001/BankEntries/{made['EntryID']}", {"Status": 50})
    response = exact.call("DELETE", f"{BANK}(guid'{made['EntryID']}')")
    assert (response.status_code, fault_of(response)) == (500, "Reeds verwerkt")
    assert exact.call("PUT", f"{BANK}(guid'{made['EntryID']}')", {}).status_code == 405


def test_a_receipt_of_the_back_door_is_deleted_like_any(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    exact.receive("121.00", (entry, "121.00"))
    [receipt] = [
        row for row in exact.rows(BANK, select="EntryID,ClosingBalanceFC") if row["ClosingBalanceFC"] == 121
    ]
    assert exact.call("DELETE", f"{BANK}(guid'{receipt['EntryID']}')").status_code == 204
    assert paid(exact, entry) == [(20, -121.0)]


def test_a_line_may_be_added_to_an_entry(exact: Exact) -> None:
    entry = exact.post_entry()
    made = post(exact, BANK, "20", line(exact, 1, "4500"))
    more = line(
        exact, "121.00", Account=exact.customer(), OurRef=entry["InvoiceNumber"], EntryID=made["EntryID"]
    )
    response = exact.call("POST", "financialtransaction/BankEntryLines", more)
    assert response.status_code == 201, response.text
    assert exact.only(BANK, filter=f"EntryID eq guid'{made['EntryID']}'")["ClosingBalanceFC"] == 122.0
    assert paid(exact, entry["EntryID"]) == [(50, -121.0)]


def stamps(exact: Exact, since: int = 1) -> list[dict[str, Any]]:
    return exact.rows(
        "sync/Financial/TransactionLines", select="ID,EntryID,Timestamp", filter=f"Timestamp gt {since}L"
    )


def test_sync_of_postings_tells_what_changed_since(exact: Exact) -> None:
    before = stamps(exact)
    assert [int(row["Timestamp"]) for row in before] == sorted({int(row["Timestamp"]) for row in before})
    assert {row["ID"] for row in before} == {
        row["ID"] for row in exact.rows("bulk/Financial/TransactionLines", select="ID")
    }
    seen = int(before[-1]["Timestamp"])
    assert stamps(exact, seen) == []
    entry = exact.post_entry()
    fresh = stamps(exact, seen)
    assert {row["EntryID"] for row in fresh} == {entry["EntryID"]}
    assert len(fresh) == 3
    exact.call("PUT", f"salesentry/SalesEntries(guid'{entry['EntryID']}')", {"Description": "Changed"})
    again = stamps(exact, int(fresh[-1]["Timestamp"]))
    assert {row["ID"] for row in again} == {row["ID"] for row in fresh}
    exact.call("DELETE", f"salesentry/SalesEntries(guid'{entry['EntryID']}')")
    assert stamps(exact, int(again[-1]["Timestamp"])) == []
    assert {row["EntityKey"] for row in exact.deleted(1)} == {row["ID"] for row in fresh}


def test_sync_takes_a_filter_on_timestamp_alone_and_a_select(exact: Exact) -> None:
    for path in ("sync/Financial/TransactionLines", "sync/Financial/GLAccounts"):
        assert exact.call("GET", path).status_code == 400
        query = {"$select": "ID", "$filter": "ID eq guid'6f9619ff-8b86-d011-b42d-00cf4fc964ff'"}
        assert exact.call("GET", path, query=query).status_code == 400
        assert exact.call("GET", path, query={"$select": "ID", "$skip": "1"}).status_code == 400
    assert exact.call("GET", "bulk/Financial/TransactionLines").status_code == 400


def test_sync_of_ledgers_tells_what_changed_since(exact: Exact) -> None:
    rows = exact.rows("sync/Financial/GLAccounts", select="ID,Code,Timestamp", filter="Timestamp gt 1L")
    assert len(rows) == len(exact.rows("bulk/Financial/GLAccounts", select="ID"))
    seen = rows[-1]["Timestamp"]
    exact.call("PUT", f"financial/GLAccounts(guid'{exact.ledger()}')", {"Description": "Anders"})
    changed = exact.only("sync/Financial/GLAccounts", select="Code", filter=f"Timestamp gt {seen}L")
    assert changed["Code"] == "8000"


def test_a_thousand_postings_are_one_page(exact: Exact) -> None:
    post(exact, BANK, "20", *[line(exact, 1, "4500")] * 1100)
    query = {"$select": "ID,Timestamp", "$filter": "Timestamp gt 1L"}
    first = exact.call("GET", "sync/Financial/TransactionLines", query=query).json
    assert first
    assert len(first["d"]["results"]) == 1000
    second = exact.http.get(
        first["d"]["__next"],
        headers={"Authorization": f"Bearer {exact.access}", "Accept": "application/json"},
    ).json
    assert second
    ids = {row["ID"] for page in (first, second) for row in page["d"]["results"]}
    assert len(ids) == len(first["d"]["results"]) + len(second["d"]["results"]) > 1100


@pytest.mark.parametrize("path", [BANK, CASH])
def test_a_missing_right_is_told(exact: Exact, path: str) -> None:
    exact.door("POST", "scopes", {"readonly": ["financial.accounting"]})
    assert exact.call("GET", path).status_code == 200
    response = exact.call("POST", path, {})
    assert (response.status_code, "Cannot manage 'financial.accounting'" in response.text) == (403, True)
