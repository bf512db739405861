"""One poison among many: what the others need with it and without it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from portal.exact.client import ExactClient
from portal.store.copies import AttemptRow, CopyRow
from tests.budgets.simulation import Simulation

WORDS = json.dumps({"error": {"code": "", "message": {"lang": "", "value": "Periode is afgesloten"}}})
REFUSED = "refused by Exact"
LOST = "reply lost"
BUG = "a bug of ours"
POISONS = (REFUSED, LOST, BUG)


@dataclass(frozen=True, slots=True)
class Effort:
    """What a number of copies took: writes at Exact, and whole minutes of the sandbox's time."""

    writes: int
    minutes: int


def measure_effort(simulation: Simulation, how_many: int, poison: str | None = None) -> Effort:
    """Make copies, with a poison before them if one is wished; return what the others took."""
    invoice_ids = simulation.invoices(how_many + (poison is not None))
    simulation.clear()
    began = simulation.now()
    with poisoned(poison, simulation):
        copies = simulation.ask(invoice_ids)
        others = copies[1:] if poison else copies
        simulation.work_off(others)
    with simulation.session() as session:
        writes = session.query(AttemptRow).filter(AttemptRow.copy_id.in_(others), AttemptRow.kind == "entry")
        ended = [row.finished_at for row in session.query(CopyRow).filter(CopyRow.id.in_(others))]
        return Effort(writes.count(), _minutes(began, ended))


def _minutes(began: datetime, ended: Sequence[datetime | None]) -> int:
    """Return in which minute the last one ended; what never ended counts as a day."""
    return max(((at - began) // timedelta(minutes=1) if at else 1440) for at in ended)


@contextmanager
def poisoned(poison: str | None, simulation: Simulation) -> Iterator[None]:
    """Let the first booking go wrong."""
    if poison == REFUSED:
        simulation.fail_next_entry("status:500", WORDS)
    elif poison == LOST:
        simulation.fail_next_entry("drop-after")
    if poison != BUG:
        yield
        return
    book = ExactClient.create_entry
    victims = set[str]()

    def stumble(client: ExactClient, entry: Any, *, marker: str) -> Any:
        victims.add(next(iter(victims), entry.your_ref))
        if entry.your_ref in victims:
            raise KeyError("a bug")
        return book(client, entry, marker=marker)

    with patch.object(ExactClient, "create_entry", stumble):
        yield
