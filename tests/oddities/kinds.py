"""The kinds of odd records, as data: add a line to have another one tried over the wire, on both databases.

A line says what is laid over a record, then the reason and the field by which it must be listed.
"""

from typing import NamedTuple

from portal.domain.unreadable import Kind, Reason

HUGE = 10**25
LONG = "x" * 5000


class Odd(NamedTuple):
    """What is laid over a record, and what is said of it."""

    values: dict[str, object]
    reason: Reason
    field: str


# Invoices of Productive that cannot be read.
INVOICES = [
    Odd({"invoiced_on": None}, Reason.MISSING, "invoiced_on"),
    Odd({"invoiced_on": "2026-02-30"}, Reason.NO_DATE, "invoiced_on"),
    Odd({"invoiced_on": "0000-01-01"}, Reason.NO_DATE, "invoiced_on"),
    Odd({"invoiced_on": 20260101}, Reason.NO_DATE, "invoiced_on"),
    Odd({"amount_with_tax": HUGE}, Reason.TOO_LARGE, "amount_with_tax"),
    Odd({"amount_paid": -(2**63)}, Reason.TOO_LARGE, "amount_paid"),
    Odd({"amount": 0.33}, Reason.NO_CENTS, "amount"),
    Odd({"amount_tax": "12,50"}, Reason.NO_CENTS, "amount_tax"),
    Odd({"amount": None}, Reason.MISSING, "amount"),
    Odd({"exchange_rate": "NaN"}, Reason.NO_NUMBER, "exchange_rate"),
    Odd({"exchange_rate": "1e999999999"}, Reason.TOO_LARGE, "exchange_rate"),
    Odd({"discount": "ten"}, Reason.NO_NUMBER, "discount"),
    Odd({"currency": HUGE}, Reason.NO_TEXT, "currency"),
    Odd({"currency": LONG}, Reason.TOO_LONG, "currency"),
    Odd({"subject": ["a", "list"]}, Reason.NO_TEXT, "subject"),
    Odd({"invoice_type_id": 2**40}, Reason.TOO_LARGE, "invoice_type_id"),
    Odd({"exported": "perhaps"}, Reason.NO_CHOICE, "exported"),
    Odd({"last_activity_at": "yesterday"}, Reason.NO_DATE, "last_activity_at"),
]

# What of an invoice can be odd without harm: it is read, cleaned.
HARMLESS: list[tuple[dict[str, object], str, object]] = [
    ({"subject": "Null\x00byte \x1b"}, "subject", "Nullbyte "),
    ({"subject": "\u202eturned"}, "subject", "turned"),
    ({"subject": None}, "subject", ""),
    ({"number": "INV\u200b-7\x07"}, "number", "INV-7"),
    ({"invoiced_on": "9999-12-31"}, "invoiced_on", "9999-12-31"),
    ({"invoiced_on": "0202-01-01"}, "invoiced_on", "0202-01-01"),
    ({"pay_on": None}, "pay_on", None),
    ({"amount_unpaid": -5}, "amount_unpaid", -5),
]

# Lines: an invoice counts only with all of them.
LINES = [
    Odd({"amount": 0.33}, Reason.NO_CENTS, "amount"),
    Odd({"amount": HUGE}, Reason.TOO_LARGE, "amount"),
    Odd({"amount_tax": None}, Reason.MISSING, "amount_tax"),
    Odd({"quantity": None}, Reason.MISSING, "quantity"),
    Odd({"quantity": "Infinity"}, Reason.NO_NUMBER, "quantity"),
    Odd({"quantity": "many"}, Reason.NO_NUMBER, "quantity"),
    Odd({"description": {"html": "x"}}, Reason.NO_TEXT, "description"),
    Odd({"position": "first"}, Reason.NO_WHOLE_NUMBER, "position"),
    Odd({"position": 2**33}, Reason.TOO_LARGE, "position"),
]

# What an invoice is read with, by its type in Productive.
AROUND: list[tuple[str, Kind, Odd]] = [
    ("companies", Kind.COMPANY, Odd({"name": None}, Reason.MISSING, "name")),
    ("companies", Kind.COMPANY, Odd({"name": 7}, Reason.NO_TEXT, "name")),
    ("companies", Kind.COMPANY, Odd({"name": LONG}, Reason.TOO_LONG, "name")),
    (
        "tax_rates",
        Kind.TAX_RATE,
        Odd({"primary_component_value": "NaN"}, Reason.NO_NUMBER, "primary_component_value"),
    ),
    ("tax_rates", Kind.TAX_RATE, Odd({"name": []}, Reason.NO_TEXT, "name")),
    ("service_types", Kind.SERVICE_TYPE, Odd({"name": None}, Reason.MISSING, "name")),
    ("service_types", Kind.SERVICE_TYPE, Odd({"archived_at": "once"}, Reason.NO_DATE, "archived_at")),
]

# Lists that are read as a whole, by their type in Productive.
LISTED: list[tuple[str, Kind, Odd]] = [
    ("service_types", Kind.SERVICE_TYPE, Odd({"name": None}, Reason.MISSING, "name")),
    ("service_types", Kind.SERVICE_TYPE, Odd({"name": 5}, Reason.NO_TEXT, "name")),
    (
        "tax_rates",
        Kind.TAX_RATE,
        Odd({"primary_component_value": "high"}, Reason.NO_NUMBER, "primary_component_value"),
    ),
    (
        "tax_rates",
        Kind.TAX_RATE,
        Odd({"secondary_component_value": "NaN"}, Reason.NO_NUMBER, "secondary_component_value"),
    ),
    ("subsidiaries", Kind.SUBSIDIARY, Odd({"name": None}, Reason.MISSING, "name")),
    (
        "subsidiaries",
        Kind.SUBSIDIARY,
        Odd({"export_integration_type_id": HUGE}, Reason.TOO_LARGE, "export_integration_type_id"),
    ),
]

# What a division offers, by the path under which the client reads it.
CATALOGUE: list[tuple[str, Kind, Odd]] = [
    ("financial/Journals", Kind.JOURNAL, Odd({"Type": "twenty"}, Reason.NO_WHOLE_NUMBER, "Type")),
    ("financial/Journals", Kind.JOURNAL, Odd({"Code": None}, Reason.MISSING, "Code")),
    ("financial/Journals", Kind.JOURNAL, Odd({"IsBlocked": "perhaps"}, Reason.NO_CHOICE, "IsBlocked")),
    ("financial/GLAccounts", Kind.LEDGER, Odd({"Code": 10**30}, Reason.NO_TEXT, "Code")),
    ("financial/GLAccounts", Kind.LEDGER, Odd({"Type": None}, Reason.MISSING, "Type")),
    ("financial/GLAccounts", Kind.LEDGER, Odd({"Description": LONG}, Reason.TOO_LONG, "Description")),
    ("vat/VATCodes", Kind.VAT_CODE, Odd({"Percentage": "NaN"}, Reason.NO_NUMBER, "Percentage")),
    ("vat/VATCodes", Kind.VAT_CODE, Odd({"Percentage": 1e300}, Reason.TOO_LARGE, "Percentage")),
    ("vat/VATCodes", Kind.VAT_CODE, Odd({"Type": None}, Reason.MISSING, "Type")),
    (
        "vat/VatPercentages",
        Kind.VAT_PERCENTAGE,
        Odd({"StartDate": "/Date(99999999999999999)/"}, Reason.NO_DATE, "StartDate"),
    ),
    ("vat/VatPercentages", Kind.VAT_PERCENTAGE, Odd({"Percentage": None}, Reason.MISSING, "Percentage")),
    ("financial/FinancialPeriods", Kind.PERIOD, Odd({"EndDate": "December"}, Reason.NO_DATE, "EndDate")),
    ("financial/FinancialPeriods", Kind.PERIOD, Odd({"FinYear": 10**20}, Reason.TOO_LARGE, "FinYear")),
    ("general/Currencies", Kind.CURRENCY, Odd({"Code": None}, Reason.MISSING, "Code")),
    (
        "cashflow/PaymentConditions",
        Kind.PAYMENT_CONDITION,
        Odd({"PaymentDays": "soon"}, Reason.NO_WHOLE_NUMBER, "PaymentDays"),
    ),
    ("hrm/Costcenters", Kind.COST_CENTER, Odd({"EndDate": 5}, Reason.NO_DATE, "EndDate")),
]

CUSTOMERS = [
    Odd({"Name": None}, Reason.MISSING, "Name"),
    Odd({"Name": 10**30}, Reason.NO_TEXT, "Name"),
    Odd({"Name": LONG}, Reason.TOO_LONG, "Name"),
    Odd({"Status": 7}, Reason.NO_TEXT, "Status"),
    Odd({"EndDate": "/Date(99999999999999999)/"}, Reason.NO_DATE, "EndDate"),
    Odd({"Blocked": "perhaps"}, Reason.NO_CHOICE, "Blocked"),
    Odd({"VATNumber": ["NL"]}, Reason.NO_TEXT, "VATNumber"),
    Odd({"PaymentConditionSales": 14}, Reason.NO_TEXT, "PaymentConditionSales"),
]

TERMS = [
    Odd({"AmountFC": None}, Reason.MISSING, "AmountFC"),
    Odd({"AmountFC": "121,00"}, Reason.NO_NUMBER, "AmountFC"),
    Odd({"AmountFC": 10**40}, Reason.TOO_LARGE, "AmountFC"),
    Odd({"Status": None}, Reason.MISSING, "Status"),
    Odd({"LastPaymentDate": "yesterday"}, Reason.NO_DATE, "LastPaymentDate"),
    Odd({"EndDate": "/Date(99999999999999999999)/"}, Reason.NO_DATE, "EndDate"),
    Odd({"EntryNumber": 10**20}, Reason.TOO_LARGE, "EntryNumber"),
    Odd({"LineType": "receipt"}, Reason.NO_WHOLE_NUMBER, "LineType"),
    Odd({"Currency": 978}, Reason.NO_TEXT, "Currency"),
]

ENTRIES = [
    Odd({"EntryNumber": 10**20}, Reason.TOO_LARGE, "EntryNumber"),
    Odd({"EntryDate": None}, Reason.MISSING, "EntryDate"),
    Odd({"EntryDate": "/Date(99999999999999999)/"}, Reason.NO_DATE, "EntryDate"),
    Odd({"AmountFC": "much"}, Reason.NO_NUMBER, "AmountFC"),
    Odd({"Customer": "nobody"}, Reason.NO_KEY, "Customer"),
    Odd({"Status": None}, Reason.MISSING, "Status"),
]

ENTRY_LINES = [
    Odd({"AmountFC": None}, Reason.MISSING, "AmountFC"),
    Odd({"GLAccount": "8000"}, Reason.NO_KEY, "GLAccount"),
    Odd({"VATAmountFC": "NaN"}, Reason.NO_NUMBER, "VATAmountFC"),
    Odd({"Description": 5}, Reason.NO_TEXT, "Description"),
    Odd({"AmountFC": 10**40}, Reason.TOO_LARGE, "AmountFC"),
]
