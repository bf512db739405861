"""What each page and each part of one may cost, as plain data: a line for every GET address."""

# The aim is at most 6 queries everywhere, 30 kilobytes for a page and 10 for a part of one.
# Who makes a page lighter lowers its line, and nobody raises one.

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """At most how many queries and kilobytes of HTML an answer costs."""

    # Of what ``grows`` the database does more the more invoices there are. A part is asked for by htmx.

    queries: int
    kilobytes: int
    grows: bool = False
    is_part: bool = False


def page(queries: int, kilobytes: int, *, grows: bool = False) -> Budget:
    """A whole page, a download, or what leads to one."""
    return Budget(queries, kilobytes, grows)


def part(queries: int, kilobytes: int, *, grows: bool = False) -> Budget:
    """A part of a page."""
    return Budget(queries, kilobytes, grows, is_part=True)


BUDGETS: dict[str, Budget] = {
    "/": page(1, 1),
    "/account": page(5, 14),
    "/account/password": page(1, 1),
    "/account/second-factor": page(5, 10),
    "/activity": page(12, 40, grows=True),
    "/activity.csv": page(2, 1),
    "/activity/attention": part(7, 12, grows=True),
    "/activity/limits": part(2, 1),
    "/activity/needing?list=failed": page(5, 30, grows=True),
    "/connections/<int:connection_id>/consent": page(3, 1),
    "/connections/<int:connection_id>/disconnect": page(5, 11),
    "/connections/<int:connection_id>/mappings": page(2, 1),
    "/connections/<int:connection_id>/reading": part(2, 1),
    "/connections/<int:connection_id>/set-up": page(6, 15),
    "/connections/<int:connection_id>/sign-in": page(5, 10),
    "/connections/<int:connection_id>/signed-in": page(2, 1),
    "/connections/<int:connection_id>/trial": page(6, 13),
    "/connections/<int:connection_id>/trial/status": part(5, 1),
    "/connections/<int:connection_id>/trials/<trial_id>": page(5, 12),
    "/connections/new": page(3, 11),
    "/copies/<copy_id>": part(4, 2),
    "/healthz": page(1, 1),
    # Off without its token, see test_health.py for what it costs.
    "/metrics": page(0, 1),
    "/readyz": page(1, 1),
    # Their counts have a row for each month in which something is due, of which a small house has few.
    "/invoices": page(5, 36, grows=True),
    "/invoices.csv": page(2, 454, grows=True),
    "/invoices/<invoice_id>": page(6, 30),
    "/invoices/<invoice_id>/copy": part(4, 11),
    "/invoices/<invoice_id>/copy/changes": part(7, 1),
    "/invoices/<invoice_id>/copy/customers": part(4, 1),
    "/invoices/<invoice_id>/copy/ledgers": part(4, 1),
    "/invoices/<invoice_id>/copy/unread": part(2, 1),
    "/invoices/<invoice_id>/entry": page(4, 1),
    "/invoices/<invoice_id>/held": part(9, 1),
    "/invoices/<invoice_id>/held/<entry_id>": page(9, 10),
    "/invoices/<invoice_id>/link": page(5, 10),
    "/invoices/<invoice_id>/live": part(6, 23),
    "/invoices/<invoice_id>/undo": part(8, 2),
    "/invoices/customers": part(2, 4, grows=True),
    "/invoices/customers?q=Brouwerij": part(2, 4, grows=True),
    "/invoices/live": part(4, 3, grows=True),
    "/invoices/reading": part(1, 1),
    "/invoices?q=Brouwerij": page(5, 37, grows=True),
    "/invoices?q=S2025-0003": page(5, 37, grows=True),
    "/invoices?q=zzzz": page(4, 14, grows=True),
    "/invoices?sort=customer": page(5, 37, grows=True),
    "/invoices?subsidiary=seed": page(5, 37, grows=True),
    "/invoices?view=not-copied": page(5, 38, grows=True),
    "/live": part(2, 1),
    "/mappings": page(6, 15),
    "/mappings/<int:connection_id>/<kind>/<slug>": part(4, 2),
    "/mappings/<int:connection_id>/<kind>/<slug>/choices": part(7, 1),
    "/mappings/<int:connection_id>/<kind>/<slug>/edit": part(7, 2),
    "/mappings/<int:connection_id>/head": part(5, 1),
    "/mappings/customers": page(7, 14),
    "/mappings/customers/<int:connection_id>/<company_id>": page(10, 10),
    "/mappings/customers?subsidiary=seed": page(9, 23, grows=True),
    "/mappings?subsidiary=seed": page(8, 29, grows=True),
    "/moving-over": page(9, 10, grows=True),
    "/moving-over/live": part(4, 1),
    "/overview": page(7, 22, grows=True),
    "/overview/<month>": page(7, 22, grows=True),
    "/overview/<month>/live": part(5, 9, grows=True),
    "/overview/<month>/sign-off": part(5, 3),
    "/overview/<month>/sign-off/cancel": part(4, 1),
    "/overview/choose": part(1, 1),
    "/overview/sign-offs/<int:sign_off_id>": page(8, 11),
    "/overview?subsidiary=seed": page(7, 21, grows=True),
    "/payments": page(6, 32),
    "/payments/<payment_id>/row": part(3, 2),
    "/payments/live": part(3, 1, grows=True),
    "/payments/pulls": part(3, 3),
    "/reconciliation": page(7, 58, grows=True),
    "/reconciliation.csv": page(9, 8, grows=True),
    "/reconciliation/charts": page(9, 34, grows=True),
    "/reconciliation/charts/part": part(8, 24, grows=True),
    "/reconciliation/rows/<key>": part(8, 13),
    "/reconciliation/rows/<key>/entry": page(3, 1),
    "/reconciliation/rows/<key>/sides": part(6, 3),
    "/reconciliation/statement": page(18, 52, grows=True),
    "/reconciliation/statement?subsidiary=seed": page(18, 52, grows=True),
    "/reconciliation/statement?rows=all": page(18, 400, grows=True),
    "/reconciliation/status": part(4, 2),
    "/reconciliation?period=all": page(10, 58, grows=True),
    "/runs": page(1, 1),
    "/runs/<run_id>": page(10, 11),
    "/runs/<run_id>/live": part(10, 3),
    "/runs/new": page(4, 10),
    "/runs/new/live": part(4, 1),
    "/settings": page(3, 11),
    # They count the copies of the last five minutes, which in a house that was just made are all of them.
    "/settings/apps": page(6, 16, grows=True),
    "/settings/limits": page(5, 10, grows=True),
    "/settings/limits/left": part(5, 2, grows=True),
    "/settings/productive": page(3, 11),
    "/settings/rules": page(7, 18, grows=True),
    "/settings/users": page(4, 10),
    "/settings/users/<int:user_id>": page(4, 12),
    "/settings/users/<int:user_id>/second-factor": page(4, 9),
    "/settings/users/new": page(3, 12),
    "/sign-in": page(1, 1),
    "/sign-in/code": page(1, 1),
}
