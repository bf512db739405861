"""A till whose copies can be taken back, and workers that die on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.actions.request_copy import Wish
from portal.actions.undo_copy import request_undo
from portal.domain.mapping import Choices
from portal.domain.undo import fingerprint_of
from portal.store.copies import CREDIT, UNDO, CopyRow
from tests.actions.paying import Till, a_till


class Killed(BaseException):
    """The process ends here."""


class Undoer(Till):
    """The till with words for taking copies back."""

    def ask(self, action: str = UNDO, *, invoice_id: str = "105", **choices: Any) -> Any:
        """Ask for an undo or a credit of what Exact shows now, as the page does."""
        row = self.row(invoice_id)
        latest = self.session.get_one(CopyRow, row.latest_copy_id)
        entry = self.ledger.entries.get(latest.entry_id or "")
        wanted = Choices(booking_date="2026-03-10", **choices) if action == CREDIT else Choices()
        wish = Wish(wanted, fingerprint_of(entry) if entry else "", row.latest_copy_id, action)
        return request_undo(
            self.session, self.nudge, invoice_id, wish=wish, requested_by="Anna", now=self.now
        )

    def undone(self, action: str = UNDO, **how: Any) -> CopyRow:
        """Ask, and let the worker do it."""
        self.pass_time(1)
        wish = self.ask(action, **how)
        assert isinstance(wish, CopyRow), wish
        return self.perform(wish.id)

    def go_on(self, copy_id: str, turns: int = 6) -> CopyRow:
        """Let the worker come back until nothing is left to do."""
        for _turn in range(turns):
            self.pass_time(400)
            self.perform(copy_id)
        return self.copy(copy_id)

    def copy(self, copy_id: str) -> CopyRow:
        """Read a copy anew."""
        found = self.session.get_one(CopyRow, copy_id, populate_existing=True)
        self.session.commit()
        return found

    @contextmanager
    def killed(self, call: str, *, after: bool = False) -> Iterator[None]:
        """End the process before or after the next remote call of a kind."""
        remotes = (self.ledger, self.billing)
        remote: Any = next(one for one in remotes if hasattr(one, call))
        real = getattr(remote, call)

        def die(*args: Any, **kwargs: Any) -> None:
            setattr(remote, call, real)
            if after:
                real(*args, **kwargs)
            raise Killed

        setattr(remote, call, die)
        with pytest.raises(Killed):
            yield
        self.pass_time(30)


def an_undoer(session: Session) -> Undoer:
    """Open an office with one invoice, not copied yet."""
    till = a_till(session)
    return Undoer(session, till.ledger, till.billing, till.nudge, till.now, till.connection_id)
