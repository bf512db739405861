"""Settings › Limits: what is left of each service's limits, for administrators."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.domain.house.states import Role
from portal.extensions import db
from portal.web.common.access import current_person, require, subsidiary_scope, wiring
from portal.web.common.budgets import read_budgets
from portal.web.common.htmx import is_htmx

blueprint = Blueprint("limits", __name__)


@blueprint.get("/settings/limits")
@require(Role.ADMINISTRATOR)
def show_limits() -> str:
    """Show what is left of the limits, and how far copies are that wait for them."""
    return render_template("limits/page.html", **budget_words())


@blueprint.get("/settings/limits/left")
@require(Role.ADMINISTRATOR)
def show_left() -> ResponseReturnValue:
    """Show what is left of the limits alone."""
    if not is_htmx():
        return redirect(url_for("limits.show_limits"))
    return render_template("limits/_budgets.html", **budget_words())


@blueprint.get("/activity/limits")
@require(Role.VIEWER)
def lead_to_limits() -> ResponseReturnValue:
    """Lead from where the limits stood to where they are."""
    who = current_person()
    return redirect(url_for("limits.show_limits" if who.is_administrator else "activity.show_activity"))


def budget_words() -> dict[str, Any]:
    """Return what is left of the limits."""
    return {"budgets": read_budgets(db.session(), subsidiary_scope(), wiring().clock())}
