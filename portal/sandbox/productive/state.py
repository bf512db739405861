"""The state of one sandbox: its tables, the indexes over them, its clock, and how it is kept in a file."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import RLock
from zoneinfo import ZoneInfo

import msgspec

from portal.sandbox.common.doors import Backstage
from portal.sandbox.common.limits import Windows
from portal.sandbox.common.snapshot import Snapshot
from portal.sandbox.productive.hooks import Hooks
from portal.sandbox.productive.rows import Invoice, Tables
from portal.sandbox.productive.totals import derive_balance

# Moments are written with one offset all year: they then sort as text, and their offset is not UTC's.
ZONE = timezone(timedelta(hours=1))
# Days begin where the organisation is, in summer an hour before those of the offset.
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def format_moment(moment: datetime) -> str:
    """A moment as Productive writes it, with milliseconds and offset."""
    return moment.astimezone(ZONE).isoformat(timespec="milliseconds")


def day_of(moment: str) -> str:
    """The day of a written moment where the organisation is."""
    # Only the last hour of a day may be of the next one there.
    if moment[11:13] != "23":
        return moment[:10]
    return datetime.fromisoformat(moment).astimezone(_AMSTERDAM).date().isoformat()


class Sandbox:
    """Everything that a running Productive sandbox knows."""

    def __init__(
        self, backstage: Backstage, fill: Callable[["Sandbox"], None], hooks: Hooks | None = None
    ) -> None:
        self.hooks = hooks or Hooks()
        self.backstage = backstage
        self.lock = RLock()
        self.tables = Tables()
        # The bytes of uploaded files; they do not outlive the process.
        self.files: dict[str, bytes] = {}
        self.version = 0
        self.results: dict[object, tuple[int, list[int]]] = {}
        self.company_ids: dict[str, int] = {}
        self.ten_seconds = Windows(10)
        self.half_hours = Windows(1800)
        self._fill = fill
        self._snapshot: Snapshot | None = None
        self._by_activity: list[tuple[str, int]] = []
        fill(self)

    def now(self) -> datetime:
        """The moment by the sandbox's clock, in the organisation's zone."""
        return self.backstage.clock.now().astimezone(ZONE)

    def moment(self) -> str:
        """The moment as Productive writes it."""
        return format_moment(self.now())

    def today(self) -> str:
        """The day where the organisation is, by the sandbox's clock."""
        return self.now().astimezone(_AMSTERDAM).date().isoformat()

    def gone_by(self, day: str, time: str) -> str:
        """A time of a day as Productive writes it, and no later than now."""
        return min(f"{day}T{time}+01:00", self.moment())

    def next_id(self, kind: str) -> int:
        """The next id of a kind of record."""
        id_ = self.tables.last_ids.get(kind, 0) + 1
        self.tables.last_ids[kind] = id_
        return id_

    def changed(self) -> None:
        """Something changed: results kept for paging are stale, and the file is due."""
        self.version += 1
        if self._snapshot:
            self._snapshot.touch()

    def add_invoice(self, invoice: Invoice) -> None:
        """Store a new invoice."""
        self.tables.invoices[invoice.id] = invoice
        insort(self._by_activity, (invoice.last_activity_at, invoice.id))
        self.tell("create_invoice", invoice.id)

    def touch(self, invoice: Invoice) -> None:
        """Note that the invoice changed just now."""
        place = bisect_left(self._by_activity, (invoice.last_activity_at, invoice.id))
        del self._by_activity[place]
        moment = self.moment()
        invoice.updated_at = moment
        invoice.last_activity_at = moment
        insort(self._by_activity, (invoice.last_activity_at, invoice.id))
        self.tell("update_invoice" if invoice.is_live else "delete_invoice", invoice.id)
        self.changed()

    def tell(self, event: str, id_: int) -> None:
        """Tell whoever asked to be told."""
        self.hooks.tell(self.tables, event, id_, self.moment())

    def settle(self, invoice: Invoice) -> None:
        """Derive what is left to pay anew and note the change."""
        derive_balance(invoice, self.tables)
        if "productive-changes" in self.backstage.readings:
            self.changed()
            return
        self.touch(invoice)

    def each_active_since(self, moment: str) -> Iterator[Invoice]:
        """The invoices whose last activity is not before a moment or day."""
        for _, id_ in self._by_activity[bisect_left(self._by_activity, (moment, 0)) :]:
            yield self.tables.invoices[id_]

    def keep_in(self, path: Path) -> None:
        """Continue from the file if it can be read, and keep it up to date from now on."""
        self._snapshot = Snapshot(path, self._dump)
        with suppress(msgspec.ValidationError):
            if (stored := self._snapshot.load()) is not None:
                self._adopt(msgspec.convert(stored, Tables, str_keys=True))
        self.changed()

    def flush(self) -> None:
        """Write the file now."""
        if self._snapshot:
            self._snapshot.flush()

    def _dump(self) -> object:
        with self.lock:
            self.tables.clock_offset = self.backstage.clock.offset
            return msgspec.Raw(msgspec.json.encode(self.tables))

    def _adopt(self, tables: Tables) -> None:
        self.tables = tables
        self.backstage.clock.offset = tables.clock_offset
        self._by_activity = sorted((each.last_activity_at, each.id) for each in tables.invoices.values())
        self.company_ids = {each.name: each.id for each in tables.companies.values()}

    def reset(self) -> None:
        """Go back to the demo data, with calls, faults, limits and the clock."""
        self.backstage.reset()
        self.files.clear()
        self.forget_calls()
        self._adopt(Tables())
        self._fill(self)
        self.results.clear()
        self.changed()

    def forget_calls(self) -> None:
        """Let the rate limits count afresh."""
        self.ten_seconds.clear()
        self.half_hours.clear()
