"""Invoices: the list, its CSV, the page of one, and cut-over."""

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal.actions.copies.cut_over import (
    CutOverError,
    cut_over_of,
    exclude_invoice,
    find_existing,
    include_invoice,
    link_existing,
)
from portal.actions.copies.draft import linked_customer
from portal.actions.copies.held import Held, read_held
from portal.actions.engine.jobs import Job
from portal.domain.copies.states import CopyState
from portal.domain.house.states import Role
from portal.domain.unreadable import Kind
from portal.extensions import db, the_portal
from portal.remote.errors import RemoteError
from portal.store.activity import twins_of
from portal.store.catalogue import find_customer
from portal.store.connections import ConnectionRow, find_live_connection, live_connections
from portal.store.copies import attempts_of, copies_of
from portal.store.events import events_of
from portal.store.findings import FindingRow
from portal.store.invoice_list import VIEWS, list_page, newest_companies, paid_state, totals
from portal.store.invoices import InvoiceRow
from portal.store.payment_list import payment_attempts
from portal.store.payments import PaymentRow
from portal.web.common.access import (
    current_person,
    find_invoice,
    require,
    subsidiary_scope,
    wiring,
)
from portal.web.common.clock import now, today
from portal.web.common.events import sign_of
from portal.web.common.formats import read_moment
from portal.web.common.htmx import is_htmx, redirect_whole_page
from portal.web.common.unreadable import unreadable_about, unreadable_of
from portal.web.common.urls import url_with
from portal.web.common.waits import Trouble, trouble_of
from portal.web.invoices.csv import write_csv
from portal.web.invoices.filters import read_filters
from portal.web.invoices.lines import read_lines
from portal.web.invoices.proof import read_payment_proof, read_proof
from portal.web.invoices.reading import DONE, READ, reading_words
from portal.web.reconciliation.explain import explain
from portal.web.reconciliation.filters import CODE_NAMES
from portal.web.reconciliation.sides import find_sides

blueprint = Blueprint("invoices", __name__)
VIEW_NAMES = {
    "all": "All",
    "not-copied": "Not copied",
    "copied": "Copied",
    "changed": "Changed since copied",
    "failed": "Failed",
    "unpaid": "Unpaid",
    "overdue": "Overdue",
}


@blueprint.get("/")
@require(Role.VIEWER)
def home() -> ResponseReturnValue:
    """Lead to the list."""
    return redirect(url_for("invoices.list_invoices"))


@blueprint.get("/invoices")
@require(Role.VIEWER)
def list_invoices() -> ResponseReturnValue:
    """Show the list, or only its rows when htmx asks."""
    scope = subsidiary_scope()
    filters, troubles = read_filters(request.args, scope)
    back = "before" in request.args
    cursor = request.args.get("before" if back else "after", "")
    answer = Response(
        render_template(
            "invoices/_list.html" if is_htmx() else "invoices/page.html",
            page=list_page(db.session(), filters, today(), cursor=cursor, back=back),
            totals=totals(db.session(), filters, today()),
            filters=filters,
            troubles=troubles,
            unreadable=[] if is_htmx() else unreadable_of(Kind.INVOICE, Kind.PAYMENT),
            companies=[] if is_htmx() else newest_companies(db.session(), scope),
            connected=any(
                scope is None or each.subsidiary_id in scope for each in live_connections(db.session())
            ),
            **reading_words(db.session(), read_moment(request.args.get("since")), wiring().clock()),
            **_list_words(),
        )
    )

    answer.headers["Vary"] = "HX-Request"
    return answer


def _list_words() -> dict[str, object]:
    path = url_for("invoices.list_invoices")
    args = request.args.copy()
    args.pop("since", None)

    return {
        "views": [(name, VIEW_NAMES[name], url_with(path, args, view=name)) for name in VIEWS],
        "url_with": lambda **changes: url_with(path, args, **changes),
        "csv_url": url_with(url_for("invoices.download_csv"), args),
        "here": url_with(path, args),
        **_row_words(),
    }


def _row_words() -> dict[str, object]:
    """Return what every row needs; invoices dated before ``copy_from`` of their subsidiary offer no copy."""
    live = live_connections(db.session())
    return {
        "paid_state": paid_state,
        "today": today(),
        "copy_from": {each.subsidiary_id: each.copy_from for each in live if each.copy_from},
    }


@blueprint.get("/invoices.csv")
@require(Role.VIEWER)
def download_csv() -> ResponseReturnValue:
    """Download what is filtered."""
    filters, _troubles = read_filters(request.args, subsidiary_scope())
    return write_csv(filters, today())


@blueprint.post("/invoices/pull")
@require(Role.FINANCE)
def pull() -> ResponseReturnValue:
    """Ask for a pull from Productive."""
    the_portal().nudge(Job.PULL_INVOICES, "")
    asked_at = wiring().clock()
    if is_htmx():
        return render_template("invoices/_reading.html", **reading_words(db.session(), asked_at, asked_at))
    return redirect(url_for("invoices.list_invoices", since=asked_at.isoformat()))


@blueprint.get("/invoices/reading")
@require(Role.VIEWER)
def show_reading() -> ResponseReturnValue:
    """Show how far the reading is that was asked for; when it has ended, the list renews itself."""
    asked_at = read_moment(request.args.get("since"))
    if not is_htmx() or asked_at is None:
        return redirect(url_for("invoices.list_invoices"))

    words = reading_words(db.session(), asked_at, wiring().clock())
    answer = make_response(render_template("invoices/_reading.html", **words))
    if words["reading"] == DONE:
        answer.headers["HX-Trigger"] = READ

    return answer


@blueprint.get("/invoices/<invoice_id>")
@require(Role.VIEWER)
def show_invoice(invoice_id: str) -> str:
    """Show one invoice: lines, totals, copies, payments, history."""
    row = find_invoice(invoice_id)
    return render_template("invoices/show.html", row=row, **_parts(row))


@blueprint.get("/invoices/<invoice_id>/row")
@require(Role.VIEWER)
def show_row(invoice_id: str) -> str:
    """Show one row of the list, for when its copy has ended."""
    row = find_invoice(invoice_id)
    return render_template("invoices/_row.html", row=row, **_row_words())


def _parts(row: InvoiceRow) -> dict[str, object]:
    session = db.session()
    invoice = row.invoice()
    copies = copies_of(session, row.id)
    connection = find_live_connection(session, row.subsidiary_id)
    parts: dict[str, object] = {
        "invoice": invoice,
        "unreadable": unreadable_about(row.id),
        "copies": copies,
        "undone_by": {copy.undoes: copy for copy in copies if copy.undoes and copy.state == CopyState.UNDONE},
        "events": events_of(session, row.id),
        "sign_of": sign_of,
        "payments": session.scalars(select(PaymentRow).where(PaymentRow.invoice_id == row.id)).all(),
        "findings": session.scalars(
            select(FindingRow).where(FindingRow.invoice_id == row.id, FindingRow.resolved_at.is_(None))
        ).all(),
        "paid": paid_state(row, today()),
        "draft": None,
        "connection": connection,
        "held": _held_under(connection, row),
        "twins": twins_of(session, row.id),
        "copy_from": {},
        **_sides_of(row),
    }

    lines = read_lines(session, row)
    accounts = {account.id: account for account in lines.catalogue.accounts} if lines else {}
    parts["payment_proof"] = read_payment_proof(payment_attempts(session, row.id), row.currency)
    parts["proofs"] = {copy.id: read_proof(copy, attempts_of(session, copy.id), accounts) for copy in copies}
    if lines is None:
        return parts

    return parts | {
        "draft": lines.draft,
        "accounts": accounts,
        "customer": find_customer(session, lines.connection.id, lines.customer_id),
        "too_early": cut_over_of(lines.connection, row),
    }


def _held_under(connection: ConnectionRow | None, row: InvoiceRow) -> Held | None:
    """Return what the last look showed under an invoice's number, however old it is."""
    if connection is None:
        return None
    session = db.session()
    customer_id = linked_customer(session, connection.id, row.company_id)
    return read_held(session, connection.id, row, customer_id, now=None)


def _sides_of(row: InvoiceRow) -> dict[str, object]:
    """Return both sides of an invoice that was compared with its entry."""
    sides = find_sides(db.session(), row.id)
    if sides is None:
        return {"sides": None}
    (explained,) = explain(db.session(), [sides.row], may_write=current_person().may_write)
    return {"sides": sides, "explained": explained, "code_names": CODE_NAMES}


@blueprint.post("/invoices/<invoice_id>/exclude")
@require(Role.FINANCE)
def exclude(invoice_id: str) -> ResponseReturnValue:
    """Set "do not copy"."""
    row = find_invoice(invoice_id)
    try:
        exclude_invoice(
            db.session(),
            row.id,
            reason=request.form.get("reason", ""),
            actor=current_person().name,
            now=now(),
        )
    except CutOverError as error:
        db.session.rollback()
        flash(str(error), "error")

    return redirect(url_for("invoices.show_invoice", invoice_id=invoice_id))


@blueprint.post("/invoices/<invoice_id>/include")
@require(Role.FINANCE)
def include(invoice_id: str) -> ResponseReturnValue:
    """Take "do not copy" back."""
    include_invoice(db.session(), find_invoice(invoice_id).id, actor=current_person().name, now=now())
    return redirect(url_for("invoices.show_invoice", invoice_id=invoice_id))


@blueprint.get("/invoices/<invoice_id>/link")
@require(Role.FINANCE)
def choose_entry(invoice_id: str) -> ResponseReturnValue:
    """Show the entries in Exact that carry this invoice's number."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id)
    db.session.commit()
    entries = []
    trouble = None

    if connection is None:
        trouble = Trouble(_("This subsidiary is not connected to Exact."))
    else:
        try:
            entries = find_existing(db.session(), wiring().ledger(connection.id), row.id)
        except RemoteError as error:
            trouble = trouble_of(error, now())

    return render_template("invoices/link.html", row=row, entries=entries, trouble=trouble)


@blueprint.post("/invoices/<invoice_id>/link")
@require(Role.FINANCE)
def link(invoice_id: str) -> ResponseReturnValue:
    """Adopt the chosen entry."""
    row = find_invoice(invoice_id)
    connection = find_live_connection(db.session(), row.subsidiary_id)
    db.session.commit()

    try:
        if connection is None:
            raise CutOverError(_("This subsidiary is not connected to Exact."))

        link_existing(
            db.session(),
            wiring().ledger(connection.id),
            row.id,
            request.form.get("entry", ""),
            actor=current_person().name,
            now=now(),
        )

        flash(_("The entry is linked. It counts as this invoice’s copy from now on."), "success")
    except (CutOverError, RemoteError) as error:
        db.session.rollback()
        flash(str(error), "error")

    page = url_for("invoices.show_invoice", invoice_id=invoice_id)
    return redirect_whole_page(page) if is_htmx() else redirect(page)
