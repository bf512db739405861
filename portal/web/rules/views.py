"""Settings › Rules: say what is copied by itself, see what that would be now, switch it on and off."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.copies.by_itself import CannotSwitchError, Hand, save_rule, switch_off, switch_on
from portal.domain.booking.offers import FEW, MOST
from portal.domain.copies.rules import Terms
from portal.domain.house.states import Role
from portal.domain.words import words_of
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.holds import holds_of
from portal.store.rules import RuleRow, companies_of, covered, find_rule
from portal.web.common.access import (
    current_person,
    require,
    subsidiary_scope,
)
from portal.web.common.choices import a_choice
from portal.web.common.clock import now, today
from portal.web.common.formats import read_moment
from portal.web.common.frame import places, visible_subsidiaries
from portal.web.common.said import sentence_of
from portal.web.rules.forms import RuleForm

blueprint = Blueprint("rules", __name__, url_prefix="/settings/rules")


@dataclass(frozen=True)
class Shown:
    """One connection with its rule, and what the rule would copy now."""

    connection: ConnectionRow
    subsidiary: str
    rule: RuleRow | None
    form: RuleForm
    names: list[str]
    count: int = 0
    amounts: dict[str, int] = field(default_factory=dict)
    is_held: bool = False
    # How many customers there are to choose from.
    every: int = 0

    @property
    def is_long(self) -> bool:
        """Say whether not all customers are listed."""
        return self.every > FEW


@blueprint.get("")
@require(Role.VIEWER)
def show_rules() -> ResponseReturnValue:
    """Show the rule of every connection that a person may see."""
    return render_rules()


@blueprint.post("/<int:connection_id>")
@require(Role.FINANCE)
def save(connection_id: int) -> ResponseReturnValue:
    """Keep what a rule copies. It is off until somebody switches it on."""
    connection = live_or_404(connection_id)
    form = form_of(connection, is_sent=True)
    if "search" in request.form:
        # Nothing is kept yet, and what was ticked stays so.
        return render_rules(wrong={connection_id: form})
    if not form.validate():
        return render_rules(wrong={connection_id: form}), 422

    db.session.commit()
    save_rule(db.session(), connection_id, form.terms(connection.division_currency), hand())
    flash(_("The rule is kept and off. Read below what it would copy, then switch it on."), "success")
    return back_to(connection_id)


@blueprint.post("/<int:connection_id>/on")
@require(Role.FINANCE)
def turn_on(connection_id: int) -> ResponseReturnValue:
    """Switch a rule on, as it was shown."""
    live_or_404(connection_id)
    db.session.commit()
    seen = request.form.get("seen", type=int)
    changed_at = read_moment(request.form.get("changed_at"))
    if seen is None or changed_at is None:
        abort(400)

    try:
        switch_on(db.session(), connection_id, seen=seen, changed_at=changed_at, hand=hand())
    except CannotSwitchError as error:
        flash(sentence_of(error.said), "error")
    else:
        flash(_("The rule is on. What is ready is copied by itself from now on."), "success")

    return back_to(connection_id)


@blueprint.post("/<int:connection_id>/off")
@require(Role.FINANCE)
def turn_off(connection_id: int) -> ResponseReturnValue:
    """Switch a rule off."""
    live_or_404(connection_id)
    db.session.commit()
    switch_off(db.session(), connection_id, hand())
    flash(_("The rule is off. Nothing more is copied by itself."), "success")
    return back_to(connection_id)


def back_to(connection_id: int) -> ResponseReturnValue:
    """Lead back to the place of one rule."""
    return redirect(url_for("rules.show_rules", _anchor=f"rule-{connection_id}"))


def hand() -> Hand:
    """Return who changes a rule, and when."""
    return Hand(current_person().name, now())


def live_or_404(connection_id: int) -> ConnectionRow:
    """Return a live connection that the person may see."""
    connection = places().connection(connection_id)
    if connection is None or not connection.is_live:
        abort(404)

    return connection


def render_rules(wrong: dict[int, RuleForm] | None = None) -> str:
    """Render the page, with a form that was not accepted if there is one."""
    scope = subsidiary_scope()
    names = {each.id: each.name for each in visible_subsidiaries()}
    shown = [
        show_one(connection, names.get(connection.subsidiary_id, ""), (wrong or {}).get(connection.id))
        for connection in places().live(scope)
    ]
    return render_template("rules/page.html", shown=shown)


def show_one(connection: ConnectionRow, subsidiary: str, wrong: RuleForm | None) -> Shown:
    """Read a rule and what it would copy now."""
    session = db.session()
    rule = find_rule(session, connection.id)
    form = wrong or form_of(connection)
    choices: list[Any] = list(form.companies.choices or ())
    if rule is None:
        if wrong is None:
            form.fill(Terms(today(), None, connection.division_currency, None))
        shorten(form, connection.id)
        return Shown(connection, subsidiary, None, form, [], every=len(choices))

    terms = rule.terms(connection.division_currency)
    if wrong is None:
        form.fill(terms)

    found = covered(session, connection, terms)
    amounts: dict[str, int] = {}
    for each in found:
        amounts[each.currency] = amounts.get(each.currency, 0) + each.amount

    names = {choice.value: str(choice.label) for choice in choices}
    named = [names.get(company, company) for company in rule.companies or ()]
    is_held = bool(holds_of(session, connection.id))
    shorten(form, connection.id)
    return Shown(connection, subsidiary, rule, form, named, len(found), amounts, is_held, len(choices))


def shorten(form: RuleForm, connection_id: int) -> None:
    """Leave of many customers those that are ticked, and the first that a search finds."""
    choices: list[Any] = list(form.companies.choices or ())
    query = request.form.get(f"find-{connection_id}", "")
    if len(choices) <= FEW and not query.strip():
        return

    parts = words_of(query)
    names = {choice.value: " ".join(words_of(str(choice.label))) for choice in choices}
    fitting = [company for company, name in names.items() if all(part in name for part in parts)][:MOST]
    kept = {*fitting, *(form.companies.data or ())}
    form.companies.choices = [choice for choice in choices if choice.value in kept]


def form_of(connection: ConnectionRow, *, is_sent: bool = False) -> RuleForm:
    """Return the form of a connection's rule, with its own ids."""
    form = RuleForm(request.form if is_sent else None, prefix=f"rule-{connection.id}-")
    companies = companies_of(db.session(), connection.subsidiary_id)
    form.companies.choices = [a_choice(company, name) for company, name in companies]
    return form


def said_moment(moment: datetime) -> str:
    """Spell a moment for a hidden field."""
    return moment.isoformat()


blueprint.add_app_template_filter(said_moment)
