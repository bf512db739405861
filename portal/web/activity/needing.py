"""One list of what needs attention, by pages: copies for one reason, or what nothing could be done with."""

from typing import Any

from flask import abort, request

from portal.extensions import db
from portal.store.concerns import Concern, ConcernPage, Counted, Reason, count_reasons, list_concerned
from portal.store.gate import open_unmatched
from portal.store.unreadable import open_for
from portal.web.activity.words import cause_words, needing_url
from portal.web.common.access import subsidiary_scope
from portal.web.common.texts import row_number

UNMATCHED = "unmatched"
UNREADABLE = "unreadable"
# What of an address says which list it is.
LIST_NAMES = ("list", "cause", "words")
PAGE = 25


def needing_words() -> dict[str, Any]:
    """Return one page of the list that the address names."""
    name = request.args.get("list", "")
    if name in (UNMATCHED, UNREADABLE):
        return cause_words() | _rows_of(name)
    if name not in list(Concern):
        abort(404)

    return cause_words() | _copies_of(Concern(name))


def _copies_of(concern: Concern) -> dict[str, Any]:
    """Return copies of a concern, of failures those of one cause or of every one."""
    session = db.session()
    scope = subsidiary_scope()
    args = request.args
    every = concern == Concern.FAILED and "cause" not in args
    reason = Reason(concern, args.get("cause", ""), args.get("words", ""))
    page: ConcernPage = list_concerned(session, scope, reason, after=args.get("after", ""), every_cause=every)
    counts = count_reasons(session, scope)
    of = sum(each.count for one, each in counts.items() if one.concern == concern) if every else 0

    return {
        "list": "copies",
        "reason": reason,
        "every": every,
        "counted": counts.get(reason, Counted()),
        "count": of if every else counts.get(reason, Counted()).count,
        "page": page,
        "asked": {each: args[each] for each in LIST_NAMES if each in args},
        "older": _address(after=page.older) if page.older else None,
        "newer": _address() if "after" in args else None,
    }


def _rows_of(name: str) -> dict[str, Any]:
    """Return one page of what a restore left, or of what cannot be read."""
    session = db.session()
    scope = subsidiary_scope()
    at = max(request.args.get("page", 1, type=row_number) or 1, 1)
    read = open_unmatched if name == UNMATCHED else open_for
    rows = read(session, scope, most=PAGE + 1, after=(at - 1) * PAGE)

    return {
        "list": name,
        "rows": rows[:PAGE],
        "asked": {"list": name, "page": at},
        "older": _address(page=at + 1) if len(rows) > PAGE else None,
        "newer": _address(page=at - 1) if at > 1 else None,
    }


def _address(**given: Any) -> str:
    kept: dict[str, Any] = {name: request.args[name] for name in LIST_NAMES if name in request.args}
    return needing_url(kept | given)
