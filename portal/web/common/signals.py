"""What the navigation and the tab's title say needs somebody."""

from flask import g
from flask_babel import ngettext

from portal.extensions import db
from portal.store.signals import Signals, read_signals
from portal.web.common.access import subsidiary_scope


def signals() -> Signals:
    """Return what needs somebody in the chosen subsidiaries, counted once a request."""
    if "signals" not in g:
        g.signals = read_signals(db.session(), subsidiary_scope())
    found: Signals = g.signals
    return found


def needs_words(count: int) -> str:
    """Say how much needs somebody, for those who hear the number."""
    return str(ngettext("%(num)d needs you", "%(num)d need you", count))
