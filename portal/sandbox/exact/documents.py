"""Documents and their attachments."""

from base64 import b64decode
from collections.abc import Mapping

from flask import request

from portal.sandbox.exact.errors import Findings
from portal.sandbox.exact.money import amount_of
from portal.sandbox.exact.store import Books, Row, Value, new_guid

Given = Mapping[str, Value]
# Number, name, whether clients may make them; the numbers of the first three are Exact's.
TYPES = (
    (10, "Verkoopfactuur", True),
    (20, "Inkoopfactuur", True),
    (55, "Overige documenten", True),
    (40, "Bankafschrift", False),
    (183, "Brief", True),
)


def fill_document_types(books: Books) -> None:
    """The types that a division knows."""
    for number, name, is_creatable in TYPES:
        books.add(
            "DocumentTypes",
            {
                "ID": number,
                "Description": name,
                "DocumentIsCreatable": is_creatable,
                "DocumentIsDeletable": is_creatable,
                "DocumentIsUpdatable": is_creatable,
                "DocumentIsViewable": True,
                "TypeCategory": 1,
            },
        )


def create_document(books: Books, language: str, given: Row) -> Row:
    """A document, hung on a sales entry if it names one."""
    findings = Findings(language)
    for name in ("Subject", "Type"):
        if given.get(name) in (None, ""):
            findings.add("required", name)

    _check(books, findings, given)
    findings.refuse()
    number = books.counters.next_hid()
    row: Row = {**given, "ID": new_guid(), "HID": number, "HasEmptyBody": not given.get("Body")}
    made = books.add("Documents", {name: value for name, value in row.items() if value is not None})
    _hang(books, made)

    return made


def change_document(books: Books, language: str, document: Row, changes: Row) -> None:
    """Change some fields of a document."""
    findings = Findings(language)
    _check(books, findings, changes)
    findings.refuse()
    _hang(books, books.change("Documents", str(document["ID"]), changes))


def delete_document(books: Books, _language: str, document: Row) -> None:
    """Delete a document with its attachments. The entry that it hung on has none then."""
    for row in books["DocumentAttachments"].where("Document", document["ID"]):
        books.remove("DocumentAttachments", str(row["ID"]))
    for entry in books["SalesEntries"].where("Document", document["ID"]):
        books.change("SalesEntries", str(entry["EntryID"]), {"Document": None})
    books.remove("Documents", str(document["ID"]))


def create_attachment(books: Books, language: str, given: Row) -> Row:
    """A file in a document. Its content comes as base64."""
    findings = Findings(language)
    for name in ("Document", "FileName", "Attachment"):
        if given.get(name) in (None, ""):
            findings.add("required", name)

    if given.get("Document") and books["Documents"].get(given["Document"]) is None:
        findings.add("reference", "Document")

    try:
        size = len(b64decode(str(given.get("Attachment") or ""), validate=True))
    except ValueError:
        size = 0
        findings.add("not allowed", "Attachment")

    findings.refuse()
    key = new_guid()
    return books.add(
        "DocumentAttachments",
        {
            "ID": key,
            "Document": given["Document"],
            "FileName": given["FileName"],
            "FileSize": amount_of({"size": size}, "size"),
            "Url": f"{request.host_url}docs/SysAttachment.aspx?ID={key}&_Division_={books.code}",
            "_Content": given["Attachment"],
        },
    )


def content_of(attachment: Row) -> bytes:
    """The bytes of a file."""
    return b64decode(str(attachment.get("_Content") or ""))


def _hang(books: Books, document: Row) -> None:
    entry = books["SalesEntries"].get(document.get("FinancialTransactionEntryID"))
    if entry is not None and entry.get("Document") != document["ID"]:
        books.change("SalesEntries", str(entry["EntryID"]), {"Document": document["ID"]})


def _check(books: Books, findings: Findings, given: Given) -> None:
    kind = books["DocumentTypes"].get(given["Type"]) if given.get("Type") is not None else {}
    if kind is None:
        findings.add("reference", "Type")
    elif kind and not kind.get("DocumentIsCreatable"):
        findings.add("not allowed", "Type")

    if given.get("Account") is not None and books["Accounts"].get(given["Account"]) is None:
        findings.add("reference", "Account")

    entry = given.get("FinancialTransactionEntryID")
    if entry is not None and not _is_entry(books, str(entry)):
        findings.add("reference", "EntryID")


def _is_entry(books: Books, key: str) -> bool:
    if books["SalesEntries"].get(key) is not None:
        return True
    return any(matching.entry_id == key for matching in books.matchings.values())
