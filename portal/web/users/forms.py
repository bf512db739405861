"""The form of Settings › Users."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from portal.actions.house.passwords import LONGEST_PASSWORD
from portal.domain.house.states import Role
from portal.store.connections import SubsidiaryRow
from portal.store.people import UserRow
from portal.web.common.choices import a_choice
from portal.web.common.confirm import ConfirmedForm

ALL = "all"
NAMED = "named"
ROLES = (
    a_choice(Role.VIEWER, _l("Viewer: reads and exports")),
    a_choice(Role.FINANCE, _l("Finance: copies, maps, links customers, pulls")),
    a_choice(Role.ADMINISTRATOR, _l("Administrator: everything")),
)
REACHES = (a_choice(ALL, _l("All subsidiaries")), a_choice(NAMED, _l("Only these")))
PASSWORD_LENGTH = Length(max=LONGEST_PASSWORD)


class UserForm(ConfirmedForm):
    """Name, role and reach of a person."""

    name = StringField(_l("Name"), [DataRequired(), Length(max=100)])
    role = RadioField(_l("Role"), choices=ROLES, default=Role.VIEWER)
    reach = RadioField(_l("Subsidiaries"), choices=REACHES, default=ALL)
    subsidiaries = SelectMultipleField(_l("Only these subsidiaries"))

    def offer(self, rows: Sequence[SubsidiaryRow], *, whole: bool) -> None:
        """Offer these subsidiaries, and all of them (``whole``) to who has all."""
        self.subsidiaries.choices = [a_choice(row.id, row.name) for row in rows]
        if not whole:
            self.reach.choices = [one for one in REACHES if one.value == NAMED]
            self.reach.data = self.reach.data if self.is_submitted() else NAMED

    def validate_subsidiaries(self, field: Field) -> None:
        """Named means at least one."""
        if self.reach.data == NAMED and not field.data:
            raise ValidationError(_("Choose at least one subsidiary."))

    @property
    def reached(self) -> list[str] | None:
        """Return the named subsidiaries, None for all."""
        return list(self.subsidiaries.data or []) if self.reach.data == NAMED else None


class NewUserForm(UserForm):
    """A person who is added."""

    email = EmailField(
        _l("E-mail"),
        [
            DataRequired(),
            Length(max=200),
            Regexp(r"^\s*[^@\s]+@[^@\s]+\s*$", message=_l("This is no e-mail address.")),
        ],
    )
    password = PasswordField(
        _l("First password"), [DataRequired(), PASSWORD_LENGTH], render_kw={"autocomplete": "new-password"}
    )


class ChangeUserForm(UserForm):
    """A person who is changed."""

    active = BooleanField(_l("May sign in"))
    password = PasswordField(
        _l("New password"), [Optional(), PASSWORD_LENGTH], render_kw={"autocomplete": "new-password"}
    )


def form_of(user: UserRow) -> ChangeUserForm:
    """Fill the form with what is known of a person."""
    return ChangeUserForm(
        name=user.name,
        role=user.role,
        reach=ALL if user.subsidiaries is None else NAMED,
        subsidiaries=user.subsidiaries or [],
        active=user.active,
    )
