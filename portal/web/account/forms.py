"""The forms of *Your account*."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField
from wtforms.validators import DataRequired, EqualTo, Length

from portal.actions.house.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from portal.languages import offered
from portal.web.common.choices import a_choice
from portal.web.common.forms import PortalForm

NEW = {"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD}


class LanguageForm(PortalForm):
    """The language of the screens, and whose numbers and dates."""

    language = SelectField(_l("Language"), choices=lambda: [a_choice(*each) for each in offered().items()])


class SummaryForm(PortalForm):
    """At which hour a daily summary is mailed."""

    hour = SelectField(
        _l("Daily summary by e-mail"),
        choices=[
            a_choice("", _l("None")),
            *(a_choice(str(hour), f"{hour:02}:00") for hour in range(24)),
        ],
    )


class PasswordForm(PortalForm):
    """The old password once, the new one twice."""

    old = PasswordField(
        _l("Current password"), [DataRequired()], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(_l("New password"), [DataRequired(), Length(max=LONGEST_PASSWORD)], render_kw=NEW)
    again = PasswordField(
        _l("New password again"),
        [DataRequired(), EqualTo("new", _l("The two new passwords differ."))],
        render_kw=NEW,
    )
