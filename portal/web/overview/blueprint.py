"""The blueprint of Overview, and the month that its addresses name."""

from flask import Blueprint, abort, url_for
from flask_babel import format_date

from portal.domain.periods import Period, month_of, month_period, read_period
from portal.web.common.clock import today

blueprint = Blueprint("overview", __name__)


def month_or_404(text: str | None) -> Period:
    """Return the month that an address names, this one where it names none."""
    if not text:
        return month_period(today())

    period = read_period(text)
    if period is None or month_of(period.first) != text:
        abort(404)
    return period


def month_url(period: Period) -> str:
    """Return the address of a month, without its name where it is the current one."""
    is_now = period.text == month_period(today()).text
    return url_for("overview.show_overview", month=None if is_now else period.text)


def say_month(period: Period) -> str:
    """Spell a month with its year."""
    return str(format_date(period.first, "MMMM yyyy"))


def name_month(period: Period) -> str:
    """Spell a month without its year."""
    return str(format_date(period.first, "MMMM"))
