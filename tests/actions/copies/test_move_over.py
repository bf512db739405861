"""Moving over: what another link exported is looked up, and linked where everything agrees."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from portal.actions.copies.cut_over import link_existing
from portal.actions.copies.move_over import (
    AT_ONCE,
    MOST_AT_ONCE,
    MoveOverError,
    link_agreeing,
    list_moved,
    look_moved_up,
    request_move,
)
from portal.actions.copies.request import Wish
from portal.actions.copies.strangers import set_aside
from portal.actions.copies.undo import request_undo
from portal.actions.engine.jobs import Job
from portal.domain.booking.invoice import BillTo
from portal.domain.booking.mapping import Choices
from portal.domain.copies.moving import Move
from portal.domain.copies.states import CopyAction, CopyState
from portal.remote.errors import UnreachableError
from portal.store.catalogue import keep_customers
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import ELSEWHERE
from portal.store.moving import connections_to_look_up, count_elsewhere, find_moving
from tests.actions.office import Office, some_invoice
from tests.domain.builders import a_booking
from tests.fakes import a_customer
from tests.furnishing.said import quote


@dataclass(frozen=True)
class Kind:
    """A kind of invoice of another link, and what stands in Exact under its number."""

    name: str
    move: Move
    invoice: dict[str, Any] = field(default_factory=dict)
    # Each entry says in what it differs from the invoice.
    entries: tuple[dict[str, Any], ...] = ({},)
    # What is known of its customer in Exact, and whether the company is linked to another.
    customer: dict[str, Any] = field(default_factory=dict)
    linked_elsewhere: bool = False


BUYER = BillTo("Nieuwe Klant B.V.", vat="NL344240113B01", city="Utrecht", country="Netherlands")
FIRST = "9d5a3d6e-8ab3-4a52-b5e7-000000000001"
SECOND = "9d5a3d6e-8ab3-4a52-b5e7-000000000002"
KINDS = (
    Kind("number, customer and total agree", Move.AGREES),
    Kind("the name agrees, and there is no VAT number", Move.AGREES, customer={"vat_number": None}),
    Kind(
        "the VAT number agrees, and the name is nearly the same",
        Move.AGREES,
        customer={"name": "Nieuwe Klant"},
    ),
    Kind("the customer is blocked by now", Move.AGREES, customer={"blocked": True}),
    Kind("the number is in small letters in Exact", Move.AGREES, entries=({"your_ref": "k-1 "},)),
    Kind(
        "a credit note",
        Move.AGREES,
        invoice={"kind": 2, "amount": -10000, "amount_tax": -2100, "amount_with_tax": -12100},
        entries=({"gross": -12100},),
    ),
    Kind("the text is another", Move.AGREES, entries=({"description": "Another text"},)),
    Kind("a cent more", Move.DIFFERS, entries=({"gross": 12101},)),
    Kind("a cent less", Move.DIFFERS, entries=({"gross": 12099},)),
    Kind("the sign is turned", Move.DIFFERS, entries=({"gross": -12100},)),
    Kind("another currency", Move.DIFFERS, entries=({"currency": "USD"},)),
    Kind("another name and VAT number", Move.DIFFERS, customer={"name": "Ander", "vat_number": None}),
    Kind("the same name with another VAT number", Move.DIFFERS, customer={"vat_number": "NL001234567B01"}),
    Kind(
        "the same VAT number with another name",
        Move.DIFFERS,
        customer={"name": "Heel Ander Bedrijf", "vat_number": "NL344240113B01"},
    ),
    Kind("the company is linked to another customer", Move.DIFFERS, linked_elsewhere=True),
    Kind("two entries, one of which agrees", Move.SEVERAL, entries=({}, {"gross": 500})),
    Kind("two entries that both agree", Move.SEVERAL, entries=({}, {})),
    Kind("no entry", Move.MISSING, entries=()),
    Kind("an entry of a longer number", Move.MISSING, entries=({"your_ref": "K-12"},)),
    Kind("no number", Move.UNSEEN, invoice={"number": None}, entries=()),
    Kind("Productive names the entry by its id", Move.AGREES, invoice={"export_id": FIRST}),
    Kind("the id is in capitals", Move.AGREES, invoice={"export_id": FIRST.upper()}),
    Kind("the id is in braces", Move.AGREES, invoice={"export_id": f"{{{FIRST}}}"}),
    Kind("Productive names it by its number", Move.AGREES, invoice={"export_id": "26700001"}),
    Kind("the other link left words of its own", Move.AGREES, invoice={"export_id": "EX/2026/1"}),
    Kind("the other link left a short number of its own", Move.AGREES, invoice={"export_id": "17"}),
    Kind("an entry is named that is not there", Move.NAMED, invoice={"export_id": SECOND}),
    Kind("another number is named", Move.NAMED, invoice={"export_id": "26700009"}),
    Kind(
        "another entry is named, which carries another number",
        Move.NAMED,
        invoice={"export_id": SECOND},
        entries=({}, {"your_ref": "K-2"}),
    ),
    Kind("one of two is named", Move.NAMED, invoice={"export_id": SECOND}, entries=({}, {})),
    Kind(
        "only the named one is there, and it carries another number",
        Move.DIFFERS,
        invoice={"export_id": FIRST},
        entries=({"your_ref": "K-2"},),
    ),
    Kind("the named one is another total", Move.DIFFERS, {"export_id": FIRST}, ({"gross": 1},)),
)


def exported(office: Office, invoice_id: str, number: str | None, **changes: Any) -> None:
    """Let another link have exported an invoice."""
    invoice = {
        "id": invoice_id,
        "number": number,
        "exported": True,
        "bill_to": BUYER,
        "company_id": "77",
        **changes,
    }
    office.add(some_invoice(**invoice))
    office.row(invoice_id).copy_state = ELSEWHERE
    office.session.commit()


def booked(office: Office, number: str, customer_id: str, **changes: Any) -> str:
    """Let another link have booked an entry."""
    place = len(office.ledger.entries) + 1
    usual: dict[str, Any] = {
        "id": f"9d5a3d6e-8ab3-4a52-b5e7-{place:012}",
        "entry_number": 26700000 + place,
        "customer_id": customer_id,
        "your_ref": number,
        "gross": 12100,
        "currency": "EUR",
    }
    entry = a_booking(**(usual | changes))
    office.ledger.entries[entry.id] = entry
    return entry.id


def a_buyer(office: Office, **changes: Any) -> str:
    """Keep the buyer's customer, as a pull of customers does."""
    usual = {"name": "Nieuwe Klant B.V.", "vat_number": "NL344240113B01", "country": "NL"}
    customer = office.ledger.add_customer(a_customer(**(usual | changes)))
    keep_customers(office.session, office.connection_id, [customer])
    office.session.commit()
    return customer.id


def look(office: Office) -> bool:
    return look_moved_up(office.session, office.ledger, office.connection_id, clock=lambda: office.now)


def ask(office: Office) -> None:
    request_move(office.session, office.nudge, office.connection_id, now=office.now)


def moves(office: Office) -> dict[str, Move]:
    found = list_moved(office.session, office.connection(), today=office.now.date())
    office.session.commit()
    return {one.row.id: one.move for one in found}


def link(office: Office, *ids: str) -> int:
    connection = office.connection()
    office.session.commit()
    return link_agreeing(
        office.session, office.ledger, connection, ids, actor="Anna", clock=lambda: office.now
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_is_judged_and_only_what_agrees_is_linked(office: Office, kind: Kind) -> None:
    customer_id = a_buyer(office, **kind.customer)
    exported(office, "900", **({"number": "K-1"} | kind.invoice))
    for entry in kind.entries:
        booked(office, **({"number": "K-1", "customer_id": customer_id} | entry))

    if kind.linked_elsewhere:
        other = next(iter(office.ledger.customers))
        office.session.add(
            CustomerLinkRow(
                connection_id=office.connection_id,
                company_id="77",
                customer_id=other,
                linked_by="Anna",
                linked_at=office.now,
            )
        )
        office.session.commit()

    ask(office)
    look(office)
    assert moves(office) == {"900": kind.move}

    linked = link(office, "900")
    state = office.row("900").copy_state
    assert (linked, state) == ((1, CopyState.COPIED) if kind.move is Move.AGREES else (0, ELSEWHERE))


def some_exported(office: Office, count: int) -> list[str]:
    """Let another link have copied so many invoices, all of which agree."""
    customer_id = a_buyer(office)
    ids = [str(900 + place) for place in range(count)]
    for one in ids:
        exported(office, one, f"K-{one}")
        booked(office, f"K-{one}", customer_id)
    return ids


def test_twenty_are_looked_up_by_one_call_and_thirty_five_linked_by_none(office: Office) -> None:
    ids = some_exported(office, 35)
    ask(office)
    assert office.nudge.woken[-1] == (Job.MOVE_OVER, str(office.connection_id))
    before = len(office.ledger.calls)
    assert look(office) is False
    assert office.ledger.calls[before:] == ["find_held"] * 2

    assert set(moves(office).values()) == {Move.AGREES}
    assert link(office, *ids) == 35
    assert office.ledger.calls[before + 2 :] == []
    assert moves(office) == {}
    copies = office.session.query(CopyRow).filter(CopyRow.action == CopyAction.ADOPT).all()
    assert len({copy.entry_id for copy in copies}) == 35
    assert {(copy.requested_by, copy.state, copy.mark_due) for copy in copies} == {
        ("Anna", CopyState.COPIED, False)
    }


def test_linking_twice_links_once(office: Office) -> None:
    ids = some_exported(office, 3)
    ask(office)
    look(office)
    assert link(office, *ids, *ids) == 3
    assert link(office, *ids) == 0
    assert office.session.query(CopyRow).count() == 3


def test_one_entry_is_linked_to_one_invoice_only(office: Office) -> None:
    customer_id = a_buyer(office)
    exported(office, "900", "K-1")
    exported(office, "901", "K-1")
    booked(office, "K-1", customer_id)
    ask(office)
    look(office)
    assert link(office, "900", "901") == 1
    assert set(moves(office).values()) == {Move.MISSING}


def test_a_look_is_not_repeated_once_it_has_ended(office: Office) -> None:
    some_exported(office, 2)
    ask(office)
    look(office)
    calls = list(office.ledger.calls)
    look(office)
    assert office.ledger.calls == calls
    assert connections_to_look_up(office.session) == []


def test_a_killed_look_goes_on_where_it_was(office: Office) -> None:
    some_exported(office, 2 * AT_ONCE)
    ask(office)
    with office.killed("find_held", nth=2):
        look(office)
    assert connections_to_look_up(office.session) == [office.connection_id]
    office.session.commit()
    office.pass_time(600)
    before = len(office.ledger.calls)
    look(office)
    assert office.ledger.calls[before:] == ["find_held"]
    assert set(moves(office).values()) == {Move.AGREES}


def test_what_exact_refuses_is_said_and_a_person_asks_again(office: Office) -> None:
    some_exported(office, 2)
    ask(office)
    office.ledger.fail("find_held", UnreachableError("Exact is down."))
    look(office)
    moving = find_moving(office.session, office.connection_id)
    assert moving is not None
    assert (moving.trouble, bool(moving.ended_at)) == (quote("Exact is down."), True)
    office.session.commit()
    office.pass_time(5)
    ask(office)
    look(office)
    assert set(moves(office).values()) == {Move.AGREES}


def test_an_entry_that_changed_after_the_look_is_not_linked(office: Office) -> None:
    ids = some_exported(office, 2)
    ask(office)
    look(office)
    entry = next(iter(office.ledger.entries.values()))
    office.ledger.entries[entry.id] = replace(entry, gross=1)
    office.pass_time(timedelta(minutes=10).total_seconds())
    assert link(office, *ids) == 1
    assert Move.DIFFERS in moves(office).values()


def test_too_many_old_looks_are_asked_for_by_the_job_and_nothing_is_changed(office: Office) -> None:
    ids = some_exported(office, MOST_AT_ONCE + 1)
    ask(office)
    look(office)
    office.pass_time(timedelta(minutes=10).total_seconds())
    with pytest.raises(MoveOverError, match="Look up again"):
        link(office, *ids)
    office.session.rollback()
    assert count_elsewhere(office.session) == len(ids)


def test_what_is_left_is_no_question_any_more(office: Office) -> None:
    customer_id = a_buyer(office)
    exported(office, "900", "K-1")
    entry_id = booked(office, "K-1", customer_id, gross=500)
    ask(office)
    look(office)
    assert moves(office) == {"900": Move.DIFFERS}
    set_aside(office.session, "900", [entry_id], actor="Anna", now=office.now)
    assert moves(office) == {"900": Move.MISSING}


def test_a_wrong_link_is_taken_back_and_the_invoice_stands_here_again(office: Office) -> None:
    [one] = some_exported(office, 1)
    ask(office)
    look(office)
    link(office, one)
    row = office.row(one)
    wish = Wish(Choices(), "", row.latest_copy_id, CopyAction.UNLINK)
    taken = request_undo(office.session, office.nudge, one, wish=wish, requested_by="Anna", now=office.now)
    assert isinstance(taken, CopyRow), taken
    office.pass_time(1)
    office.perform(taken.id)
    assert moves(office) == {one: Move.AGREES}


@pytest.mark.parametrize("column", ["deleted", "sample"])
def test_invoices_that_are_deleted_or_samples_are_left_out(office: Office, column: str) -> None:
    [one] = some_exported(office, 1)
    ask(office)
    look(office)
    setattr(office.row(one), column, True)
    office.session.commit()
    assert count_elsewhere(office.session) == 0
    assert moves(office) == {}
    assert link(office, one) == 0
    assert office.row(one).copy_state == ELSEWHERE


def test_the_named_entry_comes_first_and_is_linked_by_a_person(office: Office) -> None:
    customer_id = a_buyer(office)
    exported(office, "900", "K-1", export_id=SECOND)
    booked(office, "K-1", customer_id)
    booked(office, "K-2", customer_id)
    ask(office)
    before = len(office.ledger.calls)
    look(office)
    assert office.ledger.calls[before:] == ["find_held", "read_entry"]
    [moved] = list_moved(office.session, office.connection(), today=office.now.date())
    office.session.commit()
    assert [each.entry.id for each in moved.entries] == [SECOND, FIRST]
    assert (moved.names_another, moved.shows_named) == (True, True)

    copy = link_existing(office.session, office.ledger, "900", SECOND, actor="Anna", now=office.now)
    assert (copy.entry_id, copy.state) == (SECOND, CopyState.COPIED)


def test_a_named_entry_that_a_person_left_is_named_no_more(office: Office) -> None:
    customer_id = a_buyer(office)
    exported(office, "900", "K-1", export_id=SECOND)
    booked(office, "K-1", customer_id)
    booked(office, "K-2", customer_id)
    ask(office)
    look(office)
    set_aside(office.session, "900", [SECOND], actor="Anna", now=office.now)
    assert moves(office) == {"900": Move.AGREES}
