"""Try what the forms of people ask for, and say at a field what cannot be."""

from flask_babel import gettext as _

from portal.actions.house.passwords import BadPasswordError, refuse_weak
from portal.actions.house.people import (
    EmailTakenError,
    LastAdministratorError,
    LastOfAllError,
    NewPassword,
    PeopleChange,
    add_user,
    change_user,
    refuse_password,
    set_password,
)
from portal.actions.house.profiles import Profile
from portal.domain.house.states import Role
from portal.extensions import db
from portal.store.people import UserRow
from portal.web.common.access import current_person
from portal.web.common.clock import now
from portal.web.common.passwords import about_the_portal, say_bad_password
from portal.web.users.forms import ChangeUserForm, NewUserForm, UserForm


def try_to_add(form: NewUserForm) -> bool:
    """Add who the form names. An e-mail that is taken and a weak password are form errors."""
    email = form.email.data or ""
    password = NewPassword(form.password.data or "", about_the_portal(), must_change=True)

    try:
        refuse_weak(password.text, (*password.about, email.strip(), form.name.data or ""))
        add_user(db.session(), email, profile_of(form), password, change_by_me())
    except EmailTakenError:
        form.email.errors = [_("Somebody has this e-mail already.")]
        return False
    except BadPasswordError as error:
        form.password.errors = [say_bad_password(error)]
        return False

    return True


def try_to_change(form: ChangeUserForm, user: UserRow) -> bool:
    """Change who the form shows. The last administrator stays one."""
    keep = own_session(user)
    # Who has it from somebody else changes it at the next sign-in.
    password = NewPassword(form.password.data or "", about_the_portal(), must_change=keep is None)
    change = change_by_me(keep)

    try:
        if password.text:
            refuse_password(user, password)
        change_user(db.session(), user, profile_of(form, active=form.active.data), change)
    except LastOfAllError:
        form.reach.errors = [
            _("This is the last administrator of all subsidiaries. Make somebody else one first.")
        ]
        return False
    except LastAdministratorError:
        form.role.errors = [_("This is the last administrator. Make somebody else one first.")]
        return False
    except BadPasswordError as error:
        form.password.errors = [say_bad_password(error)]
        return False

    if password.text:
        set_password(db.session(), user, password, change)

    return True


def profile_of(form: UserForm, *, active: bool = True) -> Profile:
    """Return what the form says about a person."""
    return Profile(form.name.data or "", Role(form.role.data), form.reached, active)


def change_by_me(session_id: int | None = None) -> PeopleChange:
    """Return a change by who is signed in, within their own reach."""
    person = current_person()
    return PeopleChange(person.name, now(), person.subsidiaries, session_id)


def own_session(user: UserRow) -> int | None:
    """Return the present session where a person changes themself, for it may go on."""
    return current_person().session_id if user.id == current_person().id else None
