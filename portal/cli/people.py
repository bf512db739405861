"""Commands for people. The first administrator is made here, never on an open page."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from portal.actions.house.passwords import (
    SHORTEST_PASSWORD,
    BadPasswordError,
    refuse_weak,
)
from portal.actions.house.people import EmailTakenError, NewPassword, PeopleChange, add_user
from portal.actions.house.people import set_password as store_password
from portal.actions.house.profiles import Profile
from portal.actions.house.second_factor import take_away
from portal.domain.house.states import PasswordFault, Role
from portal.extensions import db
from portal.store.people import find_user

COMMAND = "command line"
BAD = {
    PasswordFault.SHORT: f"at least {SHORTEST_PASSWORD} characters",
    PasswordFault.USED: "they had this password before; take a new one",
    PasswordFault.GUESSABLE: "this one is easy to guess; take some words that do not belong together",
}


def hard_to_guess(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse short passwords, and those that are tried first."""
    try:
        refuse_weak(value, ())
    except BadPasswordError as error:
        raise click.BadParameter(BAD[error.why]) from error
    return value


password_option = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, callback=hard_to_guess
)


@click.command()
@click.argument("email")
@click.option("--name", default="", help="The person's name; the e-mail's first part if left out.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.ADMINISTRATOR.value,
    show_default=True,
)
@password_option
@with_appcontext
def create_user(email: str, name: str, role: str, password: str) -> None:
    """Add a person, an administrator if nothing else is said."""
    try:
        add_user(
            db.session(),
            email,
            Profile(name or email.split("@")[0].title(), Role(role)),
            NewPassword(password),
            PeopleChange(COMMAND, datetime.now(UTC)),
        )
    except EmailTakenError as error:
        raise click.ClickException(f"{email} is there already; see set-password.") from error

    click.echo(f"{email} may sign in as {role}.")


@click.command()
@click.argument("email")
@with_appcontext
def reset_second_factor(email: str) -> None:
    """Take away a second factor that somebody lost. Their sessions end."""
    user = find_user(db.session(), email)
    if user is None:
        raise click.ClickException(f"Nobody has the e-mail {email}.")

    take_away(db.session(), user, PeopleChange(COMMAND, datetime.now(UTC)))
    click.echo(f"{email} signs in with the password alone, and may set a second factor up anew.")


@click.command()
@click.argument("email")
@password_option
@with_appcontext
def set_password(email: str, password: str) -> None:
    """Set a person's password. Their sessions end."""
    user = find_user(db.session(), email)
    if user is None:
        raise click.ClickException(f"Nobody has the e-mail {email}.")

    try:
        change = PeopleChange(COMMAND, datetime.now(UTC))
        store_password(db.session(), user, NewPassword(password), change)
    except BadPasswordError as error:
        raise click.ClickException(BAD[error.why]) from error

    click.echo(f"The password of {email} was set.")
