"""The page's filters, as the URL spells them."""

from collections.abc import Sequence
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from portal.domain.books.states import DIFFERENCES, Agreement, Why
from portal.domain.periods import EVERYTHING, Period, month_period, read_period
from portal.store.reconciliation import VIEWS, Filters

VIEW_NAMES = {
    "differing": _l("To check"),
    Agreement.DIFFERENT: _l("Amounts differ"),
    Agreement.ONLY_PRODUCTIVE: _l("Only in Productive"),
    Agreement.ONLY_EXACT: _l("Only in Exact"),
    Agreement.EXPLAINED: _l("Explained"),
    Agreement.EQUAL: _l("Equal"),
    "all": _l("All"),
}
CODE_NAMES = {
    Why.AMOUNT: _l("Amount"),
    Why.VAT: _l("VAT"),
    Why.CURRENCY: _l("Currency"),
    Why.LEDGER: _l("Ledger"),
    Why.DATE: _l("Date"),
    Why.CUSTOMER: _l("Customer"),
    Why.OPEN: _l("Open amount"),
    Why.PAID: _l("Paid"),
    Why.DETAILS: _l("Details"),
    Why.CHANGED: _l("Changed in Productive"),
    Why.UNLINKED: _l("Not linked"),
    Why.NOT_COPIED: _l("Not copied"),
    Why.ELSEWHERE: _l("Copied elsewhere"),
    Why.EXCLUDED: _l("Do not copy"),
    Why.EARLY: _l("Before the first day"),
    Why.ON_ITS_WAY: _l("On its way"),
    Why.UNCERTAIN: _l("Uncertain"),
    Why.REFUSED: _l("Refused"),
    Why.UNDONE: _l("Undone"),
    Why.SEVERAL: _l("Several entries"),
    Why.GONE: _l("Deleted in Exact"),
    Why.STRANGER: _l("Booked in Exact"),
    Why.OLDER: _l("Older copy"),
    Why.TWIN: _l("Booked twice by one request"),
    Why.BESIDE: _l("Beside a linked entry"),
    Why.INVOICE_GONE: _l("Deleted in Productive"),
    Why.CREDITED: _l("Undone by a credit entry"),
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
    """Return the periods to choose from, the newest first."""
    known = {*months, month_period(today).text} | ({chosen.text} if chosen.is_month else set())
    spelled = sorted(known, reverse=True)
    years = sorted({month[:4] for month in known}, reverse=True)
    texts = [*spelled, *years, EVERYTHING]
    if chosen.text not in texts:
        texts.insert(0, chosen.text)

    periods = (period for text in texts if (period := read_period(text)))
    return [(period.text, say_period(period)) for period in periods]
