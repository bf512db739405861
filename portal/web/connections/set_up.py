"""The second and third step: division, journals, payments; then the default ledger and the mappings."""

from datetime import date, timedelta
from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.connections.catalogue import check_rights, pull_catalogue
from portal.actions.connections.connect import (
    CannotConnectError,
    SetUp,
    choose_division,
    finish_connection,
    save_set_up,
)
from portal.actions.engine.jobs import Job
from portal.domain.booking.catalogue import Division
from portal.domain.connections.states import ConnectionState, NumberSource, PaymentsMode
from portal.domain.customers.names import normalise_name
from portal.domain.house.states import Role
from portal.extensions import db
from portal.remote.errors import MissingRightError, RemoteError
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow, division_key, live_divisions
from portal.store.grants import GrantRow, locale_of_sign_in
from portal.web.common.access import current_person, require
from portal.web.common.choices import a_choice
from portal.web.common.htmx import is_htmx
from portal.web.common.texts import row_number
from portal.web.connections.blueprint import (
    blueprint,
    connection_or_404,
    ledger_of,
    say_trouble,
    subsidiary_of,
)
from portal.web.connections.cards import card_of, native_link_text
from portal.web.connections.forms import LedgerForm, SetUpForm, journal_choices
from portal.web.mappings.table import shown_lines, table_of
from portal.web.mappings.targets import account_groups
from portal.wiring import current as wiring

JUST_NOW = timedelta(minutes=1)
# Offered only once the connection is live. Until then the row's own choices stay.
ONLY_WHEN_LIVE = ("books_closed_until", "send_credit_type", "write_off_differences", "mark_sent_by_itself")


def settle_first_division(row: ConnectionRow) -> ResponseReturnValue:
    """Settle on a division to begin with: the one chosen before, the user's own, or the first free one."""
    connection_id = row.id
    try:
        if row.division is None:
            connection_id = begin_with_free_division(row)
        load_division(connection_or_404(connection_id))
    except RemoteError as error:
        flash(say_trouble(error), "error")
    except CannotConnectError as error:
        flash(error.text, "error")

    return redirect(url_for("connections.edit_set_up", connection_id=connection_id))


def begin_with_free_division(row: ConnectionRow) -> int:
    """Choose the free division that is called like the subsidiary, else the user's own, else the first."""
    connection_id = row.id
    name = normalise_name(subsidiary_of(row).name)
    key = locale_of_sign_in(db.session(), row)
    home = db.session.get_one(GrantRow, row.grant_id).home_division if row.grant_id else 0
    taken = live_divisions(db.session())
    offered = read_divisions(row)
    free = [one for one in offered if division_key(key, one.code) not in taken]
    if not free:
        raise CannotConnectError("division", _("Every division you may use in Exact is connected already."))

    first = max(free, key=lambda one: (normalise_name(one.name) == name, one.code == home))
    return choose_division(db.session(), offered, connection_id, first.code, now=wiring().clock())


def load_division(row: ConnectionRow) -> None:
    """Read everything the chosen division offers; may raise a RemoteError, a missing right with all names.

    What takes longer than a person waits is read on by the worker.
    """
    connection_id = row.id
    ledger = ledger_of(row, row.division)

    try:
        pull_catalogue(db.session(), ledger, connection_id, now=wiring().clock())
    except MissingRightError:
        check_rights(db.session(), ledger, connection_id)
        raise
    except RemoteError as error:
        if error.helps_to_retry:
            wiring().nudge(Job.REFRESH_CATALOGUE, str(connection_id))
        raise


def probe_rights(connection_id: int) -> None:
    """Remember which rights are missing; if Exact cannot be asked now, the card's refresh asks again."""
    row = connection_or_404(connection_id)
    try:
        check_rights(db.session(), ledger_of(row, row.division), connection_id)
    except RemoteError:
        db.session.rollback()


def read_divisions(row: ConnectionRow) -> list[Division]:
    """Return the divisions the sign-in may use, read once per request; may raise a RemoteError."""
    if "exact_divisions" not in g:
        g.exact_divisions = [one for one in ledger_of(row, None).find_divisions() if not one.archived]
    return list(g.exact_divisions)


@blueprint.route("/connections/<int:connection_id>/set-up", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def edit_set_up(connection_id: int) -> ResponseReturnValue:
    """Show and keep the choices of the second step."""
    row = connection_or_404(connection_id)
    if row.grant_id is None and row.state != ConnectionState.LIVE:
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
    row = connection_or_404(connection_id)
    wanted = request.form.get("division", 0, type=row_number)
    refused = None
    trouble = None

    try:
        connection_id = choose_division(
            db.session(), read_divisions(row), connection_id, wanted, now=wiring().clock()
        )
        chosen = connection_or_404(connection_id)
        if not ("read" in request.form and was_just_read(chosen)):
            load_division(chosen)
    except CannotConnectError as error:
        refused = error.text
    except RemoteError as error:
        trouble = say_trouble(error)

    form, unread = set_up_form(connection_or_404(connection_id))
    if refused and form.division:
        form.division.errors = [refused]

    answer = make_response(show_set_up(form, connection_id, trouble or unread), 422 if refused else 200)
    if is_htmx():
        answer.headers["HX-Replace-Url"] = url_for("connections.edit_set_up", connection_id=connection_id)

    return answer


def was_just_read(row: ConnectionRow) -> bool:
    """Say whether the worker has read a division's offer just now, as happens when Exact takes long."""
    return row.catalogue_at is not None and wiring().clock() - row.catalogue_at < JUST_NOW


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
    card = card_of(connection_or_404(connection_id), wiring().clock())
    warning = native_link_text() if card.subsidiary.export_integration == 4 else None
    template = "connections/_set_up.html" if is_htmx() else "connections/set_up.html"
    return render_template(template, form=form, card=card, trouble=trouble, warning=warning)


def set_up_form(row: ConnectionRow) -> tuple[SetUpForm, str | None]:
    """Build the form over a connection, and say what could not be read."""
    divisions, trouble = divisions_of(row)
    row = connection_or_404(row.id)
    form = SetUpForm(obj=Proposal(row))
    catalogue = read_stored_catalogue(db.session(), row.id)
    form.default_journal.choices = journal_choices(catalogue, _("None: choose it for each copy"))
    form.credit_journal.choices = journal_choices(catalogue, _("The same as for invoices"))

    if len(divisions) > 1:
        form.division.choices = division_choices(row, divisions)
    else:
        del form.division

    hidden = ("payments_mode",) if row.state == ConnectionState.LIVE and row.payments.on else ()
    for name in hidden if row.state == ConnectionState.LIVE else ONLY_WHEN_LIVE:
        delattr(form, name)

    return form, trouble


class Proposal:
    """A connection as the form shows it: where no first date was chosen yet, one is proposed."""

    def __init__(self, row: ConnectionRow) -> None:
        self._row = row
        self.copy_from = row.copy_from or date(wiring().clock().year, 1, 1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def divisions_of(row: ConnectionRow) -> tuple[list[Division], str | None]:
    """Return the divisions the sign-in may use; only the present one, and why, if Exact cannot be asked."""
    try:
        return read_divisions(row), None
    except RemoteError as error:
        return [], say_trouble(error)


def division_choices(row: ConnectionRow, divisions: list[Division]) -> list[Any]:
    """Return the divisions by name, saying which are taken."""
    taken = live_divisions(db.session())
    choices = []

    for one in divisions:
        owner = taken.get(division_key(locale_of_sign_in(db.session(), row), one.code))
        note = "" if owner in (None, row.subsidiary_id) else " " + _("(already connected)")
        choices.append(a_choice(str(one.code), f"{one.name} ({one.code}){note}"))

    return choices


def chose_another(form: SetUpForm, row: ConnectionRow) -> bool:
    """Say whether a division other than the loaded one was sent."""
    return bool(form.division and form.division.data and form.division.data != str(row.division))


def try_to_save(form: SetUpForm, connection_id: int) -> bool:
    """Keep the choices; what cannot be is said in the form."""
    row = connection_or_404(connection_id)
    kept = {name: getattr(form, name).data if name in form else getattr(row, name) for name in ONLY_WHEN_LIVE}
    chosen = SetUp(
        number_source=NumberSource(form.number_source.data),
        default_journal=form.default_journal.data or None,
        credit_journal=form.credit_journal.data or None,
        copy_from=form.copy_from.data or Proposal(row).copy_from,
        payments_on=form.payments_on.data,
        payments_mode=PaymentsMode((form.payments_mode and form.payments_mode.data) or row.payments.mode),
        **kept,
    )

    try:
        save_set_up(db.session(), connection_id, chosen, actor=current_person().name, now=wiring().clock())
    except CannotConnectError as error:
        say_in_form(form, error)
        return False

    return True


@blueprint.route("/connections/<int:connection_id>/mappings", methods=["GET", "POST"])
@require(Role.ADMINISTRATOR)
def edit_mappings(connection_id: int) -> ResponseReturnValue:
    """Show the third step; Finish keeps the default ledger and goes live."""
    row = connection_or_404(connection_id)
    if row.division is None or row.copy_from is None:
        return redirect(url_for("connections.edit_set_up", connection_id=connection_id))

    form = ledger_form(row)
    was_live = row.state == ConnectionState.LIVE

    if form.validate_on_submit() and try_to_finish(form, connection_id):
        flash(_("The integration was changed.") if was_live else _("Exact is connected."), "success")
        return redirect(url_for("connections.show_apps"))

    return show_ledgers(form, connection_id), 422 if form.errors else 200


def ledger_form(row: ConnectionRow) -> LedgerForm:
    """Build the form of the third step."""
    form = LedgerForm(obj=row)
    groups = account_groups(read_stored_catalogue(db.session(), row.id))
    offered = [("", ""), *groups["revenue"], *groups["other"]]
    form.default_ledger.choices = [a_choice(value, text) for value, text in offered]
    return form


def show_ledgers(form: LedgerForm, connection_id: int) -> str:
    """Render the third step."""
    row = connection_or_404(connection_id)
    card = card_of(row, wiring().clock())
    return render_template("connections/mappings.html", form=form, card=card, **shown_lines(table_of(row)))


def try_to_finish(form: LedgerForm, connection_id: int) -> bool:
    """Go live; what cannot be is said in the form."""
    try:
        finish_connection(
            db.session(),
            connection_id,
            form.default_ledger.data or None,
            actor=current_person().name,
            now=wiring().clock(),
        )
    except CannotConnectError as error:
        say_in_form(form, error)
        return False

    return True


def say_in_form(form: SetUpForm | LedgerForm, error: CannotConnectError) -> None:
    """Say a refusal at its field, or above the form where the field is not shown."""
    if error.field in form:
        form[error.field].errors = [*form[error.field].errors, error.text]
    else:
        form.form_errors.append(error.text)
