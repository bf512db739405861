"""The form of Settings › Productive."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Regexp

from portal.web.common.confirm import ConfirmedForm


class ProductiveForm(ConfirmedForm):
    """Where to find Productive and the token that opens it."""

    organization_id = StringField(
        _l("Organisation id"),
        [
            InputRequired(_l("Enter the organisation id.")),
            Regexp(r"^\s*\d+\s*$", message=_l("An organisation id is a number.")),
        ],
        filters=[lambda text: (text or "").strip()],
    )
    token = PasswordField(
        _l("Token"), [InputRequired(_l("Enter the token."))], filters=[lambda text: (text or "").strip()]
    )
