"""What the page Copy many shows: the sum of all entries, each invoice, and when it will be done."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.actions.copies.look_up import AT_ONCE
from portal.actions.copies.run_draft import Planned, plan_copies
from portal.domain.booking.catalogue import Catalogue, shown
from portal.domain.booking.draft import Draft
from portal.domain.booking.postings import Postings, adjusted, bookable_draft, postings_of
from portal.domain.copies.strangers import is_stranger
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow, SubsidiaryRow
from portal.web.common.budgets import Takes, read_takes
from portal.web.common.clock import now, today
from portal.web.runs.choice import Choice
from portal.web.runs.looked import Looked, read_looked


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that Exact takes shorter."""

    number: str
    whole: str
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """The chosen invoices of one connection, and what they book there."""

    connection: ConnectionRow
    name: str
    planned: Sequence[Planned]
    postings: tuple[Postings, ...]
    journals: Sequence[tuple[str, str, int]]
    first: date
    last: date
    periods: Sequence[str]
    looked: Looked
    takes: Takes
    catalogue: Catalogue

    @property
    def customers(self) -> int:
        """Count the customers."""
        return len({each.choices.customer_id for each in self.planned})

    def customers_by_origin(self, currency: str) -> tuple[int, int]:
        """Count the customers in one currency: those linked before, and those certain by evidence."""
        mine = [each for each in self.planned if each.row.currency == currency]
        linked = {each.choices.customer_id for each in mine if each.is_linked}
        return len(linked), len({each.choices.customer_id for each in mine} - linked)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that would be booked, and what of the choice stays as it is."""

    choice: Choice
    sides: Sequence[Side]
    left: Sequence[Planned]
    amounts: Mapping[str, int]
    cuts: Sequence[Cut]
    moved: int

    @property
    def count(self) -> int:
        """Count the invoices that go along."""
        return sum(len(side.planned) for side in self.sides)

    @property
    def strangers(self) -> Sequence[Planned]:
        """Return what Exact holds already under its number, by somebody else."""
        return [each for each in self.left if any(map(is_stranger, each.problems))]

    @property
    def seen(self) -> str:
        """Spell what the person is shown of each invoice, for the click that follows."""
        return ",".join(f"{each.row.id}:{each.seen}" for side in self.sides for each in side.planned)

    @property
    def done_at(self) -> datetime | None:
        """Return when the last of all would be copied, None where that cannot be said."""
        moments = [side.takes.done_at for side in self.sides]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known and len(known) == len(moments) else None


def read_plan(choice: Choice) -> Plan:
    """Draft all that was chosen, and add it up."""
    planned = plan_copies(db.session(), choice.rows, now=now(), today=today())
    ready = [each for each in planned if each.is_ready]
    drafts = [each.draft for each in ready if each.draft is not None]

    amounts: Counter[str] = Counter()
    for each in ready:
        amounts[each.row.currency] += each.row.amount_with_tax

    return Plan(
        choice=choice,
        sides=_read_sides(ready),
        left=[each for each in planned if not each.is_ready],
        amounts=dict(sorted(amounts.items())),
        cuts=[cut for each in ready if each.draft for cut in _cuts(each.row.number or "", each.draft)],
        moved=adjusted(drafts).invoices,
    )


def read_seen(text: str) -> dict[str, str]:
    """Read what a person was shown, as ``Plan.seen`` spells it."""
    pairs = (part.partition(":") for part in text.split(","))
    return {invoice_id: seen for invoice_id, colon, seen in pairs if colon and invoice_id}


def _read_sides(ready: Sequence[Planned]) -> list[Side]:
    by_connection: dict[int, list[Planned]] = {}
    for each in ready:
        by_connection.setdefault(each.connection_id or 0, []).append(each)

    sides = [_read_side(connection_id, planned) for connection_id, planned in by_connection.items()]
    return sorted(sides, key=lambda side: side.name)


def _read_side(connection_id: int, planned: Sequence[Planned]) -> Side:
    session = db.session()
    connection = session.get_one(ConnectionRow, connection_id)
    subsidiary = session.get(SubsidiaryRow, connection.subsidiary_id)
    catalogue = read_stored_catalogue(session, connection_id)
    looked = read_looked(connection_id, [each.row for each in planned])
    days = [each.draft.booking_date for each in planned if each.draft and each.draft.booking_date]
    calls = len(planned) + math.ceil(len(looked.unknown) / AT_ONCE)

    return Side(
        connection=connection,
        name=subsidiary.name if subsidiary else connection.division_name,
        planned=planned,
        postings=postings_of(
            (bookable_draft(each.draft, each.row.currency) for each in planned if each.draft), catalogue
        ),
        journals=_count_journals(planned, catalogue),
        first=min(days),
        last=max(days),
        periods=_name_periods(days, catalogue),
        looked=looked,
        takes=read_takes(session, connection, len(planned), calls, now()),
        catalogue=catalogue,
    )


def _count_journals(planned: Sequence[Planned], catalogue: Catalogue) -> list[tuple[str, str, int]]:
    """Return the journals with how many entries each gets."""
    counts = Counter(shown(each.draft.journal or "") for each in planned if each.draft)
    names = {shown(each.code): each.description for each in catalogue.journals}
    return [(code, names.get(code, ""), count) for code, count in sorted(counts.items())]


def _name_periods(days: Sequence[date], catalogue: Catalogue) -> list[str]:
    """Name the periods that these days are in."""
    found = {
        (period.year, period.period)
        for period in catalogue.periods
        if any(period.start <= day <= period.end for day in days)
    }
    return [f"{year} / {number:02}" for year, number in sorted(found)]


def _cuts(number: str, draft: Draft) -> Iterable[Cut]:
    """Yield the texts of one invoice that are cut."""
    for line in draft.lines:
        if line.text_cut:
            yield Cut(number, line.line.description or line.line.service_type or "", line.description)


def codes_of(draft: Draft, catalogue: Catalogue) -> dict[str, Any]:
    """Name the ledger accounts and VAT codes of one draft, each once."""
    accounts = {each.id.lower(): shown(each.code) for each in catalogue.accounts}
    ledgers = [accounts.get(line.ledger.code.lower(), "") for line in draft.lines if line.ledger]
    vats = [shown(line.vat.code) for line in draft.lines if line.vat]
    return {"ledgers": list(dict.fromkeys(ledgers)), "vats": list(dict.fromkeys(vats))}
