"""What is open by age, and of which subsidiaries Exact's side is not known."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.extensions import db
from portal.store.book_sums import delays, open_by_age
from portal.store.receivables import Unknown, unknown_open
from portal.store.reconciliation import Filters
from portal.web.common.clock import today
from portal.web.common.frame import places
from portal.web.reconciliation.charts import draw_ages, draw_delays

REASONS = {
    Unknown.OFF: _l("payments are not synchronized"),
    Unknown.NOT_CONNECTED: _l("it is not connected to Exact"),
    Unknown.NOT_YET: _l("Exact’s receivables are being read for the first time"),
}


def chart_words(filters: Filters) -> dict[str, Any]:
    """Return what the charts show: what is open by age, and how late invoices were paid."""
    found = delays(db.session(), filters.period, filters.subsidiaries)
    return open_words(filters) | {"delays": draw_delays(found)}


def open_words(filters: Filters) -> dict[str, Any]:
    """Return what is open by age on both sides, and of whom Exact's side is not known."""
    session = db.session()
    scope = filters.subsidiaries
    unknown = unknown_open(session, scope)
    live = places().live(scope)
    known = len([one for one in unknown if one.why != Unknown.NOT_CONNECTED]) < len(live)
    ages = open_by_age(session, scope, today())

    return {
        "ages": draw_ages(ages, known=known),
        "ages_known": known,
        "open_totals": [
            (currency, sum(one.ours for one in sums), sum(one.theirs for one in sums))
            for currency, sums in ages.items()
        ],
        "unknown": [(one.subsidiary, str(REASONS[one.why])) for one in unknown],
        "today": today(),
    }
