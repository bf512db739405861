"""How many copies of each connection wait, are held, and were made of late."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from portal.domain.copies.states import IN_EXACT, CopyState
from portal.store.copies import CopyRow

WAITING = "waiting"
HELD = "held"
MADE = "made"


@dataclass(frozen=True, slots=True)
class CopyCounts:
    """A connection's copies: to be sent, held unsent, made of late, and when the first of those was."""

    waiting: int = 0
    held: int = 0
    made: int = 0
    first_made_at: datetime | None = None


NO_COPIES = CopyCounts()


def count_copies(session: Session, connection_ids: Collection[int], since: datetime) -> dict[int, CopyCounts]:
    """Count the copies of some connections that wait, are held, or were made since, by one statement."""
    # Spelled so that the indexes of these few are read, and not that of all copies by their connection.
    connection = CopyRow.connection_id + 0
    parts = {
        WAITING: (CopyRow.state.in_((CopyState.WAITING, CopyState.SENDING)), CopyRow.hold_id.is_(None)),
        HELD: (CopyRow.hold_id.is_not(None),),
        MADE: (CopyRow.finished_at > since, CopyRow.state.in_(IN_EXACT)),
    }
    queries = [
        select(
            literal(part).label("part"),
            connection.label("connection_id"),
            func.count().label("count"),
            func.min(CopyRow.finished_at).label("first"),
        )
        .where(*conditions)
        .group_by(connection)
        for part, conditions in parts.items()
    ]
    found: dict[int, dict[str, tuple[int, datetime | None]]] = {}
    for part, connection_id, count, first in session.execute(union_all(*queries)):
        found.setdefault(connection_id, {})[part] = (count, first)

    return {each: _counts(found.get(each, {})) for each in connection_ids}


def _counts(parts: dict[str, tuple[int, datetime | None]]) -> CopyCounts:
    nothing = (0, None)
    made, first = parts.get(MADE, nothing)
    return CopyCounts(
        waiting=parts.get(WAITING, nothing)[0],
        held=parts.get(HELD, nothing)[0],
        made=made,
        first_made_at=first,
    )
