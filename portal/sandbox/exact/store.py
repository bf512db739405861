"""Tables of rows in memory, and the books of one division.

A row holds only the fields that have a value. Names that begin with ``_`` are the sandbox's own and never
served. GUIDs are lower-case text, dates naive, amounts ``Decimal``.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from portal.sandbox.common.clock import Clock
from portal.sandbox.common.odd import USUAL, Odd
from portal.sandbox.common.readings import Readings
from portal.sandbox.exact.hooks import TOPICS, Postman
from portal.sandbox.exact.matching import Matching

Value = str | int | Decimal | datetime | None
Row = dict[str, Value]

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_NAMESPACE = UUID("6d1b2c1e-7a35-4c19-9a4e-3a1f5d0c8e11")


def new_guid() -> str:
    """A fresh GUID."""
    return str(uuid4())


def guid_of(*parts: object) -> str:
    """The GUID that always belongs to these parts."""
    return str(uuid5(_NAMESPACE, "/".join(map(str, parts))))


def midnight(day: date) -> datetime:
    """A date as Exact stores it."""
    return datetime.combine(day, time())


def odd_name(table: str, row: Mapping[str, Value]) -> str:
    """By what an odd row is known, in whichever entity it is read."""
    return f"{table}/{row.get('ID') or row.get('EntryID') or row.get('Id') or row.get('Code')}"


@dataclass
class Counters:
    """Numbers that only rise, for all divisions."""

    rowversion: int = 1_204_000
    # [L] The log of deletions has a series of its own, lower here, so that a mixed-up cursor shows.
    deletion: int = 51_000
    hid: int = 300_000

    def next_rowversion(self) -> int:
        """The Timestamp of a change."""
        self.rowversion += 1
        return self.rowversion

    def next_deletion(self) -> int:
        """The Timestamp of a deletion."""
        self.deletion += 1
        return self.deletion

    def next_hid(self) -> int:
        """A number that people see."""
        self.hid += 1
        return self.hid


def _plain(value: Value) -> Value:
    """A value as the database compares it: the blanks behind a text do not count."""
    return value.rstrip(" ") if isinstance(value, str) else value


class Table:
    """Rows by key, with indexes and, if ``stamped``, a log by Timestamp."""

    def __init__(self, key: str = "ID", indexed: Iterable[str] = (), stamped: bool = False) -> None:
        self.key = key
        self.rows: dict[str, Row] = {}
        self.stamped = stamped
        self._indexes: dict[str, dict[Value, dict[str, None]]] = {name: {} for name in indexed}
        self._log: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, row: Row) -> Row:
        """Add a row or take the place of the one with its key."""
        key = self.key_of(row)
        if old := self.rows.get(key):
            self._unindex(key, old)

        self.rows[key] = row
        for name, index in self._indexes.items():
            index.setdefault(_plain(row.get(name)), {})[key] = None

        if self.stamped:
            self._append_to_log(key, row)

        return row

    def drop(self, key: str) -> Row:
        """Take a row out."""
        row = self.rows.pop(key)
        self._unindex(key, row)
        return row

    def get(self, key: object) -> Row | None:
        """The row with this key."""
        return self.rows.get(str(key).lower())

    def key_of(self, row: Row) -> str:
        """A row's key as text."""
        return str(row[self.key]).lower()

    def has_index(self, name: str) -> bool:
        """Whether ``where`` is quick for this field."""
        return name in self._indexes

    def where(self, name: str, value: Value) -> list[Row]:
        """The rows whose field has this value. Blanks behind a text do not count."""
        wanted = _plain(value)
        if name in self._indexes:
            return [self.rows[key] for key in self._indexes[name].get(wanted, ())]
        return [row for row in self.rows.values() if _plain(row.get(name)) == wanted]

    def first(self, name: str, value: Value) -> Row | None:
        """The first row whose field has this value. Blanks around texts do not count."""
        wanted = value.strip() if isinstance(value, str) else value
        for row in self.rows.values():
            found = row.get(name)
            if (found.strip() if isinstance(found, str) else found) == wanted:
                return row
        return None

    def since(self, timestamp: int, *, inclusive: bool = False) -> Iterator[Row]:
        """The rows changed after a Timestamp, in that order."""
        cut = bisect_left if inclusive else bisect_right
        mark = (timestamp, "") if inclusive else (timestamp, "\uffff")
        for stamp, key in self._log[cut(self._log, mark) :]:
            row = self.rows.get(key)
            if row is not None and row["Timestamp"] == stamp:
                yield row

    def _unindex(self, key: str, row: Row) -> None:
        for name, index in self._indexes.items():
            value = _plain(row.get(name))
            bucket = index.get(value, {})
            bucket.pop(key, None)
            if not bucket:
                index.pop(value, None)

    def _append_to_log(self, key: str, row: Row) -> None:
        self._log.append((int(str(row["Timestamp"])), key))
        if len(self._log) > 2 * len(self.rows) + 1000:
            self._log = [entry for entry in self._log if self._is_current(*entry)]

    def _is_current(self, stamp: int, key: str) -> bool:
        row = self.rows.get(key)
        return row is not None and row["Timestamp"] == stamp


_PLAIN_TABLES = (
    "Journals",
    "DocumentTypes",
    "VATCodes",
    "VATPercentages",
    "FinancialPeriods",
    "ExchangeRates",
    "Costcenters",
    "Costunits",
    "PaymentConditions",
    "BankAccounts",
)


def _make_tables() -> dict[str, Table]:
    return {name: Table() for name in _PLAIN_TABLES} | {
        "Currencies": Table("Code"),
        "Accounts": Table(stamped=True, indexed=["Code"]),
        "SalesEntries": Table("EntryID", indexed=["YourRef", "Customer", "Document"]),
        "SalesEntryLines": Table(indexed=["EntryID"]),
        "PaymentTerms": Table(stamped=True, indexed=["TransactionEntryID", "Account", "_Matching"]),
        "Deleted": Table(stamped=True),
        "GLAccounts": Table(stamped=True),
        "BankEntries": Table("EntryID"),
        "CashEntries": Table("EntryID"),
        "Documents": Table(),
        "DocumentAttachments": Table(indexed=["Document"]),
        "WebhookSubscriptions": Table(indexed=["Topic"]),
    }


@dataclass
class Books:
    """One division: its facts and its tables."""

    facts: Row
    clock: Clock
    counters: Counters
    tables: dict[str, Table] = field(default_factory=_make_tables)
    postman: Postman = field(default_factory=Postman)
    matchings: dict[str, Matching] = field(default_factory=dict)
    readings: Readings = field(default_factory=Readings)
    odd: dict[str, Odd] = field(default_factory=dict)
    # The Timestamps of computed postings by entry, and the entries whose postings changed since.
    stamps: dict[str, dict[str, int]] = field(default_factory=dict)
    unstamped: set[str] = field(default_factory=set)

    @property
    def code(self) -> int:
        """The number in the URL."""
        return int(str(self.facts["Code"]))

    @property
    def currency(self) -> str:
        """The division's own currency."""
        return str(self.facts["Currency"])

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]

    def odd_of(self, table: str, row: Row) -> Odd:
        """What a back door made odd about a row."""
        return self.odd.get(odd_name(table, row), USUAL) if self.odd else USUAL

    def wall_clock(self) -> datetime:
        """Dutch local time, which Exact writes into Created and Modified as if it were UTC."""
        return self.clock.now().astimezone(_AMSTERDAM).replace(tzinfo=None, microsecond=0)

    def today(self) -> datetime:
        """The day by the wall clock."""
        return midnight(self.wall_clock().date())

    def add(self, table: str, row: Row) -> Row:
        """Put a new row into a table."""
        moment = self.wall_clock()
        made = self._put(table, {**row, "Created": row.get("Created") or moment, "Modified": moment})
        self.tell(table, "Create", self[table].key_of(made))
        return made

    def change(self, table: str, key: str, changes: Mapping[str, Value]) -> Row:
        """Change some fields of a row. None takes a field away."""
        row = {**self[table].rows[key], **changes, "Modified": self.wall_clock()}
        self.tell(table, "Update", key)
        return self._put(table, {name: value for name, value in row.items() if value is not None})

    def remove(self, table: str, key: str) -> Row:
        """Take a row out and, where Exact keeps a log of that, say so."""
        row = self[table].drop(key)
        self._note_posting(table, row)
        if table in _LOGGED:
            self.log_deletion(_LOGGED[table], key)
        self.tell(table, "Delete", key)
        return row

    def tell(self, topic: str, action: str, key: str) -> None:
        """Tell those who subscribed to a topic of a change. Most tables are no topic."""
        if topic in TOPICS:
            for each in self["WebhookSubscriptions"].where("Topic", topic):
                self.postman.tell(str(each["CallbackURL"]), topic, self.code, action, key)

    def log_deletion(self, entity_type: int, key: str) -> None:
        """Write into the log of deletions."""
        if entity_type == _LOGGED["PaymentTerms"] and "deleted-terms" in self.readings:
            return

        self["Deleted"].put(
            {
                "ID": new_guid(),
                "EntityKey": key,
                "EntityType": entity_type,
                "DeletedDate": self.wall_clock(),
                "DeletedBy": guid_of("user", "finance"),
                "Timestamp": self.counters.next_deletion(),
            }
        )

    def _put(self, table: str, row: Row) -> Row:
        if self[table].stamped:
            row["Timestamp"] = self.counters.next_rowversion()
        self._note_posting(table, row)
        return self[table].put(row)

    def _note_posting(self, table: str, row: Row) -> None:
        if table in _POSTED and row.get(_POSTED[table]):
            self.unstamped.add(str(row[_POSTED[table]]))


# What sync/Deleted calls these; postings (1) are logged by their stamps, as they are no table here.
_LOGGED = {
    "PaymentTerms": 10,
    "Accounts": 2,
    "DocumentAttachments": 4,
    "Documents": 6,
    "GLAccounts": 7,
    "BankAccounts": 48,
}
# Where an entry's key stands in what its postings are computed from.
_POSTED = {"SalesEntries": "EntryID", "SalesEntryLines": "EntryID", "PaymentTerms": "TransactionEntryID"}
