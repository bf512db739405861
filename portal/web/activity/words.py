"""What Activity shows: what needs a person, what is left of the limits, and what happened."""

from functools import partial
from typing import Any

from flask import request, url_for

from portal.extensions import db
from portal.store.activity import EventFilters, event_kinds, list_events
from portal.store.attention import read_attention
from portal.store.events import ONLY_FOR_ADMINISTRATORS
from portal.web.activity.causes import advise, name_cause, name_class, whose_words
from portal.web.common.access import current_person, subsidiary_scope, wiring
from portal.web.common.budgets import read_budgets
from portal.web.common.events import name_kind
from portal.web.common.texts import row_number
from portal.web.common.unreadable import show_unreadable
from portal.web.common.urls import url_with


def read_filters() -> EventFilters:
    """Read the filters of the URL."""
    args = request.args
    return EventFilters(
        subsidiary_scope(),
        args.get("kind", ""),
        args.get("q", "").strip()[:100],
        hidden=() if current_person().is_administrator else ONLY_FOR_ADMINISTRATORS,
    )


def event_words() -> dict[str, Any]:
    """Return what the list of events shows."""
    filters = read_filters()
    path = url_for("activity.show_activity")
    back = "before" in request.args
    cursor = request.args.get("before" if back else "after", type=row_number)

    return {
        "page": list_events(db.session(), filters, cursor=cursor, back=back),
        "filters": filters,
        "kinds": [
            kind for kind in event_kinds(db.session(), filters.subsidiaries) if kind not in filters.hidden
        ],
        "name_kind": name_kind,
        "url_with": partial(url_with, path, request.args),
        "csv_url": url_with(url_for("activity.download_csv"), request.args),
    }


def attention_words() -> dict[str, Any]:
    """Return what needs a person."""
    return {
        "attention": read_attention(db.session(), subsidiary_scope()),
        "name_cause": name_cause,
        "name_class": name_class,
        "advise": advise,
        "whose_words": whose_words,
        "show_unreadable": show_unreadable,
    }


def budget_words() -> dict[str, Any]:
    """Return what is left of the limits."""
    return {"budgets": read_budgets(db.session(), subsidiary_scope(), wiring().clock())}
