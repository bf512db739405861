"""What the page shows of each connection."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from portal.actions.copies.move_over import Moved, list_moved
from portal.domain.copies.moving import TO_DECIDE, Move
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.moving import MovingRow, counts_elsewhere, moving_of
from portal.web.common.access import subsidiary_scope
from portal.web.common.clock import today
from portal.web.common.frame import name_of_subsidiary, places

# So many are named, and so many are put side by side, for a page that a person can read.
SHOWN = 25
DECIDED_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What another link exported of one subsidiary, sorted by what is to be done."""

    connection: ConnectionRow
    name: str
    moving: MovingRow | None
    count: int
    agreeing: Sequence[Moved]
    to_decide: Sequence[Moved]
    missing: Sequence[Moved]
    unseen: Sequence[Moved]

    @property
    def is_running(self) -> bool:
        """Say whether Exact is being asked now."""
        return self.moving is not None and self.moving.ended_at is None

    @property
    def looked_up(self) -> int:
        """Return how many were looked up so far."""
        return self.count - len(self.unseen)

    @property
    def shown_agreeing(self) -> Sequence[Moved]:
        """Return the newest of those that agree. All of them are linked together."""
        return self.agreeing[:SHOWN]

    @property
    def shown_to_decide(self) -> Sequence[Moved]:
        """Return the newest of those that a person decides about. The others come once these are."""
        return self.to_decide[:DECIDED_AT_ONCE]

    @property
    def shown_missing(self) -> Sequence[Moved]:
        """Return the newest of those without an entry."""
        return self.missing[:SHOWN]

    @property
    def ids(self) -> str:
        """Return the invoices that agree, for the form that links them."""
        return " ".join(one.row.id for one in self.agreeing)

    @property
    def totals(self) -> list[tuple[str, int]]:
        """Return what the agreeing invoices come to, per currency."""
        sums: Counter[str] = Counter()
        for one in self.agreeing:
            sums[one.row.currency] += one.row.amount_with_tax

        return sorted(sums.items())


def parts() -> list[Part]:
    """Return the connections in sight of which another link exported something."""
    session = db.session()
    rows = places().live(subsidiary_scope())
    moving = moving_of(session, [row.id for row in rows])
    counts = counts_elsewhere(session, [row.subsidiary_id for row in rows])
    shown = [row for row in rows if row.id in moving or row.subsidiary_id in counts]

    return [part_of(row, moving.get(row.id), counts.get(row.subsidiary_id, 0)) for row in shown]


def part_of(connection: ConnectionRow, moving: MovingRow | None, count: int) -> Part:
    """Gather what one connection shows."""
    moved = list_moved(db.session(), connection, today=today()) if count else []
    return Part(
        connection=connection,
        name=name_of_subsidiary(connection.subsidiary_id),
        moving=moving,
        count=count,
        agreeing=[one for one in moved if one.move is Move.AGREES],
        to_decide=[one for one in moved if one.move in TO_DECIDE],
        missing=[one for one in moved if one.move is Move.MISSING],
        unseen=[one for one in moved if one.move is Move.UNSEEN],
    )
