"""Which invoices were chosen: by hand, or all that match some filters."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, request, url_for
from sqlalchemy import ColumnElement, func, select
from werkzeug.datastructures import MultiDict

from portal.actions.copies.run_begin import in_order
from portal.actions.copies.run_choose import choose_invoices
from portal.domain.copies.runs import MOST
from portal.domain.copies.standing import Standing
from portal.extensions import db
from portal.store.invoice_filters import Filters, filtered
from portal.store.invoices import InvoiceRow
from portal.store.runs import find_choice
from portal.web.common.access import current_person, subsidiary_scope
from portal.web.common.clock import now, today
from portal.web.common.urls import url_with
from portal.web.invoices.filters import read_filters

# What a form or an address says that is no filter.
NO_FILTER = ("all", "invoice", "csrf_token", "after", "before", "v", "rows", "had")


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen invoices, and the filters where all that match were chosen. ``more`` are left for later."""

    rows: Sequence[InvoiceRow]
    filters: Filters | None = None
    more: int = 0

    @property
    def by_filters(self) -> bool:
        """Say whether all that match some filters were chosen."""
        return self.filters is not None


def keep_asked() -> str:
    """Keep what a form chose, and return the address of the page that shows it. Empty without a choice."""
    asked = request.values
    if asked.get("all"):
        kept = MultiDict({name: asked[name] for name in asked if name not in NO_FILTER})
        return url_with(url_for("runs.show_plan"), kept, all="1")

    ids = list(dict.fromkeys(request.form.getlist("invoice")))[:MOST]
    if not ids:
        return ""

    choice_id = choose_invoices(db.session(), current_person().id, ids, now=now())
    return url_for("runs.show_plan", choice=choice_id)


def read_choice() -> Choice:
    """Return what the address of the page chooses, in the order in which it would be copied."""
    args = request.args
    if args.get("all"):
        return _matching(_read_filters(args))

    if not args.get("choice"):
        return Choice(())

    ids = find_choice(db.session(), args["choice"], current_person().id)
    if ids is None:
        abort(404)

    return Choice(in_order(_visible(InvoiceRow.id.in_(ids))))


def count_ready(choice: Choice) -> int:
    """Count how many of what was chosen are ready now."""
    ready = InvoiceRow.standing == Standing.READY
    if choice.filters is not None:
        query = filtered(choice.filters, today()).where(ready)
        return db.session.scalar(query.with_only_columns(func.count())) or 0
    return sum(row.standing == Standing.READY for row in choice.rows)


def _matching(filters: Filters) -> Choice:
    """Return what is ready and matches."""
    query = filtered(filters, today()).where(InvoiceRow.standing == Standing.READY)
    ordered = query.order_by(InvoiceRow.invoiced_on, InvoiceRow.number, InvoiceRow.id)
    rows = db.session.scalars(ordered.limit(MOST)).all()
    count = db.session.scalar(query.with_only_columns(func.count())) or 0
    return Choice(rows, filters, more=max(count - len(rows), 0))


def _read_filters(args: MultiDict[str, str]) -> Filters:
    """Read the list's filters. Overview calls the days by other names."""
    given: MultiDict[str, str] = MultiDict(args)
    for name, other in (("from", "since"), ("to", "until")):
        if given.get(other) and not given.get(name):
            given[name] = given[other]

    # All that match are chosen whatever state a view narrows to, for only what is ready goes along.
    given.pop("view", None)
    found, _troubles = read_filters(given, subsidiary_scope())
    return found


def _visible(condition: ColumnElement[bool]) -> list[InvoiceRow]:
    """Return the invoices that the person may see."""
    query = select(InvoiceRow).where(condition)
    scope = current_person().subsidiaries
    if scope is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(scope))
    return list(db.session.scalars(query))


def keep_visible(seen: dict[str, str]) -> dict[str, str]:
    """Keep of what a form names the invoices that the person may see."""
    query = select(InvoiceRow.id).where(InvoiceRow.id.in_(seen))
    scope = current_person().subsidiaries
    if scope is not None:
        query = query.where(InvoiceRow.subsidiary_id.in_(scope))
    return {invoice_id: seen[invoice_id] for invoice_id in db.session.scalars(query)}
