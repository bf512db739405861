"""Everything the sandbox knows, behind one lock, kept in a file if it is given one."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import RLock

import msgspec

from portal.sandbox.common.clock import Clock
from portal.sandbox.common.doors import Backstage
from portal.sandbox.common.limits import Limits
from portal.sandbox.common.odd import Odd
from portal.sandbox.common.readings import Readings
from portal.sandbox.common.snapshot import Snapshot
from portal.sandbox.exact.documents import fill_document_types
from portal.sandbox.exact.entities import ENTITIES
from portal.sandbox.exact.grants import Grants
from portal.sandbox.exact.hooks import Postman
from portal.sandbox.exact.limits import ErrorBudget, RateLimits
from portal.sandbox.exact.matching import Matching
from portal.sandbox.exact.readings import READINGS
from portal.sandbox.exact.stamps import stamp_postings
from portal.sandbox.exact.statements import find_bank_journal, statements_of
from portal.sandbox.exact.store import Books, Counters, Row, Table, Value

Seed = Callable[["ExactState"], None]
MINUTE = 60
DAY = 5000


@dataclass(frozen=True)
class App:
    """The registered application."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]


class _Kept(msgspec.Struct):
    """What the file holds. Rows are typed by the entity's fields when they are read back."""

    offset: float
    counters: Counters
    grants: Grants
    books: dict[int, "_KeptBooks"]


class _KeptBooks(msgspec.Struct):
    facts: dict[str, object]
    tables: dict[str, list[dict[str, object]]]
    matchings: dict[str, Matching]
    odd: dict[str, Odd] = {}
    stamps: dict[str, dict[str, int]] = {}


@dataclass
class ExactState:
    """The state of one sandbox."""

    app: App
    seed: Seed
    clock: Clock = field(default_factory=Clock)
    counters: Counters = field(default_factory=Counters)
    grants: Grants = field(default_factory=Grants)
    books: dict[int, Books] = field(default_factory=dict)
    missing_scopes: set[str] = field(default_factory=set)
    read_only_scopes: set[str] = field(default_factory=set)
    lock: RLock = field(default_factory=RLock)
    snapshot: Snapshot | None = None
    postman: Postman = field(default_factory=Postman)

    def __post_init__(self) -> None:
        self.backstage = Backstage(self.clock, Limits(MINUTE, DAY), readings=Readings(READINGS))
        self.rates = RateLimits(self.backstage.limits)
        self.errors = ErrorBudget()

    def start(self, path: Path | None) -> None:
        """Load what the file holds, else the demo data."""
        if path:
            self.snapshot = Snapshot(path, self.dump)
        if not (self.snapshot and self._load(self.snapshot.load())):
            self.seed(self)

    def touch(self) -> None:
        """Something changed."""
        for books in self.books.values():
            stamp_postings(books)
        if self.snapshot:
            self.snapshot.touch()

    def reset(self) -> None:
        """Restore the demo data and clear faults, calls, clock and limits. Grants stay, with their ages.

        Timestamps go on rising, as those of a database do.
        """
        with self.lock:
            self.books.clear()
            self.missing_scopes.clear()
            self.read_only_scopes.clear()
            self.rates.clear()
            self.errors.clear()
            self.grants.shift(self.backstage.reset())
            self.seed(self)
            self.touch()

    def open_books(self, facts: Row) -> Books:
        """The books of a new division."""
        books = Books(
            facts, self.clock, self.counters, postman=self.postman, readings=self.backstage.readings
        )
        self.books[books.code] = books
        return books

    def dump(self) -> object:
        """All of it as JSON values."""
        with self.lock:
            kept = {
                code: {
                    "facts": books.facts,
                    "tables": {name: list(table.rows.values()) for name, table in books.tables.items()},
                    "matchings": books.matchings,
                    "odd": books.odd,
                    "stamps": books.stamps,
                }
                for code, books in self.books.items()
            }

            return msgspec.to_builtins(
                {
                    "offset": self.clock.offset,
                    "counters": asdict(self.counters),
                    "grants": self.grants,
                    "books": kept,
                },
                str_keys=True,
            )

    def _load(self, stored: object | None) -> bool:
        try:
            kept = msgspec.convert(stored, _Kept, strict=False)
        except msgspec.ValidationError:
            return False

        self.clock.offset = kept.offset
        self.counters = kept.counters
        self.grants = kept.grants

        for each in kept.books.values():
            books = self.open_books(_read_row(_KINDS["Divisions"], each.facts))
            books.matchings = each.matchings
            books.odd = each.odd
            books.stamps = each.stamps

            for name, rows in each.tables.items():
                for row in sorted(rows, key=lambda row: int(str(row.get("Timestamp") or 0))):
                    books[name].put(self._stamp(books[name], _read_row(_KINDS.get(name, {}), row)))

            for matching in books.matchings.values():
                matching.journal = matching.journal or find_bank_journal(books)

            entries = {*books["SalesEntries"].rows, *statements_of(books)}
            books.unstamped = entries - set(books.stamps)
            if not len(books["DocumentTypes"]):
                fill_document_types(books)

        return True

    def _stamp(self, table: Table, row: Row) -> Row:
        """A row that was kept before its table had Timestamps gets one."""
        if table.stamped and "Timestamp" not in row:
            row["Timestamp"] = self.counters.next_rowversion()
        return row


# Every table's fields with their kinds, by the entities that show it.
_KINDS: dict[str, dict[str, str]] = {}
for _entity in ENTITIES.values():
    _KINDS.setdefault(_entity.table, {}).update({name: each.kind for name, each in _entity.fields.items()})


_MOMENTS = {"Created": "t", "Modified": "t"}


def _read_row(kinds: Mapping[str, str], row: Mapping[str, object]) -> Row:
    return {name: _read_kept(kinds.get(name) or _MOMENTS.get(name, ""), value) for name, value in row.items()}


def _read_kept(kind: str, value: object) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if kind == "d":
        return Decimal(str(value))
    if kind == "t":
        return datetime.fromisoformat(str(value))

    return value if isinstance(value, str | int) else str(value)
