"""The demo's invoices: a year that ends with the last month, and the present month, which is to be closed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from portal.sandbox.common.former_link import entry_of, long_ago
from portal.sandbox.productive.demo.awkward import AWKWARD
from portal.sandbox.productive.demo.former import each_former, mark_as_exported
from portal.sandbox.productive.demo.month import day_in_month, each_of_the_month
from portal.sandbox.productive.demo.ordinary import each_ordinary
from portal.sandbox.productive.make import Wish, make_invoice
from portal.sandbox.productive.numbers import next_number
from portal.sandbox.productive.rows import Invoice, Payment
from portal.sandbox.productive.state import Sandbox
from portal.sandbox.productive.totals import derive_balance

_PER_YEAR = {1: 66, 2: 14}
# These were copied by another link long ago, and what stands in Exact is not what they say.
_ELSEWHERE = ("26700003", "26700004")
# Which of the older ordinary invoices a person settled by hand, and how much of it in percent.
_PAID_BY_HAND = {5: 100, 8: 100, 11: 100, 13: 50, 16: 100, 19: 99}

Dated = tuple[date, Wish]


def add_invoices(state: Sandbox) -> None:
    """Store every invoice of the demo, numbered in the order of their dates."""
    today = date.fromisoformat(state.today())
    last_month = today.replace(day=1) - timedelta(days=1)
    year = _in_order(_before(last_month, wish) for wish in [*each_ordinary(Random(703)), *AWKWARD])
    former = _in_order(_before(last_month, wish) for wish in each_former())
    month = _date_in_month(today)

    _count_on_from(state, year[0][0])
    numbers = _number(state, _in_order([*year, *former, *month]))
    made = _make_all(state, [*year, *former, *month], numbers)
    _pay_by_hand(state, [invoice for invoice, wish in made if wish.get("is_ordinary")])
    _mark_former(made)
    _mark_elsewhere(made, long_ago(today))


def _before(last_month: date, wish: Wish) -> Dated:
    """Date an invoice so many days before the present month."""
    day = last_month - timedelta(days=int(str(wish["days_ago"])))
    return day - timedelta(days=max(0, day.weekday() - 4)), wish


def _date_in_month(today: date) -> list[Dated]:
    wishes = list(each_of_the_month(today.year))
    return [(day_in_month(today, place, len(wishes)), wish) for place, wish in enumerate(wishes)]


def _in_order(dated: Iterable[Dated]) -> list[Dated]:
    return sorted(dated, key=lambda pair: (pair[0], "credits" in pair[1]))


def _count_on_from(state: Sandbox, first: date) -> None:
    # The numbers of the first year go on from where they would have been by then.
    for subsidiary_id, per_year in _PER_YEAR.items():
        before = (first.timetuple().tm_yday - 1) * per_year // 365
        state.tables.last_numbers[f"{subsidiary_id}:{first.year}"] = before


def _number(state: Sandbox, dated: Iterable[Dated]) -> dict[int, object]:
    """Give numbers to what is finalised and has none, as they are dated. Ids go another way."""
    return {
        id(wish): wish.get("number")
        or next_number(state, int(str(wish.get("subsidiary_id", 1))), day.isoformat())
        for day, wish in dated
        if wish.get("finalized_on", day)
    }


def _make_all(
    state: Sandbox, dated: list[Dated], numbers: Mapping[int, object]
) -> list[tuple[Invoice, Wish]]:
    made: list[tuple[Invoice, Wish]] = []
    by_key: dict[object, Invoice] = {}

    for day, wish in dated:
        moment = state.gone_by(day.isoformat(), "10:15:11.193")
        more: dict[str, object] = {"invoiced_on": day.isoformat(), "last_activity_at": moment}
        more["number"] = numbers.get(id(wish))
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


def _mark_former(made: list[tuple[Invoice, Wish]]) -> None:
    for invoice, wish in made:
        if wish.get("is_former") and invoice.number:
            mark_as_exported(invoice, entry_of(invoice.number))


def _mark_elsewhere(made: list[tuple[Invoice, Wish]], numbers: Sequence[str]) -> None:
    """The third and fourth invoice of the year were copied by another link."""
    by_number = {invoice.number: invoice for invoice, _wish in made}
    for number, entry in zip(numbers, _ELSEWHERE, strict=True):
        mark_as_exported(by_number[number], entry)
