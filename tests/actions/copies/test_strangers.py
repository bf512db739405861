"""Never beside somebody else's entry: known before the first POST, linked, or set aside by a person."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.actions.copies.cut_over import CutOverError, link_existing
from portal.actions.copies.look_up import look_up
from portal.actions.copies.run import run_copies
from portal.actions.copies.strangers import StrangerError, set_aside, strangers_of
from portal.actions.engine.gate import close_copying, open_copying
from portal.domain.booking.invoice import CREDIT_NOTE, Invoice
from portal.domain.booking.sales_entry import BookedEntry, BookedLine
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.copies.strangers import HeldEntry
from portal.domain.ids import tag_of
from portal.remote.errors import TemporaryError
from portal.store.copies import CopyRow
from portal.store.looks import LookRow, asides_of
from tests.actions.office import Office, some_invoice, two_lines
from tests.domain.builders import a_booking
from tests.furnishing.events import events_of
from tests.telling import told

GUID = "9d5a3d6e-8ab3-4a52-b5e7-1c1f0a6f4a11"
OTHER_GUID = "9d5a3d6e-8ab3-4a52-b5e7-1c1f0a6f4a12"


def by_a_bookkeeper(office: Office, **changes: Any) -> BookedEntry:
    """Let somebody else have booked the invoice in Exact."""
    customer = next(iter(office.ledger.customers))
    entry = a_booking(**{"id": GUID, "customer_id": customer, "journal": "70", **changes})
    office.ledger.entries[entry.id] = entry
    return entry


def a_foreign_line(marker: str) -> tuple[BookedLine, ...]:
    return (BookedLine("line", "ledger", 10000, "2  ", 2100, "Design", None, tag_of(marker)),)


def look(office: Office) -> None:
    """Look as the dialog does."""
    look_up(
        office.session,
        office.ledger,
        office.connection_id,
        office.row().number or "",
        clock=lambda: office.now,
    )


def say_another(office: Office, *entry_ids: str) -> None:
    set_aside(office.session, "105", entry_ids, actor="Anna", now=office.now)


# How an entry may differ that stands under the invoice's number all the same, and what is said of it.
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "the very invoice": ({}, "Customer and total are this invoice's."),
    "in another journal": ({"journal": "71"}, "journal 71"),
    "of another total": ({"gross": 12000}, "120.00 EUR"),
    "of another customer": ({"customer_id": OTHER_GUID}, "the customer is not"),
    "of another currency": ({"currency": "USD"}, "121.00 USD"),
    "with the number in another case": ({"your_ref": "INV-105"}, "INV-105"),
    "with blanks behind the number": ({"your_ref": "2026-105  "}, "carries 2026-105 and"),
    "processed already": ({"status": 50}, "Customer and total are this invoice's."),
    "as a credit note": ({"type": 21, "gross": -12100, "vat": -2100}, "-121.00 EUR"),
    "with the marker of another portal": ({"lines": a_foreign_line("ZZZZZZZZ")}, "Customer and total"),
    "of last year": ({"entry_date": some_invoice().invoiced_on - timedelta(days=400)}, "2025"),
}
UNDER = {"with the number in another case": "inv-105"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_refused_beside_an_entry_that_is_linked_to_none(office: Office, kind: str) -> None:
    changes, said = KINDS[kind]
    office.add(some_invoice(number=UNDER.get(kind, "2026-105")))
    by_a_bookkeeper(office, **({"your_ref": office.row().number} | changes))
    copy = office.copied()
    assert (copy.state, copy.cause) == (CopyState.REFUSED, "entry_stranger")
    assert copy.trouble is not None
    assert said in told(copy.trouble)
    assert office.ledger.calls == ["find_held"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_problem_of_the_wish_once_it_was_seen(office: Office, kind: str) -> None:
    changes, said = KINDS[kind]
    office.add(some_invoice(number=UNDER.get(kind, "2026-105")))
    by_a_bookkeeper(office, **({"your_ref": office.row().number} | changes))
    look(office)
    [problem] = office.wish()
    assert said in told(problem.said)
    assert office.session.query(CopyRow).count() == 0


def test_a_credit_note_is_not_booked_beside_one_either(office: Office) -> None:
    line = replace(some_invoice().lines[0], quantity=Decimal(-1), amount=-10000, amount_tax=-2100)
    office.add(
        some_invoice(
            kind=CREDIT_NOTE,
            amount=-10000,
            amount_tax=-2100,
            amount_with_tax=-12100,
            amount_unpaid=-12100,
            lines=(line,),
        )
    )
    by_a_bookkeeper(office, gross=-12100, vat=-2100, journal="71", your_ref=office.row().number)
    copy = office.copied(office.choices(journal="71"))
    assert (copy.state, copy.cause) == (CopyState.REFUSED, "entry_stranger")
    assert "Customer and total are this invoice's." in told(copy.trouble)


def test_a_single_copy_costs_the_look_of_the_dialog_and_the_post(office: Office) -> None:
    look(office)
    office.pass_time(300)
    assert office.copied().state == CopyState.COPIED
    assert office.ledger.calls == ["find_held", "create_entry"]


def test_a_look_is_good_for_less_than_ten_minutes(office: Office) -> None:
    look(office)
    office.pass_time(600)
    by_a_bookkeeper(office, your_ref=office.row().number)
    assert office.copied().state == CopyState.REFUSED
    assert office.ledger.calls == ["find_held", "find_held"]


def test_where_the_dialog_could_not_look_the_job_does(office: Office) -> None:
    by_a_bookkeeper(office, your_ref=office.row().number)
    office.ledger.fail("find_held", TemporaryError("Exact is busy.", status=503), times=2)
    with pytest.raises(TemporaryError):
        look(office)
    copy = office.copied()
    assert (copy.state, office.ledger.count("create_entry")) == (CopyState.WAITING, 0)
    assert office.go_on(copy.id).state == CopyState.REFUSED
    assert office.ledger.count("create_entry") == 0


def test_a_process_that_dies_at_the_look_leaves_nothing_behind(office: Office) -> None:
    copy = office.wish()
    with office.killed("find_held", after=True):
        office.perform(copy.id)
    assert office.go_on(copy.id).state == CopyState.COPIED
    assert office.ledger.count("create_entry") == 1


def test_it_can_be_linked_instead_after_a_refusal(office: Office) -> None:
    by_a_bookkeeper(office, your_ref=office.row().number)
    refused = office.copied()
    linked = link_existing(office.session, office.ledger, "105", GUID, actor="Anna", now=office.now)
    assert (linked.state, linked.entry_id, office.row().latest_copy_id) == (CopyState.COPIED, GUID, linked.id)
    assert strangers_of(office.session, office.connection_id, office.row()) == ()
    # What was refused has nothing left to do.
    assert office.retry(refused.id).id == linked.id


def test_the_number_in_another_case_can_be_linked_too(office: Office) -> None:
    office.add(some_invoice(number="inv-105"))
    by_a_bookkeeper(office, your_ref="INV-105 ")
    assert link_existing(
        office.session, office.ledger, "105", GUID, actor="Anna", now=office.now
    ).entry_id == (GUID)


def test_a_person_says_that_it_is_another_one_and_the_retry_books(office: Office) -> None:
    by_a_bookkeeper(office, your_ref=office.row().number)
    refused = office.copied()
    [problem] = office.retry(refused.id)
    assert problem.code == "entry_stranger"
    say_another(office, GUID)
    [aside] = asides_of(office.session, "105")
    assert (aside.entry_id, aside.set_aside_by, aside.set_aside_at) == (GUID, "Anna", office.now)
    assert "set aside" in [event.kind for event in events_of(office.session, "105")]
    assert office.retried(refused.id).state == CopyState.COPIED
    assert office.ledger.count("create_entry") == 1


def test_it_holds_for_exactly_that_entry(office: Office) -> None:
    by_a_bookkeeper(office, your_ref=office.row().number)
    look(office)
    say_another(office, GUID)
    by_a_bookkeeper(office, id=OTHER_GUID, entry_number=777, your_ref=office.row().number)
    office.pass_time(700)
    copy = office.copied()
    assert (copy.state, copy.cause) == (CopyState.REFUSED, "entry_stranger")
    assert "Entry 777" in told(copy.trouble)
    assert len(office.ledger.entries) == 2


def test_setting_aside_twice_is_once(office: Office) -> None:
    by_a_bookkeeper(office, your_ref=office.row().number)
    look(office)
    say_another(office, GUID)
    say_another(office, GUID)
    assert len(asides_of(office.session, "105")) == 1


@pytest.mark.parametrize("entry_ids", [(), (OTHER_GUID,)])
def test_what_nobody_saw_cannot_be_set_aside(office: Office, entry_ids: tuple[str, ...]) -> None:
    by_a_bookkeeper(office, your_ref=office.row().number)
    look(office)
    with pytest.raises(StrangerError, match="look again"):
        say_another(office, *entry_ids)
    assert not asides_of(office.session, "105")


def test_own_entries_are_no_strangers(office: Office) -> None:
    first = office.copied()
    office.pass_time(700)
    second = office.copied()
    assert (first.state, second.state, office.row().latest_copy_id) == (
        CopyState.COPIED,
        CopyState.COPIED,
        second.id,
    )
    assert len(office.ledger.entries) == 2


def test_create_new_stops_at_a_stranger_beside_the_own_entry(office: Office) -> None:
    office.copied()
    by_a_bookkeeper(office, your_ref=office.row().number)
    office.pass_time(700)
    second = office.copied()
    assert (second.state, second.cause, office.row().copy_state) == (
        CopyState.REFUSED,
        "entry_stranger",
        CopyState.COPIED,
    )
    with pytest.raises(CutOverError, match="copied already"):
        link_existing(office.session, office.ledger, "105", GUID, actor="Anna", now=office.now)
    say_another(office, GUID)
    assert office.retried(second.id).state == CopyState.COPIED


def test_an_update_changes_its_own_entry_and_needs_no_look(office: Office) -> None:
    office.copied()
    by_a_bookkeeper(office, your_ref=office.row().number)
    office.pass_time(700)
    office.add(some_invoice(lines=two_lines(), subject="Website and more"))
    assert office.copied(action=CopyAction.UPDATE).state == CopyState.COPIED
    assert office.ledger.count("find_held") == 1


def test_a_link_that_was_taken_back_is_a_stranger_again(office: Office) -> None:
    by_a_bookkeeper(office, your_ref=office.row().number)
    linked = link_existing(office.session, office.ledger, "105", GUID, actor="Anna", now=office.now)
    linked.state = CopyState.UNDONE
    linked.ending = Ending.UNLINKED
    office.row().copy_state = CopyState.UNDONE
    office.session.commit()
    assert office.copied().cause == "entry_stranger"


def test_its_own_entry_that_came_late_is_taken_over(office: Office) -> None:
    copy = office.wish()
    by_a_bookkeeper(office, your_ref=office.row().number, lines=a_foreign_line(copy.marker))
    done = office.perform(copy.id)
    assert (done.state, done.entry_id, office.ledger.count("create_entry")) == (CopyState.COPIED, GUID, 0)


def a_run(office: Office, numbers: list[str]) -> list[CopyRow]:
    made = []
    for at, number in enumerate(numbers):
        office.add(some_invoice(id=str(1000 + at), number=number))
        made.append(office.wish(invoice_id=str(1000 + at)))
        made[-1].batch = True
        office.pass_time(0.001)
    office.session.commit()
    return made


def run(office: Office, *, others_wait: Callable[[], bool] = lambda: False) -> None:
    run_copies(office.session, office.desk, office.connection_id, others_wait=others_wait)


@pytest.mark.parametrize("how_many", [1, 20, 41, 100])
def test_a_run_looks_once_for_forty(office: Office, how_many: int) -> None:
    a_run(office, [f"2026-{at:025}" for at in range(how_many)])
    run(office)
    assert office.ledger.count("create_entry") == how_many
    assert office.ledger.count("find_held") == -(-how_many // 40)


def test_a_persons_copy_asks_for_its_own_number_alone_beside_a_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_run(office, [f"N-{at}" for at in range(30)])
    asked: list[list[str]] = []
    ask = office.ledger.find_held

    def find_held(numbers: Sequence[str]) -> list[HeldEntry]:
        asked.append(list(numbers))
        return ask(numbers)

    monkeypatch.setattr(office.ledger, "find_held", find_held)
    office.perform(office.wish().id)
    assert [len(numbers) for numbers in asked] == [1]
    assert office.ledger.count("create_entry") == 1


def test_in_a_run_only_the_copies_with_a_stranger_are_refused(office: Office) -> None:
    made = a_run(office, [f"N-{at}" for at in range(6)])
    for at in (1, 3, 4, 5):
        by_a_bookkeeper(office, id=GUID[:-1] + str(at), entry_number=at, your_ref=f"n-{at}")
    run(office)
    states = [(office.copy(each.id).state, office.copy(each.id).cause) for each in made]
    refused = (CopyState.REFUSED, "entry_stranger")
    assert states == [(CopyState.COPIED, None), refused, (CopyState.COPIED, None), refused, refused, refused]
    # They have nothing in common that could hold others.
    assert office.session.query(CopyRow).filter(CopyRow.hold_id.is_not(None)).count() == 0


def test_what_was_looked_up_before_a_backup_is_forgotten_when_copying_opens_again(office: Office) -> None:
    look(office)
    office.session.commit()
    close_copying(office.session, now=office.now)
    for connection in [office.connection()]:
        connection.state = ConnectionState.DISCONNECTED
        connection.live_subsidiary = None
        connection.live_division = None
    office.session.commit()
    assert open_copying(office.session, office.marks, now=office.now)
    assert office.session.query(LookRow).count() == 0


def a_credit_note(number: str) -> Invoice:
    line = replace(some_invoice().lines[0], quantity=Decimal(-1), amount=-10000, amount_tax=-2100)
    amounts = {"amount": -10000, "amount_tax": -2100, "amount_with_tax": -12100, "amount_unpaid": -12100}
    return some_invoice(id="106", number=number, kind=CREDIT_NOTE, lines=(line,), **amounts)


def test_a_credit_note_is_not_linked_to_the_entry_of_the_invoice_with_its_number(office: Office) -> None:
    number = office.row().number or ""
    by_a_bookkeeper(office, your_ref=number)
    office.add(a_credit_note(number))
    with pytest.raises(CutOverError, match="so it is another document"):
        link_existing(office.session, office.ledger, "106", GUID, actor="Anna", now=office.now)
    assert office.session.query(CopyRow).count() == 0


def test_a_credit_note_may_bear_the_number_of_the_invoice_that_was_copied(office: Office) -> None:
    assert office.copied().state == CopyState.COPIED
    office.add(a_credit_note(office.row().number or ""))
    assert office.copied(office.choices(journal="71"), invoice_id="106").state == CopyState.COPIED


@pytest.mark.parametrize("spelt", [str.lower, str.upper])
def test_the_entry_that_productive_names_is_adopted_whatever_number_it_carries(
    office: Office, spelt: Callable[[str], str]
) -> None:
    office.add(some_invoice(exported=True, export_id=spelt(GUID)))
    by_a_bookkeeper(office, your_ref="another")
    copy = office.copied()
    assert (copy.state, copy.entry_id) == (CopyState.COPIED, GUID)
    assert office.ledger.count("create_entry") == 0


def test_the_same_amount_in_another_currency_is_a_difference(office: Office) -> None:
    office.add(some_invoice(exported=True, export_id=GUID))
    by_a_bookkeeper(office, your_ref="another", currency="USD")
    copy = office.copied()
    assert (copy.state, copy.entry_id) == (CopyState.DIFFERENT, GUID)
    assert "Exact booked 121.00 USD, the invoice is 121.00 EUR." in told(copy.trouble)


def test_the_entry_that_productive_names_is_not_adopted_where_its_sign_is_turned(office: Office) -> None:
    office.add(some_invoice(exported=True, export_id=GUID))
    by_a_bookkeeper(office, your_ref=office.row().number, gross=-12100, vat=-2100)
    assert (office.copied().state, office.ledger.count("create_entry")) == (CopyState.REFUSED, 0)


def test_an_entry_of_another_portal_is_not_adopted_for_another_customer(office: Office) -> None:
    office.add(some_invoice(exported=True, export_id="lost"))
    number = office.row().number
    by_a_bookkeeper(office, your_ref=number, customer_id=OTHER_GUID, lines=a_foreign_line("ZZZZZZZZ"))
    assert (office.copied().state, office.ledger.count("create_entry")) == (CopyState.REFUSED, 0)
