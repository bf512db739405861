"""The blueprint of reconciliation, and what several of its views need."""

from flask import Blueprint, abort

from portal.extensions import db
from portal.store.reconciliation import ComparedRow
from portal.web.common.access import see_or_404
from portal.web.common.frame import visible_subsidiaries

blueprint = Blueprint("reconciliation", __name__)


def subsidiary_names() -> dict[str, str]:
    """Return the names of the subsidiaries that the person may see."""
    return {row.id: row.name for row in visible_subsidiaries()}


def find_row(key: str) -> ComparedRow:
    """Return a row the person may see, else 404."""
    row = db.session.get(ComparedRow, key)
    if row is None:
        abort(404)
    see_or_404(row.subsidiary_id)
    return row
