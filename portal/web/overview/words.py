"""What Overview shows of one month: the bar, five lines, the sign-offs, and what is new."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from portal.domain.copies.standing import STUCK, Standing
from portal.domain.periods import Period, month_period, neighbours
from portal.extensions import db
from portal.store.month_figures import INSIDE, UNDER_WAY, Month, read_figures
from portal.store.sign_offs import SignOffRow, changes_now, known_sign_offs
from portal.web.common.access import current_person, subsidiary_scope
from portal.web.common.clock import today
from portal.web.overview.blueprint import month_url, name_month, say_month
from portal.web.overview.ground import Ground
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


def overview_words(period: Period, ground: Ground) -> dict[str, Any]:
    """Return everything that the page shows of a month, but what needs somebody by reason."""
    yesterday = beginning_of(today() - timedelta(days=1))
    around = neighbours(period)
    sides = [(say_month(one), month_url(one)) for one in around] if around else []
    periods = with_earlier(period)
    months = [one.text for one in periods]
    figures = read_figures(db.session(), subsidiary_scope(), period, months, yesterday)
    month = figures.month
    signs = read_signs(periods, ground, used=figures.equal.keys())

    return {
        "period": period,
        "title": say_month(period),
        "name": name_month(period),
        "sides": sides,
        "month": month,
        "equal": figures.equal.get(period.text, 0),
        "ready": month.sum_of(Standing.READY),
        "needing": month.sum_of(*STUCK),
        "inside": month.sum_of(*INSIDE),
        "under_way": month.sum_of(*UNDER_WAY),
        "elsewhere": month.sum_of(Standing.ELSEWHERE),
        "unconnected": month.sum_of(Standing.UNCONNECTED),
        "changed": month.sum_of(Standing.CHANGED),
        "unsure": month.sum_of(Standing.UNSURE).count,
        "to_move": figures.elsewhere,
        "segments": segments_of(month),
        # With nothing left to do and something copied, to sign is what comes next.
        "nothing_open": not month.open_items and month.sum_of(*INSIDE).count > 0,
        "this": signs[0],
        "earlier": signs[1:],
        "since": figures.news,
        "by_itself": figures.news.by_itself,
        "read_at": say_read(ground, figures.exact_read_at),
        "copy_url": url_for("runs.choose", all=1, view="ready", since=period.first, until=period.last),
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


def with_earlier(period: Period) -> list[Period]:
    """Return a month and those that stand beside it, the newest first."""
    periods = [period]
    while len(periods) <= EARLIER:
        periods.append(month_period(periods[-1].first - timedelta(days=1)))
    return periods


def read_signs(periods: Sequence[Period], ground: Ground, used: Collection[str] = ()) -> list[MonthSigned]:
    """Return the sign-offs of a month, and of those before it in which there is anything."""
    found = known_sign_offs(db.session(), subsidiary_scope(), [one.text for one in periods])
    there = {row.month for row, _is_stale in found} | set(used) | {periods[0].text}
    return [
        _signed(one, found, ground.books, is_shown=one is periods[0]) for one in periods if one.text in there
    ]


def _signed(
    period: Period, found: Sequence[tuple[SignOffRow, bool]], books: Mapping[str, str], *, is_shown: bool
) -> MonthSigned:
    """Return the sign-offs of one month. Those of the month that is shown are looked at anew."""
    here = {row.subsidiary_id: (row, is_stale) for row, is_stale in found if row.month == period.text}
    names = dict(books) | {one: books.get(one, one) for one in here}
    signed = []

    for subsidiary_id, name in names.items():
        row, is_stale = here.get(subsidiary_id, (None, False))
        changes = changes_now(db.session(), row, is_stale=is_stale and is_shown) if row else {}
        signed.append(Signed(name, row, changes))

    return MonthSigned(period, say_month(period), name_month(period), month_url(period), signed)


def say_read(ground: Ground, exact: datetime | None) -> dict[str, str]:
    """Say when Productive and Exact were read last, the longest ago of several."""
    pulled = ground.productive.invoices_pulled_at if ground.productive else None
    return {"productive": say_moment(pulled), "exact": say_moment(exact)}
