"""The form of a rule."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import DateField, DecimalField, RadioField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.copies.rules import Terms
from portal.domain.money import to_cents, to_decimal
from portal.web.common.choices import a_choice
from portal.web.common.forms import PortalForm

ALL = "all"
NAMED = "named"


class RuleForm(PortalForm):
    """Which invoices are copied by themselves."""

    who = RadioField(
        _l("Customers"),
        [InputRequired(_l("Choose whose invoices are copied."))],
        choices=[a_choice(ALL, _l("All customers")), a_choice(NAMED, _l("These customers"))],
    )
    companies = SelectMultipleField(
        _l("These customers"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    since = DateField(_l("Invoices dated from"), [InputRequired(_l("Choose the first invoice date."))])
    most = DecimalField(
        _l("Up to an amount of"),
        [
            Optional(),
            NumberRange(
                min=Decimal("0.01"), max=Decimal(10) ** 12, message=_l("Enter an amount above zero.")
            ),
        ],
        places=2,
    )

    def validate_companies(self, field: SelectMultipleField) -> None:
        """Refuse a choice of nobody."""
        if self.who.data == NAMED and not field.data:
            raise ValidationError(_l("Choose at least one customer."))

    def fill(self, terms: Terms) -> None:
        """Show what a rule copies."""
        self.who.data = ALL if terms.companies is None else NAMED
        self.companies.data = list(terms.companies or ())
        self.since.data = terms.since
        self.most.data = None if terms.most is None else to_decimal(terms.most)

    def terms(self, currency: str) -> Terms:
        """Return what was chosen."""
        companies = tuple(self.companies.data or ()) if self.who.data == NAMED else None
        most = None if self.most.data is None else to_cents(self.most.data)
        return Terms(self.since.data or date.max, most, currency, companies)
