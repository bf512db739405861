"""The stories that are broken off: how each begins, which job does it, and what must come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from portal.actions.copies.request import Wish, request_copy
from portal.actions.copies.undo import read_undoing, request_undo
from portal.actions.engine.heartbeat import LEASE
from portal.actions.invoices.pull import keep_pulled
from portal.actions.payments.on_request import mark_sent_and_pay
from portal.domain.booking.mapping import Choices
from portal.domain.copies.states import CopyAction
from portal.domain.copies.undo import fingerprint_of
from portal.domain.customers.new_customer import new_customer_from
from portal.domain.here import day_here
from portal.domain.unreadable import readable
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow
from portal.store.payments import PaymentRow
from portal.vat_numbers import read_vat
from tests.crash.recover import settle
from tests.crash.subjects import Subject, entries_of, seen_in_productive
from tests.crash.world import BELGIAN, DUTCH, ME, World

Job = tuple[str, str]
Line = dict[str, object]
PERFORM = "jobs.copies.perform_copy"
PULL = "jobs.payments.pull_connection"
PAY = "jobs.payments.pay_connection"
names = count(1)
days = count()


@dataclass(frozen=True)
class Story:
    """``prepare`` makes up to ``together`` subjects; ``begin`` makes the wish and names the job to kill."""

    name: str
    prepare: Callable[[World, int], list[Subject]]
    begin: Callable[[World, Subject], Job]
    together: int = 25


def a_line(description: str, unit_price: int) -> Line:
    """A line of one unit."""
    return {"service_type": "Design", "description": description, "quantity": "1", "unit_price": unit_price}


def units(cents: int) -> str:
    """Cents as the back doors spell them."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def net_of(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The net amounts of lines."""
    return [units(int(line["unit_price"])) for line in lines]


TWO = [a_line("Ontwerp", 76000), a_line("Bouw", 24050)]


def write_invoices(
    world: World,
    how_many: int,
    lines: Sequence[Line],
    *,
    subsidiary: str = DUTCH,
    new: bool = False,
    **more: Any,
) -> list[Subject]:
    """Let somebody write invoices in Productive, and read them into the portal."""
    office = world.offices[subsidiary]
    numbers = [f"C-{next(names):06}" for _ in range(how_many)]
    wishes = [
        {
            "number": number,
            "subsidiary_id": int(subsidiary),
            "company": {"name": f"Nieuw {number} B.V." if new else office.company, "country": "Netherlands"},
            "lines": list(lines),
            **more,
        }
        for number in numbers
    ]
    ids = [str(one) for one in world.street.productive.post("invoices", invoices=wishes)["ids"]]
    read(world, ids)
    return [
        Subject(office, id_, wish["number"], wish["company"]["name"], net_of(lines), new_customer=new)
        for id_, wish in zip(ids, wishes, strict=True)
    ]


def read(world: World, ids: Sequence[str]) -> None:
    """Read invoices into the portal, as its pull does."""
    with world.session() as session:
        for at in range(0, len(ids), 50):
            for invoice in readable(world.wiring.billing().read_invoices(ids[at : at + 50])):
                keep_pulled(session, invoice, world.now())
            session.commit()


def wish_copy(world: World, subject: Subject, action: CopyAction = CopyAction.CREATE) -> Job:
    """Click Copy invoice, in either dialog."""
    with world.session() as session:
        row = session.get_one(InvoiceRow, subject.invoice_id)
        bill_to = row.invoice().bill_to
        choices = Choices(customer_id=subject.office.customer_id)
        if subject.new_customer and bill_to:
            choices = Choices(new_customer=True, customer=new_customer_from(bill_to, read_vat))
        if action == CopyAction.UPDATE:
            latest = session.get_one(CopyRow, row.latest_copy_id)
            choices = Choices(customer_id=latest.customer_id, journal=latest.journal)
        wish = Wish(choices, row.fingerprint, row.latest_copy_id, action)
        made = request_copy(session, world.wiring.nudge, row.id, wish=wish, requested_by=ME, now=world.now())
        assert isinstance(made, CopyRow), made
    world.take_nudges()
    return PERFORM, made.id


def copied(world: World, subjects: list[Subject]) -> list[Subject]:
    """Copy them all, undisturbed."""
    for subject in subjects:
        job, copy_id = wish_copy(world, subject)
        world.run(job, copy_id)
        (entry,) = entries_of(world, subject)
        subject.entry_id = entry["EntryID"]
    settle(world)
    return subjects


def update(
    kept: Sequence[int], prices: Sequence[int], added: Sequence[Line]
) -> Callable[[World, Subject], Job]:
    """An update whose lines are the kept old ones at these prices, and new ones; with another subject."""

    def begin(world: World, subject: Subject) -> Job:
        ids = seen_in_productive(world, subject)["line_ids"]
        lines: list[Line] = [
            {"id": int(ids[place]), "unit_price": price} for place, price in zip(kept, prices, strict=True)
        ]
        lines += added
        world.street.productive.patch(f"invoices/{subject.invoice_id}", subject="Herzien", lines=lines)
        subject.lines = net_of(lines)
        read(world, [subject.invoice_id])
        return wish_copy(world, subject, CopyAction.UPDATE)

    return begin


def another_day() -> str:
    """A day of its own, after every entry's, for what was matched on one day is compared together."""
    return str(date(2030, 1, 1) + timedelta(days=next(days)))


def receive(world: World, subject: Subject, amount: str | None = None) -> None:
    """Let the bank of Exact receive the invoice's total, or a part of it."""
    amount = amount or seen_in_productive(world, subject)["total"]
    on = another_day()
    subject.receipt = world.street.exact.post(
        "receipts",
        division=subject.office.division,
        date=on,
        amount=amount,
        allocations=[{"entry": subject.entry_id, "amount": amount}],
    )["id"]
    subject.payments = [(amount, on)]


def pull(subject: Subject) -> Job:
    """The job that pulls this subject's connection."""
    return PULL, str(subject.office.connection_id)


def begin_receipt(world: World, subject: Subject) -> Job:
    """A receipt came; the pull records it."""
    receive(world, subject)
    return pull(subject)


def unpaid(world: World, how_many: int, **more: Any) -> list[Subject]:
    """Copied, and seen by a pull."""
    return pulled(world, copied(world, write_invoices(world, how_many, TWO, **more)))


def pulled(world: World, subjects: list[Subject]) -> list[Subject]:
    """Pull undisturbed, once what a killed pull held is free."""
    world.pass_time(LEASE.seconds)
    world.run(*pull(subjects[0]))
    settle(world)
    return subjects


def paid(world: World, how_many: int, **more: Any) -> list[Subject]:
    """Copied and paid, and Productive knows, unless it is not marked as sent there."""
    subjects = unpaid(world, how_many, **more)
    for subject in subjects:
        receive(world, subject)
    return pulled(world, subjects)


def begin_correction(world: World, subject: Subject) -> Job:
    """The bank's entry is corrected to another amount and day."""
    on = another_day()
    world.street.exact.patch(f"receipts/{subject.receipt}", amount="100.00", date=on)
    subject.payments = [("100.00", on)]
    return pull(subject)


def begin_removal(world: World, subject: Subject) -> Job:
    """The bank's entry is deleted."""
    world.street.exact.delete(f"receipts/{subject.receipt}")
    subject.payments = []
    return pull(subject)


def begin_marking(world: World, subject: Subject) -> Job:
    """Click Mark as sent and record payment."""
    with world.session() as session:
        held = select(PaymentRow.id).where(PaymentRow.invoice_id == subject.invoice_id)
        payment_id = session.scalars(held).one()
        mark_sent_and_pay(session, payment_id, actor=ME, now=world.now())
    return PAY, str(subject.office.connection_id)


def begin_undo(world: World, subject: Subject) -> Job:
    """Click Undo: the entry goes."""
    subject.entries = 0
    subject.lines = []
    subject.undone = True
    return wish_undo(world, subject, CopyAction.UNDO, Choices())


def begin_credit(world: World, subject: Subject) -> Job:
    """Exact processed the entry; click Book credit entry."""
    world.street.exact.patch(f"{subject.office.division}/SalesEntries/{subject.entry_id}", Status=50)
    turned = [
        amount.removeprefix("-") if amount.startswith("-") else f"-{amount}" for amount in subject.lines
    ]
    subject.entries = 2
    subject.lines = [*subject.lines, *turned]
    subject.undone = True
    return wish_undo(world, subject, CopyAction.CREDIT, Choices(booking_date=str(day_here(world.now()))))


def wish_undo(world: World, subject: Subject, action: CopyAction, choices: Choices) -> Job:
    """Confirm what the undo's page showed."""
    ledger = world.wiring.ledger(subject.office.connection_id)
    with world.session() as session:
        row = session.get_one(InvoiceRow, subject.invoice_id)
        shown = read_undoing(session, ledger, row, choices)
        assert shown is not None
        assert shown.booked is not None
        wish = Wish(choices, fingerprint_of(shown.booked), row.latest_copy_id, action)
        made = request_undo(session, world.wiring.nudge, row.id, wish=wish, requested_by=ME, now=world.now())
        assert isinstance(made, CopyRow), made
    world.take_nudges()
    return PERFORM, made.id


def some_copied(world: World, how_many: int) -> list[Subject]:
    """Copied, with two lines."""
    return copied(world, write_invoices(world, how_many, TWO))


RETURN = [a_line("Retour", -25000)]
STORIES = (
    Story("copy", lambda world, n: write_invoices(world, n, TWO), wish_copy),
    Story("copy, new customer", lambda world, n: write_invoices(world, n, TWO, new=True), wish_copy),
    Story(
        "copy, credit note",
        lambda world, n: write_invoices(world, n, RETURN, invoice_type_id=2),
        wish_copy,
    ),
    Story(
        "copy, numbered by Exact",
        lambda world, n: write_invoices(world, n, TWO, subsidiary=BELGIAN, sent_on=None),
        wish_copy,
    ),
    Story(
        "update, more lines",
        some_copied,
        update([0, 1], [76000, 30000], [a_line("Beheer", 5000)]),
    ),
    Story(
        "update, fewer lines",
        lambda world, n: copied(world, write_invoices(world, n, [*TWO, a_line("Beheer", 5000)])),
        update([0, 1], [76000, 30000], []),
    ),
    Story("undo", some_copied, begin_undo),
    Story("undo, by a credit entry", some_copied, begin_credit),
    Story("payment made", unpaid, begin_receipt),
    Story("payment changed", paid, begin_correction),
    Story("payment removed", paid, begin_removal),
    Story("marked as sent and paid", lambda world, n: paid(world, n, sent_on=None), begin_marking, 1),
)
