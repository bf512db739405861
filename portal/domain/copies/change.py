"""From an entry as Exact has it to the entry as wanted: a plan of steps that can be stored and finished."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from portal.domain.booking.catalogue import Period, shown
from portal.domain.booking.header import has_period
from portal.domain.booking.problems import problem
from portal.domain.booking.sales_entry import PROCESSED, BookedEntry, Problem, SalesEntry
from portal.domain.copies.change_plan import (
    DELETE,
    HEADER,
    POST,
    PUT,
    ChangePlan,
    ChangeStep,
)
from portal.domain.copies.differences import LinePair, diff_header, pair_lines
from portal.domain.copies.touched import read_places


def plan_change(booked: BookedEntry, wanted: SalesEntry, marker: str) -> ChangePlan:
    """Plan the steps from booked to wanted: header, new lines, changed lines, surplus lines last."""
    if not wanted.lines or not wanted.customer_id:
        raise ValueError("an entry to change to needs lines and a customer")
    problems = tuple(_check_fixed(booked, wanted))
    steps = () if problems else tuple(_number(_plan_steps(booked, wanted)))
    known = tuple(line.id for line in booked.lines)
    return ChangePlan(booked.id, marker, steps, known, problems, read_places(booked, steps))


def _plan_steps(booked: BookedEntry, wanted: SalesEntry) -> Iterator[ChangeStep]:
    if header := diff_header(booked, wanted):
        yield ChangeStep(0, HEADER, header=tuple(header.items()))
    pairs = [pair for pair in pair_lines(booked.lines, wanted.lines) if not pair.is_equal]
    steps = [_step_of(pair) for pair in pairs]
    for kind in (POST, PUT, DELETE):
        yield from (step for step in steps if step.kind == kind)


def _step_of(pair: LinePair) -> ChangeStep:
    """Turn a pair of unequal lines into its remote write."""
    if pair.booked is None:
        return ChangeStep(0, POST, line=pair.wanted)
    kind = DELETE if pair.wanted is None else PUT
    return ChangeStep(0, kind, line_id=pair.booked.id, line=pair.wanted)


def _number(steps: Iterable[ChangeStep]) -> Iterator[ChangeStep]:
    """Give each step its place."""
    return (replace(step, index=index) for index, step in enumerate(steps))


def _check_fixed(booked: BookedEntry, wanted: SalesEntry) -> Iterator[Problem]:
    """Yield what an entry can never change."""
    if shown(booked.journal) != shown(wanted.journal):
        yield problem(
            "journal_cannot_change", "journal", old=shown(booked.journal), new=shown(wanted.journal)
        )
    if shown(booked.currency) != shown(wanted.currency):
        yield problem("currency_cannot_change", old=shown(booked.currency), new=wanted.currency)


def may_change(
    booked: BookedEntry, *, terms_paid: bool, books_closed_until: date | None, periods: Sequence[Period]
) -> Problem | None:
    """Say why Exact would no longer allow a change, None when it may be tried."""
    entry = str(booked.entry_number)
    if booked.status == PROCESSED:
        return problem("entry_processed", entry=entry)
    if terms_paid:
        return problem("entry_paid", entry=entry)

    if books_closed_until and books_closed_until >= booked.entry_date:
        closed = books_closed_until
        return problem("entry_closed", entry=entry, date=booked.entry_date, closed=closed)

    if not has_period(periods, booked.entry_date):
        return problem("period_missing", date=booked.entry_date)

    return None
