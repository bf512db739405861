"""What Exact demands of a sales entry and its lines. Each fault is a text and what it is about."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.postings import RECEIVABLE_TYPE, VAT_TYPE
from portal.sandbox.exact.store import Books, Row, Value
from portal.sandbox.exact.terms import is_settled_in_part
from portal.sandbox.exact.vat import rate_on

Fault = tuple[str, ...]
Given = Mapping[str, Value]

# [L] The lengths are not documented; too long is refused, not cut.
_LENGTHS = {"YourRef": 30, "Description": 60}
_SALES_JOURNALS = (20, 21)
TEXT_FIELDS = frozenset({"YourRef", "Description", "Document"})


def each_header_fault(books: Books, header: Given) -> Iterator[Fault]:
    """The faults of a whole header."""
    yield from _each_customer_fault(books, header.get("Customer"))
    yield from _each_journal_fault(books, header)
    yield from each_length_fault(header)
    yield from _each_currency_fault(books, header)
    yield from _each_period_fault(books, header)

    if header.get("PaymentCondition") and not books["PaymentConditions"].first(
        "Code", header["PaymentCondition"]
    ):
        yield ("reference", "PaymentCondition")


def each_line_fault(books: Books, line: Given) -> Iterator[Fault]:
    """The faults of a whole line."""
    if line.get("AmountFC") is None:
        yield ("required", "AmountFC")

    yield from _each_ledger_fault(books, line)
    yield from _each_vat_fault(books, line)
    code = str(line.get("VATCode") or "")
    if code != code.strip() and "padded-codes" in books.readings:
        yield ("reference", "VATCode")

    yield from each_length_fault(line)
    for name, table in (("CostCenter", "Costcenters"), ("CostUnit", "Costunits")):
        yield from _each_cost_fault(books, line, name, table)

    if (line.get("From") is None) != (line.get("To") is None):
        yield ("required", "From")


def each_lock(books: Books, entry: Row) -> Iterator[Fault]:
    """Why the amounts of an entry cannot be changed any more."""
    if entry["Status"] == 50:
        yield ("processed",)
    if is_settled_in_part(books, entry["EntryID"]):
        yield ("matched",)
    yield from each_closed_period(books, entry["ReportingYear"], entry["ReportingPeriod"])


def each_length_fault(given: Given) -> Iterator[Fault]:
    """Texts that are too long."""
    for name, length in _LENGTHS.items():
        text = given.get(name)
        if isinstance(text, str) and len(text) > length:
            yield ("too long", name, str(length))


def find_period(books: Books, year: Value, number: Value) -> Row | None:
    """A financial period."""
    for row in books["FinancialPeriods"].rows.values():
        if row["FinYear"] == year and row["FinPeriod"] == number:
            return row
    return None


def period_of(books: Books, day: Value) -> tuple[Value, Value]:
    """Year and period of a day, or year and month if no period holds it."""
    if not isinstance(day, datetime):
        return None, None

    for row in books["FinancialPeriods"].rows.values():
        begins = row["StartDate"]
        ends = row["EndDate"]
        if isinstance(begins, datetime) and isinstance(ends, datetime) and begins <= day <= ends:
            return row["FinYear"], row["FinPeriod"]

    return day.year, day.month


def _each_customer_fault(books: Books, key: Value) -> Iterator[Fault]:
    if key is None:
        yield ("required", "Customer")
        return

    account = books["Accounts"].get(key)
    if account is None:
        yield ("reference", "Customer")
        return

    name = str(account.get("Name"))
    ended = account.get("EndDate")
    # [L] Only an account with status C can be invoiced.
    if account.get("Status") != "C":
        yield ("no customer", name)

    if account.get("Blocked"):
        yield ("blocked", name)

    if isinstance(ended, datetime) and ended < books.today():
        yield ("ended", name)


def _each_journal_fault(books: Books, header: Given) -> Iterator[Fault]:
    if not header.get("Journal"):
        yield ("required", "Journal")
        return

    journal = books["Journals"].first("Code", header["Journal"])
    if journal is None or journal.get("Type") not in _SALES_JOURNALS:
        yield ("reference", "Journals")
        return

    if journal.get("IsBlocked"):
        yield ("blocked", "Journal")

    if header["Currency"] != journal.get("Currency") and not journal.get("AllowVariableCurrency"):
        yield ("not allowed", "Currency")

    own = header["Currency"] == books.currency
    # [L] A rate of its own needs a journal that lets rates vary.
    if header.get("_RateGiven") and not own and not journal.get("AllowVariableExchangeRate"):
        yield ("not allowed", "Rate")


def _each_currency_fault(books: Books, header: Given) -> Iterator[Fault]:
    currency = str(header["Currency"])
    rate = header.get("Rate")

    if not books["Currencies"].first("Code", currency):
        yield ("reference", "Currency")
    elif rate is None and rate_on(books, currency, header["EntryDate"]) is None:
        yield ("required", "Rate")

    if rate is not None and amount_of(header, "Rate") <= 0:
        yield ("not allowed", "Rate")


def _each_period_fault(books: Books, header: Given) -> Iterator[Fault]:
    year = header["ReportingYear"]
    number = header["ReportingPeriod"]
    if find_period(books, year, number) is None:
        yield ("period missing", f"{year}-{number}")
    yield from each_closed_period(books, year, number)


def each_closed_period(books: Books, year: Value, number: Value) -> Iterator[Fault]:
    """The fault of a closed period."""
    if (find_period(books, year, number) or {}).get("_Closed"):
        yield ("period closed", f"{year}-{number}")


def _each_ledger_fault(books: Books, line: Given) -> Iterator[Fault]:
    if line.get("GLAccount") is None:
        yield ("required", "GLAccount")
        return

    ledger = books["GLAccounts"].get(line["GLAccount"])
    if ledger is None:
        yield ("reference", "GLAccount")
    elif ledger.get("IsBlocked"):
        yield ("blocked", f"{str(ledger['Code']).strip()} {ledger['Description']}")
    elif ledger.get("Type") in (RECEIVABLE_TYPE, VAT_TYPE):
        yield ("not allowed", "GLAccount")


def _each_vat_fault(books: Books, line: Given) -> Iterator[Fault]:
    if line.get("_PercentageGiven") and amount_of(line, "VATPercentage") <= 0:
        yield ("not allowed", "VATPercentage")

    if not line.get("VATCode"):
        return

    code = books["VATCodes"].first("Code", line["VATCode"])
    if code is None:
        yield ("reference", "VATCode")
        return

    if code.get("IsBlocked"):
        yield ("blocked", "VATCode")

    if code.get("VATTransactionType") == "P":
        yield ("not allowed", "VATCode")

    # [L] Codes without VAT take no amount of VAT.
    if code.get("Type") in ("B", "N") and amount_of(line, "_VATGiven"):
        yield ("not allowed", "VATAmountFC")


def _each_cost_fault(books: Books, line: Given, name: str, table: str) -> Iterator[Fault]:
    ledger = books["GLAccounts"].get(line.get("GLAccount")) or {}
    use = ledger.get(f"Use{name.replace('Center', 'center').replace('Unit', 'unit')}")

    if not line.get(name):
        if use == 1:
            yield ("required", name)
        return

    row = books[table].first("Code", line[name])
    ended = (row or {}).get("EndDate")

    if row is None:
        yield ("reference", name)
    elif isinstance(ended, datetime) and ended < books.today():
        yield ("ended", name)
    elif use == 2:
        yield ("not allowed", name)
