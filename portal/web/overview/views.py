"""Overview: one month of the books, or the way to the first entry."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.house.states import Role
from portal.store.month_figures import Found
from portal.web.common.access import current_person, require, subsidiary_scope
from portal.web.common.live import answer_live, live_version
from portal.web.common.urls import url_with
from portal.web.overview import accept, signing
from portal.web.overview.blueprint import blueprint, month_or_404, month_url
from portal.web.overview.ground import read_ground
from portal.web.overview.needs import needs_words
from portal.web.overview.way import administrators, find_way
from portal.web.overview.words import overview_words

__all__ = ["accept", "blueprint", "signing"]


@blueprint.get("/")
@require(Role.VIEWER)
def home() -> ResponseReturnValue:
    """Lead to Overview."""
    return redirect(url_for("overview.show_overview"))


@blueprint.get("/overview")
@blueprint.get("/overview/<month>")
@require(Role.VIEWER)
def show_overview(month: str = "") -> ResponseReturnValue:
    """Show one month, or the way to the first entry where no subsidiary is connected."""
    live_version()
    period = month_or_404(month)
    ground = read_ground()
    way = find_way(ground)
    if way is not None:
        asks = None if current_person().is_administrator else administrators()
        return render_template("overview/way.html", way=way, asks=asks)

    # Every reason, where the address asks for that.
    back = url_with(month_url(period), request.args)
    words = overview_words(period, ground) | needs_words(
        subsidiary_scope(), period.first, period.last, back=back
    )
    return render_template("overview/page.html", **words)


@blueprint.get("/overview/<month>/live")
@require(Role.VIEWER)
def show_live(month: str) -> ResponseReturnValue:
    """Show what changed of the month, but for the reasons, which stay until the page is opened again."""
    period = month_or_404(month)
    words: dict[str, Any] = {}

    def read_words() -> dict[str, Any]:
        words.update(overview_words(period, read_ground()))
        return words

    answer = answer_live("overview/_live.html", read_words)
    if words and not words["unsure"] and lacks_reasons(words["needing"]):
        answer.headers["HX-Refresh"] = "true"

    return answer


def lacks_reasons(needing: Found) -> bool:
    """Say whether a page was opened before it could tell a reason, so that there is none to disturb."""
    return "unsure" in request.args or ("bare" in request.args and needing.count > 0)
