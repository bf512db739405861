"""A division, in the words of the domain."""

from datetime import date
from decimal import Decimal

import pytest
import responses

from portal.actions.engine.ports import Ledger
from portal.domain.payments.terms import Term, Tombstone
from portal.domain.unreadable import Kind, Reason, Unreadable, readable
from portal.exact.parse import LINE
from portal.remote.errors import MissingRightError, NotFoundError, RefusedError
from portal.remote.odd import UnreadableError
from tests.exact.wire import (
    CUSTOMER_ID,
    DIVISION,
    ENTRY_ID,
    LEDGER_ID,
    LINE_ID,
    MARKER,
    OTHER_ID,
    TERM_ID,
    a_client,
    a_line_row,
    a_list,
    a_new_customer,
    a_sales_entry,
    a_sales_line,
    a_term_row,
    an_account_row,
    an_entry_row,
    answer,
    calls,
    query,
    refusal,
    sent,
)

pytestmark = pytest.mark.usefixtures("wire")
ENTRIES = "salesentry/SalesEntries"
LINES = "salesentry/SalesEntryLines"
ACCOUNTS = "crm/Accounts"
TERMS = "sync/Cashflow/PaymentTerms"
DELETED = "sync/Deleted"
RECEIVABLES = "cashflow/Receivables"
ENTRY_KEY = f"{ENTRIES}(guid'{ENTRY_ID}')"
LINE_KEY = f"{LINES}(guid'{LINE_ID}')"


def test_the_client_is_a_ledger() -> None:
    client: Ledger = a_client()
    assert client.entry_url(ENTRY_ID).startswith("https://start.exactonline.nl/docs/")
    assert str(DIVISION) in client.entry_url(ENTRY_ID)


def test_the_page_of_an_entry_can_be_set() -> None:
    client = a_client(entry_page="{base}/entries/{entry_id}")
    assert client.entry_url(ENTRY_ID) == f"https://start.exactonline.nl/entries/{ENTRY_ID}"


def test_an_entry_is_booked_with_one_call() -> None:
    answer("POST", ENTRIES, {"d": an_entry_row()}, status=201)
    booked = a_client().create_entry(a_sales_entry(), marker=MARKER)
    assert calls() == ["POST SalesEntries"]
    headers = responses.calls[0].request.headers
    assert headers["Prefer"] == "return=representation"
    assert headers["Content-Type"] == "application/json"
    assert [line["Notes"] for line in sent()["SalesEntryLines"]] == ["[ABCDEFGH]"]
    assert (booked.id, booked.entry_number, booked.invoice_number) == (ENTRY_ID, 26700001, 26700001)
    assert (booked.gross, booked.vat, booked.lines) == (121000, 21000, ())
    assert booked.rate is None
    assert (booked.entry_date, booked.due_date) == (date(2026, 1, 31), date(2026, 2, 14))
    assert (booked.status, booked.type, booked.currency) == (20, 20, "EUR")


def test_the_rate_of_an_entry_is_asked_for_and_read_as_it_was_written() -> None:
    answer("GET", ENTRIES, a_list(an_entry_row(Currency="USD", Rate=0.9201, SalesEntryLines=[a_line_row()])))
    entry = a_client().read_entry(ENTRY_ID)
    assert entry is not None
    assert entry.rate == Decimal("0.9201")
    assert "Rate" in query()["$select"].split(",")


def test_lines_that_come_back_are_read() -> None:
    row = an_entry_row(SalesEntryLines={"results": [a_line_row()]}, InvoiceNumber=0, DueDate=None)
    answer("POST", ENTRIES, {"d": row}, status=201)
    booked = a_client().create_entry(a_sales_entry(), marker=MARKER)
    assert [line.id for line in booked.lines] == [LINE_ID]
    assert (booked.invoice_number, booked.due_date) == (None, None)


def test_entries_are_found_by_reference_with_their_lines() -> None:
    row = an_entry_row(
        SalesEntryLines={"results": [a_line_row(), a_line_row(ID=OTHER_ID, VATCode=None, Notes=None)]}
    )
    answer("GET", ENTRIES, a_list(row))
    found = a_client().find_entries("INV-'1", customer_id=CUSTOMER_ID, journal="70")
    told = query()
    assert told["$filter"] == f"YourRef eq 'INV-''1' and Customer eq guid'{CUSTOMER_ID}' and Journal eq '70'"
    assert told["$expand"] == "SalesEntryLines"
    assert "SalesEntryLines/Notes" in told["$select"].split(",")
    first, second = found[0].lines
    assert (first.notes, first.vat_code, first.ledger_id) == ("[ABCDEFGH]", "2  ", LEDGER_ID)
    assert (first.amount, first.vat_amount) == (100000, 21000)
    assert (second.notes, second.vat_code) == ("", None)
    assert calls() == ["GET SalesEntries"]


@pytest.mark.parametrize(
    "content",
    [{"__deferred": {"uri": "…"}}, {"results": [a_line_row()], "__next": "more"}, None],
)
def test_lines_that_do_not_come_along_are_fetched(content: object) -> None:
    answer("GET", ENTRIES, {"d": [an_entry_row(SalesEntryLines=content)]})
    answer("GET", LINES, a_list(a_line_row(), a_line_row(ID=OTHER_ID)))
    found = a_client().find_entries("INV-1")
    assert len(found[0].lines) == 2
    assert query() == {"$filter": f"EntryID eq guid'{ENTRY_ID}'", "$select": LINE}


def test_a_site_that_refuses_to_expand_is_asked_plainly() -> None:
    answer("GET", ENTRIES, refusal("Ongeldige $expand"), status=400)
    answer("GET", ENTRIES, a_list(an_entry_row()))
    answer("GET", LINES, a_list(a_line_row()))
    assert len(a_client().find_entries("INV-1")[0].lines) == 1
    assert calls() == ["GET SalesEntries", "GET SalesEntries", "GET SalesEntryLines"]
    assert "$expand" not in query(1)


@pytest.mark.parametrize(("status", "kind"), [(403, MissingRightError), (404, NotFoundError)])
def test_a_missing_right_is_not_asked_around(status: int, kind: type[RefusedError]) -> None:
    answer("GET", ENTRIES, status=status)
    with pytest.raises(kind):
        a_client().find_entries("INV-1")
    assert len(responses.calls) == 1


def test_an_entry_that_is_gone_is_none() -> None:
    answer("GET", ENTRIES, a_list())
    assert a_client().read_entry(ENTRY_ID) is None
    assert query()["$filter"] == f"EntryID eq guid'{ENTRY_ID}'"


def test_an_entry_is_read_with_its_lines() -> None:
    answer("GET", ENTRIES, a_list(an_entry_row(SalesEntryLines=[a_line_row()])))
    entry = a_client().read_entry(ENTRY_ID)
    assert entry is not None
    assert [line.id for line in entry.lines] == [LINE_ID]


def test_only_changes_are_put() -> None:
    answer("PUT", ENTRY_KEY, status=204)
    client = a_client()
    client.change_entry(
        ENTRY_ID, {"your_ref": "INV-2", "due_date": date(2026, 3, 1), "rate": Decimal("1.05")}
    )
    assert sent() == {"YourRef": "INV-2", "DueDate": "2026-03-01", "Rate": 1.05}
    client.change_entry(ENTRY_ID, {})
    assert len(responses.calls) == 1


def test_a_line_is_added_changed_and_removed() -> None:
    answer("POST", LINES, {"d": a_line_row()}, status=201)
    answer("PUT", LINE_KEY, status=204)
    answer("DELETE", LINE_KEY, status=204)
    client = a_client()
    assert client.create_line(ENTRY_ID, a_sales_line(), marker=MARKER) == LINE_ID
    assert sent()["EntryID"] == ENTRY_ID
    client.change_line(LINE_ID, a_sales_line(amount=-1), marker=MARKER)
    assert sent()["AmountFC"] == -0.01
    assert sent()["Notes"] == "[ABCDEFGH]"
    client.delete_line(LINE_ID)
    assert responses.calls[-1].request.body is None


def test_exacts_own_words_are_kept() -> None:
    answer("PUT", ENTRY_KEY, refusal("Reeds verwerkt", "Periode gesloten"), status=500)
    with pytest.raises(RefusedError) as failed:
        a_client().change_entry(ENTRY_ID, {"description": "x"})
    assert failed.value.text == "Reeds verwerkt\nPeriode gesloten"


def test_what_is_said_to_be_gone_is_deleted() -> None:
    answer("DELETE", ENTRY_KEY, status=410)
    answer("DELETE", LINE_KEY, status=410)
    a_client().delete_entry(ENTRY_ID)
    a_client().delete_line(LINE_ID)


@pytest.mark.parametrize(("status", "kind"), [(403, MissingRightError), (404, NotFoundError)])
@pytest.mark.parametrize("path", [ENTRIES, LINES])
def test_what_seems_to_be_already_gone_is_looked_up(path: str, status: int, kind: type[Exception]) -> None:
    client = a_client()
    key, delete = (ENTRY_KEY, client.delete_entry) if path == ENTRIES else (LINE_KEY, client.delete_line)
    guid = ENTRY_ID if path == ENTRIES else LINE_ID
    answer("DELETE", key, "Forbidden", status=status)
    answer("GET", path, a_list())
    answer("GET", path, a_list({"ID": guid}))
    delete(guid)
    with pytest.raises(kind):
        delete(guid)


def test_a_customer_is_created_with_its_marker() -> None:
    answer("POST", ACCOUNTS, {"d": an_account_row()}, status=201)
    customer = a_client().create_customer(a_new_customer())
    assert sent()["Status"] == "C"
    assert sent()["Remarks"] == "[ABCDEFGH]"
    assert (customer.id, customer.code) == (CUSTOMER_ID, "               123")
    assert (customer.name, customer.country, customer.status) == ("O'Brien & Zn.", "NL", "C")


def test_customers_are_found_by_their_exact_name() -> None:
    answer("GET", ACCOUNTS, a_list(an_account_row(), an_account_row(ID=OTHER_ID, Remarks=None, Country=None)))
    found = a_client().find_customers("O'Brien & Zn.")
    assert query()["$filter"] == "Name eq 'O''Brien & Zn.'"
    assert "Remarks" in query()["$select"]
    assert [(customer.country, remarks) for customer, remarks in found] == [
        ("NL", "From Productive [ABCDEFGH]"),
        (None, ""),
    ]


def test_changed_customers_come_in_pages_with_their_cursor() -> None:
    more = "https://start.exactonline.nl/api/v1/123456/sync/CRM/Accounts?$skiptoken=1"
    answer(
        "GET",
        "sync/CRM/Accounts",
        a_list(an_account_row(ID=OTHER_ID, Timestamp="7"), an_account_row(), link=more),
    )
    answer("GET", "sync/CRM/Accounts", a_list(an_account_row(Timestamp=900000)))
    pages = list(a_client().each_customer_page(0))
    assert [(len(customers), highest) for customers, highest in pages] == [(2, 812345), (1, 900000)]
    assert query(0)["$filter"] == "Timestamp gt 1L"


def test_only_receivable_terms_come_but_the_cursor_counts_all_rows() -> None:
    payable = {"Timestamp": "9007199254740999", "LineType": 22}
    answer("GET", TERMS, a_list(a_term_row(), payable))
    ((terms, highest),) = a_client().each_term_page(5)
    assert highest == 9007199254740999
    assert [(term.id, term.timestamp) for term in readable(terms)] == [(TERM_ID, 9007199254740993)]
    (term,) = readable(terms)
    assert (term.amount, term.transaction_amount, term.line_type) == (-121000, 121000, 20)
    assert query()["$filter"] == "Timestamp gt 5L"
    assert {"Timestamp", "LineType"} <= set(query()["$select"].split(","))


def test_an_idle_pull_is_two_calls() -> None:
    answer("GET", TERMS, a_list())
    answer("GET", DELETED, a_list())
    client = a_client()
    assert list(client.each_term_page(5)) == []
    assert list(client.each_tombstone_page(5)) == []
    assert len(responses.calls) == 2


def test_what_vanished_comes_with_its_kind() -> None:
    row = {"Timestamp": "8", "EntityType": 10, "EntityKey": TERM_ID.upper()}
    answer("GET", DELETED, a_list(row))
    assert list(a_client().each_tombstone_page(1)) == [([Tombstone(8, 10, TERM_ID)], 8)]


def test_the_terms_of_one_entry_are_read_by_its_id() -> None:
    settled = {"Status": 50, "LastPaymentDate": "/Date(1770336000000)/", "EndDate": "/Date(1770336000000)/"}
    row = a_term_row(**settled, IsFullyPaid=True, AmountDiscountFC=-5.25, YourRef=None)
    del row["Timestamp"], row["LineType"]
    answer("GET", RECEIVABLES, {"d": [row]})
    (term,) = a_client().read_terms(ENTRY_ID)
    assert query()["$filter"] == f"TransactionEntryID eq guid'{ENTRY_ID}'"
    assert not {"Timestamp", "LineType"} & set(query()["$select"].split(","))
    assert (term.timestamp, term.status, term.fully_paid) == (0, 50, True)
    assert (term.last_payment_on, term.discount) == (date(2026, 2, 6), -525)
    assert term.your_ref == ""


def test_a_term_without_an_entry_does_not_stop_the_feed() -> None:
    bare = dict.fromkeys(a_term_row())
    answer(
        "GET",
        TERMS,
        a_list(bare | {"Timestamp": 3, "LineType": 20, "ID": TERM_ID, "Status": 20, "AmountFC": 0}),
    )
    ((terms, _),) = a_client().each_term_page(1)
    (term,) = readable(terms)
    assert (term.entry_id, term.currency, term.amount_dc) == ("", "", 0)


@pytest.mark.parametrize("missing", ["ID", "Status", "AmountFC", "Timestamp", "LineType"])
def test_a_term_that_lacks_what_is_needed_is_told_and_its_neighbours_are_read(missing: str) -> None:
    answer("GET", TERMS, a_list(a_term_row(**{missing: None}), a_term_row(ID=OTHER_ID, Timestamp="7")))
    (([odd, term], highest),) = a_client().each_term_page(1)
    assert isinstance(odd, Unreadable)
    assert (odd.kind, odd.fault.reason, odd.fault.field) == (Kind.TERM, Reason.MISSING, missing)
    assert (odd.parent, odd.account) == (ENTRY_ID, CUSTOMER_ID)
    assert isinstance(term, Term)
    assert highest == (7 if missing == "Timestamp" else 9007199254740993)


def test_the_terms_of_one_entry_count_only_together() -> None:
    answer("GET", RECEIVABLES, a_list(a_term_row(), a_term_row(ID=OTHER_ID, AmountFC="much")))
    with pytest.raises(UnreadableError, match="AmountFC"):
        a_client().read_terms(ENTRY_ID)
