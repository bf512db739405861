"""The list's filters, as the URL spells them."""

from datetime import date, timedelta

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.store.invoice_filters import SORTS, VIEWS, Filters
from portal.store.invoice_list import company_name
from portal.web.common.clock import today

THIS_MONTH = "this-month"
LAST_MONTH = "last-month"
THIS_QUARTER = "this-quarter"
CUSTOM = "custom"
PERIODS = (THIS_MONTH, LAST_MONTH, THIS_QUARTER)
# What of an address narrows the list. The place on its pages and the moment of a reading do not.
NAMES = ("view", "q", "customer", "customer_search", "need", "subject", "run", "period", "from", "to", "sort")


def read_filters(
    args: MultiDict[str, str], subsidiaries: tuple[str, ...] | None
) -> tuple[Filters, list[str]]:
    """Read the filters of a URL, with a sentence on each that makes no sense."""
    troubles: list[str] = []
    sort = args.get("sort", "-date")
    sort = sort if sort.removeprefix("-") in SORTS else "-date"
    since, until = _days(args, troubles)
    company_id, company = _company(args)

    filters = Filters(
        subsidiaries=subsidiaries,
        view=args.get("view", "all") if args.get("view") in VIEWS else "all",
        query=args.get("q", "").strip()[:100],
        company_id=company_id,
        company=company,
        need=args.get("need", "").strip(),
        subject=args.get("subject", "").strip(),
        run=args.get("run", "").strip(),
        since=since,
        until=until,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )

    return filters, troubles


def _company(args: MultiDict[str, str]) -> tuple[str, str]:
    """Return the company that was picked and its name, or only words of a name."""
    company_id = args.get("customer", "").strip()
    typed = args.get("customer_search", "").strip()[:100]
    if not company_id:
        return "", typed

    # Without script the company picked before stays beside what was typed over it.
    name = company_name(db.session(), company_id)
    return ("", typed) if typed and typed != name else (company_id, name)


def period_of(args: MultiDict[str, str]) -> str:
    """Return which period is chosen: one with a name, days of one's own, or all (empty)."""
    # Days without a name of the period are from an address of before.
    named = args.get("period", CUSTOM if args.get("from") or args.get("to") else "")
    return named if named in (*PERIODS, CUSTOM) else ""


def days_of(period: str, day: date) -> tuple[date, date]:
    """Return the first and the last day of a period that is named as of a day."""
    first = day.replace(day=1)
    if period == LAST_MONTH:
        last = first - timedelta(days=1)
        return last.replace(day=1), last

    if period == THIS_QUARTER:
        first = first.replace(month=first.month - (first.month - 1) % 3, day=1)

    months = 3 if period == THIS_QUARTER else 1
    after = (first.month - 1 + months) % 12 + 1
    year = first.year + (first.month - 1 + months) // 12
    return first, date(year, after, 1) - timedelta(days=1)


def _days(args: MultiDict[str, str], troubles: list[str]) -> tuple[date | None, date | None]:
    period = period_of(args)
    if period in PERIODS:
        return days_of(period, today())
    if period != CUSTOM:
        return None, None
    return _day(args, "from", troubles), _day(args, "to", troubles)


def _day(args: MultiDict[str, str], name: str, troubles: list[str]) -> date | None:
    text = args.get(name, "").strip()
    if not text:
        return None

    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong = "“%(text)s” is no date; the filter was left out. Write it as 2026-01-31."
        troubles.append(str(_(wrong, text=text)))
        return None
