"""What the steps of a trial work with: both systems, what was made, what was seen. Each intent first."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import NO_MARKS, Billing, Marks, TrialLedger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.failed import Failed
from portal.domain.ids import new_id
from portal.domain.said import said
from portal.domain.trial.samples import Material
from portal.domain.trial.verdicts import Observation
from portal.remote.errors import HeldBackError, RemoteError
from portal.store.connections import ConnectionRow
from portal.store.gate import count_write
from portal.store.trials import (
    Made,
    TrialRow,
    TrialThingRow,
    count_call,
    keep_observation,
    verdicts_of,
)

# The bound for all calls to Exact, and what of it the steps leave for removing.
MOST_CALLS = 80
KEPT_FOR_REMOVING = 20
MOST_PRODUCTIVE_CALLS = 40

Spend = Callable[[], None]
Answer = TypeVar("Answer")


class TrialSpentError(HeldBackError):
    """The trial may make no further call."""


@dataclass(frozen=True, slots=True)
class TrialDesk:
    """What a trial needs: both systems with their calls counted, addresses, clock and quiet time."""

    ledger: Callable[[int, Spend], TrialLedger]
    billing: Callable[[Spend], Billing]
    vat_page: Callable[[str, int], str]
    clock: Clock
    quiet: int
    sleep: Callable[[float], None] = time.sleep
    marks: Marks = NO_MARKS


@dataclass(slots=True)
class Turn:
    """One trial at work. ``reaches`` says whether its division can still be reached."""

    session: Session
    desk: TrialDesk
    trial: TrialRow
    connection: ConnectionRow
    chosen: Material | None
    reaches: bool = True
    most_calls: int = MOST_CALLS - KEPT_FOR_REMOVING
    calls: int = 0
    billing_calls: int = 0
    _ledger: TrialLedger | None = field(default=None)
    _billing: Billing | None = field(default=None)

    @property
    def ledger(self) -> TrialLedger:
        """The division, with every call counted."""
        if self._ledger is None:
            self._ledger = self.desk.ledger(self.connection.id, self.spend)
        return self._ledger

    @property
    def billing(self) -> Billing:
        """Productive, with every call counted."""
        if self._billing is None:
            self._billing = self.desk.billing(self._spend_billing)
        return self._billing

    @property
    def material(self) -> Material:
        """What is booked with. Raise HeldBackError where the catalogue no longer offers it."""
        if self.chosen is None:
            raise HeldBackError(said(Failed.NOTHING_TO_BOOK_WITH))
        return self.chosen

    @property
    def errors(self) -> int:
        """How many of the calls count as errors at Exact."""
        return self._ledger.errors if self._ledger else 0

    @property
    def marker(self) -> str:
        """The marker of everything that this trial makes."""
        return self.trial.marker

    def spend(self) -> None:
        """Count a call to Exact before it is made. Raise TrialSpentError where it may not be."""
        with transaction(self.session):
            allowed = count_call(self.session, self.trial.id, self.most_calls)
        if not allowed:
            raise TrialSpentError(said(Failed.TRIAL_SPENT))
        self.calls += 1

    def _spend_billing(self) -> None:
        let_go(self.session)
        if self.billing_calls >= MOST_PRODUCTIVE_CALLS:
            raise TrialSpentError(said(Failed.TRIAL_SPENT))
        self.billing_calls += 1

    def see(self, *observations: Observation) -> None:
        """Keep what was seen."""
        with transaction(self.session):
            for each in observations:
                keep_observation(self.session, self.trial.id, each, self.desk.clock())

    def has_seen(self, code: str) -> bool:
        """Say whether anything was kept of an assumption."""
        with transaction(self.session):
            return code in verdicts_of(self.session, self.trial.id)

    def keep(self, **values: Any) -> None:
        """Keep what later steps need, also those after a question."""
        with transaction(self.session):
            self.trial.kept = {**self.trial.kept, **values}

    def kept(self, name: str) -> Any:
        """Return what an earlier step kept, None if it did not get so far."""
        return self.trial.kept.get(name)

    def make(self, kind: Made, name: str, call: Callable[[], Answer], key: Callable[[Answer], str]) -> Answer:
        """Make something: its intent is committed before the call, and its key after."""
        thing = TrialThingRow(
            id=new_id(), trial_id=self.trial.id, kind=kind, name=name, intended_at=self.desk.clock()
        )
        with transaction(self.session):
            self._count_write()
            self.session.add(thing)

        try:
            made = call()
        except RemoteError as error:
            if not error.may_have_happened:
                with transaction(self.session):
                    thing.removed_at = self.desk.clock()
            raise

        with transaction(self.session):
            thing.key = key(made)

        return made

    def identify(self, name: str, key: str) -> None:
        """Note the key of something whose answer did not tell it."""
        named = (TrialThingRow.trial_id == self.trial.id, TrialThingRow.name == name)
        with transaction(self.session):
            for thing in self.session.scalars(select(TrialThingRow).where(*named)):
                thing.key = thing.key or key

    def write(self, call: Callable[[], Answer]) -> Answer:
        """Change something that the trial made."""
        with transaction(self.session):
            self._count_write()

        return call()

    def _count_write(self) -> None:
        if not count_write(self.session):
            raise HeldBackError(said(Failed.COPYING_CLOSED))
