"""What a run would book for each invoice, with the answers that nobody touched."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy.orm import Session

from portal.actions.copies.propose import Answers, propose
from portal.actions.copies.request import NOT_CONNECTED
from portal.domain.booking.draft import Draft
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.states import IN_EXACT, IN_FLIGHT
from portal.domain.copies.strangers import name_stranger
from portal.store.invoices import InvoiceRow


@dataclass(frozen=True, slots=True)
class Planned:
    """What a copy of one invoice would book, or why it cannot be copied."""

    row: InvoiceRow
    connection_id: int | None
    choices: Choices
    draft: Draft | None
    problems: tuple[Problem, ...]

    @property
    def is_ready(self) -> bool:
        """Say whether it can be copied as it is."""
        return not self.problems and self.draft is not None and self.draft.entry is not None

    @property
    def seen(self) -> str:
        """Return what stands for the invoice and for all that would be booked of it."""
        entry = self.draft.entry if self.draft else None
        return f"{_digest(self.row.fingerprint)}-{_digest(msgspec.json.encode(entry).decode())}"


def plan_copies(session: Session, rows: Sequence[InvoiceRow], *, now: datetime, today: date) -> list[Planned]:
    """Say of each invoice what a copy with untouched answers would book."""
    return list(_each_plan(session, rows, now, today))


def _each_plan(session: Session, rows: Sequence[InvoiceRow], now: datetime, today: date) -> Iterator[Planned]:
    for row in rows:
        proposal = propose(session, row, Answers(), now=now, today=today)
        if proposal is None:
            yield Planned(row, None, Choices(), None, (NOT_CONNECTED,))
            continue

        strangers = proposal.held.strangers if proposal.held else ()
        problems = (
            *find_done(row),
            *find_too_early(row, proposal.too_early),
            *proposal.problems,
            *map(name_stranger, strangers),
        )
        yield Planned(row, proposal.connection.id, proposal.choices, proposal.draft, problems)


def find_done(row: InvoiceRow) -> tuple[Problem, ...]:
    """Say that an invoice is copied already, or is being copied."""
    if row.copy_state in IN_FLIGHT:
        return (problem("under_way"),)
    if row.copy_state in IN_EXACT:
        return (problem("already_copied"),)

    return ()


def find_too_early(row: InvoiceRow, since: date | None) -> tuple[Problem, ...]:
    """Say that an invoice is dated before its connection copies from."""
    if since is None:
        return ()
    return (problem("before_start", day=row.invoiced_on.isoformat(), since=since.isoformat()),)


def same_invoice(one: str, other: str) -> bool:
    """Say whether the invoice is the same in two of these, whatever would be booked of it."""
    return one.partition("-")[0] == other.partition("-")[0]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
