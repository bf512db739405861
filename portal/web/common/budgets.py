"""What is left of both services' limits, what is held back until when, and when runs will be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.domain.copies.forecast import Allowance, forecast
from portal.remote.pace import Pace, Rolling, Window
from portal.store.activity import Scope
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow, connections_in_use
from portal.store.copy_counts import count_open, made_since
from portal.store.grants import locale_of_sign_in
from portal.store.lane_rows import exact_lane, productive_lane
from portal.store.lanes import read_pace

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
    budgets = [exact_budget(session, row, now) for row in connections_in_use(session, scope) if row.division]
    if productive := session.get(ProductiveRow, 1):
        pace = read_pace(session, productive_lane(productive.organization_id))
        name = _("Productive: %(name)s", name=productive.organization_name)
        budgets.append(Budget("productive", name, _limits(pace, now), {}))
    return budgets


def exact_budget(session: Session, row: ConnectionRow, now: datetime) -> Budget:
    """Return what is left of Exact's limits for a connection's division."""
    pace = read_pace(session, exact_lane(locale_of_sign_in(session, row), row.division))
    subsidiary = session.get_one(SubsidiaryRow, row.subsidiary_id).name
    names = dict.fromkeys((subsidiary, row.division_name))
    name = _("Exact: %(names)s", names=", ".join(names))
    circuits = pace.circuits(now) if pace else {}
    return Budget(str(row.id), name, _limits(pace, now), circuits, _run(session, row, pace, now))


def read_takes(session: Session, row: ConnectionRow, copies: int, calls: int, now: datetime) -> Takes:
    """Say when some more copies of a connection would be made, after those that wait already."""
    pace = read_pace(session, exact_lane(locale_of_sign_in(session, row), row.division))
    waiting, _held = count_open(session, row.id)
    allowance = _allowance(pace, now)
    done_at = forecast(waiting + copies, allowance, _speed(session, row.id, now), now)
    return Takes(calls, allowance.day_left, waiting, done_at)


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


def _run(session: Session, row: ConnectionRow, pace: Pace | None, now: datetime) -> Run | None:
    waiting, held = count_open(session, row.id)
    if not waiting and not held:
        return None
    speed = _speed(session, row.id, now)
    return Run(waiting, held, forecast(waiting, _allowance(pace, now), speed, now), speed)


def _speed(session: Session, connection_id: int, now: datetime) -> float | None:
    """Return how many copies a minute were made of late. None before a minute has passed."""
    # They come in bursts, so less than a minute tells nothing.
    made, first = made_since(session, connection_id, now - OF_LATE)
    if first is None or now - first < timedelta(minutes=1):
        return None
    return made / ((now - first) / timedelta(minutes=1))


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
