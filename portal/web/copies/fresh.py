"""An invoice as Productive has it now, before a person looks at its copy."""

from portal.actions.invoices.pull import pull_one
from portal.actions.payments.due import request_due
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.invoices import InvoiceRow
from portal.web.common.access import wiring
from portal.web.common.clock import now
from portal.web.common.waits import Trouble, trouble_of

STALE_SECONDS = 60


def read_afresh(row: InvoiceRow) -> Trouble | None:
    """Read the invoice again when what we know is older than a minute. Return why that failed."""
    if (now() - row.read_at).total_seconds() < STALE_SECONDS:
        return None

    db.session.commit()
    try:
        pull_one(db.session(), wiring().billing(), row.id, now=now())
        request_due(db.session(), the_portal().nudge, now=now())
    except RemoteError as error:
        db.session.rollback()
        return trouble_of(error, now())

    return None
