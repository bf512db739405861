"""The one thing that mends a reason where nothing is suggested: a name, an address, and who may."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from portal.domain.copies.needs import ACTIVITY
from portal.domain.house.states import Role
from portal.store.connections import ConnectionRow
from portal.store.needs import NeedGroup


@dataclass(frozen=True, slots=True)
class Link:
    """Where a fix leads. A dialog opens in place where scripts run."""

    text: str
    url: str
    icon: str = ""
    is_dialog: bool = False


def link_of(group: NeedGroup, connection: ConnectionRow | None, role: Role) -> Link | None:
    """Return the fix of a reason, None where nobody of this role can do it."""
    if not role.includes(Role.FINANCE) or connection is None:
        return _look(group)

    kind, _colon, source = group.subject.partition(":")
    if group.fix in ("mappings", "dialog", "exact", "catalogue") and kind in ("tax", "service"):
        text = _("Choose VAT code") if kind == "tax" else _("Choose ledger code")
        return Link(str(text), mapping_url(connection.id, kind, source), "pencil")

    return _by_fix(group, connection, role)


def _by_fix(group: NeedGroup, connection: ConnectionRow, role: Role) -> Link | None:
    """Return what helps by the kind of fix that the problem names."""
    if group.fix == "productive":
        return _look(group, str(_("Show invoice")))
    if group.fix == ACTIVITY:
        return Link(str(_("Try again")), url_for("activity.show_activity"), "arrow-right")

    if group.fix in ("settings", "catalogue", "trial"):
        if not role.includes(Role.ADMINISTRATOR):
            return _look(group)
        if group.fix == "trial":
            return Link(str(_("Trial")), url_for("trials.show_trial", connection_id=connection.id))
        return Link(str(_("Settings")), url_for("connections.show_apps"), "settings")

    names = {
        "customer": _("Choose customer"),
        "booking_date": _("Change date"),
        "journal": _("Choose journal"),
    }
    text = names.get(group.field, _("Confirm") if group.fix == "confirm" else _("Open"))
    return _dialog(group, str(text))


def mapping_url(connection_id: int, kind: str, source: str) -> str:
    """Return the address of the row of a mapping, open to be changed."""
    return url_for("mappings.edit_row", connection_id=connection_id, kind=kind, slug=source or "-")


def _dialog(group: NeedGroup, text: str) -> Link | None:
    """Lead to the copy dialog of the first of the invoices."""
    if not group.newest:
        return None
    return Link(text, url_for("copies.edit_copy", invoice_id=group.newest[0]), is_dialog=True)


def _look(group: NeedGroup, text: str = "") -> Link | None:
    """Lead to the first of the invoices."""
    if not group.newest:
        return None
    url = url_for("invoices.show_invoice", invoice_id=group.newest[0])
    return Link(text or str(_("Show invoice")), url, "arrow-right")
