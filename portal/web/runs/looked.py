"""How much is known of what Exact holds under the numbers of a choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.extensions import db
from portal.store.connections import live_connections
from portal.store.invoices import InvoiceRow
from portal.store.looks import looks_of
from portal.web.common.clock import now


@dataclass(frozen=True, slots=True)
class Looked:
    """What Exact was asked for. ``asked_at`` is the oldest of the looks that count."""

    connection_id: int
    count: int
    unknown: tuple[str, ...]
    asked_at: datetime | None

    @property
    def known(self) -> int:
        """Count the numbers that Exact was asked for of late."""
        return self.count - len(self.unknown)


def read_looked(connection_id: int, rows: Sequence[InvoiceRow]) -> Looked:
    """Say which numbers Exact was asked for, and when."""
    numbers = [number for row in rows if (number := (row.number or "").strip())]
    looks = looks_of(db.session(), connection_id, numbers)
    fresh = {number: look for number, look in looks.items() if look.is_fresh(now())}
    moments = [look.looked_at for look in fresh.values()]
    unknown = tuple(number for number in dict.fromkeys(numbers) if number not in fresh)
    return Looked(connection_id, len(numbers), unknown, min(moments) if moments else None)


def look_over(rows: Sequence[InvoiceRow]) -> list[Looked]:
    """Say the same of invoices of several connections."""
    connections = {row.subsidiary_id: row.id for row in live_connections(db.session())}
    by_connection: dict[int, list[InvoiceRow]] = {}
    for row in rows:
        if row.subsidiary_id in connections:
            by_connection.setdefault(connections[row.subsidiary_id], []).append(row)

    return [read_looked(connection_id, mine) for connection_id, mine in by_connection.items()]
