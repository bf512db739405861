"""The page's filters, as the URL spells them; what cannot be read is left out and said."""

from collections.abc import Sequence
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from portal.domain.books.reconciliation import DIFFERENCES
from portal.domain.periods import EVERYTHING, Period, month_period, read_period
from portal.store.reconciliation import VIEWS, Filters

VIEW_NAMES = {
    "differing": _l("Differing"),
    "different": _l("Different"),
    "productive": _l("In Productive only"),
    "exact": _l("In Exact only"),
    "explained": _l("Explained"),
    "equal": _l("Equal"),
    "all": _l("All"),
}
CODE_NAMES = {
    "amount": _l("Amount"),
    "vat": _l("VAT"),
    "currency": _l("Currency"),
    "ledger": _l("Ledger"),
    "date": _l("Date"),
    "customer": _l("Customer"),
    "open": _l("Open amount"),
    "paid": _l("Paid"),
    "details": _l("Details"),
    "changed": _l("Changed in Productive"),
    "unlinked": _l("Not linked"),
    "not copied": _l("Not copied"),
    "copied elsewhere": _l("Copied elsewhere"),
    "do not copy": _l("Do not copy"),
    "early": _l("Before the first day"),
    "on its way": _l("On its way"),
    "uncertain": _l("Uncertain"),
    "refused": _l("Refused"),
    "undone": _l("Undone"),
    "several entries": _l("Several entries"),
    "deleted in exact": _l("Deleted in Exact"),
    "stranger": _l("Booked in Exact"),
    "older copy": _l("Older copy"),
    "twin": _l("Booked twice by one request"),
    "beside": _l("Beside a linked entry"),
    "deleted in productive": _l("Deleted in Productive"),
    "credited": _l("Undone by a credit entry"),
}


def read_filters(
    args: MultiDict[str, str], subsidiaries: tuple[str, ...] | None, today: date
) -> tuple[Filters, list[str]]:
    """Read the filters of a URL, and sentences about those that make no sense."""
    troubles: list[str] = []
    text = args.get("period", "").strip()
    period = read_period(text) if text else month_period(today)

    if period is None:
        wrong = "“%(text)s” is no period; this month is shown. Write it as 2026-01, 2026-Q1 or 2026."
        troubles.append(str(_(wrong, text=text)))

    view = args.get("view", "")
    code = args.get("differs", "")
    return Filters(
        period=period or month_period(today),
        subsidiaries=subsidiaries,
        view=view if view in VIEWS else "differing",
        code=code if code in DIFFERENCES else "",
    ), troubles


def say_period(period: Period) -> str:
    """Spell a period for people."""
    if period.text == EVERYTHING:
        return str(_("All months"))
    if period.is_month:
        return str(format_date(period.first, "MMMM yyyy"))
    return period.text


def offered_periods(months: Sequence[str], chosen: Period, today: date) -> list[tuple[str, str]]:
    """Return (value, words) of the periods to choose from: months, years, everything; newest first."""
    known = {*months, month_period(today).text} | ({chosen.text} if chosen.is_month else set())
    spelled = sorted(known, reverse=True)
    years = sorted({month[:4] for month in known}, reverse=True)
    texts = [*spelled, *years, EVERYTHING]
    if chosen.text not in texts:
        texts.insert(0, chosen.text)

    periods = (period for text in texts if (period := read_period(text)))
    return [(period.text, say_period(period)) for period in periods]
