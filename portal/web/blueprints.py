"""The one list of features. Each is a folder whose ``views`` module has a ``blueprint``."""

from flask import Flask

from portal.web.account.views import blueprint as account
from portal.web.activity.views import blueprint as activity
from portal.web.auth.views import blueprint as auth
from portal.web.connections.views import blueprint as connections
from portal.web.copies.views import blueprint as copies
from portal.web.health.views import blueprint as health
from portal.web.hooks.views import blueprint as hooks
from portal.web.invoices.views import blueprint as invoices
from portal.web.limits.views import blueprint as limits
from portal.web.live.views import blueprint as live
from portal.web.mappings.customers import blueprint as customer_links
from portal.web.mappings.views import blueprint as mappings
from portal.web.moving_over.views import blueprint as moving_over
from portal.web.overview.views import blueprint as overview
from portal.web.payments.views import blueprint as payments
from portal.web.reconciliation.views import blueprint as reconciliation
from portal.web.rules.views import blueprint as rules
from portal.web.runs.views import blueprint as runs
from portal.web.second_factor.views import blueprint as second_factor
from portal.web.settings.views import blueprint as settings
from portal.web.strangers.views import blueprint as strangers
from portal.web.trials.views import blueprint as trials
from portal.web.undo.views import blueprint as undo
from portal.web.users.views import blueprint as users

FEATURES = (
    auth,
    account,
    second_factor,
    users,
    health,
    hooks,
    settings,
    limits,
    rules,
    connections,
    customer_links,
    mappings,
    live,
    overview,
    invoices,
    copies,
    runs,
    strangers,
    moving_over,
    undo,
    payments,
    reconciliation,
    trials,
    activity,
)


def register_blueprints(app: Flask) -> None:
    """Register every feature."""
    for feature in FEATURES:
        app.register_blueprint(feature)
