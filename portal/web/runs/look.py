"""Ask Exact what it holds under the numbers of a choice, while a person waits, in bounds."""

from dataclasses import dataclass

from portal.actions.copies.look_up import look_up_several
from portal.extensions import db
from portal.remote.errors import RemoteError
from portal.web.common.access import wiring
from portal.web.common.clock import now
from portal.web.common.waits import Trouble, trouble_of
from portal.web.runs.choice import Choice
from portal.web.runs.looked import look_over


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: for how many numbers, and why it failed."""

    count: int = 0
    trouble: Trouble | None = None

    @property
    def is_news(self) -> bool:
        """Say whether there is something to tell."""
        return bool(self.count) or self.trouble is not None


def ask_exact(choice: Choice) -> Asked:
    """Ask once for each connection, forty numbers at a time. The next request asks for the others."""
    session = db.session()
    wanted = [looked for looked in look_over(choice.rows) if looked.unknown]
    session.commit()
    count = 0

    for looked in wanted:
        at = looked.connection_id
        try:
            count += look_up_several(session, wiring().ledger(at), at, looked.unknown, clock=now)
        except RemoteError as error:
            session.rollback()
            return Asked(count, trouble_of(error, now()))

    return Asked(count)
