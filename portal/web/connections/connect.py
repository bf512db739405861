"""The first step of the wizard: subsidiary and country."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.connections.connect import CannotConnectError, start_connection
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.web.common.access import require
from portal.web.common.choices import a_choice
from portal.web.common.said import sentence_of
from portal.web.connections.blueprint import NATIVE_LINK, blueprint
from portal.web.connections.cards import native_link_text, unconnected
from portal.web.connections.forms import ConnectForm
from portal.web.connections.sign_in import known_sign_ins
from portal.web.connections.to_exact import go_to_exact, not_registered
from portal.wiring import current as wiring


@blueprint.route("/connections/new", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def connect_app() -> ResponseReturnValue:
    """Ask for subsidiary and country, then lead to Exact."""
    form = connect_form()
    if not form.subsidiary.choices:
        return redirect(url_for("connections.show_apps"))

    if form.validate_on_submit() and (row := try_to_start(form)):
        known = known_sign_ins(row)
        return (
            redirect(url_for("connections.show_sign_in", connection_id=row.id)) if known else go_to_exact(row)
        )

    return show_connect(form), 422 if form.errors else 200


def connect_form() -> ConnectForm:
    """Build the form. Where there is one subsidiary, it is chosen."""
    form = ConnectForm(subsidiary=request.args.get("for"))
    offered = unconnected()
    form.subsidiary.choices = [a_choice(one.id, one.name) for one in offered]

    if len(offered) == 1 and request.method == "POST":
        form.subsidiary.data = offered[0].id
        form.subsidiary.raw_data = [offered[0].id]

    return form


def show_connect(form: ConnectForm) -> str:
    """Render the first step."""
    chosen = [one for one in unconnected() if one.id == form.subsidiary.data] or unconnected()[:1]
    linked = [one for one in chosen if one.export_integration == NATIVE_LINK]
    return render_template(
        "connections/connect.html", form=form, warning=native_link_text() if linked else None
    )


def try_to_start(form: ConnectForm) -> ConnectionRow | None:
    """Begin the set-up, or say in the form what cannot be."""
    if not wiring().settings.exact[form.locale.data].is_complete:
        form.locale.errors = [not_registered(form.locale.data)]
        return None

    try:
        return start_connection(db.session(), form.subsidiary.data, form.locale.data, now=wiring().clock())
    except CannotConnectError as error:
        form.subsidiary.errors = [sentence_of(error.said)]
        return None
