"""The list's filters, as the URL spells them."""

from datetime import date

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.store.invoice_list import SORTS, VIEWS, Filters


def read_filters(
    args: MultiDict[str, str], subsidiaries: tuple[str, ...] | None
) -> tuple[Filters, list[str]]:
    """Read the filters of a URL, with a sentence on each that makes no sense."""
    troubles: list[str] = []
    sort = args.get("sort", "-date")
    sort = sort if sort.removeprefix("-") in SORTS else "-date"
    filters = Filters(
        subsidiaries=subsidiaries,
        view=args.get("view", "all") if args.get("view") in VIEWS else "all",
        query=args.get("q", "").strip()[:100],
        company_id=args.get("customer", ""),
        since=_day(args, "from", troubles),
        until=_day(args, "to", troubles),
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )

    return filters, troubles


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
