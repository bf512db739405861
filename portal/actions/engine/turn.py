"""Turns and the unit of work: how an action commits."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, SessionTransaction

from portal.actions.engine.attempts import attempt
from portal.actions.engine.desk import Desk
from portal.actions.engine.ports import Billing
from portal.store.copies import AttemptRow
from portal.store.leases import Lease, Leased, holds

Row = TypeVar("Row", bound=Leased)
Answer = TypeVar("Answer")
Value = TypeVar("Value")


class TakenOverError(Exception):
    """Another worker holds the row now."""


@contextmanager
def transaction(session: Session) -> Iterator[None]:
    """Commit what is written in the block, or nothing of it where the block or the commit fails."""
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def let_go(session: Session) -> None:
    """End what was read, so that no transaction is open while another system is asked."""
    with transaction(session):
        pass


def check_ours(session: Session, lease: Lease) -> None:
    """Raise TakenOverError if another worker took the row over."""
    if not holds(session, lease):
        raise TakenOverError(lease.key)


@dataclass
class Turn(Generic[Row]):
    """The work on one row: its session, its lease, both systems and the clock."""

    session: Session
    row: Row
    lease: Lease
    desk: Desk
    _checked_in: SessionTransaction | None = field(default=None, init=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is written in the block, if the row is still ours."""
        with transaction(self.session):
            self.check()
            yield

    def check(self) -> None:
        """Raise TakenOverError if another worker took the row over, asked once in each transaction."""
        # From then on the database keeps the row for us until the commit.
        if self._checked_in is None or self._checked_in is not self.session.get_transaction():
            check_ours(self.session, self.lease)
            self._checked_in = self.session.get_transaction()

    def read_own(self, column: InstrumentedAttribute[Value]) -> Value:
        """Return a column as it is now, if the row is still ours."""
        found = self.session.execute(select(column).where(self.lease.is_on()).with_for_update()).first()
        if found is None:
            raise TakenOverError(self.lease.key)

        self._checked_in = self.session.get_transaction()
        value: Value = found[0]
        return value

    def attempt(
        self,
        row: AttemptRow,
        call: Callable[[], Answer],
        told: Callable[[Answer], Mapping[str, Any]] = lambda _answer: {},
    ) -> Answer:
        """Make a remote write, if the row is still ours. What was written before is committed with it."""
        self.check()
        return attempt(self.session, row, call, clock=self.now, told=told)

    @cached_property
    def billing(self) -> Billing:
        """Productive, once it is needed."""
        return self.desk.billing()

    def now(self) -> datetime:
        """Tell the time."""
        return self.desk.clock()
