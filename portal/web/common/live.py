"""The one request by which an open page asks what changed meanwhile."""

from collections.abc import Callable

from flask import Response, g, make_response, render_template, request

from portal.extensions import db
from portal.store.pulse import read_version
from portal.web.common.clock import today
from portal.web.common.frame import singles


def live_version() -> str:
    """Return what a page is as new as, which a view notes before it reads what it shows."""
    if "live_version" not in g:
        # An open page asks every two seconds, and nearly always nothing else is read.
        asks_again = "v" in request.args
        version = read_version(db.session()) if asks_again else singles().version
        # What is overdue changes with the day, whatever is written.
        g.live_version = f"{today():%Y%m%d}-{version}"

    found: str = g.live_version
    return found


def noted_version() -> str:
    """Return the version that the view noted, empty where the page asks for all anew."""
    found: str = g.get("live_version", "")
    return found


def is_as_shown() -> bool:
    """Say whether nothing changed since the open page was shown."""
    return request.args.get("v") == live_version()


def answer_live(
    template: str = "", read_words: Callable[[], dict[str, object]] = dict, *, anew: bool = False
) -> Response:
    """Answer 204 where nothing changed, else what this template makes of the page, and the signals.

    ``anew`` says that something else changed which no version tells.
    """
    # The template's parts say by hx-swap-oob where they belong, table rows in a <template> each.
    version = live_version()
    if is_as_shown() and not anew:
        return make_response("", 204)

    page = render_template("components/live_answer.html", version=version, template=template, **read_words())
    return make_response(page)
