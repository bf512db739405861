"""What a demo finds on its first start: an administrator, and Productive set up on the sandbox."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from jobs.invoices import pull_invoices
from portal.actions.people import add_user
from portal.actions.setup_productive import save_productive
from portal.extensions import db, the_portal
from portal.store.people import ADMINISTRATOR, find_user
from portal.wiring import current

EMAIL, PASSWORD = "admin@example.com", "portal-demo-1"
ORGANIZATION, TOKEN = "703", "demo-token"


@click.command(hidden=True)
@with_appcontext
def prepare_demo() -> None:
    """Add what is missing; a second call changes nothing."""
    session, now = db.session(), datetime.now(UTC)
    if find_user(session, EMAIL) is None:
        add_user(
            session,
            email=EMAIL,
            name="Demo administrator",
            password=PASSWORD,
            role=ADMINISTRATOR,
            subsidiaries=None,
            by="demo",
            now=now,
        )
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
