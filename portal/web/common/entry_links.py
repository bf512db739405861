"""Links to entries in Exact, which are left out where a trial found that the address is another."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.domain.assumptions import Feature
from portal.domain.booking.keep_off import find_kept_off
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.trials import failed_assumptions, kept_off
from portal.web.common.said import sentence_of


def entry_url(copy: CopyRow) -> str:
    """Return the address of a copy's entry, empty where links are kept off."""
    connection = db.session.get(ConnectionRow, copy.connection_id)
    off = connection is None or kept_off(connection, Feature.ENTRY_LINKS)
    return "" if off else copy.entry_url or ""


def payments_kept_off(connection: ConnectionRow) -> str:
    """Say why the payments of a connection are kept off, empty where they are not."""
    found = find_kept_off(Feature.PAYMENTS, failed_assumptions(connection))
    return sentence_of(found.said) if found else ""


def go_to_entry(connection: ConnectionRow, url: str) -> Response:
    """Lead to an entry in Exact, or say why not."""
    if not kept_off(connection, Feature.ENTRY_LINKS):
        return redirect(url)
    flash(_("A trial found that links to entries do not work. Look it up in Exact by its number."), "info")
    return redirect(url_for("invoices.list_invoices"))
