"""What POST, PUT and DELETE do to each entity."""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

from portal.sandbox.exact.accounts import change_account, create_account, delete_account
from portal.sandbox.exact.bank_entries import create_statement, create_statement_line, delete_statement
from portal.sandbox.exact.documents import (
    change_document,
    create_attachment,
    create_document,
    delete_document,
)
from portal.sandbox.exact.entities import ENTITIES, Entity
from portal.sandbox.exact.entries import (
    change_entry,
    change_line,
    create_entry,
    create_line,
    delete_entry,
    delete_line,
)
from portal.sandbox.exact.errors import ExactError, Findings
from portal.sandbox.exact.hooks import TOPICS
from portal.sandbox.exact.store import Books, Row, Value, new_guid
from portal.sandbox.exact.texts import say
from portal.sandbox.exact.writing import read_changes, read_members, read_new

_MEMBERS = {
    "BankEntries": "BankEntryLines",
    "CashEntries": "CashEntryLines",
    "SalesEntries": "SalesEntryLines",
}


def perform_create(entity: Entity, books: Books, language: str, body: dict[str, object]) -> Row:
    """Make a new row from a POST."""
    given = read_new(entity, body)
    if members := _MEMBERS.get(entity.table):
        lines: list[Mapping[str, Value]] = [
            *read_members(ENTITIES[entity.navigations[members].path], body.get(members))
        ]
        if entity.table != "SalesEntries":
            return create_statement(books, entity.table, language, given, lines)

        kind = body.get("Type")
        return create_entry(books, language, given, lines, kind if isinstance(kind, int) else None)

    if create := _CREATE.get(entity.table):
        return create(books, language, given)

    return _create_plain(entity, books, language, given)


def perform_change(entity: Entity, books: Books, language: str, row: Row, body: dict[str, object]) -> None:
    """Change a row by a PUT."""
    changes = read_changes(entity, body, row, language)
    _refuse_known_code(entity, books, changes, language)
    _refuse_empty(entity, changes, language)

    if change := _CHANGE.get(entity.table):
        change(books, language, row, changes)
    else:
        books.change(entity.table, str(row["ID"]), changes)


def _refuse_known_code(entity: Entity, books: Books, changes: Row, language: str) -> None:
    """A Code that is in use is refused, even the row's own: picqer/exact-php-client #432 (#416 is alike)."""
    if changes.get("Code") is not None and books[entity.table].first("Code", changes["Code"]):
        raise ExactError(500, say(language, "exists"))


def _refuse_empty(entity: Entity, given: Row, language: str) -> None:
    """What is mandatory cannot be left out of a POST, nor be cleared by a PUT."""
    findings = Findings(language)
    for name, value in given.items():
        if entity.fields[name].mandatory and value in (None, ""):
            findings.add("required", name)
    findings.refuse()


def perform_delete(entity: Entity, books: Books, language: str, row: Row) -> None:
    """Delete a row."""
    if delete := _DELETE.get(entity.table):
        delete(books, language, row)
    else:
        books.remove(entity.table, str(row["ID"]))


def _create_plain(entity: Entity, books: Books, language: str, given: Row) -> Row:
    """Make a row of an entity that has no rules of its own but for what is mandatory."""
    _refuse_empty(entity, dict.fromkeys(entity.fields) | given, language)
    row: Row = {**given, "ID": new_guid()}
    return books.add(entity.table, {name: value for name, value in row.items() if value is not None})


def _change_term(books: Books, _language: str, row: Row, changes: Row) -> None:
    if "PaymentMethod" in changes:
        changes["_PaymentMethod"] = changes.pop("PaymentMethod")
    books.change("PaymentTerms", str(row["ID"]), changes)


def _create_hook(books: Books, language: str, given: Row) -> Row:
    """Subscribe: https, at a site of the app's, and an empty POST to it is answered with 200."""
    findings = Findings(language)
    url = str(given.get("CallbackURL") or "")
    topic = given.get("Topic")
    site = urlsplit(url)
    if topic not in TOPICS:
        findings.add("reference", "Topic")

    if site.scheme != "https" or (books.postman.sites and site.netloc not in books.postman.sites):
        findings.add("reference", "CallbackURL")

    if books["WebhookSubscriptions"].where("Topic", topic):
        findings.add("exists")

    findings.refuse()
    status = books.postman.courier.post(url)
    if status != 200:
        raise ExactError(500, f"Invalid: Post to callback URL endpoint returns {status}")

    return books.add("WebhookSubscriptions", {"ID": new_guid(), "CallbackURL": url, "Topic": topic})


def _create_statement_line(table: str, books: Books, language: str, given: Row) -> Row:
    return create_statement_line(books, table, language, given)


# The rules of their own; what an entity does not take at all, its ``methods`` say.
_CREATE: Mapping[str, Callable[[Books, str, Row], Row]] = {
    "Accounts": create_account,
    "BankEntryLines": partial(_create_statement_line, "BankEntries"),
    "CashEntryLines": partial(_create_statement_line, "CashEntries"),
    "DocumentAttachments": create_attachment,
    "Documents": create_document,
    "SalesEntryLines": create_line,
    "WebhookSubscriptions": _create_hook,
}
_CHANGE: Mapping[str, Callable[[Books, str, Row, Row], None]] = {
    "Accounts": change_account,
    "Documents": change_document,
    "SalesEntries": change_entry,
    "SalesEntryLines": change_line,
    "PaymentTerms": _change_term,
}
_DELETE: Mapping[str, Callable[[Books, str, Row], None]] = {
    "Accounts": delete_account,
    "BankEntries": delete_statement,
    "CashEntries": delete_statement,
    "Documents": delete_document,
    "SalesEntries": delete_entry,
    "SalesEntryLines": delete_line,
}
