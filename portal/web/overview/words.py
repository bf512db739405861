"""What Overview shows of one month: the bar, five lines, the sign-offs, and what is new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from portal.domain.books.sign_off import count_changes
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.standing import STUCK, Standing
from portal.domain.periods import Period, month_period, neighbours
from portal.extensions import db
from portal.store.connections import ConnectionRow, ProductiveRow, SubsidiaryRow
from portal.store.entries import EntryFeedRow
from portal.store.months import (
    INSIDE,
    UNDER_WAY,
    Month,
    months_with_something,
    new_invoices,
    new_payments,
    read_month,
)
from portal.store.sign_offs import SignOffRow, changes_since, newest_sign_offs
from portal.web.common.access import (
    chosen_subsidiary,
    current_person,
    subsidiary_scope,
    visible_subsidiaries,
)
from portal.web.common.clock import today
from portal.web.overview.blueprint import month_url, name_month, say_month
from portal.web.overview.moments import beginning_of, say_moment
from portal.web.overview.sign_words import Signed

# How many months stand beside the one that is shown.
EARLIER = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the bar, in hundredths of its width."""

    name: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class MonthSigned:
    """A month with its sign-offs, one for each subsidiary that keeps its books here."""

    period: Period
    title: str
    name: str
    url: str
    signed: Sequence[Signed]

    @property
    def done(self) -> list[Signed]:
        """The subsidiaries for which somebody signed."""
        return [one for one in self.signed if one.row]

    @property
    def is_signed(self) -> bool:
        """Say whether somebody signed for all of them."""
        return bool(self.signed) and len(self.done) == len(self.signed)

    @property
    def outdated(self) -> list[Signed]:
        """The sign-offs after which something changed."""
        return [one for one in self.done if one.is_outdated]


def overview_words(period: Period) -> dict[str, Any]:
    """Return everything that the page shows of a month, but what needs somebody by reason."""
    session = db.session()
    scope = subsidiary_scope()
    month = read_month(session, scope, period)
    around = neighbours(period)
    sides = [(say_month(one), month_url(one)) for one in around] if around else []
    signs = read_signs(period)

    return {
        "period": period,
        "title": say_month(period),
        "name": name_month(period),
        "sides": sides,
        "month": month,
        "ready": month.sum_of(Standing.READY),
        "needing": month.sum_of(*STUCK),
        "inside": month.sum_of(*INSIDE),
        "under_way": month.sum_of(*UNDER_WAY),
        "elsewhere": month.sum_of(Standing.ELSEWHERE),
        "changed": month.sum_of(Standing.CHANGED),
        "segments": segments_of(month),
        "this": signs[0],
        "earlier": signs[1:],
        "since": since_yesterday(scope),
        "read_at": read_moments(scope),
        "copy_url": url_for("invoices.list_invoices", view="ready", since=period.first, until=period.last),
        "ready_url": url_for("invoices.list_invoices", view="ready", since=period.first, until=period.last),
        "may_write": current_person().may_write,
    }


def segments_of(month: Month) -> list[Segment]:
    """Return the parts of the bar: in Exact, under way, ready, and what needs somebody."""
    parts = [
        ("copied", month.sum_of(*INSIDE).count),
        ("busy", month.sum_of(*UNDER_WAY).count),
        ("ready", month.sum_of(Standing.READY).count),
        ("needs", month.sum_of(*STUCK).count),
    ]
    whole = sum(count for _name, count in parts)
    found = []
    start = 0.0

    for name, count in parts:
        width = 100 * count / whole if whole else 0
        if count:
            found.append(Segment(name, count, round(start, 3), round(width, 3)))
        start += width

    return found


def read_signs(period: Period) -> list[MonthSigned]:
    """Return the sign-offs of a month and of some before it, where there is anything."""
    session = db.session()
    scope = subsidiary_scope()
    periods = [period]
    while len(periods) <= EARLIER:
        periods.append(month_period(periods[-1].first - timedelta(days=1)))

    names = [one.text for one in periods]
    rows = newest_sign_offs(session, scope, names)
    used = months_with_something(session, scope, names[1:]) | {row.month for row in rows}
    books = books_in_sight()
    return [
        _signed(one, rows, books, is_shown=one is period)
        for one in periods
        if one is period or one.text in used
    ]


def _signed(
    period: Period, rows: Sequence[SignOffRow], books: Mapping[str, str], *, is_shown: bool
) -> MonthSigned:
    """Return the sign-offs of one month. Those of the month that is shown are looked at anew."""
    here = {row.subsidiary_id: row for row in rows if row.month == period.text}
    names = dict(books) | {one: books.get(one, one) for one in here}
    signed = []

    for subsidiary_id, name in names.items():
        row = here.get(subsidiary_id)
        changes = _changes(row, is_shown=is_shown) if row else {}
        signed.append(Signed(name, row, changes))

    return MonthSigned(period, say_month(period), name_month(period), month_url(period), signed)


def _changes(row: SignOffRow, *, is_shown: bool) -> Mapping[Any, int]:
    return count_changes(changes_since(db.session(), row)) if is_shown else row.changed


def books_in_sight() -> dict[str, str]:
    """Return the subsidiaries in sight that keep their books here, by id. All in sight, where none does."""
    chosen = chosen_subsidiary()
    seen = {row.id: row.name for row in visible_subsidiaries() if chosen in (None, row.id)}
    live = select(ConnectionRow.live_subsidiary).where(ConnectionRow.state == ConnectionState.LIVE)
    connected = set(db.session.scalars(live))
    return {one: name for one, name in seen.items() if one in connected} or seen


def since_yesterday(scope: tuple[str, ...] | None) -> dict[str, Any]:
    """Return what came since yesterday."""
    since = beginning_of(today() - timedelta(days=1))
    return {
        "payments": new_payments(db.session(), scope, since),
        "invoices": new_invoices(db.session(), scope, since),
    }


def read_moments(scope: tuple[str, ...] | None) -> dict[str, str]:
    """Return when Productive and Exact were read last, the longest ago of several."""
    session = db.session()
    productive: datetime | None = session.scalar(select(ProductiveRow.invoices_pulled_at))
    query = (
        select(func.min(EntryFeedRow.read_at))
        .join(ConnectionRow, ConnectionRow.id == EntryFeedRow.connection_id)
        .where(ConnectionRow.state == ConnectionState.LIVE)
    )
    if scope is not None:
        query = query.where(ConnectionRow.subsidiary_id.in_(scope))

    return {"productive": say_moment(productive), "exact": say_moment(session.scalar(query))}


def subsidiary_name(subsidiary_id: str) -> str:
    """Return what people call a subsidiary."""
    return db.session.scalar(select(SubsidiaryRow.name).where(SubsidiaryRow.id == subsidiary_id)) or ""
