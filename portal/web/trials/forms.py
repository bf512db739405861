"""The form that starts a trial."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.web.common.forms import PortalForm

LONGEST = 200


class TrialForm(PortalForm):
    """Which division it may book in, by its name, and what else it may try."""

    division_name = StringField(
        _l("Name of the division"),
        [InputRequired(_l("Type the name of the division.")), Length(max=LONGEST)],
    )
    invoice_number = StringField(_l("Invoice in Productive"), [Optional(), Length(max=LONGEST)])
    with_receipt = BooleanField(_l("I match a receipt in Exact while the trial waits"))
