"""Commands that keep the database: migrations, and sealing anew after a change of keys."""

import click
from flask.cli import with_appcontext

from portal.actions.house.keys import bind_secrets
from portal.actions.house.keys import rotate_keys as reseal
from portal.extensions import db, the_portal
from portal.remote.errors import MisconfiguredError


@click.command()
@with_appcontext
def upgrade() -> None:
    """Bring the database to the newest revision."""
    import flask_migrate

    flask_migrate.upgrade()
    try:
        bind_secrets(db.session(), the_portal().vault)
    except MisconfiguredError as error:
        raise click.ClickException(f"The tables are at the newest revision. {error.text}") from error
    click.echo("The database is at the newest revision.")


@click.command()
@with_appcontext
def rotate_keys() -> None:
    """Seal every stored secret anew with the first of ENCRYPTION_KEYS."""
    click.echo(f"Sealed anew: {reseal(db.session(), the_portal().vault)}")
