"""What is left of both services' limits, what is held back until when, and when runs will be done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.domain.copies.forecast import Allowance, forecast
from portal.remote.pace import Pace, Rolling, Window
from portal.store.activity import Scope
from portal.store.connections import ConnectionRow
from portal.store.copy_counts import CopyCounts, count_copies
from portal.store.lane_rows import exact_lane, productive_lane
from portal.store.lanes import read_paces
from portal.web.common.frame import name_of_subsidiary, places, productive

OF_LATE = timedelta(minutes=5)
MINUTE = 60
DAY = 86400
ENTRIES = "salesentry/SalesEntries"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one limit."""

    # ``left`` None means that the service has not told it yet.

    span: str
    left: int | None
    limit: int | None
    renews_at: datetime | None
    for_people: int
    for_pulls: int


@dataclass(frozen=True, slots=True)
class Run:
    """The copies of a connection that wait to be sent, those held unsent, and when they will be done."""

    waiting: int
    held: int
    done_at: datetime | None
    per_minute: float | None


@dataclass(frozen=True, slots=True)
class Budget:
    """One service's limits, as one account of ours has them."""

    # There is a ``run`` where copies are made with it.

    key: str
    name: str
    limits: Sequence[Left]
    circuits: Mapping[str, datetime]
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Takes:
    """What some copies need: calls, of how many are left today, and until when. None is not known yet."""

    calls: int
    left: int | None
    waiting: int
    done_at: datetime | None


def read_budgets(session: Session, scope: Scope, now: datetime) -> list[Budget]:
    """Gather the budgets of every connection in sight, and Productive's."""
    rows = [row for row in places().in_use(scope) if row.division]
    if (access := productive()) is None:
        return list(exact_budgets(session, rows, now).values())

    lane = productive_lane(access.organization_id)
    paces = read_paces(session, [lane, *map(_lane_of, rows)])
    exact = _budgets(session, rows, paces, now)
    name = _("Productive: %(name)s", name=access.organization_name)
    return [*exact.values(), Budget("productive", name, _limits(paces.get(lane), now), {})]


def exact_budgets(session: Session, rows: Collection[ConnectionRow], now: datetime) -> dict[int, Budget]:
    """Return what is left of Exact's limits for the divisions of some connections."""
    if not rows:
        return {}
    return _budgets(session, rows, read_paces(session, [_lane_of(row) for row in rows]), now)


def _lane_of(row: ConnectionRow) -> str:
    grant = places().grant_of(row)
    return exact_lane(grant.locale if grant else row.locale, row.division)


def _budgets(
    session: Session, rows: Collection[ConnectionRow], paces: Mapping[str, Pace], now: datetime
) -> dict[int, Budget]:
    counts = count_copies(session, [row.id for row in rows], now - OF_LATE) if rows else {}
    return {row.id: _budget(row, paces.get(_lane_of(row)), counts[row.id], now) for row in rows}


def _budget(row: ConnectionRow, pace: Pace | None, counts: CopyCounts, now: datetime) -> Budget:
    names = dict.fromkeys((name_of_subsidiary(row.subsidiary_id), row.division_name))
    name = _("Exact: %(names)s", names=", ".join(names))
    circuits = pace.circuits(now) if pace else {}
    return Budget(str(row.id), name, _limits(pace, now), circuits, _run(counts, pace, now))


def read_takes(session: Session, row: ConnectionRow, copies: int, calls: int, now: datetime) -> Takes:
    """Say when some more copies of a connection would be made, after those that wait already."""
    lane = _lane_of(row)
    pace = read_paces(session, [lane]).get(lane)
    counts = count_copies(session, [row.id], now - OF_LATE)[row.id]
    allowance = _allowance(pace, now)
    done_at = forecast(counts.waiting + copies, allowance, _speed(counts, now), now)

    return Takes(calls, allowance.day_left, counts.waiting, done_at)


def _limits(pace: Pace | None, now: datetime) -> list[Left]:
    return [_left(window, now) for window in (pace.windows if pace else ())]


def _left(window: Window | Rolling, now: datetime) -> Left:
    spans = {MINUTE: _("this minute"), DAY: _("today"), 10: _("in 10 seconds"), 1800: _("in 30 minutes")}
    return Left(
        spans.get(window.length, window.name),
        window.left(now),
        window.limit,
        window.renews_at(now),
        window.kept(now, interactive=False, pull=False) - window.kept(now, interactive=True, pull=False),
        window.kept(now, interactive=True, pull=False),
    )


def _run(counts: CopyCounts, pace: Pace | None, now: datetime) -> Run | None:
    if not counts.waiting and not counts.held:
        return None
    speed = _speed(counts, now)
    done_at = forecast(counts.waiting, _allowance(pace, now), speed, now)
    return Run(counts.waiting, counts.held, done_at, speed)


def _speed(counts: CopyCounts, now: datetime) -> float | None:
    """Return how many copies a minute were made of late. None before a minute has passed."""
    # They come in bursts, so less than a minute tells nothing.
    first = counts.first_made_at
    if first is None or now - first < timedelta(minutes=1):
        return None
    return counts.made / ((now - first) / timedelta(minutes=1))


def _allowance(pace: Pace | None, now: datetime) -> Allowance:
    """Return what a run may use of the pace: what is left without what is kept for people and pulls."""
    windows = {window.length: window for window in (pace.windows if pace else ())}
    minute = windows.get(MINUTE)
    day = windows.get(DAY)
    left = day.left(now) if day else None

    return Allowance(
        minute=_beyond(minute, minute.limit, now) if minute else None,
        day_left=_beyond(day, left, now) if day else None,
        day=_beyond(day, day.limit, day.renews_at(now) or now) if day else None,
        day_renews_at=day.renews_at(now) if day else None,
        opens_at=pace.circuits(now).get(ENTRIES) if pace else None,
    )


def _beyond(window: Window | Rolling, calls: int | None, now: datetime) -> int | None:
    """Return what of some calls a batch may use."""
    return None if calls is None else max(calls - window.kept(now, interactive=False, pull=False), 0)
