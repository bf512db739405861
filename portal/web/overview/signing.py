"""Signing a month off, and what changed since."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.actions.books.sign_off import Signing, sign_off
from portal.domain.books.sign_off import OpenItem, count_changes
from portal.domain.house.states import Role
from portal.domain.periods import Period, read_period
from portal.extensions import db
from portal.store.month_figures import read_month
from portal.store.sign_offs import changes_since, sign_offs_beside
from portal.web.common.access import current_person, require, see_or_404, subsidiary_scope, wiring
from portal.web.common.frame import name_of_subsidiary
from portal.web.common.htmx import is_htmx
from portal.web.common.texts import row_number
from portal.web.overview.blueprint import blueprint, month_or_404, month_url, name_month, say_month
from portal.web.overview.ground import read_ground
from portal.web.overview.sign_words import CHANGE_NAMES, OPEN, Signed
from portal.web.overview.words import read_signs

# So many changes stand on a page.
PAGE = 25


@blueprint.get("/overview/<month>/sign-off")
@require(Role.FINANCE)
def ask_to_sign_off(month: str) -> ResponseReturnValue:
    """List what is open and ask once."""
    period = month_or_404(month)
    return show_question(period, open_items(period))


@blueprint.post("/overview/<month>/sign-off")
@require(Role.FINANCE)
def save_sign_off(month: str) -> ResponseReturnValue:
    """Sign the month off, unless something opened or closed while the person was looking."""
    period = month_or_404(month)
    items = open_items(period)
    if request.form.get("seen") != spell_open(items):
        return show_question(period, items, changed=True)

    signing = Signing(tuple(read_ground().books), period, current_person().name, wiring().clock())
    sign_off(db.session(), signing)
    said = _("%(month)s is signed off.", month=say_month(period))
    if not is_htmx():
        flash(said, "success")
        return redirect(month_url(period))

    return make_response(render_template("overview/_sign.html", **sign_words(period), focus=True))


@blueprint.get("/overview/<month>/sign-off/cancel")
@require(Role.FINANCE)
def keep_unsigned(month: str) -> ResponseReturnValue:
    """Show the sign-off as it is, where Cancel leads."""
    period = month_or_404(month)
    if not is_htmx():
        return redirect(month_url(period))
    return make_response(render_template("overview/_sign.html", **sign_words(period), focus=True))


@blueprint.get("/overview/sign-offs/<int:sign_off_id>")
@require(Role.VIEWER)
def show_changes(sign_off_id: int) -> str:
    """Show a sign-off: who, when, what was open, and what changed since."""
    every = sign_offs_beside(db.session(), sign_off_id)
    row, is_stale = next(((one, stale) for one, stale in every if one.id == sign_off_id), None) or abort(404)
    see_or_404(row.subsidiary_id)
    period = read_period(row.month) or abort(404)
    name = name_of_subsidiary(row.subsidiary_id)

    newest, _is_stale = every[0]
    # The changes of the newest are counted when rows are compared, those of former ones are not.
    may_differ = row is not newest or is_stale or bool(row.changed)
    changes = changes_since(db.session(), row) if may_differ else []
    last = max(ceil(len(changes) / PAGE), 1)
    at = min(max(request.args.get("page", 1, type=row_number) or 1, 1), last)
    some = changes[(at - 1) * PAGE : at * PAGE]

    return render_template(
        "overview/changes.html",
        period=period,
        title=say_month(period),
        back=month_url(period),
        signed=Signed(name, row, count_changes(changes)),
        is_newest=row is newest,
        every=[Signed(name, one, one.changed) for one, _stale in every],
        changes=some,
        changed_rows=len(changes),
        older=_page_url(sign_off_id, at + 1) if at < last else None,
        newer=_page_url(sign_off_id, at - 1) if at > 1 else None,
        change_names=CHANGE_NAMES,
        may_write=current_person().may_write,
    )


def _page_url(sign_off_id: int, at: int) -> str:
    """Return the address of a page of changes."""
    return url_for("overview.show_changes", sign_off_id=sign_off_id, page=at if at > 1 else None)


def show_question(period: Period, items: Sequence[OpenItem], *, changed: bool = False) -> ResponseReturnValue:
    """Show what is open, and the button that signs."""
    words = sign_words(period) | {
        "asking": True,
        "changed": changed,
        "open_items": [(OPEN[item.kind](item.count), item.amounts) for item in items],
        "seen": spell_open(items),
        "focus": True,
    }
    template = "overview/_sign.html" if is_htmx() else "overview/sign_off.html"
    return make_response(render_template(template, **words))


def open_items(period: Period) -> Sequence[OpenItem]:
    """Return what is open in a month of the subsidiaries in sight."""
    return read_month(db.session(), subsidiary_scope(), period).open_items


def spell_open(items: Sequence[OpenItem]) -> str:
    """Spell what is open, so that a person signs what they saw."""
    return " ".join(f"{item.kind}:{item.count}:{sorted(item.amounts.items())}" for item in items)


def sign_words(period: Period) -> dict[str, Any]:
    """Return what the sign-off of a month shows."""
    return {
        "period": period,
        "title": say_month(period),
        "name": name_month(period),
        "back": month_url(period),
        "this": read_signs([period], read_ground())[0],
        "may_write": current_person().may_write,
    }
