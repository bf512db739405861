"""The own password, asked again before credentials or people change, unless it was just given."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import PasswordField

from portal.actions.house.passwords import LONGEST_PASSWORD, password_fits
from portal.actions.house.sessions import confirm_session
from portal.actions.house.sign_in import WaitError, claim_confirmation, forget_confirmations
from portal.domain.house.sessions import CONFIRMED_FOR
from portal.extensions import db
from portal.store.people import UserRow
from portal.web.common.access import current_person
from portal.web.common.clock import now
from portal.web.common.forms import PortalForm

OWN_PASSWORD = "own_password"  # noqa: S105 - the name of a field


def is_confirmed() -> bool:
    """Say whether the person gave their password within the last minutes."""
    return now() < current_person().confirmed_at + CONFIRMED_FOR


def refuse_own_password(typed: str) -> str | None:
    """Check the own password. Return what is wrong with it, None where it is right."""
    person = current_person()
    moment = now()
    if not typed:
        return str(_("Enter the password that you sign in with. It is asked before an access changes."))

    try:
        claim_confirmation(db.session(), person.id, now=moment)
    except WaitError as error:
        return say_wait(error)

    known = db.session.get_one(UserRow, person.id).password_hash
    if len(typed) > LONGEST_PASSWORD or not password_fits(known, typed):
        return str(_("This is not your current password."))

    forget_confirmations(db.session(), person.id)
    confirm_session(db.session(), person.session_id, now=moment)
    return None


def say_wait(error: WaitError) -> str:
    """Say how long no password is tried."""
    minutes = -(-error.seconds // 60)
    return str(
        ngettext(
            "Too many wrong passwords. Try again in %(num)d minute.",
            "Too many wrong passwords. Try again in %(num)d minutes.",
            minutes,
        )
    )


def say_wait_for_code(error: WaitError) -> str:
    """Say how long no code is tried."""
    minutes = -(-error.seconds // 60)
    return str(
        ngettext(
            "Too many wrong codes. Try again in %(num)d minute.",
            "Too many wrong codes. Try again in %(num)d minutes.",
            minutes,
        )
    )


class ConfirmedForm(PortalForm):
    """A form that asks for the own password in itself, where that was not given of late."""

    own_password = PasswordField(
        _l("Your own password"), render_kw={"autocomplete": "current-password", "maxlength": 200}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_confirmed():
            del self.own_password

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check the password last, so that another field's fault costs no try."""
        if not super().validate(*args, **kwargs):
            return False
        wrong = refuse_own_password(self.own_password.data or "") if self.own_password else None
        if wrong:
            self.own_password.errors = [wrong]
        return wrong is None
