"""Filters, options, paging, envelopes."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from portal.sandbox.exact.terms import add_term
from tests.sandbox.exact.client import Exact, fault_of

ACCOUNTS = "crm/Accounts"


def count(exact: Exact, path: str, condition: str) -> int:
    return len(exact.rows(path, select="ID", filter=condition))


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Name eq 'Van den Berg Beheer B.V.'", 2),
        ("Code eq '                 3'", 1),
        ("Code eq '3'", 0),
        ("trim(Code) eq '3'", 1),
        ("substringof('Berg', Name) eq true", 2),
        ("startswith(Name, 'Van den') and not (trim(Code) eq '2')", 1),
        ("endswith(Name,'Zonen') eq true or Name eq 'Museum aan de Maas'", 2),
        ("tolower(Name) eq 'łódź design sp. z o.o.'", 1),
        ("Name eq 'Jan''s'", 0),
        ("Name eq 'Museum aan de Maas' and Blocked eq false", 1),
        ("(Name ne 'x') and Modified lt datetime'2001-01-01T00:00:00'", 0),
        ("Country eq 'PL' and Name ne ''", 1),
    ],
)
def test_filters_find(exact: Exact, condition: str, found: int) -> None:
    assert count(exact, ACCOUNTS, condition) == found


@pytest.mark.parametrize("condition", ["YourRef eq '{0}'", "YourRef eq '{0}' or YourRef eq 'none'"])
@pytest.mark.parametrize("blanks", ["", "   "])
def test_blanks_behind_a_text_do_not_count(exact: Exact, condition: str, blanks: str) -> None:
    entry, *_ = exact.rows("salesentry/SalesEntries", select="EntryID")
    door = f"/_sandbox/1001/SalesEntries/{entry['EntryID']}"
    assert exact.http.patch(door, json={"YourRef": f"N-1{blanks}"}).status_code == 200
    found = exact.rows("salesentry/SalesEntries", filter=condition.format("N-1"), select="EntryID")
    assert [each["EntryID"] for each in found] == [entry["EntryID"]]


def test_guids_are_compared_whatever_their_case(exact: Exact) -> None:
    key = exact.customer()
    assert count(exact, ACCOUNTS, f"ID eq guid'{key.upper()}'") == 1
    assert count(exact, ACCOUNTS, f"ID eq guid'{key}' or ID eq guid'{key[:-1]}0'") >= 1


@pytest.mark.parametrize(
    "condition",
    [
        "Name eq",
        "Nonsense eq 'x'",
        "ID eq 'x'",
        "Name eq SearchCode",
        "Name like 'x'",
        "(Name eq 'x'",
        "Name eq 'x' Name",
        "ID eq guid'nonsense'",
        "Modified gt datetime'yesterday'",
        "substringof(Name, 'x')",
        "BankAccounts eq 'x'",
    ],
)
def test_filters_that_cannot_be_read_are_400(exact: Exact, condition: str) -> None:
    response = exact.call("GET", ACCOUNTS, query={"$filter": condition})
    assert response.status_code == 400
    assert fault_of(response)


def test_accounts_demand_a_filter_on_known_fields(exact: Exact) -> None:
    for query in ({}, {"$filter": "City eq 'Utrecht'"}):
        response = exact.call("GET", ACCOUNTS, query=query)
        assert response.status_code == 400
        assert "mandatory filtering" in fault_of(response)
        assert "Code, Name" in fault_of(response)


@pytest.mark.parametrize("path", ["vat/VATCodes", "cashflow/Receivables", "sync/Cashflow/PaymentTerms"])
def test_some_endpoints_demand_a_select(exact: Exact, path: str) -> None:
    response = exact.call("GET", path)
    assert response.status_code == 400
    assert fault_of(response) == "Please add a $select or a $top=1 statement to the query string."
    assert exact.call("GET", path, query={"$top": "1"}).status_code == 200


def test_an_unknown_or_miscased_field_in_select_is_400(exact: Exact) -> None:
    for field in ("Nonsense", "code"):
        assert exact.call("GET", "financial/Journals", query={"$select": field}).status_code == 400


def test_bulk_filters_only_on_its_own_list_and_sync_only_on_timestamp(exact: Exact) -> None:
    for path, condition in (
        ("bulk/Cashflow/Receivables", "YourRef eq 'x'"),
        ("sync/Cashflow/PaymentTerms", "Status eq 20"),
        ("sync/CRM/Accounts", "Name eq 'x'"),
    ):
        query = {"$select": "ID", "$filter": condition}
        assert exact.call("GET", path, query=query).status_code == 400
    assert exact.rows("bulk/Cashflow/Receivables", select="ID", filter="Status ne 50")


def test_lists_have_results_and_top_makes_them_bare(exact: Exact) -> None:
    with_top = exact.call("GET", "financial/Journals", query={"$top": "2", "$select": "Code"}).json
    without = exact.call("GET", "financial/Journals", query={"$select": "Code"}).json
    assert with_top
    assert without
    assert isinstance(with_top["d"], list)
    assert len(with_top["d"]) == 2
    assert len(without["d"]["results"]) == 8
    assert set(with_top["d"][0]) == {"__metadata", "Code"}


def test_ordering_counting_and_skipping(exact: Exact) -> None:
    query = {"$select": "Code", "$orderby": "Code desc", "$inlinecount": "allpages", "$skip": "1"}
    answer = exact.call("GET", "financial/Journals", query=query).json
    assert answer
    assert answer["d"]["__count"] == "8"
    assert [row["Code"] for row in answer["d"]["results"]][:2] == ["79", "75"]
    response = exact.call("GET", "financial/Journals/$count", headers={"Accept": "*/*"})
    assert response.text == "8"


def test_sixty_rows_a_page_with_an_absolute_next(exact: Exact) -> None:
    for number in range(130):
        exact.books.add("Costunits", {"ID": f"{number:032}", "Code": f"{number}", "Description": "x"})
    seen: list[str] = []
    url = "http://localhost/api/v1/1001/hrm/Costunits?$select=Code&$filter=Description eq 'x'"
    sizes = []
    while url:
        parts = urlsplit(url)
        answer = exact.call("GET", "hrm/Costunits", query=dict(parse_qsl(parts.query))).json
        assert answer
        sizes.append(len(answer["d"]["results"]))
        seen += [row["Code"] for row in answer["d"]["results"]]
        url = answer["d"].get("__next", "")
        assert not url or url.startswith("http://localhost/api/v1/1001/hrm/Costunits?")
    assert sizes == [60, 60, 10]
    assert len(set(seen)) == 130


def test_a_thousand_terms_a_page_and_an_empty_page_after_an_exact_multiple(exact: Exact) -> None:
    books = exact.books
    for row in list(books["PaymentTerms"].rows):
        books.remove("PaymentTerms", row)
    for number in range(2000):
        add_term(books, {"YourRef": str(number), "DueDate": books.today() + timedelta(number)})
    query = {"$select": "YourRef,Timestamp", "$filter": "Timestamp gt 1L"}
    refs: list[str] = []
    pages = 0
    while True:
        answer = exact.call("GET", "sync/Cashflow/PaymentTerms", query=query).json
        assert answer
        refs += [row["YourRef"] for row in answer["d"]["results"]]
        pages += 1
        if "__next" not in answer["d"]:
            break
        query = dict(parse_qsl(urlsplit(answer["d"]["__next"]).query))
    assert pages == 3
    assert refs == [str(number) for number in range(2000)]


def test_values_come_in_their_types(exact: Exact) -> None:
    term = exact.terms()[0]
    assert isinstance(term["Timestamp"], str)
    assert isinstance(term["AmountFC"], float)
    assert term["DueDate"].startswith("/Date(")
    assert int(term["DueDate"][6:-2]) % 86_400_000 == 0
    me = exact.only("current/Me", select="Legislation,CurrentDivision")
    assert (me["Legislation"], me["CurrentDivision"]) == ("1", 1001)


def test_collections_are_deferred_unless_expanded(exact: Exact) -> None:
    entry = exact.post_entry()
    path = f"salesentry/SalesEntries(guid'{entry['EntryID']}')"
    plain = exact.call("GET", path).json
    query = {"$expand": "SalesEntryLines", "$select": "EntryID,SalesEntryLines/Notes"}
    expanded = exact.call("GET", path, query=query).json
    assert plain
    assert expanded
    assert set(plain["d"]["SalesEntryLines"]) == {"__deferred"}
    lines = expanded["d"]["SalesEntryLines"]["results"]
    assert [line["Notes"] for line in lines] == ["ABCD2345"]
    assert exact.rows(f"{path}/SalesEntryLines")[0]["Notes"] == "ABCD2345"


def test_vat_percentages_hang_on_their_code(exact: Exact) -> None:
    code = exact.only("vat/VATCodes", select="ID,Code,Percentage", filter="Code eq '2'")
    assert (code["Code"], code["Percentage"]) == ("2  ", 0.21)
    rates = exact.rows(f"vat/VATCodes(guid'{code['ID']}')/VATPercentages")
    assert sorted(rate["Percentage"] for rate in rates) == [0.19, 0.21]


def test_created_is_dutch_wall_clock(exact: Exact) -> None:
    row = exact.rows("financial/Journals", select="Modified")[0]
    written = int(row["Modified"][6:-2]) / 1000
    assert round((written - exact.state.clock.time()) / 3600) in (1, 2)


def test_what_is_not_there_is_404_and_deleting_it_403(exact: Exact) -> None:
    path = f"salesentry/SalesEntries(guid'{exact.customer()}')"
    assert exact.call("GET", path).status_code == 404
    assert exact.call("PUT", path, {"YourRef": "x"}).status_code == 404
    assert exact.call("DELETE", path).status_code == 403
