"""The demo's invoices in a year that ends today: dates, numbers, payments by hand, marks of other links."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from portal.sandbox.productive.demo.awkward import AWKWARD
from portal.sandbox.productive.demo.ordinary import each_ordinary
from portal.sandbox.productive.make import Wish, make_invoice
from portal.sandbox.productive.rows import Invoice, Payment
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import derive_balance

_PER_YEAR = {1: 66, 2: 14}
_ELSEWHERE = {3: "26700003", 4: "26700004"}
_EXACT = 4
# Which of the older ordinary invoices a person settled by hand, and how much of it in percent.
_PAID_BY_HAND = {5: 100, 8: 100, 11: 100, 13: 50, 16: 100, 19: 99}


def add_year(state: Sandbox) -> None:
    """Store every invoice of the demo in the order of its date."""
    today = date.fromisoformat(state.today())
    wishes = [*each_ordinary(Random(703)), *AWKWARD]
    dated = [(_weekday(today - timedelta(days=int(str(wish["days_ago"])))), wish) for wish in wishes]
    dated.sort(key=lambda pair: (pair[0], "credits" in pair[1]))
    _count_on_from(state, dated[0][0])
    made = _make_all(state, dated)
    _pay_by_hand(state, [invoice for invoice, wish in made if wish.get("is_ordinary")])
    _mark_elsewhere(state)


def _weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _count_on_from(state: Sandbox, first: date) -> None:
    # The numbers of the first year go on from where they would have been by then.
    for subsidiary_id, per_year in _PER_YEAR.items():
        before = (first.timetuple().tm_yday - 1) * per_year // 365
        state.tables.last_numbers[f"{subsidiary_id}:{first.year}"] = before


def _make_all(state: Sandbox, dated: list[tuple[date, Wish]]) -> list[tuple[Invoice, Wish]]:
    made: list[tuple[Invoice, Wish]] = []
    by_key: dict[object, Invoice] = {}

    for day, wish in dated:
        moment = f"{day}T10:15:11.193+01:00"
        more: dict[str, object] = {"invoiced_on": day.isoformat(), "last_activity_at": moment}
        if "credits" in wish:
            more["parent_invoice_id"] = by_key[wish["credits"]].id

        if wish.get("is_deleted"):
            more["deleted_at"] = f"{day + timedelta(days=1)}T16:02:40.511+01:00"

        invoice = make_invoice(state, {**wish, **more})
        by_key[wish.get("key")] = invoice
        made.append((invoice, wish))

    return made


def _pay_by_hand(state: Sandbox, invoices: list[Invoice]) -> None:
    for place, percent in _PAID_BY_HAND.items():
        invoice = invoices[place]
        amount = invoice.amount_with_tax * percent // 100
        _pay(state, invoice, {"amount": amount, "paid_on": invoice.pay_on, "note": "Bank"})

        if percent == 99:
            rest = {"amount": invoice.amount_unpaid, "written_off_on": invoice.pay_on, "note": "Rounding"}
            _pay(state, invoice, rest)


def _pay(state: Sandbox, invoice: Invoice, wish: Mapping[str, object]) -> None:
    payment = Payment(
        id=state.next_id("payments"),
        invoice_id=invoice.id,
        amount=int(str(wish["amount"])),
        created_at=f"{invoice.pay_on}T14:30:00.000+01:00",
        paid_on=invoice.pay_on if "paid_on" in wish else None,
        written_off_on=invoice.pay_on if "written_off_on" in wish else None,
        note=str(wish["note"]),
    )

    state.tables.payments[payment.id] = payment
    invoice.payments = [*invoice.payments, payment.id]
    derive_balance(invoice, state.tables)


def _mark_elsewhere(state: Sandbox) -> None:
    """The third and fourth invoice of the present year were copied by another link."""
    by_number = {invoice.number: invoice for invoice in state.tables.invoices.values()}
    year = int(state.today()[:4])
    if f"K-{year}-0004" not in by_number:
        year -= 1

    for place, entry in _ELSEWHERE.items():
        invoice = by_number[f"K-{year}-{place:04}"]
        invoice.exported = True
        invoice.exported_at = f"{invoice.invoiced_on}T17:20:03.020+01:00"
        invoice.export_integration_type_id = _EXACT
        invoice.export_id = entry
