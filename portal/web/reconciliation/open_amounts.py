"""What is open by age, and of which subsidiaries Exact's side is not known."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.extensions import db
from portal.store.book_sums import delays, open_by_age
from portal.store.connections import live_connections
from portal.store.receivables import Unknown, unknown_open
from portal.store.reconciliation import Filters, Scope
from portal.web.common.clock import today
from portal.web.reconciliation.charts import draw_ages, draw_delays

REASONS = {
    Unknown.OFF: _l("payments are not synchronized"),
    Unknown.NOT_CONNECTED: _l("it is not connected to Exact"),
    Unknown.NOT_YET: _l("Exact’s receivables are being read for the first time"),
}


def open_words(filters: Filters) -> dict[str, Any]:
    """Return what the charts show."""
    session = db.session()
    scope = filters.subsidiaries
    unknown = unknown_open(session, scope)
    live = [row for row in live_connections(session) if scope is None or row.subsidiary_id in scope]
    known = len([one for one in unknown if one.why != Unknown.NOT_CONNECTED]) < len(live)

    return {
        "ages": draw_ages(open_by_age(session, scope, today()), known=known),
        "ages_known": known,
        "unknown": [(one.subsidiary, str(REASONS[one.why])) for one in unknown],
        "delays": draw_delays(delays(session, filters.period, scope)),
        "today": today(),
    }


def open_totals(scope: Scope) -> list[tuple[str, int, int]]:
    """Return per currency what is open in Productive and in Exact."""
    ages = open_by_age(db.session(), scope, today())
    return [
        (currency, sum(one.ours for one in sums), sum(one.theirs for one in sums))
        for currency, sums in ages.items()
    ]
