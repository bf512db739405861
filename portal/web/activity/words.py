"""What Activity shows: what needs a person, and what happened."""

from functools import partial
from typing import Any

from flask import request, url_for

from portal.domain.events import EventKind
from portal.extensions import db
from portal.store.activity import EventFilters, list_events
from portal.store.attention import read_attention
from portal.store.concerns import Concern, Reason
from portal.store.events import ONLY_FOR_ADMINISTRATORS
from portal.web.activity.causes import CONCERNS, advise, name_cause, name_class, whose_words
from portal.web.common.access import current_person, subsidiary_scope
from portal.web.common.events import name_kind
from portal.web.common.frame import places
from portal.web.common.said import codes_that_say
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
        codes=codes_that_say,
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
        "kinds": [kind for kind in EventKind if kind not in filters.hidden],
        "name_kind": name_kind,
        "url_with": partial(url_with, path, request.args),
        "csv_url": url_with(url_for("activity.download_csv"), request.args),
    }


def attention_words() -> dict[str, Any]:
    """Return what needs a person."""
    return cause_words() | {"attention": read_attention(db.session(), subsidiary_scope(), places())}


def cause_words() -> dict[str, Any]:
    """Return what spells causes and records that cannot be read."""
    return {
        "name_cause": name_cause,
        "name_class": name_class,
        "advise": advise,
        "whose_words": whose_words,
        "show_unreadable": show_unreadable,
        "concern_names": CONCERNS,
        "list_url": list_url,
    }


def list_url(reason: Reason) -> str:
    """Return the address of all copies that need somebody for a reason."""
    if reason.concern != Concern.FAILED:
        return needing_url({"list": reason.concern.value})
    return needing_url({"list": reason.concern.value, "cause": reason.cause, "words": reason.words})


def needing_url(named: dict[str, Any]) -> str:
    """Return the address of a list of what needs somebody."""
    return url_for("activity.show_needing", **named)
