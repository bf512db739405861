"""Fields that follow from others and are therefore not stored."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from portal.sandbox.exact.store import Books, Row, Value, guid_of

Derive = Callable[[Books, Row], Value]


def _constant(value: Value) -> Derive:
    return lambda _books, _row: value


def _by_key(table: str, reference: str, field: str) -> Derive:
    def find(books: Books, row: Row) -> Value:
        target = books[table].get(row.get(reference))
        return target.get(field) if target else None

    return find


def _by_code(table: str, reference: str, field: str) -> Derive:
    def find(books: Books, row: Row) -> Value:
        code = row.get(reference)
        target = books[table].first("Code", code) if code else None
        return target.get(field) if target else None

    return find


def _named(names: Mapping[Value, str], field: str) -> Derive:
    return lambda _books, row: names.get(row.get(field))


def padded_country(_books: Books, row: Row) -> Value:
    """Countries come padded to three characters."""
    country = row.get("Country")
    return f"{country:<3}" if country else None


def percentage_on(books: Books, vat_code: Row, day: Value) -> Decimal:
    """The fraction that a VAT code stands for on a day, or 0 if none is valid then."""
    for row in books["VATPercentages"].rows.values():
        begins = row.get("StartDate")
        ends = row.get("EndDate")
        if row.get("VATCodeID") != vat_code["ID"] or row.get("Type") != 0:
            continue
        if (begins is None or begins <= day) and (ends is None or day <= ends):  # type: ignore[operator]  # all are days
            return Decimal(str(row.get("Percentage") or 0))

    return Decimal(0)


def _percentage_today(books: Books, row: Row) -> Value:
    return percentage_on(books, row, books.today())


_ENTRY_TYPES: Mapping[Value, str] = {20: "Sales entry", 21: "Sales credit note"}
_ENTRY_STATUSES: Mapping[Value, str] = {20: "Open", 50: "Processed"}

EVERYWHERE: Mapping[str, Derive] = {
    "Division": lambda books, _row: books.code,
    "Creator": _constant(guid_of("user", "finance")),
    "CreatorFullName": _constant("Femke de Wit"),
    "Modifier": _constant(guid_of("user", "finance")),
    "ModifierFullName": _constant("Femke de Wit"),
}

_TERMS: Mapping[str, Derive] = {
    "AccountCode": _by_key("Accounts", "Account", "Code"),
    "AccountName": _by_key("Accounts", "Account", "Name"),
    "AccountCountry": lambda books, row: padded_country(
        books, books["Accounts"].get(row.get("Account")) or {}
    ),
    "GLAccountCode": _by_key("GLAccounts", "GLAccount", "Code"),
    "GLAccountDescription": _by_key("GLAccounts", "GLAccount", "Description"),
    "JournalDescription": _by_code("Journals", "Journal", "Description"),
    "PaymentConditionDescription": _by_code("PaymentConditions", "PaymentCondition", "Description"),
    "PaymentDays": _by_code("PaymentConditions", "PaymentCondition", "PaymentDays"),
    "TransactionDueDate": lambda _books, row: row.get("DueDate"),
    "TransactionIsReversal": _constant(False),
    "TransactionStatus": _constant(20),
    "IsBatchBooking": _constant(0),
    "PaymentMethod": lambda _books, row: row.get("_PaymentMethod") or "B",
}

_STATEMENTS: Mapping[str, Derive] = {
    "JournalDescription": _by_code("Journals", "JournalCode", "Description"),
    "StatusDescription": _named(_ENTRY_STATUSES, "Status"),
}
_STATEMENT_LINES: Mapping[str, Derive] = {
    "AccountCode": _by_key("Accounts", "Account", "Code"),
    "AccountName": _by_key("Accounts", "Account", "Name"),
    "GLAccountCode": _by_key("GLAccounts", "GLAccount", "Code"),
    "GLAccountDescription": _by_key("GLAccounts", "GLAccount", "Description"),
}

# Source, kept as Exact has it for ledger bookings.
DERIVED: Mapping[str, Mapping[str, Derive]] = {
    "Journals": {
        "GLAccountCode": _by_key("GLAccounts", "GLAccount", "Code"),
        "GLAccountDescription": _by_key("GLAccounts", "GLAccount", "Description"),
        "GLAccountType": _by_key("GLAccounts", "GLAccount", "Type"),
        "CurrencyDescription": _by_code("Currencies", "Currency", "Description"),
    },
    "GLAccounts": {"VATDescription": _by_code("VATCodes", "VATCode", "Description")},
    "VATCodes": {"Percentage": _percentage_today},
    "ExchangeRates": {
        "SourceCurrencyDescription": _by_code("Currencies", "SourceCurrency", "Description"),
        "TargetCurrencyDescription": _by_code("Currencies", "TargetCurrency", "Description"),
    },
    "Accounts": {
        "Country": padded_country,
        "IsSales": lambda _books, row: row.get("Status") == "C",
        "PaymentConditionSalesDescription": _by_code(
            "PaymentConditions", "PaymentConditionSales", "Description"
        ),
        "SalesVATCodeDescription": _by_code("VATCodes", "SalesVATCode", "Description"),
        "InvoiceAccountCode": _by_key("Accounts", "InvoiceAccount", "Code"),
        "InvoiceAccountName": _by_key("Accounts", "InvoiceAccount", "Name"),
    },
    "BankAccounts": {"AccountName": _by_key("Accounts", "Account", "Name")},
    "SalesEntries": {
        "CustomerName": _by_key("Accounts", "Customer", "Name"),
        "JournalDescription": _by_code("Journals", "Journal", "Description"),
        "PaymentConditionDescription": _by_code("PaymentConditions", "PaymentCondition", "Description"),
        "PaymentConditionPaymentMethod": _by_code("PaymentConditions", "PaymentCondition", "PaymentMethod"),
        "StatusDescription": _named(_ENTRY_STATUSES, "Status"),
        "TypeDescription": _named(_ENTRY_TYPES, "Type"),
        "DocumentNumber": _by_key("Documents", "Document", "HID"),
        "DocumentSubject": _by_key("Documents", "Document", "Subject"),
    },
    "SalesEntryLines": {
        "GLAccountCode": _by_key("GLAccounts", "GLAccount", "Code"),
        "GLAccountDescription": _by_key("GLAccounts", "GLAccount", "Description"),
        "VATCodeDescription": _by_code("VATCodes", "VATCode", "Description"),
        "CostCenterDescription": _by_code("Costcenters", "CostCenter", "Description"),
        "CostUnitDescription": _by_code("Costunits", "CostUnit", "Description"),
    },
    "PaymentTerms": _TERMS,
    "TransactionLines": {
        "AccountCode": _by_key("Accounts", "Account", "Code"),
        "AccountName": _by_key("Accounts", "Account", "Name"),
        "GLAccountCode": _by_key("GLAccounts", "GLAccount", "Code"),
        "GLAccountDescription": _by_key("GLAccounts", "GLAccount", "Description"),
        "JournalDescription": _by_code("Journals", "JournalCode", "Description"),
    },
    "BankEntries": _STATEMENTS,
    "CashEntries": _STATEMENTS,
    "BankEntryLines": _STATEMENT_LINES,
    "CashEntryLines": _STATEMENT_LINES,
    "Documents": {
        "AccountCode": _by_key("Accounts", "Account", "Code"),
        "AccountName": _by_key("Accounts", "Account", "Name"),
        "TypeDescription": _by_key("DocumentTypes", "Type", "Description"),
    },
    # What was sent in is fetched by its Url.
    "DocumentAttachments": {"Attachment": _constant(None)},
}
