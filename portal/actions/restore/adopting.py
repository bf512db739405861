"""What adopting the writes of one connection needs, and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Desk
from portal.actions.engine.ports import Ledger
from portal.domain.copies.adoption import Doubt
from portal.store.connections import ConnectionRow
from portal.store.gate import UnmatchedRow


@dataclass(slots=True)
class Adopted:
    """What came of an adoption, to be told."""

    entries: int = 0
    different: int = 0
    known: int = 0
    changed: int = 0
    customers: int = 0
    payments: int = 0
    credits: int = 0
    to_retry: int = 0
    unmatched: list[UnmatchedRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Adopting:
    """What adopting one connection's entries needs."""

    session: Session
    ledger: Ledger
    connection: ConnectionRow
    told: Adopted
    now: datetime
    desk: Desk

    def report(self, key: str, number: str, reference: str, found: Doubt) -> None:
        """Put something on the list for a person, unless it was settled before. Commits nothing."""
        same = select(UnmatchedRow).where(
            UnmatchedRow.connection_id == self.connection.id,
            UnmatchedRow.key == key,
            UnmatchedRow.cause == found.cause,
            UnmatchedRow.about == found.about,
        )
        if (row := self.session.scalars(same).first()) is None:
            row = UnmatchedRow(
                connection_id=self.connection.id,
                key=key,
                number=number,
                reference=reference,
                why=found.why,
                cause=found.cause,
                about=found.about,
                found_at=self.now,
            )

            self.session.add(row)

        if row.settled_at is None:
            self.told.unmatched.append(row)
