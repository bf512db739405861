"""Exact's own back doors: receipts, settlements, entries, any field of anything, periods, grants, scopes.

========  ==================================  ===============================================================
method    path below ``/_sandbox``            body
========  ==================================  ===============================================================
POST      receipts                            division, date, amount, split, account,
                                              allocations [{entry, amount}]
PATCH     receipts/{id}                       any of date, amount, allocations
DELETE    receipts/{id}                       (also takes the id that settle gave)
GET       receipts?division=
POST      settle                              division, entry, kind, amount, date, split, credit
GET       entries?division=&your_ref=
GET       accounts?division=&name=
PATCH     {division}/{entity}/{key}           field: value, entity as its path or the path's end, key a GUID
                                              or a code
DELETE    {division}/{entity}/{key}
POST      odd                                 division, entity, key, fields {name: raw JSON}, without [name],
                                              times. Any row, as odd as you like (see common/odd.py)
DELETE    odd                                 all rows as they are
POST      close-period                        division, year, period, open
POST      revoke                              user
POST      scopes                              missing [scope], readonly [scope]
========  ==================================  ===============================================================
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from flask import Blueprint, Response, jsonify, request

from portal.sandbox.common.asked import (
    BackDoorError,
    read_amount,
    read_body,
    read_count,
    read_day,
    read_list,
    read_text,
)
from portal.sandbox.common.doors import PREFIX
from portal.sandbox.common.odd import Odd, read_odd
from portal.sandbox.exact.bank_entries import remove_statement
from portal.sandbox.exact.entities import ENTITIES, Entity
from portal.sandbox.exact.entries import remove_entry, total_up
from portal.sandbox.exact.entry_rules import find_period
from portal.sandbox.exact.errors import ExactError
from portal.sandbox.exact.matching import SAME_ROW, SPLITS, Allocation, Matching
from portal.sandbox.exact.odata.values import read_value
from portal.sandbox.exact.receipts import change_matching, record_matching, release_entry, remove_matching
from portal.sandbox.exact.settlements import KINDS, settle_entry
from portal.sandbox.exact.shown import show_entry, show_matching
from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.store import Books, Row, Table, Value, midnight, odd_name
from portal.sandbox.exact.terms import outstanding, retitle_terms
from portal.sandbox.exact.users import USERS

_ENTITIES = {entity.name: entity for entity in reversed(list(ENTITIES.values()))} | {
    **ENTITIES,
    "Receivables": ENTITIES["sync/Cashflow/PaymentTerms"],
    "Accounts": ENTITIES["crm/Accounts"],
}


_FIXED = {"SalesEntryLines": ("EntryID",)}
_NEEDED = {
    "SalesEntries": "Customer Journal EntryDate Currency Rate Status Type EntryNumber InvoiceNumber"
    " ReportingYear ReportingPeriod AmountFC AmountDC Created Modified",
    "SalesEntryLines": "LineNumber AmountFC GLAccount Type",
    "PaymentTerms": "AmountFC AmountDC Status LineType TransactionEntryID TransactionID TransactionType"
    " Account Currency RateFC Timestamp",
    "Accounts": "Name Code Timestamp",
    "Journals": "Code Type",
    "GLAccounts": "Code Type Description",
    "VATCodes": "Code Type",
    "VATPercentages": "Percentage VATCodeID",
    "FinancialPeriods": "FinYear FinPeriod StartDate EndDate",
    "Deleted": "DeletedDate",
}


def back_doors(state: ExactState) -> Blueprint:
    """The back doors as a blueprint."""
    doors = Blueprint("exact_doors", __name__, url_prefix=PREFIX)
    _add_receipt_doors(doors, state)
    _add_settlement_doors(doors, state)
    _add_entity_doors(doors, state)
    _add_odd_doors(doors, state)
    _add_rule_doors(doors, state)

    return doors


def _add_receipt_doors(doors: Blueprint, state: ExactState) -> None:
    @doors.post("/receipts")
    def receive() -> Response:
        body = read_body("division", "date", "amount", "split", "allocations", "account")
        with state.lock:
            matching = record_receipt(state, body)
        return jsonify(id=matching.id)

    @doors.get("/receipts")
    def show_receipts() -> Response:
        books = find_books(state, request.args)
        return jsonify([show_matching(matching) for matching in books.matchings.values()])

    @doors.patch("/receipts/<key>")
    def edit(key: str) -> Response:
        body = read_body("date", "amount", "allocations")
        with state.lock:
            edit_receipt(state, key, body)
        return jsonify(id=key)

    @doors.delete("/receipts/<key>")
    def take_back(key: str) -> Response:
        with state.lock:
            remove_matching(*find_matching(state, key))
            state.touch()
        return jsonify(id=key)


def record_receipt(state: ExactState, body: Mapping[str, object]) -> Matching:
    """Book a receipt from what a back door or a form was given."""
    books = find_books(state, body)
    amount = read_amount(body, "amount")
    day = midnight(read_day(body, "date", books.today().date()))
    allocations = _read_allocations(books, body, amount)
    account = body.get("account")
    if not allocations and books["Accounts"].get(account) is None:
        raise BackDoorError("Give allocations, or the account that an unallocated receipt is from.")

    matching = record_matching(
        books, "receipt", day, amount, _read_split(body), allocations, str(account) if account else None
    )
    state.touch()
    return matching


def edit_receipt(state: ExactState, key: str, body: Mapping[str, object]) -> None:
    """Edit a receipt from what a back door or a form was given."""
    books, matching = find_matching(state, key)
    amount = read_amount(body, "amount") if "amount" in body else None
    day: date | None = read_day(body, "date") if "date" in body else None

    if "allocations" in body:
        allocations = _read_allocations(books, body, amount or matching.amount)
    else:
        allocations = _scaled(matching, amount)

    change_matching(
        books, matching, day=midnight(day) if day else None, amount=amount, allocations=allocations
    )
    state.touch()


def _scaled(matching: Matching, amount: Decimal | None) -> list[Allocation]:
    """A receipt for one entry that gets another amount pays that much of it."""
    if amount is not None and len(matching.allocations) == 1:
        return [Allocation(matching.allocations[0].entry, amount)]
    if amount is not None and sum(each.amount for each in matching.allocations) > amount:
        raise BackDoorError("The receipt pays several entries: give its allocations anew as well.")
    return matching.allocations


def _read_split(body: Mapping[str, object]) -> str:
    split = SPLITS.get(str(body.get("split") or SAME_ROW))
    if split is None:
        raise BackDoorError(f"split must be one of {', '.join(SPLITS)}.")
    return split


def _read_allocations(books: Books, body: Mapping[str, object], amount: Decimal) -> list[Allocation]:
    allocations = []
    for each in read_list(body, "allocations", []):
        if not isinstance(each, dict):
            raise BackDoorError("An allocation is an object with entry and amount.")

        entry = find_entry(books, each)
        owed = str(outstanding(books, entry["EntryID"]))
        allocations.append(Allocation(str(entry["EntryID"]), read_amount(each, "amount", owed)))

    if sum((each.amount for each in allocations), Decimal(0)) > amount:
        raise BackDoorError("The allocations are more than the amount.")
    if len({books["SalesEntries"].rows[each.entry]["Currency"] for each in allocations}) > 1:
        raise BackDoorError("One receipt is in one currency.")

    return allocations


def _add_settlement_doors(doors: Blueprint, state: ExactState) -> None:
    @doors.post("/settle")
    def settle() -> Response:
        body = read_body("division", "entry", "kind", "amount", "date", "split", "credit")
        kind = read_text(body, "kind")
        if kind not in KINDS:
            raise BackDoorError(f"kind must be one of {', '.join(KINDS)}.")

        with state.lock:
            books = find_books(state, body)
            entry = find_entry(books, body)
            owed = str(outstanding(books, entry["EntryID"]))
            day = midnight(read_day(body, "date", books.today().date()))
            credit = find_entry(books, {"entry": body["credit"]}) if body.get("credit") else None
            amount = read_amount(body, "amount", owed)

            try:
                matching = settle_entry(books, entry, kind, amount, day, _read_split(body), credit)
            except ExactError as refusal:
                raise BackDoorError(refusal.text) from None

            state.touch()

        return jsonify(id=matching.id)

    @doors.get("/entries")
    def show_entries() -> Response:
        with state.lock:
            chosen = [find_books(state, request.args)] if "division" in request.args else state.books.values()
            shown = [
                show_entry(books, row)
                for books in chosen
                for row in _asked_for(books["SalesEntries"], "YourRef", request.args.get("your_ref"))
            ]

        return jsonify(shown)

    @doors.get("/accounts")
    def show_accounts() -> Response:
        with state.lock:
            found = _asked_for(find_books(state, request.args)["Accounts"], "Name", request.args.get("name"))
            shown = [{name: str(value) for name, value in row.items()} for row in found]
        return jsonify(shown)


def _asked_for(table: Table, name: str, wanted: str | None) -> list[Row]:
    return list(table.rows.values()) if wanted is None else table.where(name, wanted)


def _add_entity_doors(doors: Blueprint, state: ExactState) -> None:
    @doors.patch("/<int:division>/<path:name>/<key>")
    def set_fields(division: int, name: str, key: str) -> Response:
        body = read_body()
        with state.lock:
            books, entity, row = _find_anything(state, division, name, key)
            _set_fields(books, entity, row, _read_fields(entity, body))
            state.touch()

        return jsonify(ok=True)

    @doors.delete("/<int:division>/<path:name>/<key>")
    def remove(division: int, name: str, key: str) -> Response:
        with state.lock:
            books, entity, row = _find_anything(state, division, name, key)
            _remove_anything(books, entity, row)
            state.touch()

        return jsonify(ok=True)


def _add_odd_doors(doors: Blueprint, state: ExactState) -> None:
    @doors.post("/odd")
    def make_odd() -> Response:
        body = read_body("division", "entity", "key", "fields", "without", "times")
        with state.lock:
            books = find_books(state, body)
            entity, row = _find_shown(books, read_text(body, "entity"), read_text(body, "key"))
            books.odd[odd_name(entity.table, row)] = read_odd(body, "fields")
            if entity.table in books.tables:
                books.change(entity.table, books[entity.table].key_of(row), {})

            state.touch()

        return jsonify(ok=True, row={name: str(value) for name, value in row.items()})

    @doors.delete("/odd")
    def make_usual() -> Response:
        with state.lock:
            for books in state.books.values():
                books.odd.clear()
            state.touch()

        return jsonify(ok=True)


def _find_shown(books: Books, name: str, key: str) -> tuple[Entity, Row]:
    entity = _ENTITIES.get(name)
    if entity is None:
        raise BackDoorError(f"{name} is no entity.")

    for row in _each_row(books, entity):
        if key in [str(row[name]).strip() for name in ("ID", "EntryID", "Id", "Code") if name in row]:
            return entity, row

    raise BackDoorError(f"There is no {name} {key} in division {books.code}.", 404)


def _each_row(books: Books, entity: Entity) -> Iterable[Row]:
    if entity.table in ("Divisions", "AllDivisions"):
        return [books.facts]
    return entity.source(books) if entity.source else books[entity.table].rows.values()


def _find_anything(state: ExactState, division: int, name: str, key: str) -> tuple[Books, Entity | None, Row]:
    books = find_books(state, {"division": division})
    entity = _ENTITIES.get(name)
    if entity and entity.table in ("Divisions", "AllDivisions"):
        return books, None, books.facts
    if entity is None or entity.table not in books.tables:
        raise BackDoorError(f"{name} is no entity that can be changed here.")

    table = books[entity.table]
    row = table.get(key) or (table.first("Code", key) if "Code" in entity.fields else None)
    if row is None:
        raise BackDoorError(f"There is no {name} {key} in division {division}.", 404)

    return books, entity, row


def _read_fields(entity: Entity | None, body: Mapping[str, object]) -> dict[str, Value]:
    fields = entity.fields if entity else ENTITIES["system/Divisions"].fields
    values: dict[str, Value] = {}

    for name, value in body.items():
        field = fields.get(name)
        if field is None or field.kind == "c":
            raise BackDoorError(f"There is no field {name}.")

        try:
            values[name] = read_value(field, value)
        except ExactError as refusal:
            raise BackDoorError(refusal.text) from None

    return values


def _set_fields(books: Books, entity: Entity | None, row: Row, values: dict[str, Value]) -> None:
    if entity is None:
        if "Code" in values or values.get("Currency", "EUR") is None:
            raise BackDoorError("A division keeps its Code, and has a Currency.")
        books.facts.update(values)
        return

    if fixed := {books[entity.table].key, *_FIXED.get(entity.table, ())} & set(values):
        raise BackDoorError(f"{min(fixed)} says which row it is and cannot be changed.")

    values, cleared = _clear(entity, values)
    changed = books.change(entity.table, books[entity.table].key_of(row), values)
    if cleared:
        books.odd[odd_name(entity.table, changed)] = Odd(dict.fromkeys(cleared))

    if entity.table == "SalesEntries":
        retitle_terms(books, changed)

    if entity.table == "SalesEntryLines":
        total_up(books, changed["EntryID"])


def _clear(entity: Entity, values: dict[str, Value]) -> tuple[dict[str, Value], list[str]]:
    """What can be set, and what only comes out as null, for the books cannot do without it."""
    needed = _NEEDED.get(entity.table, "").split()
    cleared = [name for name, value in values.items() if value is None and name in needed]
    return {name: value for name, value in values.items() if name not in cleared}, cleared


def _remove_anything(books: Books, entity: Entity | None, row: Row) -> None:
    if entity is None:
        raise BackDoorError("A division cannot be deleted.")

    if entity.table == "SalesEntries":
        release_entry(books, str(row["EntryID"]))
        remove_entry(books, row)
        return

    if entity.table in ("BankEntries", "CashEntries"):
        remove_statement(books, str(row["EntryID"]))
        return

    books.remove(entity.table, books[entity.table].key_of(row))
    if entity.table == "SalesEntryLines":
        total_up(books, row["EntryID"])


def _add_rule_doors(doors: Blueprint, state: ExactState) -> None:
    @doors.post("/close-period")
    def close_period() -> Response:
        body = read_body("division", "year", "period", "open")
        books = find_books(state, body)

        with state.lock:
            period = find_period(books, read_count(body, "year"), read_count(body, "period"))
            if period is None:
                raise BackDoorError("There is no such period.")

            closed = None if body.get("open") else True
            books.change("FinancialPeriods", str(period["ID"]), {"_Closed": closed})
            state.touch()

        return jsonify(ok=True)

    @doors.post("/revoke")
    def revoke() -> Response:
        user = read_body("user").get("user")
        if user is not None and str(user) not in USERS:
            raise BackDoorError(f"user must be one of {', '.join(USERS)}.")

        with state.lock:
            gone = state.grants.revoke(str(user) if user else None)
            state.touch()

        return jsonify(revoked=gone)

    @doors.post("/scopes")
    def limit_scopes() -> Response:
        body = read_body("missing", "readonly")
        state.missing_scopes = {str(each) for each in read_list(body, "missing", [])}
        state.read_only_scopes = {str(each) for each in read_list(body, "readonly", [])}
        return jsonify(missing=sorted(state.missing_scopes), readonly=sorted(state.read_only_scopes))


def find_books(state: ExactState, body: Mapping[str, object]) -> Books:
    """The books that a back door is about."""
    code = read_count(body, "division")
    if code not in state.books:
        raise BackDoorError(f"There is no division {code}.")
    return state.books[code]


def find_entry(books: Books, body: Mapping[str, object]) -> Row:
    """The sales entry that a back door is about."""
    key = read_text(body, "entry")
    entry = books["SalesEntries"].get(key)
    if entry is None:
        raise BackDoorError(f"There is no sales entry {key} in division {books.code}.")
    return entry


def find_matching(state: ExactState, key: str) -> tuple[Books, Matching]:
    """A settlement and the books that it is in."""
    for books in state.books.values():
        if key in books.matchings:
            return books, books.matchings[key]
    raise BackDoorError(f"There is no receipt {key}.", 404)
