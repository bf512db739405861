"""A command that tries the mail server."""

import click
from flask.cli import with_appcontext

from portal.remote.errors import RemoteError
from portal.wiring import current

TEXT = "This portal can write to you. It does so when a sign-in is in trouble, or work has stood for a day."


@click.command()
@click.argument("email")
@with_appcontext
def send_test_mail(email: str) -> None:
    """Send a mail by SMTP_URL, to see that it arrives."""
    post = current().post()
    if post is None:
        raise click.ClickException("SMTP_URL is not set, so this portal sends no mail. See .env.example.")

    try:
        post.send([email], subject="[Portal] Test", text=TEXT)
    except RemoteError as error:
        raise click.ClickException(error.text) from error

    click.echo(f"A mail to {email} was taken by the mail server.")
