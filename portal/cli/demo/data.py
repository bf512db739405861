"""What a demo finds on its first start: an administrator, and Productive set up on the sandbox."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.invoices import pull_invoices
from portal.actions.connections.productive import save_productive
from portal.actions.house.passwords import PUBLIC_PASSWORDS
from portal.actions.house.people import NewPassword, PeopleChange, add_user
from portal.actions.house.profiles import Profile
from portal.domain.house.states import Role
from portal.extensions import db, the_portal
from portal.settings import Settings, is_loopback, parts_of
from portal.store.people import UserRow, find_user
from portal.wiring import current

EMAIL = "admin@example.com"
PASSWORD = PUBLIC_PASSWORDS[0]
ORGANIZATION = "703"
TOKEN = "demo-token"  # noqa: S105 - the demo's


REAL_ADDRESS = "{} is no address of a demo: everybody knows its password. It must be http:// on localhost."
REAL_PEOPLE = (
    "There are people in this database who are not a demo's. Take another DATABASE_URL for the demo."
)


def refuse_real(settings: Settings, session: Session) -> None:
    """Refuse what may be a real portal: a public address, a real service, or people already there."""
    sites = [site.url for site in settings.exact.values()]
    for address in (settings.public_url, settings.productive_url, *sites):
        scheme, host = parts_of(address)
        if scheme != "http" or not is_loopback(host):
            raise click.ClickException(REAL_ADDRESS.format(address))

    if find_user(session, EMAIL) is None and session.scalar(select(UserRow.id).limit(1)) is not None:
        raise click.ClickException(REAL_PEOPLE)


@click.command(hidden=True)
@with_appcontext
def prepare_demo() -> None:
    """Add what is missing. A second call changes nothing."""
    session = db.session()
    now = datetime.now(UTC)
    refuse_real(the_portal().settings, session)

    if find_user(session, EMAIL) is None:
        profile = Profile("Demo administrator", Role.ADMINISTRATOR)
        add_user(session, EMAIL, profile, NewPassword(PASSWORD), PeopleChange("demo", now))

    session.commit()
    if not current().has_billing(session):
        save_productive(
            session,
            current().billing_with(ORGANIZATION, TOKEN),
            the_portal().vault,
            organization_id=ORGANIZATION,
            token=TOKEN,
            actor="demo",
            now=now,
        )

        pull_invoices()
