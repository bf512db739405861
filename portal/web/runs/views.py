"""Copy many: choose, look at what will be booked, begin a run, follow it, stop it, try again by cause."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.copies.run_again import retry_of_run
from portal.actions.copies.run_begin import begin_run
from portal.actions.copies.run_stop import go_on as let_go_on
from portal.actions.copies.run_stop import stop_run
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.web.common.access import current_person, require, wiring, writes
from portal.web.common.clock import today
from portal.web.common.htmx import is_htmx, safe_path
from portal.web.common.live import answer_live, live_version
from portal.web.common.urls import url_with
from portal.web.runs.blueprint import blueprint
from portal.web.runs.choice import keep_asked, keep_visible, read_choice
from portal.web.runs.look import ask_exact
from portal.web.runs.page import find_run, run_words
from portal.web.runs.plan import read_plan, read_seen
from portal.web.runs.plan_words import news_words, plan_words
from portal.web.runs.said import say_again, say_left_out, say_not_begun

__all__ = ["blueprint"]


@blueprint.route("/runs", methods=["GET", "POST"])
@require(Role.FINANCE)
def choose() -> ResponseReturnValue:
    """Keep what was chosen in a list, and lead to the page that shows it."""
    address = keep_asked()
    if not address and request.method == "POST":
        flash(_("Nothing was chosen. Tick the invoices to copy, then choose Copy."), "info")
        return redirect(url_for("invoices.list_invoices"))
    return redirect(address or url_for("activity.show_activity", _anchor="activity-runs"))


@blueprint.get("/runs/new")
@require(Role.FINANCE)
def show_plan() -> ResponseReturnValue:
    """Show what copying all that was chosen would book, before anything is booked."""
    live_version()
    choice = read_choice()
    return render_template("runs/plan.html", **plan_words(read_plan(choice)))


@blueprint.get("/runs/new/live")
@require(Role.FINANCE)
@writes
def show_plan_live() -> ResponseReturnValue:
    """Ask Exact for what is not known yet, and show what changed beside the sum."""
    asked = ask_exact(read_choice())
    if not is_htmx():
        if asked.trouble is not None:
            flash(asked.trouble.text, "warn")
        return redirect(url_with(url_for("runs.show_plan"), request.args))

    return answer_live("runs/_plan_live.html", lambda: news_words(read_choice(), asked), anew=asked.is_news)


@blueprint.post("/runs/start")
@require(Role.FINANCE)
def start() -> ResponseReturnValue:
    """Begin the run, unless something else would be booked than was shown."""
    seen = keep_visible(read_seen(request.form.get("seen", "")))
    who = current_person().name
    begun = begin_run(
        db.session(), the_portal().nudge, seen, requested_by=who, now=wiring().clock(), today=today()
    )
    if begun.run_id is None:
        flash(say_not_begun(begun), "warn")
        return redirect(safe_path(request.form.get("again")) or url_for("invoices.list_invoices"))

    if begun.left_out:
        flash(say_left_out(begun), "warn")
    return redirect(url_for("runs.show_run", run_id=begun.run_id))


@blueprint.get("/runs/<run_id>")
@require(Role.VIEWER)
def show_run(run_id: str) -> str:
    """Show how far a run is, and in the end what became of it."""
    live_version()
    return render_template("runs/run.html", **run_words(find_run(run_id)))


@blueprint.get("/runs/<run_id>/live")
@require(Role.VIEWER)
def show_run_live(run_id: str) -> ResponseReturnValue:
    """Show what changed of a run."""
    run = find_run(run_id)
    if not is_htmx():
        return redirect(url_for("runs.show_run", run_id=run_id))
    return answer_live("runs/_run_live.html", lambda: run_words(run))


@blueprint.post("/runs/<run_id>/stop")
@require(Role.FINANCE)
def stop(run_id: str) -> ResponseReturnValue:
    """Stop a run."""
    run = find_run(run_id)
    stop_run(db.session(), run.id, by=current_person().name, now=wiring().clock())
    return show_after(run_id)


@blueprint.post("/runs/<run_id>/go-on")
@require(Role.FINANCE)
def go_on(run_id: str) -> ResponseReturnValue:
    """Let a stopped run go on."""
    run = find_run(run_id)
    who = current_person().name
    let_go_on(db.session(), the_portal().nudge, run.id, by=who, now=wiring().clock())
    return show_after(run_id)


@blueprint.post("/runs/<run_id>/retry")
@require(Role.FINANCE)
def retry(run_id: str) -> ResponseReturnValue:
    """Try again all of a run that needs somebody for one cause."""
    run = find_run(run_id)
    again = retry_of_run(
        db.session(),
        the_portal().nudge,
        run.id,
        cause=request.form.get("cause", ""),
        words=request.form.get("words", ""),
        by=current_person().name,
        now=wiring().clock(),
    )
    return show_after(run_id, say_again(again))


def show_after(run_id: str, done: str = "") -> ResponseReturnValue:
    """Show the run as it is after something was done."""
    if not is_htmx():
        if done:
            flash(done, "success")
        return redirect(url_for("runs.show_run", run_id=run_id))
    return render_template("runs/_run_after.html", **run_words(find_run(run_id)), done=done)
