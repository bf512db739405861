"""Activity: what needs attention first, with Retry, then everything that happened."""

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.restore.unmatched import settle_unmatched
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.gate import UnmatchedRow
from portal.web.activity.csv import write_csv
from portal.web.activity.needing import LIST_NAMES, needing_words
from portal.web.activity.retry import retry_asked, say_retried
from portal.web.activity.runs import runs_words
from portal.web.activity.words import attention_words, event_words, needing_url, read_filters
from portal.web.common.access import current_person, require, see_or_404, wiring
from portal.web.common.htmx import is_htmx
from portal.web.common.said import sentence_of

blueprint = Blueprint("activity", __name__)


@blueprint.get("/activity")
@require(Role.VIEWER)
def show_activity() -> ResponseReturnValue:
    """Show what needs attention and what happened, or only the latter when htmx asks."""
    words = event_words()
    if not is_htmx():
        words |= attention_words() | runs_words()

    template = "activity/_events.html" if is_htmx() else "activity/page.html"
    answer = make_response(render_template(template, **words))
    answer.headers["Vary"] = "HX-Request"
    return answer


@blueprint.get("/activity/attention")
@require(Role.VIEWER)
def show_attention() -> ResponseReturnValue:
    """Show what needs attention alone."""
    if not is_htmx():
        return redirect(url_for("activity.show_activity"))
    return render_template("activity/_attention.html", **attention_words())


@blueprint.get("/activity/needing")
@require(Role.VIEWER)
def show_needing() -> ResponseReturnValue:
    """Show all of one list of what needs attention, by pages."""
    if "list" not in request.args:
        return redirect(url_for("activity.show_activity"))
    return render_template("activity/needing.html", **needing_words())


@blueprint.get("/activity.csv")
@require(Role.VIEWER)
def download_csv() -> ResponseReturnValue:
    """Download what is filtered."""
    return write_csv(read_filters())


@blueprint.post("/activity/retry")
@require(Role.FINANCE)
def retry() -> ResponseReturnValue:
    """Try one copy again, or all that failed for one cause."""
    retried = retry_asked()
    text = say_retried(retried)
    problems = [sentence_of(each) for each in retried.problems]
    if not is_htmx():
        flash(" ".join((text, *problems)), "error" if problems else "success")
        return redirect(where_from())

    words = attention_words() | {"done": text, "problems": problems}
    return render_template("activity/_attention.html", **words)


@blueprint.post("/activity/unmatched/<int:unmatched_id>/settle")
@require(Role.FINANCE)
def settle(unmatched_id: int) -> ResponseReturnValue:
    """Take something off the list that a restore left."""
    row = db.session.get(UnmatchedRow, unmatched_id) or abort(404)
    see_or_404(db.session.get_one(ConnectionRow, row.connection_id).subsidiary_id)
    settle_unmatched(db.session(), row.id, actor=current_person().name, now=wiring().clock())
    if not is_htmx():
        return redirect(where_from())
    return render_template("activity/_attention.html", done=_("Settled."), **attention_words())


def where_from() -> str:
    """Return the list on which a button was pressed, else Activity."""
    if "list" not in request.args:
        return url_for("activity.show_activity")

    asked = {name: request.args[name] for name in (*LIST_NAMES, "after", "page") if name in request.args}
    return needing_url(asked)
