"""What stands in Exact under an invoice's number, as a person is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.copies.strangers import judge_entries, strangers_under
from portal.domain.copies.states import IN_EXACT, IN_FLIGHT
from portal.domain.copies.strangers import Stranger, name_stranger
from portal.store.invoices import InvoiceRow
from portal.store.looks import SetAsideRow, asides_of, find_look


@dataclass(frozen=True, slots=True)
class Held:
    """What the last look showed. ``looked_at`` is None where a new one is needed."""

    looked_at: datetime | None
    strangers: Sequence[Stranger]
    asides: Sequence[SetAsideRow]
    may_link: bool

    def text_of(self, stranger: Stranger) -> str:
        """Name a stranger in a sentence."""
        return name_stranger(stranger).text


def read_held(
    session: Session, connection_id: int, row: InvoiceRow, customer_id: str | None, *, now: datetime | None
) -> Held:
    """Read what the last look showed. With ``now`` it counts only while it is fresh."""
    look = find_look(session, connection_id, row.number)
    counts = look is not None and (now is None or look.is_fresh(now))
    shown = look if counts else None
    strangers = strangers_under(session, connection_id, look, row, counts=counts)

    return Held(
        looked_at=shown.looked_at if shown else None,
        strangers=judge_entries(session, connection_id, row, strangers, customer_id),
        asides=asides_of(session, row.id),
        may_link=row.copy_state not in (*IN_EXACT, *IN_FLIGHT),
    )
