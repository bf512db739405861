"""What stands in Exact under an invoice's number, as a person is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.strangers import judge_entries, strangers_among
from portal.domain.copies.states import IN_EXACT, IN_FLIGHT
from portal.domain.copies.strangers import Stranger, name_stranger
from portal.domain.said import Said
from portal.store.entries import EntryRow
from portal.store.invoices import InvoiceRow
from portal.store.looks import LookRow, SetAsideRow, asides_of, each_since, entries_under, find_look


@dataclass(frozen=True, slots=True)
class Held:
    """What the last look showed. ``looked_at`` is None where a new one is needed."""

    looked_at: datetime | None
    strangers: Sequence[Stranger]
    asides: Sequence[SetAsideRow]
    may_link: bool

    def said_of(self, stranger: Stranger) -> Said:
        """Name a stranger in a sentence."""
        return name_stranger(stranger).said


@dataclass(frozen=True, slots=True)
class UnderNumber:
    """The last look at a number, the entries that were read under it, and what was set aside."""

    look: LookRow | None
    entries: Sequence[EntryRow]
    asides: Sequence[SetAsideRow]


def read_held(
    session: Session, connection_id: int, row: InvoiceRow, customer_id: str | None, *, now: datetime | None
) -> Held:
    """Read what the last look showed. With ``now`` it counts only while it is fresh."""
    under = read_under(session, connection_id, row)
    return held_of(session, connection_id, row, customer_id, under, now=now)


def read_under(session: Session, connection_id: int, row: InvoiceRow) -> UnderNumber:
    """Read what Exact holds under an invoice's number, and what was set aside of it."""
    return UnderNumber(
        look=find_look(session, connection_id, row.number),
        entries=entries_under(session, connection_id, [row.number or ""]),
        asides=asides_of(session, row.id),
    )


def held_of(
    session: Session,
    connection_id: int,
    row: InvoiceRow,
    customer_id: str | None,
    under: UnderNumber,
    *,
    now: datetime | None,
) -> Held:
    """Say what the last look showed, of what was read. With ``now`` it counts only while it is fresh."""
    look = under.look
    counts = look is not None and (now is None or look.is_fresh(now))
    shown = look if counts else None
    strangers = strangers_among(session, shown, each_since(under.entries, look), row, under.asides)

    return Held(
        looked_at=shown.looked_at if shown else None,
        strangers=judge_entries(session, connection_id, row, strangers, customer_id),
        asides=under.asides,
        may_link=row.copy_state not in (*IN_EXACT, *IN_FLIGHT),
    )
