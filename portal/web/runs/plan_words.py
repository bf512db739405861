"""What the templates of Copy many are given."""

from typing import Any

from flask import request, url_for

from portal.domain.copies.standing import STUCK
from portal.extensions import db
from portal.store.standings import count_standings
from portal.web.common.clock import now
from portal.web.common.htmx import current_path
from portal.web.common.need_words import short_word
from portal.web.common.urls import url_with
from portal.web.overview.needs import needs_words
from portal.web.runs.choice import Choice, count_ready
from portal.web.runs.from_words import said_from
from portal.web.runs.look import Asked
from portal.web.runs.looked import look_over
from portal.web.runs.plan import Plan, codes_of

# What a live request sends along, which is no part of the address.
NOT_KEPT: dict[str, str | None] = {"had": None, "v": None, "rows": None}


def plan_words(plan: Plan) -> dict[str, Any]:
    """Return what the page shows."""
    live = url_for("runs.show_plan_live")
    return {
        "plan": plan,
        "codes_of": codes_of,
        "said_from": said_from,
        "short_word": short_word,
        "here": current_path(),
        "moment_now": now(),
        "live": url_with(live, request.args, had=str(plan.count)),
        "ask_now": url_with(live, request.args),
        **_first_words(plan.choice),
    }


def _first_words(choice: Choice) -> dict[str, Any]:
    """Return what needs somebody first among all that match, nothing for what was chosen one by one."""
    filters = choice.filters
    if filters is None or filters.query or filters.company_id:
        return {"more_needing": 0}

    days = (filters.subsidiaries, filters.since, filters.until)
    tallies = count_standings(db.session(), *days)
    count = sum(tallies[standing].count for standing in STUCK)
    return {"more_needing": count, **needs_words(*days, back=current_path())}


def news_words(choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return what changed beside the sum since the page was shown."""
    had = request.args.get("had", type=int)
    ready = count_ready(choice)
    looked = look_over(choice.rows)
    db.session.commit()

    return {
        "had": had,
        "ready": ready,
        "is_other": had is not None and ready != had,
        "looked": looked,
        "trouble": asked.trouble,
        "page_url": url_with(url_for("runs.show_plan"), request.args, **NOT_KEPT),
        "ask_now": url_with(url_for("runs.show_plan_live"), request.args, **NOT_KEPT),
    }
