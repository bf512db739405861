"""Sales entries under Exact's rules."""

from typing import Any

import pytest

from portal.sandbox.exact.store import midnight
from tests.sandbox.exact.client import Exact, day_of, fault_of

ENTRIES = "salesentry/SalesEntries"
LINES = "salesentry/SalesEntryLines"


def refused(exact: Exact, status: int = 500, **changes: Any) -> str:
    response = exact.call("POST", ENTRIES, exact.draft(**changes))
    assert response.status_code == status, response.text
    return fault_of(response)


def line(exact: Exact, **changes: object) -> list[dict[str, Any]]:
    return [{"GLAccount": exact.ledger(), "AmountFC": 100, "VATCode": "2", **changes}]


def entry_path(entry: dict[str, Any]) -> str:
    return f"{ENTRIES}(guid'{entry['EntryID']}')"


def test_an_entry_gets_number_type_due_date_and_totals(exact: Exact) -> None:
    entry = exact.post_entry("100.05")
    year = exact.books.today().year % 100
    assert str(entry["EntryNumber"]).startswith(f"{year}70")
    assert entry["InvoiceNumber"] == entry["EntryNumber"]
    assert (entry["AmountFC"], entry["VATAmountFC"], entry["AmountDC"]) == (121.06, 21.01, 121.06)
    assert (entry["Type"], entry["Status"], entry["Currency"]) == (20, 20, "EUR")
    assert (int(entry["DueDate"][6:-2]) - int(entry["EntryDate"][6:-2])) / 86_400_000 == 30
    assert entry["CustomerName"] == "Fietsfabriek Noord B.V."


def test_without_prefer_only_the_key_comes_back(exact: Exact) -> None:
    response = exact.call("POST", ENTRIES, exact.draft())
    assert response.status_code == 201
    assert response.json
    given = {name for name, value in response.json["d"].items() if value is not None}
    assert given == {"__metadata", "EntryID"}


def test_vat_is_rounded_per_line_half_away_from_zero(exact: Exact) -> None:
    lines = line(exact, AmountFC="0.50") * 2 + line(exact, AmountFC=-0.5)
    entry = exact.post_entry(SalesEntryLines=lines)
    stored = exact.rows(LINES, filter=f"EntryID eq guid'{entry['EntryID']}'")
    assert sorted(row["VATAmountFC"] for row in stored) == [-0.11, 0.11, 0.11]
    assert entry["AmountFC"] == 0.61


def test_given_vat_overrides_the_calculated(exact: Exact) -> None:
    entry = exact.post_entry(SalesEntryLines=line(exact, VATAmountFC="20.99"))
    assert (entry["AmountFC"], entry["VATAmountFC"]) == (120.99, 20.99)


def test_amounts_below_zero_make_a_credit_note(exact: Exact) -> None:
    entry = exact.post_entry("-100")
    assert (entry["AmountFC"], entry["Type"]) == (-121.0, 21)
    assert exact.terms(entry["EntryID"])[0]["AmountFC"] == 121.0
    assert exact.post_entry("-100", Journal="75")["Type"] == 21
    assert exact.post_entry("-100", Type=21)["Type"] == 21
    assert "Niet toegestaan" in refused(exact, Type=21)


def test_several_faults_are_told_together_in_the_users_language(exact: Exact) -> None:
    response = exact.call("POST", ENTRIES, {"YourRef": "x"})
    assert response.status_code == 500
    assert fault_of(response) == "Verplicht: Factuur voor\r\nVerplicht: Dagboek\r\nVerplicht: Regels"
    assert response.json
    assert response.json["error"]["code"] == ""
    english = Exact(exact.app, user="controller").sign_in()
    assert fault_of(english.call("POST", ENTRIES, {})).startswith("Required: Invoice to\r\n")


def test_journals_go_by_code_and_must_be_for_sales(exact: Exact) -> None:
    guid = exact.only("financial/Journals", filter="Code eq '70'", select="ID")["ID"]
    for journal in (guid, "99", "20", "90"):
        assert refused(exact, Journal=journal) == "Ongeldige referentie: Journals"
    assert refused(exact, Journal="79") == "Geblokkeerd: Dagboek"


@pytest.mark.parametrize(
    ("ledger", "fault"),
    [
        ("8800", "Geblokkeerd"),
        ("1300", "Niet toegestaan"),
        ("1500", "Niet toegestaan"),
        ("8500", "Verplicht"),
    ],
)
def test_ledgers_that_cannot_be_used(exact: Exact, ledger: str, fault: str) -> None:
    lines = [{"GLAccount": exact.ledger(ledger), "AmountFC": 1, "VATCode": "2"}]
    assert refused(exact, SalesEntryLines=lines).startswith(fault)


def test_a_ledger_goes_by_guid(exact: Exact) -> None:
    assert refused(exact, 400, SalesEntryLines=line(exact, GLAccount="8000"))
    unknown = exact.customer()
    assert "Ongeldige referentie" in refused(exact, SalesEntryLines=line(exact, GLAccount=unknown))


def test_a_ledger_that_demands_a_cost_centre_gets_one(exact: Exact) -> None:
    ledger = exact.ledger("8500")
    exact.post_entry(SalesEntryLines=line(exact, GLAccount=ledger, CostCenter="NL01"))
    for code in ("XX", "OUD"):
        assert refused(exact, SalesEntryLines=line(exact, GLAccount=ledger, CostCenter=code))


@pytest.mark.parametrize(
    ("code", "fault"), [("XX", "Ongeldige referentie"), ("OUD", "Geblokkeerd"), ("21", "Niet toegestaan")]
)
def test_vat_codes_that_cannot_be_used(exact: Exact, code: str, fault: str) -> None:
    assert refused(exact, SalesEntryLines=line(exact, VATCode=code)).startswith(fault)


def test_codes_without_vat_take_none(exact: Exact) -> None:
    assert refused(exact, SalesEntryLines=line(exact, VATCode="5", VATAmountFC=21))
    assert exact.post_entry(SalesEntryLines=line(exact, VATCode="5", VATAmountFC=0))["AmountFC"] == 100.0


def test_a_vat_code_left_out_is_the_ledgers_own(exact: Exact) -> None:
    lines = [{"GLAccount": exact.ledger(), "AmountFC": 100}]
    assert exact.post_entry(SalesEntryLines=lines)["VATAmountFC"] == 21.0


@pytest.mark.parametrize("name", ["Kredietrisico Handel", "Misschien Klant", "Gestopt Bedrijf"])
def test_customers_that_cannot_be_invoiced(exact: Exact, name: str) -> None:
    assert refused(exact, Customer=exact.customer(f"{name} B.V."))


def test_periods_must_exist_and_be_open(exact: Exact) -> None:
    today = exact.books.today()
    assert "bestaat niet" in refused(exact, EntryDate=f"{today.year + 3}-01-01")
    assert "afgesloten" in refused(exact, EntryDate=f"{today.year - 3}-05-01")
    body = {"division": 1001, "year": today.year, "period": today.month}
    exact.door("POST", "close-period", body)
    assert "afgesloten" in refused(exact)
    exact.door("POST", "close-period", body | {"open": True})
    exact.post_entry()


def test_too_long_is_an_error_and_never_cut(exact: Exact) -> None:
    assert "Te lang" in refused(exact, YourRef="x" * 31)
    assert "Te lang" in refused(exact, Description="x" * 61)
    assert "Te lang" in refused(exact, SalesEntryLines=line(exact, Description="x" * 61))
    exact.post_entry(YourRef="é" * 30, Description="x" * 60)


def test_foreign_money_is_valued_by_the_table_or_by_the_given_rate(exact: Exact) -> None:
    entry = exact.post_entry(Currency="USD")
    assert entry["AmountFC"] == 121.0
    assert entry["AmountDC"] == pytest.approx(121 / 1.085, abs=0.01)
    given = exact.post_entry(Currency="USD", Rate="0.5")
    assert (given["AmountDC"], given["Rate"]) == (60.5, 0.5)
    assert refused(exact, Currency="XXX")
    assert refused(exact, Currency="USD", Journal="71")


@pytest.mark.parametrize("changes", [{"Nonsense": 1}, {"EntryDate": "soon"}, {"Customer": 5}])
def test_what_cannot_be_read_is_400(exact: Exact, changes: dict[str, object]) -> None:
    assert refused(exact, 400, **changes).startswith("Error processing request stream.")


def test_an_amount_may_be_a_text_but_not_nonsense(exact: Exact) -> None:
    assert exact.post_entry("100.10")["AmountFC"] == 121.12
    assert refused(exact, 400, SalesEntryLines=line(exact, AmountFC="a lot"))


def test_what_is_read_only_in_a_post_is_ignored(exact: Exact) -> None:
    entry = exact.post_entry(AmountFC=5, AmountDC=5, EntryNumber=7, Status=50)
    assert (entry["AmountFC"], entry["Status"]) == (121.0, 20)
    assert entry["EntryNumber"] != 7


def test_a_header_takes_changes_only(exact: Exact) -> None:
    entry = exact.post_entry()
    path = entry_path(entry)
    response = exact.call("PUT", path, {"YourRef": "NEW", "DueDate": f"{exact.day()}T00:00:00Z"})
    assert (response.status_code, response.data) == (204, b"")
    term = exact.terms(entry["EntryID"])[0]
    assert term["YourRef"] == "NEW"
    assert day_of(term["DueDate"]) == exact.day()
    whole = {name: value for name, value in entry.items() if name not in ("__metadata", "SalesEntryLines")}
    response = exact.call("PUT", path, whole)
    assert (response.status_code, fault_of(response)) == (500, "Gegeven bestaat reeds")


def test_lines_inside_a_put_are_400(exact: Exact) -> None:
    response = exact.call("PUT", entry_path(exact.post_entry()), {"SalesEntryLines": line(exact)})
    assert response.status_code == 400
    assert fault_of(response).startswith("Error processing request stream. Binding to new entities")


def test_the_journal_of_an_entry_cannot_change(exact: Exact) -> None:
    path = entry_path(exact.post_entry())
    assert exact.call("PUT", path, {"Journal": "71"}).status_code == 500
    assert exact.call("PUT", path, {"Journal": "70"}).status_code == 204


def test_lines_are_added_changed_and_deleted_one_by_one(exact: Exact) -> None:
    entry = exact.post_entry()
    first = exact.only(LINES, filter=f"EntryID eq guid'{entry['EntryID']}'")
    added = exact.call("POST", LINES, line(exact, AmountFC=50)[0] | {"EntryID": entry["EntryID"]}).json
    assert added
    assert exact.terms(entry["EntryID"])[0]["AmountFC"] == -181.5
    path = f"{LINES}(guid'{added['d']['ID']}')"
    assert exact.call("PUT", path, {"AmountFC": 60}).status_code == 204
    assert exact.only(ENTRIES, filter=f"EntryID eq guid'{entry['EntryID']}'")["AmountFC"] == 193.6
    assert exact.call("DELETE", f"{LINES}(guid'{first['ID']}')").status_code == 204
    assert exact.terms(entry["EntryID"])[0]["AmountFC"] == -72.6
    assert exact.call("DELETE", path).status_code == 204
    assert exact.call("GET", entry_path(entry)).status_code == 404
    assert exact.terms(entry["EntryID"]) == []


def test_a_line_alone_needs_its_entry(exact: Exact) -> None:
    assert "Verplicht" in fault_of(exact.call("POST", LINES, line(exact)[0]))
    response = exact.call("POST", LINES, line(exact)[0] | {"EntryID": exact.customer()})
    assert (response.status_code, "referentie" in fault_of(response)) == (500, True)


def test_deleting_an_entry_leaves_tombstones_of_terms_and_postings(exact: Exact) -> None:
    entry = exact.post_entry()
    term = exact.terms(entry["EntryID"])[0]
    response = exact.call("DELETE", entry_path(entry))
    assert (response.status_code, response.data) == (204, b"")
    assert [row["EntityKey"] for row in exact.deleted(10)] == [term["ID"]]
    assert len(exact.deleted(1)) == 3


def test_tombstones_are_kept_for_two_months(exact: Exact) -> None:
    exact.call("DELETE", entry_path(exact.post_entry()))
    exact.advance(61 * 86_400)
    exact.sign_in()
    assert exact.deleted(10) == []


@pytest.mark.parametrize("lock", ["processed", "paid", "closed"])
def test_a_locked_entry_takes_only_texts(exact: Exact, lock: str) -> None:
    entry = exact.post_entry()
    today = exact.books.today()
    if lock == "processed":
        exact.door("PATCH", f"1001/SalesEntries/{entry['EntryID']}", {"Status": 50})
    elif lock == "paid":
        exact.receive("10.00", (entry["EntryID"], "10.00"))
    else:
        body = {"division": 1001, "year": today.year, "period": today.month}
        exact.door("POST", "close-period", body)
    path = entry_path(entry)
    one = exact.only(LINES, filter=f"EntryID eq guid'{entry['EntryID']}'")
    assert exact.call("PUT", path, {"DueDate": exact.day()}).status_code == 500
    assert exact.call("PUT", f"{LINES}(guid'{one['ID']}')", {"AmountFC": 1}).status_code == 500
    assert exact.call("DELETE", f"{LINES}(guid'{one['ID']}')").status_code == 500
    assert exact.call("POST", LINES, line(exact)[0] | {"EntryID": entry["EntryID"]}).status_code == 500
    response = exact.call("DELETE", path)
    assert response.status_code == 500
    assert fault_of(response)
    assert exact.call("PUT", path, {"YourRef": "TEXT", "Description": "Text"}).status_code == 204
    assert exact.terms(entry["EntryID"])[0]["YourRef"] == "TEXT"


def test_a_condition_with_instalments_makes_several_terms(exact: Exact) -> None:
    entry = exact.post_entry("100.01", PaymentCondition="5050")
    terms = exact.terms(entry["EntryID"])
    assert sorted(term["AmountFC"] for term in terms) == [-60.51, -60.5]
    assert len({term["TransactionID"] for term in terms}) == 2


def test_the_entry_date_decides_on_the_period(exact: Exact) -> None:
    day = midnight(exact.books.today().date().replace(month=2, day=3))
    entry = exact.post_entry(EntryDate=day.date().isoformat())
    assert (entry["ReportingYear"], entry["ReportingPeriod"]) == (day.year, 2)


def test_an_including_code_takes_the_amount_as_gross(exact: Exact) -> None:
    entry = exact.post_entry(SalesEntryLines=line(exact, AmountFC=121, VATCode="4"))
    assert (entry["AmountFC"], entry["VATAmountFC"]) == (121.0, 21.0)


def test_customers_are_numbered_padded_and_checked(exact: Exact) -> None:
    headers = {"Prefer": "return=representation"}
    body = {"Name": "Nieuw B.V.", "Status": "C", "Country": "NL", "Remarks": "ABCD2345"}
    made = exact.call("POST", "crm/Accounts", body, headers=headers).json
    assert made
    code = made["d"]["Code"]
    assert (len(code), code.strip().isdigit()) == (18, True)
    assert (made["d"]["Country"], made["d"]["IsSales"], made["d"]["Remarks"]) == ("NL ", True, "ABCD2345")
    for wrong in ({}, {"Name": "x" * 51}, {"Name": "x", "Country": "nl"}, {"Name": "x", "Code": code}):
        assert exact.call("POST", "crm/Accounts", wrong).status_code == 500
    path = f"crm/Accounts(guid'{made['d']['ID']}')"
    assert exact.call("PUT", path, {"Email": "x@example.com"}).status_code == 204
    assert exact.call("DELETE", path).status_code == 204
    assert [row["EntityKey"] for row in exact.deleted(2)] == [made["d"]["ID"]]


def test_a_customer_with_entries_stays(exact: Exact) -> None:
    path = f"crm/Accounts(guid'{exact.post_entry()['Customer']}')"
    assert exact.call("DELETE", path).status_code == 500
