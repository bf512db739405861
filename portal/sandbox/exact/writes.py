"""What POST, PUT and DELETE do to each entity."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from portal.sandbox.exact.accounts import change_account, create_account, delete_account
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
from portal.sandbox.exact.store import Books, Row, new_guid
from portal.sandbox.exact.writing import read_changes, read_members, read_new

_LINES = ENTITIES["salesentry/SalesEntryLines"]


@dataclass(frozen=True)
class Writer:
    """The rules of one entity."""

    create: Callable[[Books, str, Row], Row]
    change: Callable[[Books, str, Row, Row], None]
    delete: Callable[[Books, str, Row], None]


def perform_create(entity: Entity, books: Books, language: str, body: dict[str, object]) -> Row:
    """Make a new row from a POST."""
    if entity.table == "SalesEntries":
        lines = read_members(_LINES, body.get("SalesEntryLines"))
        kind = body.get("Type")
        header = read_new(entity, body)
        return create_entry(books, language, header, [*lines], kind if isinstance(kind, int) else None)
    return _writer(entity).create(books, language, read_new(entity, body))


def perform_change(entity: Entity, books: Books, language: str, row: Row, body: dict[str, object]) -> None:
    """Change a row by a PUT."""
    _writer(entity).change(books, language, row, read_changes(entity, body, language))


def perform_delete(entity: Entity, books: Books, language: str, row: Row) -> None:
    """Delete a row."""
    _writer(entity).delete(books, language, row)


def _writer(entity: Entity) -> Writer:
    return _WRITERS.get(entity.table) or _plain(entity)


def _plain(entity: Entity) -> Writer:
    """Entities without rules of their own but for what is mandatory."""

    def create(books: Books, language: str, given: Row) -> Row:
        findings = Findings(language)
        for name, field in entity.fields.items():
            if field.mandatory and given.get(name) in (None, ""):
                findings.add("required", name)
        findings.refuse()
        row: Row = {**given, "ID": new_guid()}
        return books.add(entity.table, {name: value for name, value in row.items() if value is not None})

    def change(books: Books, _language: str, row: Row, changes: Row) -> None:
        books.change(entity.table, str(row["ID"]), changes)

    def delete(books: Books, _language: str, row: Row) -> None:
        books.remove(entity.table, str(row["ID"]))

    return Writer(create, change, delete)


def _change_term(books: Books, _language: str, row: Row, changes: Row) -> None:
    if "PaymentMethod" in changes:
        changes["_PaymentMethod"] = changes.pop("PaymentMethod")
    books.change("PaymentTerms", str(row["ID"]), changes)


def _create_hook(books: Books, language: str, given: Row) -> Row:
    """Subscribe: https, at a site of the app's, and an empty POST to it is answered with 200."""
    findings = Findings(language)
    url, topic = str(given.get("CallbackURL") or ""), given.get("Topic")
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


def _delete_hook(books: Books, _language: str, row: Row) -> None:
    books.remove("WebhookSubscriptions", str(row["ID"]))


def _never_create(_books: Books, _language: str, _given: Row) -> Row:
    raise NotImplementedError


def _never_delete(_books: Books, _language: str, _row: Row) -> None:
    raise NotImplementedError


def _never_change(_books: Books, _language: str, _row: Row, _changes: Row) -> None:
    raise NotImplementedError


_WRITERS = {
    "Accounts": Writer(create_account, change_account, delete_account),
    "SalesEntries": Writer(_never_create, change_entry, delete_entry),
    "SalesEntryLines": Writer(create_line, change_line, delete_line),
    "WebhookSubscriptions": Writer(_create_hook, _never_change, _delete_hook),
    "PaymentTerms": Writer(_never_create, _change_term, _never_delete),
}
