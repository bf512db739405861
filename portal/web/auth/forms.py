"""The sign-in form."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from portal.web.common.forms import PortalForm


class CodeForm(PortalForm):
    """The code after the password."""

    code = StringField(
        _l("Code"),
        [DataRequired(), Length(max=60)],
        render_kw={
            "autocomplete": "one-time-code",
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class SignInForm(PortalForm):
    """E-mail and password."""

    email = EmailField(
        _l("E-mail"),
        [DataRequired(), Length(max=200)],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        _l("Password"), [DataRequired(), Length(max=200)], render_kw={"autocomplete": "current-password"}
    )
