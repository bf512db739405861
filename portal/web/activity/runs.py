"""The runs that Activity lists, newest first, with what became of each."""

from typing import Any

from flask import request

from portal.domain.copies.runs import BOOKED
from portal.extensions import db
from portal.store.runs import list_runs, read_progresses, subsidiaries_of_runs
from portal.web.common.access import current_person, subsidiary_scope, wiring

SHOWN = 10
ALL = 200


def runs_words() -> dict[str, Any]:
    """Return the runs that the person may see, in the subsidiaries that the page is narrowed to."""
    session = db.session()
    most = ALL if request.args.get("runs") == "all" else SHOWN
    found = list_runs(session, current_person().subsidiaries, subsidiary_scope(), most=most + 1)
    runs = found[:most]
    ids = [run.id for run in runs]

    return {
        "runs": runs,
        "booked_states": BOOKED,
        "more_runs": len(found) > most,
        "progresses": read_progresses(session, ids, wiring().clock()) if ids else {},
        "run_subsidiaries": subsidiaries_of_runs(session, ids) if ids else {},
    }
