"""Activity: what needs attention first, with Retry, then everything that happened."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.actions.copies.retry_cause import Retried, retry_cause
from portal.actions.restore.unmatched import settle_unmatched
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.activity import EventFilters, event_kinds, list_events
from portal.store.attention import failed_for, read_attention
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.events import ONLY_FOR_ADMINISTRATORS
from portal.store.gate import UnmatchedRow
from portal.store.invoices import InvoiceRow
from portal.web.activity.causes import advise, name_cause, name_class, whose_words
from portal.web.activity.csv import write_csv
from portal.web.common.access import current_person, require, see_or_404, subsidiary_scope, wiring
from portal.web.common.budgets import read_budgets
from portal.web.common.events import name_kind
from portal.web.common.htmx import is_htmx
from portal.web.common.texts import row_number
from portal.web.common.unreadable import show_unreadable
from portal.web.common.urls import url_with

blueprint = Blueprint("activity", __name__)


@blueprint.get("/activity")
@require(Role.VIEWER)
def show_activity() -> ResponseReturnValue:
    """Show what needs attention and what happened, or only the latter when htmx asks."""
    words = event_words()
    if not is_htmx():
        words |= attention_words() | budget_words()
    answer = make_response(render_template(f"activity/{'_events' if is_htmx() else 'page'}.html", **words))
    answer.headers["Vary"] = "HX-Request"
    return answer


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


@blueprint.get("/activity/limits")
@require(Role.VIEWER)
def show_limits() -> ResponseReturnValue:
    """Show what is left of the limits alone."""
    if not is_htmx():
        return redirect(url_for("activity.show_activity"))
    return render_template("activity/_budgets.html", **budget_words())


@blueprint.get("/activity/attention")
@require(Role.VIEWER)
def show_attention() -> ResponseReturnValue:
    """Show what needs attention alone."""
    if not is_htmx():
        return redirect(url_for("activity.show_activity"))
    return render_template("activity/_attention.html", **attention_words())


@blueprint.get("/activity.csv")
@require(Role.VIEWER)
def download_csv() -> ResponseReturnValue:
    """Download what is filtered."""
    return write_csv(read_filters())


@blueprint.post("/activity/retry")
@require(Role.FINANCE)
def retry() -> ResponseReturnValue:
    """Retry one copy, or all that failed for one cause; the answer is what still needs attention."""
    retried = retry_cause(
        db.session(),
        the_portal().nudge,
        asked_for(),
        requested_by=current_person().name,
        now=wiring().clock(),
    )

    text = say_retried(retried)
    if not is_htmx():
        flash(" ".join((text, *retried.problems)), "error" if retried.problems else "success")
        return redirect(url_for("activity.show_activity"))

    return render_template(
        "activity/_attention.html", done=text, problems=retried.problems, **attention_words()
    )


@blueprint.post("/activity/unmatched/<int:unmatched_id>/settle")
@require(Role.FINANCE)
def settle(unmatched_id: int) -> ResponseReturnValue:
    """Take something off the list that a restore left; the answer is what still needs attention."""
    row = db.session.get(UnmatchedRow, unmatched_id) or abort(404)
    see_or_404(db.session.get_one(ConnectionRow, row.connection_id).subsidiary_id)
    settle_unmatched(db.session(), row.id, actor=current_person().name, now=wiring().clock())
    if not is_htmx():
        return redirect(url_for("activity.show_activity"))
    return render_template("activity/_attention.html", done=_("Settled."), **attention_words())


def asked_for() -> list[str]:
    """Return the copies that a form names: all of a cause, or by their ids."""
    form = request.form
    if "cause" not in form:
        return visible_copies(form.getlist("copy"))
    found = failed_for(db.session(), subsidiary_scope(), form["cause"], form.get("words", ""))
    db.session.commit()
    return found


def say_retried(retried: Retried) -> str:
    """Say what a retry began."""
    text = ngettext("%(num)d copy is tried again.", "%(num)d copies are tried again.", retried.tried)
    if not retried.following:
        return str(text)

    more = ngettext(
        "%(num)d waits and follows when it succeeds.",
        "%(num)d wait and follow when it succeeds.",
        retried.following,
    )

    return f"{text} {more}"


def visible_copies(ids: list[str]) -> list[str]:
    """Keep those copies that exist and that the person may see."""
    rows = db.session.query(CopyRow.id, InvoiceRow.subsidiary_id).join(
        InvoiceRow, InvoiceRow.id == CopyRow.invoice_id
    )
    seen = [
        copy_id
        for copy_id, owner in rows.filter(CopyRow.id.in_(ids[:500]))
        if current_person().may_see(owner)
    ]

    db.session.commit()
    return seen
