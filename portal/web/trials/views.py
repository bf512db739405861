"""A trial's page: start it, watch it, answer it, break it off, and read what it saw."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.engine.jobs import Job
from portal.actions.trial.request import TrialWish, answer_trial, break_off, request_trial
from portal.actions.trial.steps import STEPS
from portal.domain.booking.sales_entry import Problem
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.store.connections import ConnectionRow
from portal.store.trials import TrialRow, find_live_trial, things_left, trials_of
from portal.web.common.access import current_person, require
from portal.web.common.said import sentence_of
from portal.web.connections.blueprint import connection_or_404, subsidiary_of
from portal.web.trials.forms import TrialForm
from portal.web.trials.table import result_of, results_of
from portal.wiring import current as wiring

blueprint = Blueprint("trials", __name__, url_prefix="/connections/<int:connection_id>")


@blueprint.get("/trial")
@require(Role.ADMINISTRATOR)
def show_trial(connection_id: int) -> ResponseReturnValue:
    """Show the form, or how far a trial is, and what the last one saw."""
    return _page(find_connection(connection_id), TrialForm(formdata=None))


@blueprint.post("/trial")
@require(Role.ADMINISTRATOR)
def start_trial(connection_id: int) -> ResponseReturnValue:
    """Start a trial, or say at the form why not."""
    row = find_connection(connection_id)
    form = TrialForm()
    if find_live_trial(db.session(), row.id):
        return redirect(url_for("trials.show_trial", connection_id=connection_id))
    if not form.validate():
        return _page(row, form), 422

    wish = TrialWish(form.division_name.data or "", form.invoice_number.data or "", form.with_receipt.data)
    person = current_person().name
    now = wiring().clock()
    made = request_trial(db.session(), the_portal().nudge, row.id, wish, by=person, now=now)

    if not isinstance(made, TrialRow):
        _put_at_fields(form, made)
        return _page(find_connection(connection_id), form), 422

    return redirect(url_for("trials.show_trial", connection_id=connection_id))


def _put_at_fields(form: TrialForm, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        if problem.field and problem.field in form:
            form[problem.field].errors = [*form[problem.field].errors, sentence_of(problem.said)]
        else:
            form.form_errors.append(sentence_of(problem.said))


@blueprint.get("/trial/status")
@require(Role.ADMINISTRATOR)
def show_status(connection_id: int) -> ResponseReturnValue:
    """Show how far the newest trial is."""
    row = find_connection(connection_id)
    shown = _status(row, find_live_trial(db.session(), row.id))
    return render_template("trials/_status.html", ended=shown["live"] is None, **shown)


@blueprint.post("/trial/answer")
@require(Role.ADMINISTRATOR)
def answer(connection_id: int) -> ResponseReturnValue:
    """Let a trial go on, with a matched receipt or without."""
    trial = _live_or_404(connection_id)
    answer_trial(db.session(), the_portal().nudge, trial, matched=request.form.get("matched") == "1")
    return redirect(url_for("trials.show_trial", connection_id=connection_id))


@blueprint.post("/trial/break-off")
@require(Role.ADMINISTRATOR)
def stop_trial(connection_id: int) -> ResponseReturnValue:
    """Break a trial off."""
    trial = _live_or_404(connection_id)
    person = current_person().name
    break_off(db.session(), the_portal().nudge, trial, by=person, now=wiring().clock())
    return redirect(url_for("trials.show_trial", connection_id=connection_id))


@blueprint.post("/trial/remove")
@require(Role.ADMINISTRATOR)
def remove_left(connection_id: int) -> ResponseReturnValue:
    """Ask for what is left to be removed."""
    find_connection(connection_id)
    db.session.commit()
    the_portal().nudge(Job.REMOVE_LEFTOVERS, str(connection_id))
    flash(_("What is left is being removed. Look again in a moment."), "info")
    return redirect(url_for("trials.show_trial", connection_id=connection_id))


@blueprint.get("/trials/<trial_id>")
@require(Role.ADMINISTRATOR)
def show_result(connection_id: int, trial_id: str) -> ResponseReturnValue:
    """Show what an earlier trial saw."""
    row = find_connection(connection_id)
    trial = db.session.get(TrialRow, trial_id)
    if trial is None or trial.connection_id != row.id or trial.is_under_way:
        abort(404)

    subsidiary = subsidiary_of(row)
    return render_template(
        "trials/show.html", row=row, subsidiary=subsidiary, trial=trial, result=result_of(trial)
    )


def find_connection(connection_id: int) -> ConnectionRow:
    """Return a live connection that the person may see."""
    row = connection_or_404(connection_id)
    if not row.is_live:
        abort(404)
    return row


def _live_or_404(connection_id: int) -> TrialRow:
    return find_live_trial(db.session(), find_connection(connection_id).id) or abort(404)


def _page(row: ConnectionRow, form: TrialForm) -> str:
    trials = trials_of(db.session(), row.id)
    earlier = [each for each in trials if not each.is_under_way]
    live = next((each for each in trials if each.is_under_way), None)
    newest = earlier[0] if earlier else None
    results = results_of(earlier)

    return render_template(
        "trials/page.html",
        form=form,
        newest=newest,
        result=results[newest.id] if newest else None,
        earlier=[(each, results[each.id]) for each in earlier[1:]],
        **_status(row, live),
    )


def _status(row: ConnectionRow, live: TrialRow | None) -> dict[str, Any]:
    codes = [step.code for step in STEPS]
    return {
        "row": row,
        "subsidiary": subsidiary_of(row),
        "live": live,
        "steps": STEPS,
        "place": codes.index(live.step) if live and live.step in codes else -1,
        "left": [] if live else things_left(db.session(), row.id),
    }
