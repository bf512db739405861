"""A till whose copies can be taken back, and what may fail on the way."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.actions.copies.request import Wish
from portal.actions.copies.undo import request_undo
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import CopyAction
from portal.domain.copies.undo import fingerprint_of
from portal.remote.errors import (
    LostReplyError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    UnreachableError,
)
from portal.store.copies import CopyRow
from tests.actions.payments.paying import Till, a_till

# What passes by itself, and whether it came after the call had its effect.
PASSING: list[tuple[RemoteError, bool]] = [
    (UnreachableError("no"), False),
    (SignInLostError("Connect again."), False),
    (LostReplyError("gone"), False),
    (TemporaryError("502"), True),
]
whatever_passes = pytest.mark.parametrize(("error", "after"), PASSING, ids=lambda one: type(one).__name__)


class Undoer(Till):
    """The till with words for taking copies back."""

    def ask(self, action: CopyAction = CopyAction.UNDO, *, invoice_id: str = "105", **choices: Any) -> Any:
        """Ask for an undo or a credit of what Exact shows now, as the page does."""
        row = self.row(invoice_id)
        latest = self.session.get_one(CopyRow, row.latest_copy_id)
        entry = self.ledger.entries.get(latest.entry_id or "")
        wanted = Choices(booking_date="2026-03-10", **choices) if action == CopyAction.CREDIT else Choices()
        wish = Wish(wanted, fingerprint_of(entry) if entry else "", row.latest_copy_id, action)
        return request_undo(
            self.session, self.nudge, invoice_id, wish=wish, requested_by="Anna", now=self.now
        )

    def undone(self, action: CopyAction = CopyAction.UNDO, **how: Any) -> CopyRow:
        """Ask, and let the worker do it."""
        self.pass_time(1)
        wish = self.ask(action, **how)
        assert isinstance(wish, CopyRow), wish
        return self.perform(wish.id)


def an_undoer(session: Session) -> Undoer:
    """Open an office with one invoice, not copied yet."""
    till = a_till(session)
    return Undoer(session, till.ledger, till.billing, till.nudge, till.now, till.connection_id)
