"""A copy that is held by whoever works on it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.actions.engine.turn import check_ours
from portal.store.copies import CopyRow
from portal.store.leases import Lease


@dataclass(frozen=True, slots=True)
class Claim:
    """A copy and its lease."""

    copy: CopyRow
    lease: Lease

    def still_ours(self, session: Session) -> None:
        """Raise TakenOverError if another worker took the copy over."""
        check_ours(session, self.lease)
