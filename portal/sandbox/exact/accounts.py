"""Customers: made, changed and deleted under Exact's rules."""

import re

from portal.sandbox.exact.errors import Findings
from portal.sandbox.exact.seed.customers import code_of
from portal.sandbox.exact.store import Books, Row, new_guid

# [L] The length of a name is not documented; too long is refused, not cut.
_NAME_LENGTH = 50
_STATUSES = ("A", "S", "P", "C")


def create_account(books: Books, language: str, given: Row) -> Row:
    """A new account. Without a code it gets the next number, without a status it is no customer."""
    row: Row = {"Status": "A", "Blocked": False, "Type": "A", **given}
    findings = Findings(language)
    if not str(row.get("Name") or "").strip():
        findings.add("required", "Name")

    row["Code"] = _code(books, row.get("Code"))
    if books["Accounts"].where("Code", row["Code"]):
        findings.add("exists")

    _check(books, findings, row)
    findings.refuse()
    row["ID"] = new_guid()
    if "customer-made" in books.readings:
        row["Remarks"] = None

    return books.add("Accounts", {name: value for name, value in row.items() if value is not None})


def change_account(books: Books, language: str, account: Row, changes: Row) -> None:
    """Change some fields of an account."""
    findings = Findings(language)
    if "Name" in changes and not str(changes["Name"] or "").strip():
        findings.add("required", "Name")

    if "Code" in changes:
        changes["Code"] = _code(books, changes["Code"])

    _check(books, findings, changes)
    findings.refuse()
    books.change("Accounts", str(account["ID"]), changes)


def delete_account(books: Books, language: str, account: Row) -> None:
    """Delete an account that has no entries."""
    findings = Findings(language)
    if books["SalesEntries"].where("Customer", account["ID"]):
        findings.add("in use", str(account["Name"]))
    findings.refuse()
    books.remove("Accounts", str(account["ID"]))


def _code(books: Books, given: object) -> str:
    if given is not None and str(given).strip():
        return f"{str(given).strip():>18}"
    codes = [str(row["Code"]).strip() for row in books["Accounts"].rows.values()]
    return code_of(1 + max((int(code) for code in codes if code.isdigit()), default=0))


def _check(books: Books, findings: Findings, row: Row) -> None:
    if len(str(row.get("Name") or "")) > _NAME_LENGTH:
        findings.add("too long", "Name", str(_NAME_LENGTH))

    if not re.fullmatch(r" *\d{1,18}", str(row.get("Code") or "1")) or len(str(row.get("Code") or "")) > 18:
        findings.add("not allowed", "Code")

    if row.get("Status", "C") not in _STATUSES:
        findings.add("not allowed", "Status")

    if row.get("Country") is not None:
        row["Country"] = str(row["Country"]).strip()
        if not re.fullmatch("[A-Z]{2}", str(row["Country"])):
            findings.add("reference", "Country")

    for name, table in (("PaymentConditionSales", "PaymentConditions"), ("SalesVATCode", "VATCodes")):
        if row.get(name) and not books[table].first("Code", row[name]):
            findings.add("reference", "PaymentCondition" if table == "PaymentConditions" else "VATCode")
