"""Sales entries and their lines: made, changed and deleted under Exact's rules."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from portal.sandbox.exact.entry_rules import (
    TEXT_FIELDS,
    each_header_fault,
    each_length_fault,
    each_line_fault,
    each_lock,
    period_of,
)
from portal.sandbox.exact.errors import ExactError, Findings
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.store import Books, Row, Value, new_guid
from portal.sandbox.exact.terms import due_date, remove_terms, retitle_terms, write_terms
from portal.sandbox.exact.texts import say
from portal.sandbox.exact.vat import entry_amounts, entry_amounts_by_sum, line_amounts, rate_on

Given = Mapping[str, Value]
_SERIES = 10_000


def create_entry(
    books: Books, language: str, given: Given, lines: list[Given], kind: int | None = None
) -> Row:
    """Book a sales entry with its lines and terms. ``kind`` is the Type that the client sent, if it did."""
    header = _complete_header(books, given)
    drafts = [_complete_line(books, header, line) for line in lines]
    findings = Findings(language)
    if header["Currency"] != books.currency and not header["_RateGiven"] and "foreign-rate" in books.readings:
        findings.add("required", "Rate")

    findings.add_all(each_header_fault(books, header))
    if not lines:
        findings.add("required", "SalesEntryLines")

    for draft in drafts:
        findings.add_all(each_line_fault(books, draft))

    total = sum((amount_of(draft, "AmountFC") for draft in drafts), Decimal(0))
    # [X] One tool sends Type 21 with amounts above 0, others below; only below is taken here.
    if kind not in (None, 20, 21) or (kind == 21 and total > 0):
        findings.add("not allowed", "Type")

    findings.refuse()
    header["Type"] = _type_of(books, header, kind, total)
    if total < 0 and "credit-amounts" in books.readings:
        drafts = [_made_positive(draft) for draft in drafts]

    return _book(books, header, drafts)


def _made_positive(draft: Row) -> Row:
    amounts = {name: abs(amount_of(draft, name)) for name in ("AmountFC", "_VATGiven") if draft.get(name)}
    return {**draft, **amounts}


def change_entry(books: Books, language: str, entry: Row, changes: Given) -> None:
    """Change a header. What is locked takes only texts."""
    findings = Findings(language)
    if "header-change" in books.readings:
        findings.add("not allowed", next(iter(changes), "EntryID"))
        findings.refuse()

    if not set(changes) <= TEXT_FIELDS:
        findings.add_all(each_lock(books, entry))
        findings.refuse()

    # A suggested number is ignored without a word.
    changes = {name: value for name, value in changes.items() if name not in ("EntryNumber", "InvoiceNumber")}
    if changes.get("Journal") and str(changes["Journal"]).strip() != str(entry["Journal"]).strip():
        findings.add("not allowed", "Journal")

    if set(changes) <= TEXT_FIELDS:
        findings.add_all(each_length_fault(changes))
        findings.refuse()
        retitle_terms(books, books.change("SalesEntries", str(entry["EntryID"]), changes))
        return

    header = {**entry, **_following(books, entry, changes), "_RateGiven": changes.get("Rate") is not None}
    findings.add_all(each_header_fault(books, header))
    findings.refuse()
    del header["_RateGiven"]
    if header.get("Rate") is None:
        header["Rate"] = rate_on(books, str(header["Currency"]), header["EntryDate"])

    books.change("SalesEntries", str(entry["EntryID"]), header)
    _revalue(books, header)
    total_up(books, entry["EntryID"])


def delete_entry(books: Books, language: str, entry: Row) -> None:
    """Delete an entry that is not locked."""
    _refuse_if_locked(books, language, entry)
    if "entry-deleted" in books.readings:
        raise ExactError(500, say(language, "processed"))
    remove_entry(books, entry)


def remove_entry(books: Books, entry: Row) -> None:
    """Take an entry out with its lines, postings and terms."""
    key = str(entry["EntryID"])
    for line in books["SalesEntryLines"].where("EntryID", key):
        books.remove("SalesEntryLines", str(line["ID"]))

    remove_terms(books, key)
    books.remove("SalesEntries", key)
    for matching in books.matchings.values():
        matching.allocations = [each for each in matching.allocations if each.entry != key]


def create_line(books: Books, language: str, given: Given) -> Row:
    """Add a line to an entry."""
    entry = books["SalesEntries"].get(given.get("EntryID"))
    findings = Findings(language)

    if entry is None:
        findings.add("required" if given.get("EntryID") is None else "reference", "EntryID")
        findings.refuse()

    assert entry is not None  # noqa: S101 - refused above
    _refuse_if_locked(books, language, entry)
    draft = _complete_line(books, entry, given)
    findings.add_all(each_line_fault(books, draft))
    findings.refuse()
    numbers = [
        int(str(row["LineNumber"])) for row in books["SalesEntryLines"].where("EntryID", entry["EntryID"])
    ]
    line = _add_line(books, entry, draft, 1 + max(numbers, default=0))
    if "line-totals" not in books.readings:
        total_up(books, entry["EntryID"])

    return line


def change_line(books: Books, language: str, line: Row, changes: Given) -> None:
    """Change a line. Its VAT is worked out anew unless it is given."""
    entry = books["SalesEntries"].rows[str(line["EntryID"])]
    _refuse_if_locked(books, language, entry)
    findings = Findings(language)
    if changes.get("EntryID", line["EntryID"]) != line["EntryID"]:
        findings.add("not allowed", "EntryID")

    kept: dict[str, Value] = {name: value for name, value in line.items() if name != "VATPercentage"}
    if "VATAmountFC" not in changes and set(changes) & {"AmountFC", "VATCode"}:
        kept.pop("VATAmountFC", None)

    draft = _complete_line(books, entry, {**kept, **changes})
    findings.add_all(each_line_fault(books, draft))
    findings.refuse()
    books.change("SalesEntryLines", str(line["ID"]), _finish_line(books, entry, draft))
    total_up(books, entry["EntryID"])


def delete_line(books: Books, language: str, line: Row) -> None:
    """Delete a line. With its last line the entry goes."""
    entry = books["SalesEntries"].rows[str(line["EntryID"])]
    _refuse_if_locked(books, language, entry)

    if len(books["SalesEntryLines"].where("EntryID", entry["EntryID"])) == 1:
        remove_entry(books, entry)
        return

    books.remove("SalesEntryLines", str(line["ID"]))
    if "line-totals" not in books.readings:
        total_up(books, entry["EntryID"])


def total_up(books: Books, entry_id: Value) -> None:
    """Bring an entry's totals and terms in line with its lines."""
    lines = books["SalesEntryLines"].where("EntryID", entry_id)
    totals = entry_amounts(lines)
    if "vat-rounding" in books.readings:
        totals = entry_amounts_by_sum(lines)

    before = books["SalesEntries"].rows[str(entry_id)]["Modified"]
    entry = books.change("SalesEntries", str(entry_id), totals)
    if "line-modified" in books.readings:
        entry["Modified"] = before

    write_terms(books, entry)


def next_number(books: Books, journal: str, year: int) -> int:
    """The next number of a journal's series, YYJJnnnn."""
    digits = "".join(filter(str.isdigit, journal))[-2:] or "0"
    base = (year % 100 * 100 + int(digits)) * _SERIES
    last = int(str(books.facts.get(f"_Series{base}") or base))
    books.facts[f"_Series{base}"] = last + 1
    return last + 1


def _refuse_if_locked(books: Books, language: str, entry: Row) -> None:
    findings = Findings(language)
    findings.add_all(each_lock(books, entry))
    findings.refuse()


def _type_of(books: Books, header: Row, kind: int | None, total: Decimal) -> int:
    journal = books["Journals"].first("Code", header["Journal"]) or {}
    if kind is None and "credit-type" in books.readings:
        return 20
    return kind or (21 if total < 0 or journal.get("Type") == 21 else 20)


def _complete_header(books: Books, given: Given) -> Row:
    customer = books["Accounts"].get(given.get("Customer")) or {}
    day = given.get("EntryDate") or books.today()
    day = day.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(day, datetime) else day
    year, number = period_of(books, day)
    header: Row = {
        **given,
        "EntryDate": day,
        "Currency": given.get("Currency") or books.currency,
        "PaymentCondition": given.get("PaymentCondition")
        or customer.get("PaymentConditionSales")
        or books.facts.get("_PaymentCondition"),
        "ReportingYear": given.get("ReportingYear") or year,
        "ReportingPeriod": given.get("ReportingPeriod") or number,
        "_RateGiven": given.get("Rate") is not None,
    }
    if header["Currency"] == books.currency:
        header["Rate"] = Decimal(1)

    follows = header.get("DueDate") is None or "due-date-kept" in books.readings
    if follows and isinstance(day, datetime):
        header["DueDate"] = due_date(
            books["PaymentConditions"].first("Code", header["PaymentCondition"]), day
        )

    return header


def _following(books: Books, entry: Row, changes: Given) -> Row:
    """The changes of a header, and what follows from them."""
    followed: Row = dict(changes)
    day = changes.get("EntryDate", entry["EntryDate"])
    if "EntryDate" in changes and not {"ReportingYear", "ReportingPeriod"} & set(changes):
        followed["ReportingYear"], followed["ReportingPeriod"] = period_of(books, day)

    if {"Currency", "EntryDate"} & set(changes) and "Rate" not in changes:
        followed["Rate"] = None

    if "PaymentCondition" in changes and "DueDate" not in changes and isinstance(day, datetime):
        condition = books["PaymentConditions"].first("Code", changes["PaymentCondition"])
        followed["DueDate"] = due_date(condition, day)

    return followed


def _complete_line(books: Books, header: Given, given: Given) -> Row:
    ledger = books["GLAccounts"].get(given.get("GLAccount")) or {}
    line: Row = {**given, "_VATGiven": given.get("VATAmountFC")}
    line["_PercentageGiven"] = given.get("VATPercentage") is not None
    # The trap of a code left out: the ledger's own default serves.
    line["VATCode"] = given.get("VATCode") or ledger.get("VATCode")
    for name, default in (("CostCenter", "Costcenter"), ("CostUnit", "Costunit")):
        line[name] = given.get(name) or ledger.get(default)

    line["Description"] = given.get("Description") or header.get("Description")
    return line


def _finish_line(books: Books, header: Given, draft: Row) -> Row:
    given = None if "vat-kept" in books.readings else draft.get("_VATGiven")
    day = header["EntryDate"]
    rate = amount_of(header, "Rate")
    amounts = line_amounts(books, draft, day, rate, None if given is None else amount_of(draft, "_VATGiven"))
    code = books["VATCodes"].first("Code", draft["VATCode"]) if draft.get("VATCode") else None
    kept = {name: value for name, value in draft.items() if not name.startswith("_")}
    if "notes-kept" in books.readings:
        kept["Notes"] = None

    if "texts-kept" in books.readings:
        kept["Description"] = str(kept.get("Description") or "")[:40]

    return {**kept, **amounts, "VATCode": code["Code"] if code else None}


def _add_line(books: Books, entry: Row, draft: Row, number: int) -> Row:
    line = _finish_line(books, entry, draft) | {
        "ID": new_guid(),
        "EntryID": entry["EntryID"],
        "LineNumber": number,
        "Type": entry["Type"],
    }
    return books.add("SalesEntryLines", {name: value for name, value in line.items() if value is not None})


def _book(books: Books, header: Row, drafts: list[Row]) -> Row:
    header.pop("_RateGiven")
    if header.get("Rate") is None:
        header["Rate"] = rate_on(books, str(header["Currency"]), header["EntryDate"])

    journal = str((books["Journals"].first("Code", header["Journal"]) or {})["Code"])
    number = next_number(books, journal, int(str(header["ReportingYear"])))
    entry: Row = {
        **{name: value for name, value in header.items() if value is not None},
        "EntryID": header.get("_EntryID") or new_guid(),
        "EntryNumber": number,
        "InvoiceNumber": None if "invoice-number" in books.readings else number,
        "Journal": journal,
        "Status": 20,
    }

    books.add("SalesEntries", entry)
    for place, draft in enumerate(drafts, 1):
        _add_line(books, entry, draft, place)

    total_up(books, entry["EntryID"])
    return books["SalesEntries"].rows[str(entry["EntryID"])]


def _revalue(books: Books, entry: Row) -> None:
    for line in books["SalesEntryLines"].where("EntryID", entry["EntryID"]):
        draft = {**line, "_VATGiven": line.get("VATAmountFC")}
        books.change("SalesEntryLines", str(line["ID"]), _finish_line(books, entry, draft))
