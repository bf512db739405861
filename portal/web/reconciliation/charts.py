"""The two charts, as numbers that a template draws: lengths in percent of the drawing's width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.books.aging import DELAYS
from portal.store.book_sums import NO_DATE, AgeSum
from portal.web.common.formats import money, number

AGE_NAMES = {
    "not due": _l("Not due yet"),
    "1-30": _l("1 to 30 days late"),
    "31-60": _l("31 to 60 days late"),
    "61-90": _l("61 to 90 days late"),
    "over 90": _l("Over 90 days late"),
    NO_DATE: _l("Without a due date"),
}
DELAY_NAMES = {
    "over 14 early": _l("More than 14 days early"),
    "1-14 early": _l("1 to 14 days early"),
    "on the day": _l("On the due date"),
    "1-7 late": _l("1 to 7 days late"),
    "8-14 late": _l("8 to 14 days late"),
    "15-30 late": _l("15 to 30 days late"),
    "31-60 late": _l("31 to 60 days late"),
    "over 60 late": _l("More than 60 days late"),
}
# The longest bar; what is right of it is for its value.
WIDEST = 64
LABEL = 18
BAR = 16
GAP = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: whose, how long, and its value in words."""

    kind: str
    width: str
    top: int
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one class, with the class's name above them."""

    name: str
    count: int
    top: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing: an id, a title, its groups and its height in pixels."""

    id: str
    title: str
    groups: tuple[Group, ...]
    height: int


def draw_ages(ages: Mapping[str, Sequence[AgeSum]], *, known: bool) -> list[Chart]:
    """Draw the open amounts by age, one chart per currency, both sides in each class.

    Where nothing is known of Exact's side it says so, and never 0.00.
    """
    charts = []
    for currency, classes in ages.items():
        sides = [abs(each) for one in classes for each in (one.ours, one.theirs if known else 0)]
        most = max(sides, default=0)
        rows = [
            (
                str(AGE_NAMES[one.code]),
                one.theirs_count if known else one.ours_count,
                [
                    ("ours", one.ours, money(one.ours, currency)),
                    (
                        "theirs",
                        one.theirs if known else 0,
                        money(one.theirs, currency) if known else str(_("unknown")),
                    ),
                ],
            )
            for one in classes
        ]

        charts.append(_draw(f"ages-{currency}", currency, rows, most))

    return charts


def draw_delays(counts: Sequence[int]) -> Chart | None:
    """Draw how many invoices were paid how late, if any was."""
    whole = sum(counts)
    if not whole:
        return None

    rows = [
        (
            str(DELAY_NAMES[span.code]),
            count,
            [("count", count, f"{number(count)} ({count * 100 // whole} %)")],
        )
        for span, count in zip(DELAYS, counts, strict=True)
    ]

    return _draw("delays", "", rows, max(counts))


def _draw(
    chart_id: str, title: str, rows: Sequence[tuple[str, int, Sequence[tuple[str, int, str]]]], most: int
) -> Chart:
    """Place the bars one below another."""
    groups = []
    top = 0

    for name, count, sides in rows:
        bars = []
        at = top + LABEL

        for kind, value, text in sides:
            share = abs(value) * WIDEST / most if most else 0
            bars.append(Bar(kind, f"{max(share, 0.4) if value else 0:.2f}%", at, text))
            at += BAR + 2

        groups.append(Group(name, count, top, tuple(bars)))
        top = at + GAP

    return Chart(chart_id, title, tuple(groups), top)
