"""Another try for copies that failed: which ones are asked for, and what was begun."""

from flask import request
from flask_babel import ngettext

from portal.actions.copies.retry_cause import Retried, retry_cause
from portal.extensions import db, the_portal
from portal.store.concerns import failed_for
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.web.common.access import current_person, subsidiary_scope, wiring


def retry_asked() -> Retried:
    """Try again what a form asks for."""
    who = current_person().name
    moment = wiring().clock()
    return retry_cause(db.session(), the_portal().nudge, asked_for(), requested_by=who, now=moment)


def asked_for() -> list[str]:
    """Return the copies that a form names: all of a cause, or by their ids."""
    form = request.form
    if "cause" not in form:
        return visible_copies(form.getlist("copy"))
    found = failed_for(db.session(), subsidiary_scope(), form["cause"], form.get("words", ""))
    db.session.commit()
    return found


def say_retried(retried: Retried) -> str:
    """Say what a retry began."""
    text = ngettext("%(num)d copy is tried again.", "%(num)d copies are tried again.", retried.tried)
    if not retried.following:
        return str(text)

    more = ngettext(
        "%(num)d waits and follows when it succeeds.",
        "%(num)d wait and follow when it succeeds.",
        retried.following,
    )

    return f"{text} {more}"


def visible_copies(ids: list[str]) -> list[str]:
    """Keep those copies that exist and that the person may see."""
    rows = db.session.query(CopyRow.id, InvoiceRow.subsidiary_id).join(
        InvoiceRow, InvoiceRow.id == CopyRow.invoice_id
    )
    seen = [
        copy_id
        for copy_id, owner in rows.filter(CopyRow.id.in_(ids[:500]))
        if current_person().may_see(owner)
    ]

    db.session.commit()
    return seen
