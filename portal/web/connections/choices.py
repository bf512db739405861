"""The form of the second step over the choices of a connection."""

from dataclasses import replace
from datetime import date

from flask_babel import gettext as _

from portal.actions.connections.connect import (
    CannotConnectError,
    SetUp,
    save_set_up,
)
from portal.domain.connections.states import NumberSource, PaymentsMode
from portal.extensions import db
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.web.common.access import current_person
from portal.web.common.said import sentence_of
from portal.web.connections.blueprint import (
    connection_or_404,
)
from portal.web.connections.divisions import (
    division_choices,
    divisions_of,
)
from portal.web.connections.forms import LedgerForm, SetUpForm, journal_choices
from portal.wiring import current as wiring

# Offered only once the connection is live. Until then the row's own choices stay.
ONLY_WHEN_LIVE = ("books_closed_until", "send_credit_type", "write_off_differences")
# Asked from the first set-up on.
SWITCHES = (*ONLY_WHEN_LIVE, "mark_sent_by_itself")


def set_up_form(row: ConnectionRow) -> tuple[SetUpForm, str | None]:
    """Build the form over a connection, and say what could not be read."""
    divisions, trouble = divisions_of(row)
    row = connection_or_404(row.id)
    form = SetUpForm(obj=chosen_so_far(row), division=row.division)
    catalogue = read_stored_catalogue(db.session(), row.id)
    form.default_journal.choices = journal_choices(catalogue, _("None: choose it for each copy"))
    form.credit_journal.choices = journal_choices(catalogue, _("The same as for invoices"))

    if len(divisions) > 1:
        form.division.choices = division_choices(row, divisions)
    else:
        del form.division

    for name in hidden_fields(row):
        delattr(form, name)

    return form, trouble


def hidden_fields(row: ConnectionRow) -> tuple[str, ...]:
    """Return what is not asked now. Which payments count is asked each time they are switched on."""
    if not row.is_live:
        return ONLY_WHEN_LIVE
    return ("payments_mode",) if row.payments.on else ()


def chosen_so_far(row: ConnectionRow) -> SetUp:
    """Return the choices of a connection. This year is proposed where no first date was chosen."""
    return SetUp(
        number_source=row.number_source,
        default_journal=row.default_journal,
        credit_journal=row.credit_journal,
        copy_from=row.copy_from or date(wiring().clock().year, 1, 1),
        payments_on=row.payments.on,
        payments_mode=row.payments.mode,
        books_closed_until=row.books_closed_until,
        send_credit_type=row.send_credit_type,
        write_off_differences=row.payments.write_off_differences,
        mark_sent_by_itself=row.payments.mark_sent_by_itself,
    )


def chose_another(form: SetUpForm, row: ConnectionRow) -> bool:
    """Say whether a division other than the loaded one was sent."""
    return bool(form.division and form.division.data and form.division.data != str(row.division))


def chosen_in(form: SetUpForm, before: SetUp) -> SetUp:
    """Return the choices with what the form says. A field that it does not ask stays as before."""
    asked = {name: form[name].data for name in SWITCHES if name in form}
    mode = form.payments_mode.data if "payments_mode" in form else None

    return replace(
        before,
        number_source=NumberSource(form.number_source.data),
        default_journal=form.default_journal.data or None,
        credit_journal=form.credit_journal.data or None,
        copy_from=form.copy_from.data or before.copy_from,
        payments_on=form.payments_on.data,
        payments_mode=PaymentsMode(mode or before.payments_mode),
        **asked,
    )


def try_to_save(form: SetUpForm, connection_id: int) -> bool:
    """Keep the choices, or say in the form what cannot be."""
    chosen = chosen_in(form, chosen_so_far(connection_or_404(connection_id)))
    try:
        save_set_up(db.session(), connection_id, chosen, actor=current_person().name, now=wiring().clock())
    except CannotConnectError as error:
        say_in_form(form, error)
        return False

    return True


def say_in_form(form: SetUpForm | LedgerForm, error: CannotConnectError) -> None:
    """Say a refusal at its field, or above the form where the field is not shown."""
    if error.field in form:
        form[error.field].errors = [*form[error.field].errors, sentence_of(error.said)]
    else:
        form.form_errors.append(sentence_of(error.said))
