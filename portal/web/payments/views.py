"""Payments: what was recorded, the pulls of each connection, and what a person can do about a payment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.actions.engine.jobs import Job
from portal.actions.payments.on_request import (
    leave_by_hand,
    mark_sent_and_pay,
    record_anyway,
    restore_payment,
    retry_payment,
)
from portal.actions.payments.synchronize import request_pulls_now
from portal.domain.connections.states import ConnectionState, GrantState
from portal.domain.house.states import Role
from portal.domain.payments.states import FindingKind
from portal.extensions import db, the_portal
from portal.store.payment_list import (
    MOST_FINDINGS,
    UNREADABLE,
    VIEWS,
    Connections,
    MirroredPayment,
    PaymentPage,
    Place,
    Pull,
    count_views,
    find_payment,
    list_payments,
    list_pulls,
    open_findings,
)
from portal.web.common.access import current_person, require, see_or_404, subsidiary_scope, wiring
from portal.web.common.formats import read_moment
from portal.web.common.frame import name_of_subsidiary, places
from portal.web.common.htmx import is_htmx
from portal.web.common.live import answer_live, is_as_shown, live_version
from portal.web.common.unreadable import unreadable_of
from portal.web.common.urls import url_with
from portal.web.payments.found import found_words
from portal.web.payments.states import shown_state

blueprint = Blueprint("payments", __name__)
PATIENCE = timedelta(minutes=10)
PULLED = "payments-pulled"
# So many that a person must look at come before the list. All of them are a click away.
FIRST_FINDINGS = 5
# What was to be looked at may have been settled by it.
ACTED = "payment-acted"
VIEW_NAMES = {
    "all": _l("All"),
    "created": _l("Recorded"),
    "changed": _l("Changed"),
    "removed": _l("Removed"),
    "waiting": _l("On their way"),
    "held": _l("Held or to decide"),
    "refused": _l("Refused"),
}
Act = Callable[[Session, str], None]


@blueprint.get("/payments")
@require(Role.VIEWER)
def show_payments() -> ResponseReturnValue:
    """Show the pulls and what was recorded, or only the list when htmx asks."""
    live_version()
    if is_htmx():
        answer = make_response(render_template("payments/_list.html", **list_words()))
    else:
        words = list_words() | pull_words(read_moment(request.args.get("since")))
        words["unreadable"] = unreadable_of(*UNREADABLE) if words["counts"].unreadable else []
        answer = make_response(render_template("payments/page.html", **words))

    answer.headers["Vary"] = "HX-Request"
    return answer


def list_words() -> dict[str, Any]:
    """Return what the list shows: the open findings, then one page of payments."""
    scope = subsidiary_scope()
    view = asked_view()
    path = url_for("payments.show_payments")
    connections = seen_connections()
    counts = count_views(db.session(), scope, connections)
    most = MOST_FINDINGS if "looks" in request.args else FIRST_FINDINGS

    return row_words() | {
        "page": listed_page(connections),
        "counts": counts,
        "findings": open_findings(db.session(), scope, most) if counts.findings else [],
        "all_looks": url_with(path, request.args, looks="all"),
        "OVERPAID": FindingKind.OVERPAID,
        "view": view,
        "views": [
            (one, VIEW_NAMES[one], counts.views[one], url_with(path, request.args, view=one)) for one in VIEWS
        ],
        "live_url": url_with(url_for("payments.show_live"), request.args, view=view),
        "url_with": partial(url_with, path, request.args),
        "here": url_with(path, request.args, view=view),
    }


def seen_connections() -> Connections:
    """Return the connections that subsidiaries in sight have, or had. Their payments are theirs."""
    scope = subsidiary_scope()
    if scope is None:
        return None
    return [row.id for row in places().connections if row.subsidiary_id in scope]


def listed_page(connections: Connections) -> PaymentPage:
    """Return the page of payments that the URL asks for."""
    back = "before" in request.args
    cursor = request.args.get("before" if back else "after", "")
    return list_payments(db.session(), connections, asked_view(), cursor=cursor, back=back)


def asked_view() -> str:
    """Return the view that the URL asks for."""
    view = request.args.get("view", "all")
    return view if view in VIEWS else "all"


def pull_words(asked_at: datetime | None) -> dict[str, Any]:
    """Return what the pulls show. ``running`` are those that were asked for and have not ended."""
    now = wiring().clock()
    pulls = list_pulls(db.session(), live_places(), now=now)
    on = [pull for pull in pulls if pull.connection.payments.on]
    drafts = [row for row in places().in_use(subsidiary_scope()) if row.state == ConnectionState.DRAFT]
    running = [pull for pull in on if is_running(pull, asked_at, now)]
    late = asked_at is not None and now - asked_at > PATIENCE

    return {
        "pulls": pulls,
        "on": on,
        "drafts": drafts,
        "asked_at": asked_at,
        "running": running,
        "found_words": found_words,
        "ended": [pull for pull in on if asked_at and pull.ended and pull.ended_since(asked_at)],
        "slow": late and any(not pull.ended_since(asked_at) for pull in on if asked_at),
        "minutes": the_portal().settings.payment_pull_minutes,
    }


def live_places() -> list[Place]:
    """Return the live connections in sight by the names of their subsidiaries."""
    known = places()
    found = []
    for row in known.live(subsidiary_scope()):
        grant = known.grant_of(row)
        signed_in = grant is not None and grant.state == GrantState.LIVE
        found.append(Place(row, name_of_subsidiary(row.subsidiary_id) or row.division_name, signed_in))

    return sorted(found, key=lambda place: (place.subsidiary, place.connection.id))


def is_running(pull: Pull, asked_at: datetime | None, now: datetime) -> bool:
    """Say whether a pull that a person waits for goes on. One that never began is given up after a while."""
    if asked_at is None:
        return False
    return not pull.ended_since(asked_at) and (pull.working or now - asked_at <= PATIENCE)


@blueprint.post("/payments/pull")
@require(Role.FINANCE)
def pull() -> ResponseReturnValue:
    """Ask for a pull of every connection in sight. The answer is its progress."""
    asked_at = wiring().clock()
    count = request_pulls_now(db.session(), the_portal().nudge, subsidiary_scope())
    if not count:
        flash(_("No connection synchronizes payments, so there is nothing to get."), "warn")

    if is_htmx():
        return render_template("payments/_pulls.html", **pull_words(asked_at))

    return redirect(url_for("payments.show_payments", since=asked_at.isoformat()))


@blueprint.get("/payments/pulls")
@require(Role.VIEWER)
def show_pulls() -> ResponseReturnValue:
    """Show how the pulls stand. When those that were asked for have ended, the list renews itself."""
    asked_at = read_moment(request.args.get("since"))
    if not is_htmx():
        return redirect(url_for("payments.show_payments", since=request.args.get("since")))

    words = pull_words(asked_at)
    answer = make_response(render_template("payments/_pulls.html", **words))
    if asked_at and not words["running"]:
        answer.headers["HX-Trigger"] = PULLED

    return answer


@blueprint.get("/payments/<payment_id>/row")
@require(Role.VIEWER)
def show_row(payment_id: str) -> str:
    """Show one payment of the list, as it stands now."""
    return show_payment(payment_or_404(payment_id))


@blueprint.post("/payments/<payment_id>/mark-sent")
@require(Role.FINANCE)
def mark_sent(payment_id: str) -> ResponseReturnValue:
    """Mark the invoice as sent in Productive, then record what was held."""
    return act(payment_id, partial(mark_sent_and_pay, **by_whom()))


@blueprint.post("/payments/<payment_id>/retry")
@require(Role.FINANCE)
def retry(payment_id: str) -> ResponseReturnValue:
    """Try a refused payment again."""
    return act(payment_id, partial(retry_payment, **by_whom()))


@blueprint.post("/payments/<payment_id>/restore")
@require(Role.FINANCE)
def restore(payment_id: str) -> ResponseReturnValue:
    """Make a payment again as Exact has it, after somebody changed or removed it in Productive."""
    return act(payment_id, partial(restore_payment, **by_whom()))


@blueprint.post("/payments/<payment_id>/record")
@require(Role.FINANCE)
def record(payment_id: str) -> ResponseReturnValue:
    """Record a payment although the invoice is over-paid by it."""
    return act(payment_id, partial(record_anyway, **by_whom()))


@blueprint.post("/payments/<payment_id>/leave")
@require(Role.FINANCE)
def leave(payment_id: str) -> ResponseReturnValue:
    """Take what somebody recorded in Productive by hand as this payment."""
    return act(payment_id, partial(leave_by_hand, **by_whom()), _("The payment counts as recorded by hand."))


def by_whom() -> dict[str, Any]:
    """Return who acts, and when."""
    return {"actor": current_person().name, "now": wiring().clock()}


def act(payment_id: str, action: Act, done: str = "") -> ResponseReturnValue:
    """Do something about one payment and wake the worker. The answer is its row."""
    connection_id = payment_or_404(payment_id).row.connection_id
    action(db.session(), payment_id)
    the_portal().nudge(Job.PAY, str(connection_id))

    if is_htmx():
        answer = make_response(show_payment(payment_or_404(payment_id)))
        answer.headers["HX-Trigger"] = ACTED
        return answer

    flash(done or _("The payment is being recorded in Productive."), "success")
    return redirect(url_for("payments.show_payments"))


def payment_or_404(payment_id: str) -> MirroredPayment:
    """Return a payment the person may see."""
    found = find_payment(db.session(), payment_id)
    if found is None:
        abort(404)
    see_or_404(found.invoice.subsidiary_id)
    return found


def show_payment(payment: MirroredPayment) -> str:
    """Render one row."""
    return render_template("payments/_row.html", payment=payment, **row_words())


def row_words() -> dict[str, Any]:
    """Return what every row is shown with, spelled once."""
    return {
        "shown_state": shown_state,
        "stamp_of": stamp_of,
        "oob": False,
        "labels": {
            "entry": _("Entry in Exact"),
            "term": _("term"),
            "date": _("Date"),
            "amount": _("Amount"),
            "state": _("State"),
            "when": _("When"),
        },
        "invoices_at": url_for("invoices.list_invoices") + "/",
        "may_write": current_person().may_write,
    }


@blueprint.get("/payments/live")
@require(Role.VIEWER)
def show_live() -> ResponseReturnValue:
    """Answer what changed of the payments that an open page shows. New ones let the list renew itself."""
    if is_as_shown():
        return answer_live()

    shown = request.args.get("rows", "").split()
    page = listed_page(seen_connections())
    if {one.row.id for one in page.rows} != {stamp.partition("@")[0] for stamp in shown}:
        answer = answer_live()
        answer.headers["HX-Trigger"] = PULLED
        return answer

    changed = [one for one in page.rows if stamp_of(one) not in shown]
    words = row_words() | {"changed": changed}
    answer = answer_live("payments/_live.html", lambda: words)
    if changed:
        answer.headers["HX-Trigger"] = ACTED

    return answer


def stamp_of(payment: MirroredPayment) -> str:
    """Return a payment's id with what its row was made of."""
    row = payment.row
    made_of = (
        row.state,
        row.wanted,
        row.cause,
        row.changed_at,
        row.amount_to_be,
        row.day_to_be,
        payment.invoice.deleted,
        payment.copy.entry_number,
        payment.term is None or payment.term.deleted_at,
    )
    return f"{row.id}@{sha256(repr(made_of).encode()).hexdigest()[:8]}"
