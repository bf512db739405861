"""The back doors."""

import pytest

from portal.sandbox.common.former_link import long_ago
from tests.furnishing.today import today
from tests.sandbox.exact.client import Exact

OLD = long_ago(today())[0]


def sentence(exact: Exact, method: str, path: str, body: object = None, status: int = 400) -> str:
    response = exact.http.open(f"/_sandbox/{path}", method=method, json=body)
    assert response.status_code == status, response.text
    assert response.json
    return str(response.json["error"])


def test_calls_are_logged_with_query_status_and_time(exact: Exact) -> None:
    exact.http.get("/")
    exact.call("GET", "financial/Journals", query={"$top": "1"})
    call = exact.door("GET", "calls")[-1]
    assert call["method"] == "GET"
    assert call["path"].startswith("/api/v1/1001/financial/Journals?")
    assert call["status"] == 200
    assert call["time"]
    assert all("/_sandbox" not in each["path"] and each["path"] != "/" for each in exact.door("GET", "calls"))


def test_entries_are_listed_with_lines_and_terms_in_texts(exact: Exact) -> None:
    entry = exact.post_entry()
    listed = {row["EntryID"]: row for row in exact.door("GET", "entries?division=1001")}
    shown = listed[entry["EntryID"]]
    assert (shown["AmountFC"], shown["outstanding"], shown["state"]) == ("121.00", "121.00", "open")
    assert (shown["lines"][0]["Notes"], shown["lines"][0]["VATAmountFC"]) == ("ABCD2345", "21.00")
    assert shown["terms"][0]["AmountFC"] == "-121.00"


def test_anything_can_be_blocked_by_guid_or_code(exact: Exact) -> None:
    exact.door("PATCH", "1001/Journals/70", {"IsBlocked": True})
    assert exact.only("financial/Journals", filter="Code eq '70'")["IsBlocked"] is True
    exact.door("PATCH", "1001/vat/VATCodes/2", {"IsBlocked": True})
    assert exact.only("vat/VATCodes", select="IsBlocked", filter="Code eq '2'")["IsBlocked"] is True
    exact.door("PATCH", f"1001/GLAccounts/{exact.ledger()}", {"IsBlocked": True})
    before = exact.rows("sync/CRM/Accounts", select="Timestamp")[-1]["Timestamp"]
    exact.door("PATCH", f"1001/Accounts/{exact.customer()}", {"Blocked": True})
    changed = exact.only("sync/CRM/Accounts", select="Blocked", filter=f"Timestamp gt {before}L")
    assert changed["Blocked"] is True
    exact.door("PATCH", "1001/Divisions/1001", {"DivisionMoveDate": "2026-01-01"})
    moved = exact.rows("system/Divisions", select="DivisionMoveDate")
    assert any(row["DivisionMoveDate"] for row in moved)


def test_anything_can_be_deleted(exact: Exact) -> None:
    exact.door("DELETE", "1001/VATCodes/2")
    assert exact.rows("vat/VATCodes", select="ID", filter="Code eq '2'") == []
    exact.door("DELETE", "1001/GLAccounts/8000")
    assert len(exact.deleted(7)) == 1


def test_a_text_set_by_the_back_door_reaches_the_terms(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    exact.door("PATCH", f"1001/SalesEntries/{entry}", {"YourRef": "BY HAND"})
    assert exact.terms(entry)[0]["YourRef"] == "BY HAND"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "receipts", {"division": 1, "amount": "1.00"}),
        ("POST", "receipts", {"division": 1001, "amount": 1.0}),
        ("POST", "receipts", {"division": 1001, "amount": "1.001"}),
        ("POST", "receipts", {"division": 1001, "amount": "1.00", "allocations": [{"entry": "x"}]}),
        ("POST", "receipts", {"division": 1001, "amount": "1.00"}),
        ("POST", "receipts", {"division": 1001, "amount": "1.00", "nonsense": 1}),
        ("POST", "settle", {"division": 1001, "kind": "gift"}),
        ("POST", "close-period", {"division": 1001, "year": 1900, "period": 1}),
        ("POST", "revoke", {"user": "nobody"}),
        ("POST", "faults", {"do": "explode"}),
        ("POST", "clock", {"advance": "soon"}),
        ("POST", "clock", []),
        ("PATCH", "1001/Journals/70", {"Nonsense": 1}),
        ("PATCH", "1001/Nonsense/70", {"IsBlocked": True}),
    ],
)
def test_what_a_back_door_cannot_do_is_a_sentence(exact: Exact, method: str, path: str, body: object) -> None:
    assert sentence(exact, method, path, body).endswith(".")


def test_what_is_not_there_is_404(exact: Exact) -> None:
    assert sentence(exact, "DELETE", "receipts/nothing", status=404)
    assert sentence(exact, "PATCH", "1001/Journals/XX", {"IsBlocked": True}, status=404)


def test_splits_have_names_and_numbers(exact: Exact) -> None:
    entry = exact.post_entry()["EntryID"]
    for split in ("1", "2", "3", "same-row", "delete-insert", "matched-new"):
        exact.receive("1.00", (entry, "1.00"), split=split)
    assert sentence(
        exact, "POST", "receipts", {"division": 1001, "amount": "1.00", "split": "4", "allocations": []}
    )


def test_reset_restores_everything_but_the_grants(exact: Exact) -> None:
    seen = max(int(row["Timestamp"]) for row in exact.terms())
    exact.post_entry(YourRef="GONE")
    exact.advance(300)
    exact.door("POST", "limits", {"minute": 1})
    exact.door("POST", "faults", {"do": "status:500", "path": "/api", "times": 9})
    exact.door("POST", "reset")
    assert exact.door("GET", "calls") == []
    assert exact.door("GET", "limits") == {"minute": 60, "day": 5000}
    assert exact.door("GET", "clock")["offset"] == 0
    assert exact.rows("salesentry/SalesEntries", select="EntryID", filter="YourRef eq 'GONE'") == []
    assert exact.only("salesentry/SalesEntries", select="EntryID", filter=f"YourRef eq '{OLD}'")
    assert min(int(row["Timestamp"]) for row in exact.terms()) > seen
    exact.advance(299)
    assert exact.call("GET", "current/Me").status_code == 200
    exact.advance(5)
    assert exact.call("GET", "current/Me").status_code == 401
