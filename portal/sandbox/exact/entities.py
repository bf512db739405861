"""Which entities are served, where, and with which rules of their own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from portal.sandbox.exact.derived import DERIVED, EVERYWHERE, Derive
from portal.sandbox.exact.fields import (
    Field,
    cashflow,
    crm,
    documents,
    entries,
    financial,
    read_fields,
    system,
)
from portal.sandbox.exact.postings import each_transaction_line
from portal.sandbox.exact.receivables import (
    each_aged_account,
    each_open_item,
    each_overdue_item,
    each_overview,
    has_age,
    is_of_account,
    is_of_age,
)
from portal.sandbox.exact.statements import each_bank_entry, each_bank_line, each_cash_entry, each_cash_line
from portal.sandbox.exact.store import Books, Row, Value

Source = Callable[[Books], Iterable[Row]]


@dataclass(frozen=True)
class Parameter:
    """What a function must be told in the query, without a ``$``, and which rows that picks."""

    name: str
    kind: str
    picks: Callable[[Books, Row, Value], bool]


@dataclass(frozen=True)
class Navigation:
    """A collection that hangs on an entity: the other entity's path and its field that points back."""

    path: str
    field: str


@dataclass(frozen=True)
class Entity:
    """One endpoint below a division."""

    path: str
    table: str
    fields: Mapping[str, Field]
    type_name: str
    key: str = "ID"
    scope: str | None = None
    methods: frozenset[str] = frozenset({"GET"})
    page_size: int = 60
    needs_select: bool = False
    needs_filter: tuple[str, ...] = ()
    only_filters: tuple[str, ...] = ()
    source: Source | None = None
    parameter: Parameter | None = None
    shows: Callable[[Books, Row], bool] | None = None
    navigations: Mapping[str, Navigation] = field(default_factory=dict)
    derived: Mapping[str, Derive] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def by_timestamp(self) -> bool:
        """Whether it is read in the order of Timestamps."""
        return self.key == "Timestamp"

    def read(self, books: Books, row: Row, name: str) -> Value:
        """A field's value for a row, derived if need be."""
        derive = self.derived.get(name)
        value = derive(books, row) if derive else row.get(name)
        return _read_term(books, name, value) if self.table == "PaymentTerms" else value


def _read_term(books: Books, name: str, value: Value) -> Value:
    """A field of a term as another reading has it."""
    if name in ("AmountFC", "AmountDC") and "term-sign" in books.readings:
        return -value if isinstance(value, Decimal) else value
    if name == "TransactionType" and value in (20, 21) and "term-kind" in books.readings:
        return 90
    return value


def _is_listed(books: Books, row: Row) -> bool:
    return "term-feed" not in books.readings or row.get("Status") != 20


def _is_receivable(_books: Books, row: Row) -> bool:
    return row.get("LineType") == 20


def _is_remembered(books: Books, row: Row) -> bool:
    # The log of deletions is kept for two months.
    deleted = row["DeletedDate"]
    return isinstance(deleted, datetime) and deleted > books.wall_clock() - timedelta(days=60)


_ACCOUNT_FILTERS = (
    "ID",
    "Code",
    "Name",
    "SearchCode",
    "VATNumber",
    "ChamberOfCommerce",
    "Email",
    "Phone",
    "Modified",
)
_BULK_FILTERS = (
    "Account",
    "Document",
    "EndDate",
    "EndToEndID",
    "EntryDate",
    "EntryID",
    "GLAccount",
    "ID",
    "InvoiceDate",
    "InvoiceNumber",
    "Source",
    "Status",
    "TransactionID",
    "TransactionType",
)
_TERM_EXTRAS = (
    " ApprovalStatus:h LineType:h PaymentBatchNumber:i PaymentSelected:t PaymentSelector:g"
    " PaymentSelectorFullName:s Timestamp:l"
)
_READ = frozenset({"GET"})
_ALL = frozenset({"GET", "POST", "PUT", "DELETE"})
_LEDGERS = "financial.generalledgers"
_ACCOUNTING = "financial.accounting"
_RECEIVABLES = "financial.receivables"
_CASHFLOW = "financial.cashflow"
_CURRENCIES = "financial.currencies"
_COSTS = "financial.costcenters"
_CRM = "crm.accounts"
_ORGANIZATION = "organization.administration"
_DOCUMENTS = "organization.documents"
_BOOKED = frozenset({"GET", "POST", "DELETE"})
_BY_ACCOUNT = Parameter("accountId", "g", is_of_account)
_BY_AGE = Parameter("ageGroup", "i", is_of_age)


def _singular(name: str) -> str:
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _entity(
    path: str,
    spelled: str,
    scope: str | None,
    *,
    table: str = "",
    key: str = "ID",
    methods: frozenset[str] = _READ,
    needs_select: bool = False,
    needs_filter: tuple[str, ...] = (),
    only_filters: tuple[str, ...] = (),
    only_writable: str = "",
    source: Source | None = None,
    parameter: Parameter | None = None,
    shows: Callable[[Books, Row], bool] | None = None,
    navigations: Mapping[str, Navigation] | None = None,
) -> Entity:
    table = table or path.rpartition("/")[2]
    area = path.partition("/")[0].capitalize()
    fields = read_fields(spelled, only=only_writable, writable=methods != _READ)

    return Entity(
        path=path,
        table=table,
        fields=fields,
        type_name=f"Exact.Web.Api.Models.{area}.{_singular(path.rpartition('/')[2])}",
        key=key,
        scope=scope,
        methods=methods,
        page_size=1000 if path.startswith(("bulk/", "sync/")) else 60,
        needs_select=needs_select,
        needs_filter=needs_filter,
        only_filters=only_filters,
        source=source,
        parameter=parameter,
        shows=shows,
        navigations=navigations or {},
        derived={
            name: derive
            for name, derive in {**EVERYWHERE, **DERIVED.get(table, {})}.items()
            if name in fields
        },
    )


_SERVED = (
    _entity("financial/Journals", financial.JOURNALS, _LEDGERS, methods=_ALL),
    _entity("financial/GLAccounts", financial.GL_ACCOUNTS, _LEDGERS, methods=_ALL),
    _entity("bulk/Financial/GLAccounts", financial.GL_ACCOUNTS, _LEDGERS, needs_select=True),
    _entity(
        "sync/Financial/GLAccounts",
        financial.GL_ACCOUNTS + " Timestamp:l",
        _LEDGERS,
        key="Timestamp",
        needs_select=True,
        only_filters=("Timestamp",),
    ),
    _entity("financial/FinancialPeriods", financial.PERIODS, _ACCOUNTING),
    _entity("financial/ExchangeRates", financial.EXCHANGE_RATES, _CURRENCIES, methods=_ALL),
    _entity(
        "vat/VATCodes",
        financial.VAT_CODES,
        _ACCOUNTING,
        methods=_ALL,
        needs_select=True,
        navigations={"VATPercentages": Navigation("vat/VatPercentages", "VATCodeID")},
    ),
    _entity("vat/VatPercentages", financial.VAT_PERCENTAGES, _ACCOUNTING, table="VATPercentages"),
    _entity("general/Currencies", financial.CURRENCIES, _CURRENCIES, key="Code"),
    _entity("hrm/Costcenters", financial.COSTCENTERS, _COSTS, methods=_ALL),
    _entity("hrm/Costunits", financial.COSTUNITS, _COSTS, methods=_ALL),
    _entity(
        "crm/Accounts",
        crm.ACCOUNTS,
        _CRM,
        methods=_ALL,
        needs_filter=_ACCOUNT_FILTERS,
        navigations={"BankAccounts": Navigation("crm/BankAccounts", "Account")},
    ),
    # [L] The reference leaves open whether sync and bulk insist on $select; here they do.
    _entity(
        "sync/CRM/Accounts",
        crm.ACCOUNTS + " Timestamp:l",
        _CRM,
        key="Timestamp",
        needs_select=True,
        only_filters=("Timestamp",),
        navigations={"BankAccounts": Navigation("crm/BankAccounts", "Account")},
    ),
    _entity("crm/BankAccounts", crm.BANK_ACCOUNTS, _CRM, methods=_ALL),
    _entity(
        "salesentry/SalesEntries",
        entries.SALES_ENTRIES,
        _ACCOUNTING,
        key="EntryID",
        methods=_ALL,
        navigations={"SalesEntryLines": Navigation("salesentry/SalesEntryLines", "EntryID")},
    ),
    _entity("salesentry/SalesEntryLines", entries.SALES_ENTRY_LINES, _ACCOUNTING, methods=_ALL),
    _entity(
        "cashflow/Receivables",
        cashflow.RECEIVABLES,
        _RECEIVABLES,
        table="PaymentTerms",
        methods=frozenset({"GET", "PUT"}),
        only_writable="Description PaymentMethod PaymentReference",
        needs_select=True,
        shows=_is_receivable,
    ),
    _entity(
        "bulk/Cashflow/Receivables",
        cashflow.RECEIVABLES,
        _RECEIVABLES,
        table="PaymentTerms",
        needs_select=True,
        only_filters=_BULK_FILTERS,
        shows=_is_receivable,
    ),
    _entity(
        "sync/Cashflow/PaymentTerms",
        cashflow.RECEIVABLES + _TERM_EXTRAS,
        _CASHFLOW,
        key="Timestamp",
        needs_select=True,
        only_filters=("Timestamp",),
        shows=_is_listed,
    ),
    _entity(
        "cashflow/PaymentConditions",
        cashflow.PAYMENT_CONDITIONS,
        _CASHFLOW,
        methods=frozenset({"GET", "POST"}),
    ),
    _entity(
        "read/financial/ReceivablesList",
        cashflow.RECEIVABLES_LIST,
        _RECEIVABLES,
        key="HID",
        source=each_open_item,
    ),
    _entity(
        "read/financial/ReceivablesListByAccount",
        cashflow.RECEIVABLES_BY_ACCOUNT,
        _RECEIVABLES,
        key="HID",
        source=each_open_item,
        parameter=_BY_ACCOUNT,
    ),
    # [L] The next three are not in the reference's list of fields; they have those of their brothers.
    _entity(
        "read/financial/ReceivablesListByAgeGroup",
        cashflow.RECEIVABLES_BY_ACCOUNT,
        _RECEIVABLES,
        key="HID",
        source=each_open_item,
        parameter=_BY_AGE,
    ),
    _entity(
        "read/financial/ReceivablesListOverdue",
        cashflow.RECEIVABLES_BY_ACCOUNT,
        _RECEIVABLES,
        key="HID",
        source=each_overdue_item,
    ),
    _entity(
        "read/financial/ReceivablesListOverdueByAccount",
        cashflow.RECEIVABLES_BY_ACCOUNT,
        _RECEIVABLES,
        key="HID",
        source=each_overdue_item,
        parameter=_BY_ACCOUNT,
    ),
    _entity(
        "read/financial/AgingReceivablesList",
        cashflow.AGING_RECEIVABLES,
        _RECEIVABLES,
        key="AccountId",
        source=each_aged_account,
    ),
    _entity(
        "read/financial/AgingReceivablesListByAgeGroup",
        cashflow.AGING_RECEIVABLES,
        _RECEIVABLES,
        key="AccountId",
        source=each_aged_account,
        parameter=Parameter("ageGroup", "i", has_age),
    ),
    _entity(
        "read/financial/OutstandingInvoicesOverview",
        cashflow.OUTSTANDING_INVOICES,
        _RECEIVABLES,
        key="CurrencyCode",
        source=each_overview,
    ),
    _entity("documents/Documents", documents.DOCUMENTS, _DOCUMENTS, methods=_ALL),
    _entity("documents/DocumentAttachments", documents.ATTACHMENTS, _DOCUMENTS, methods=_BOOKED),
    _entity("documents/DocumentTypes", documents.DOCUMENT_TYPES, _DOCUMENTS),
    _entity(
        "sync/Deleted",
        system.DELETED,
        _ORGANIZATION,
        key="Timestamp",
        needs_select=True,
        only_filters=("Timestamp",),
        shows=_is_remembered,
    ),
    _entity(
        "financialtransaction/TransactionLines",
        entries.TRANSACTION_LINES,
        _ACCOUNTING,
        needs_select=True,
        source=each_transaction_line,
    ),
    # [L] Which fields the bulk twin may be filtered on is not known; here it is any.
    _entity(
        "bulk/Financial/TransactionLines",
        entries.TRANSACTION_LINES,
        _ACCOUNTING,
        needs_select=True,
        source=each_transaction_line,
    ),
    _entity(
        "sync/Financial/TransactionLines",
        entries.TRANSACTION_LINES.replace(" ShopOrder:g", "") + " Timestamp:l",
        _ACCOUNTING,
        key="Timestamp",
        needs_select=True,
        only_filters=("Timestamp",),
        source=each_transaction_line,
    ),
    _entity(
        "financialtransaction/CashEntries",
        entries.CASH_ENTRIES,
        _ACCOUNTING,
        key="EntryID",
        methods=_BOOKED,
        source=each_cash_entry,
        navigations={"CashEntryLines": Navigation("financialtransaction/CashEntryLines", "EntryID")},
    ),
    _entity(
        "financialtransaction/CashEntryLines",
        entries.CASH_ENTRY_LINES,
        _ACCOUNTING,
        methods=frozenset({"GET", "POST"}),
        source=each_cash_line,
    ),
    _entity(
        "financialtransaction/BankEntries",
        entries.BANK_ENTRIES,
        _ACCOUNTING,
        key="EntryID",
        methods=_BOOKED,
        source=each_bank_entry,
        navigations={"BankEntryLines": Navigation("financialtransaction/BankEntryLines", "EntryID")},
    ),
    _entity(
        "financialtransaction/BankEntryLines",
        entries.BANK_ENTRY_LINES,
        _ACCOUNTING,
        methods=frozenset({"GET", "POST"}),
        source=each_bank_line,
    ),
    _entity(
        "webhooks/WebhookSubscriptions",
        system.WEBHOOKS,
        _ORGANIZATION,
        methods=frozenset({"GET", "POST", "DELETE"}),
    ),
    _entity("hrm/Divisions", system.HRM_DIVISIONS, None, key="Code"),
    _entity("system/Divisions", system.SYSTEM_DIVISIONS, _ORGANIZATION, key="Code"),
    _entity("system/AllDivisions", system.SYSTEM_DIVISIONS, _ORGANIZATION, key="Code"),
)

ENTITIES: Mapping[str, Entity] = {entity.path: entity for entity in _SERVED}
ME = _entity("current/Me", system.ME, None, key="UserID")
