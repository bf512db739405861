"""Turns and the unit of work: how an action commits."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from portal.actions.engine.attempts import attempt
from portal.actions.engine.desk import Desk
from portal.actions.engine.ports import Billing
from portal.store.copies import AttemptRow
from portal.store.leases import Lease, Leased, holds

Row = TypeVar("Row", bound=Leased)
Answer = TypeVar("Answer")


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

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is written in the block, if the row is still ours."""
        with transaction(self.session):
            check_ours(self.session, self.lease)
            yield

    def attempt(
        self,
        row: AttemptRow,
        call: Callable[[], Answer],
        told: Callable[[Answer], Mapping[str, Any]] = lambda _answer: {},
    ) -> Answer:
        """Make a remote write, if the row is still ours."""
        check_ours(self.session, self.lease)
        return attempt(self.session, row, call, clock=self.now, told=told)

    @cached_property
    def billing(self) -> Billing:
        """Productive, once it is needed."""
        return self.desk.billing()

    def now(self) -> datetime:
        """Tell the time."""
        return self.desk.clock()
