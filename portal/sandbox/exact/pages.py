"""The web page on which a person plays the bookkeeper: entries, bank receipts, settlements."""

from decimal import Decimal

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.sandbox.common.asked import BackDoorError, read_amount, read_day
from portal.sandbox.exact.backdoor import edit_receipt, find_books, find_entry, find_matching, record_receipt
from portal.sandbox.exact.derived import percentage_on
from portal.sandbox.exact.errors import ExactError
from portal.sandbox.exact.matching import DELETE_INSERT, MATCHED_NEW, SAME_ROW, Matching
from portal.sandbox.exact.receipts import remove_matching
from portal.sandbox.exact.settlements import settle_entry
from portal.sandbox.exact.shown import show_entry, show_matching
from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.store import Books, midnight
from portal.sandbox.exact.terms import outstanding

_SHOWN = 200
_SPLITS = (
    (SAME_ROW, "the term's row becomes the paid part"),
    (DELETE_INSERT, "the term is deleted, both parts are new"),
    (MATCHED_NEW, "the paid part is new, the term keeps the rest"),
)


def pages(state: ExactState) -> Blueprint:
    """The pages as a blueprint."""
    web = Blueprint("pages", __name__)
    _add_views(web, state)
    _add_receipt_forms(web, state)
    _add_settle_form(web, state)
    return web


def _add_views(web: Blueprint, state: ExactState) -> None:
    @web.get("/")
    def show_entries() -> str:
        books = _chosen_books(state)
        if books is None:
            return render_template("empty.html")

        with state.lock:
            newest = list(books["SalesEntries"].rows.values())[: -_SHOWN - 1 : -1]
            entries = [show_entry(books, row) for row in newest]
            receipts = [_titled(books, each) for each in list(books.matchings.values())[: -_SHOWN - 1 : -1]]

        return render_template(
            "entries.html",
            divisions=[each.facts for each in state.books.values()],
            division=books.code,
            entries=entries,
            receipts=receipts,
            splits=_SPLITS,
            today=books.today().date().isoformat(),
            fault=request.args.get("fault"),
        )

    @web.get("/vat-codes")
    def show_vat_codes() -> str:
        if "vat-page" in state.backstage.readings:
            abort(404)

        books = _chosen_books(state)
        if books is None:
            return render_template("empty.html")

        with state.lock:
            codes = sorted(books["VATCodes"].rows.values(), key=lambda row: str(row["Code"]))
            shown = [{**row, "Percentage": percentage_on(books, row, books.today())} for row in codes]

        divisions = [each.facts for each in state.books.values()]
        return render_template("vat_codes.html", divisions=divisions, division=books.code, codes=shown)

    @web.get("/entries/<key>")
    def show_one(key: str) -> str:
        if "entry-page" in state.backstage.readings:
            abort(404)

        found = [books for books in state.books.values() if books["SalesEntries"].get(key)]
        if not found:
            abort(404)

        return render_template(
            "entry.html",
            entry=show_entry(found[0], found[0]["SalesEntries"].rows[key]),
            ledgers=found[0]["GLAccounts"].rows,
            splits=_SPLITS,
            today=found[0].today().date().isoformat(),
            fault=request.args.get("fault"),
        )


def _add_receipt_forms(web: Blueprint, state: ExactState) -> None:
    @web.post("/receipts")
    def receive() -> Response:
        division = request.form.get("division", "")
        try:
            with state.lock:
                record_receipt(state, _read_receipt(state))
        except BackDoorError as error:
            return _home(division, error.sentence)

        return _home(division)

    @web.post("/receipts/<key>")
    def edit(key: str) -> Response:
        try:
            with state.lock:
                books, matching = find_matching(state, key)
                if request.form.get("do") == "delete":
                    remove_matching(books, matching)
                    state.touch()
                else:
                    edit_receipt(state, key, {name: request.form[name] for name in ("date", "amount")})
        except BackDoorError as error:
            return _home(request.form.get("division", ""), error.sentence)

        return _home(str(books.code))


def _add_settle_form(web: Blueprint, state: ExactState) -> None:
    @web.post("/entries/<key>/settle")
    def settle(key: str) -> Response:
        fault = None
        try:
            with state.lock:
                books = find_books(state, request.form)
                entry = find_entry(books, {"entry": key})
                day = midnight(read_day(request.form, "date"))
                amount = read_amount(request.form, "amount")
                settle_entry(books, entry, request.form["kind"], amount, day, request.form["split"])
                state.touch()
        except (BackDoorError, ExactError) as error:
            fault = str(error)

        return redirect(url_for("pages.show_one", key=key, fault=fault))


def _chosen_books(state: ExactState) -> Books | None:
    chosen = request.args.get("division", type=int)
    first = next(iter(state.books.values()), None)
    return state.books.get(chosen, first) if chosen else first


def _home(division: str, fault: str | None = None) -> Response:
    return redirect(url_for("pages.show_entries", division=division or None, fault=fault))


def _titled(books: Books, matching: Matching) -> dict[str, object]:
    rows = books["SalesEntries"].rows
    numbers = [rows[each.entry]["EntryNumber"] for each in matching.allocations]
    return show_matching(matching) | {"numbers": numbers}


def _read_receipt(state: ExactState) -> dict[str, object]:
    """The ticked entries share the amount in their order. Without an amount all that is open is paid."""
    books = find_books(state, request.form)
    chosen = request.form.getlist("entry")
    owed = {key: outstanding(books, key) for key in chosen if books["SalesEntries"].get(key)}
    total = request.form.get("amount", "").strip() or f"{sum(owed.values(), Decimal(0)):.2f}"
    left = read_amount({"amount": total}, "amount")
    allocations = []

    for key, open_amount in sorted(owed.items(), key=lambda each: each[1]):
        part = min(open_amount, left)
        allocations.append({"entry": key, "amount": f"{part:.2f}"})
        left -= part

    return {
        "division": request.form.get("division"),
        "date": request.form.get("date"),
        "amount": total,
        "split": request.form.get("split"),
        "allocations": allocations,
    }
