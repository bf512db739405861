"""The second step: the division, its journals, and which payments are synchronised."""

from dataclasses import dataclass

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.connections.choose_division import choose_division
from portal.actions.connections.connect import CannotConnectError
from portal.domain.house.states import Role
from portal.extensions import db
from portal.remote.errors import RemoteError
from portal.web.common.access import require
from portal.web.common.htmx import is_htmx
from portal.web.common.said import sentence_of
from portal.web.common.texts import row_number
from portal.web.connections.blueprint import (
    NATIVE_LINK,
    blueprint,
    connection_or_404,
    say_trouble,
)
from portal.web.connections.cards import head_of, native_link_text
from portal.web.connections.choices import chose_another, set_up_form, try_to_save
from portal.web.connections.divisions import (
    load_division,
    probe_rights,
    read_divisions,
    was_just_read,
)
from portal.web.connections.forms import SetUpForm
from portal.wiring import current as wiring


@blueprint.route("/connections/<int:connection_id>/set-up", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def edit_set_up(connection_id: int) -> ResponseReturnValue:
    """Show and keep the choices of the second step."""
    row = connection_or_404(connection_id)
    if row.grant_id is None and not row.is_live:
        return redirect(url_for("connections.show_sign_in", connection_id=connection_id))

    form, trouble = set_up_form(row)
    if form.is_submitted() and chose_another(form, row):
        return reload_division(connection_id)

    if form.validate_on_submit() and try_to_save(form, connection_id):
        probe_rights(connection_id)
        return redirect(url_for("connections.edit_mappings", connection_id=connection_id))

    return show_set_up(form, connection_id, trouble), 422 if form.errors else 200


@blueprint.post("/connections/<int:connection_id>/division")
@require(Role.ADMINISTRATOR)
def reload_division(connection_id: int) -> ResponseReturnValue:
    """Settle on the chosen division and show the step again with its journals and the other choices kept."""
    connection_or_404(connection_id)
    taken = take_division(connection_id, request.form.get("division", 0, type=row_number))
    return answer_with_division(taken)


@dataclass(frozen=True, slots=True)
class Taken:
    """The connection to go on with, and why its division was refused or could not be read."""

    connection_id: int
    refused: str | None = None
    trouble: str | None = None


def take_division(connection_id: int, wanted: int) -> Taken:
    """Settle on a division and read what it offers, unless the worker has just read it."""
    try:
        offered = read_divisions(connection_or_404(connection_id))
        connection_id = choose_division(db.session(), offered, connection_id, wanted, now=wiring().clock())
        chosen = connection_or_404(connection_id)
        if not ("read" in request.form and was_just_read(chosen)):
            load_division(chosen)
    except CannotConnectError as error:
        return Taken(connection_id, refused=sentence_of(error.said))
    except RemoteError as error:
        return Taken(connection_id, trouble=say_trouble(error))

    return Taken(connection_id)


def answer_with_division(taken: Taken) -> ResponseReturnValue:
    """Show the step again over the division that was taken."""
    connection_id = taken.connection_id
    form, unread = set_up_form(connection_or_404(connection_id))
    if taken.refused and form.division:
        form.division.errors = [taken.refused]

    page = show_set_up(form, connection_id, taken.trouble or unread)
    answer = make_response(page, 422 if taken.refused else 200)
    if is_htmx():
        answer.headers["HX-Replace-Url"] = url_for("connections.edit_set_up", connection_id=connection_id)

    return answer


@blueprint.get("/connections/<int:connection_id>/reading")
@require(Role.ADMINISTRATOR)
def show_reading(connection_id: int) -> ResponseReturnValue:
    """Show whether the worker has read the division's offer by now. The form then takes it in."""
    row = connection_or_404(connection_id)
    if not is_htmx():
        return redirect(url_for("connections.edit_set_up", connection_id=connection_id))
    return render_template("connections/_reading.html", row=row)


def show_set_up(form: SetUpForm, connection_id: int, trouble: str | None) -> str:
    """Render the second step: the page, or the form alone for htmx."""
    card = head_of(connection_or_404(connection_id), wiring().clock())
    warning = native_link_text() if card.subsidiary.export_integration == NATIVE_LINK else None
    template = "connections/_set_up.html" if is_htmx() else "connections/set_up.html"
    return render_template(template, form=form, card=card, trouble=trouble, warning=warning)
