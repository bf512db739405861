"""What the page of a run shows: how far it is, what is copied now, and in the end what became of all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort

from portal.domain.copies.failures import Remedy, class_of, may_retry
from portal.domain.copies.runs import MOST, ItemState, Progress, Span, span_of
from portal.extensions import db
from portal.store.runs import (
    Item,
    RunRow,
    booked_numbers,
    connections_of,
    latest_items,
    list_items,
    read_progress,
    subsidiaries_of,
)
from portal.web.common.access import current_person, wiring
from portal.web.common.budgets import exact_budgets
from portal.web.common.frame import name_of_subsidiary, places
from portal.web.common.need_words import short_word
from portal.web.common.said import sentence_of

UNDER_WAY_SHOWN = 3
LATEST_SHOWN = 10
NAMED = 5


@dataclass(frozen=True, slots=True)
class Need:
    """The invoices of a run that need somebody for one cause."""

    cause: str
    words: str
    items: Sequence[Item]

    @property
    def count(self) -> int:
        """Count them."""
        return len(self.items)

    @property
    def amounts(self) -> Mapping[str, int]:
        """Add them up, per currency."""
        sums: Counter[str] = Counter()
        for item in self.items:
            sums[item.invoice.currency] += item.invoice.amount_with_tax
        return dict(sorted(sums.items()))

    @property
    def title(self) -> str:
        """Name the cause."""
        word = short_word(self.cause)
        return word[:1].upper() + word[1:]

    @property
    def text(self) -> str:
        """Return the sentence of all, that of the first which was sent where each has its own."""
        sent = [item for item in self.items if not (item.copy and item.copy.hold_id)]
        return sentence_of((sent or list(self.items))[0].trouble)

    @property
    def held(self) -> int:
        """Count those that are held unsent."""
        return sum(bool(item.copy and item.copy.hold_id) for item in self.items)

    @property
    def reasonless(self) -> bool:
        """Say whether the other system gave no words of its own."""
        return any(item.copy.reasonless for item in self.items if item.copy)

    @property
    def may_retry(self) -> bool:
        """Say whether trying again can help."""
        return may_retry(self.cause)

    @property
    def remedy(self) -> Remedy:
        """Return what helps."""
        return class_of(self.cause)


def find_run(run_id: str) -> RunRow:
    """Return a run that the person may see, else 404."""
    run = db.session.get(RunRow, run_id) or abort(404)
    if not all(current_person().may_see(each) for each in subsidiaries_of(db.session(), run.id)):
        abort(404)
    return run


def run_words(run: RunRow) -> dict[str, Any]:
    """Return what the page shows of a run."""
    session = db.session()
    session.refresh(run)
    now = wiring().clock()
    progress = read_progress(session, run.id, now)
    words = {
        "run": run,
        "progress": progress,
        "subsidiaries": _name_subsidiaries(run),
        "causes": _group_needs(run, progress, now),
        "named": NAMED,
        "state_of": ItemState,
        "short_word": short_word,
    }

    return words | (_end_words(run, progress, now) if progress.is_over else _running_words(run, now))


def _running_words(run: RunRow, now: datetime) -> dict[str, Any]:
    session = db.session()
    return {
        "under_way": list_items(session, run.id, [ItemState.UNDER_WAY], now, most=UNDER_WAY_SHOWN),
        "next_up": list_items(session, run.id, [ItemState.TO_COME], now, most=1),
        "latest": latest_items(session, run.id, now, most=LATEST_SHOWN),
        "done_at": _done_at(run, now),
        "spans": {},
        "different": [],
    }


def _end_words(run: RunRow, progress: Progress, now: datetime) -> dict[str, Any]:
    session = db.session()
    has_different = progress.count(ItemState.DIFFERENT) > 0
    different = list_items(session, run.id, [ItemState.DIFFERENT], now, most=MOST) if has_different else []

    return {
        "under_way": [],
        "next_up": [],
        "latest": latest_items(session, run.id, now, most=LATEST_SHOWN),
        "done_at": None,
        "spans": _read_spans(run),
        "different": different,
    }


def _read_spans(run: RunRow) -> dict[str, Span]:
    """Return the first and last entry number of each journal."""
    found = {journal: span_of(numbers) for journal, numbers in booked_numbers(db.session(), run.id).items()}
    return {journal: span for journal, span in found.items() if span is not None}


def _done_at(run: RunRow, now: datetime) -> datetime | None:
    """Return when the last connection will be done, None where that cannot be said."""
    session = db.session()
    rows = [places().connection(each) for each in connections_of(session, run.id)]
    budgets = exact_budgets(session, [row for row in rows if row], now)
    runs = [budget.run for budget in budgets.values()]
    moments = [each.done_at for each in runs if each is not None]
    known = [moment for moment in moments if moment is not None]

    return max(known) if known and len(known) == len(moments) else None


def _group_needs(run: RunRow, progress: Progress, now: datetime) -> list[Need]:
    """Group what needs somebody by cause, the most frequent first."""
    if not progress.needing:
        return []

    groups: dict[tuple[str, str], list[Item]] = {}
    for item in list_items(db.session(), run.id, [ItemState.NEEDS_YOU], now, most=MOST):
        groups.setdefault((item.cause, item.words), []).append(item)

    needs = [Need(cause, words, items) for (cause, words), items in groups.items()]
    return sorted(needs, key=lambda need: (-need.count, need.cause, need.words))


def _name_subsidiaries(run: RunRow) -> list[str]:
    names = (name_of_subsidiary(each) for each in subsidiaries_of(db.session(), run.id))
    return sorted(name for name in names if name)
