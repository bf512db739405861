"""Sequences that once booked twice, lost a copy or called a half-made update "copied"."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.perform import perform_copy
from portal.actions.copies.wake import wake_copies
from portal.domain.booking.sales_entry import BookedEntry, SalesEntry
from portal.domain.connections.states import NumberSource
from portal.domain.copies.states import CopyAction, CopyState
from portal.remote.errors import (
    LostReplyError,
    RateLimitedError,
    RefusedError,
    SignInLostError,
    UnreachableError,
)
from portal.store.copies import CopyRow, due_copies
from portal.store.customer_links import CustomerLinkRow
from tests.actions.office import Office, some_invoice, two_lines
from tests.fakes import some_guid
from tests.furnishing.connections import add_grant
from tests.telling import told


def test_a_second_crash_while_asking_does_not_book_twice(office: Office) -> None:
    copy = office.wish()
    with office.killed("create_entry", after=True):
        office.perform(copy.id)
    with office.killed("find_entries"):
        office.perform(copy.id)
    assert office.perform(copy.id).state == CopyState.COPIED
    assert len(office.ledger.entries) == 1


def test_retrying_an_old_refusal_gives_the_copy_that_came_after_it(office: Office) -> None:
    office.ledger.fail("create_entry", RefusedError("nee"))
    refused = office.copied()
    for _click in range(2):
        assert office.retried(refused.id).state == CopyState.COPIED
    assert len(office.ledger.entries) == 1


def test_a_retry_after_the_customer_was_made_uses_that_customer(office: Office) -> None:
    office.ledger.fail("create_entry", RefusedError("nee"))
    refused = office.copied(office.new_choices())
    assert office.retried(refused.id).state == CopyState.COPIED
    assert office.ledger.count("create_customer") == 1


def test_two_machines_whose_clocks_differ_make_one_customer(office: Office) -> None:
    office.add(some_invoice(id="106", number="2026-0043"))
    choices = office.new_choices()
    first = office.wish(choices)
    second = office.wish(choices, invoice_id="106")
    office.pass_time(-10)
    office.session.execute(update(CopyRow).values(next_try_at=None))
    office.session.commit()
    office.perform(first.id)
    office.perform(second.id)
    assert office.ledger.count("create_customer") == 1


def test_retrying_does_not_make_a_customer_that_was_made_meanwhile(office: Office) -> None:
    office.ledger.fail("create_customer", RefusedError("nee"))
    refused = office.copied(office.new_choices())
    office.add(some_invoice(id="106", number="2026-0043"))
    office.copied(office.new_choices(), invoice_id="106")
    (told,) = office.retry(refused.id)
    assert (told.code, office.ledger.count("create_customer")) == ("customer_made", 2)


def test_two_invoices_of_a_new_company_make_one_customer(office: Office) -> None:
    office.add(some_invoice(id="106", number="2026-0043"))
    choices = office.new_choices()
    first = office.wish(choices)
    second = office.wish(choices, invoice_id="106")
    office.pass_time(1)
    office.perform(first.id)
    office.perform(second.id)
    assert office.ledger.count("create_customer") == 1
    assert len({entry.customer_id for entry in office.ledger.entries.values()}) == 1


def test_two_workers_at_one_new_company_make_one_customer(
    office: Office, session_factory: sessionmaker[Session]
) -> None:
    office.add(some_invoice(id="106", number="2026-0043"))
    choices = office.new_choices()
    first = office.wish(choices)
    second = office.wish(choices, invoice_id="106")
    office.pass_time(1)

    def side_by_side(name: str) -> None:
        if name == "create_customer":
            office.ledger.on_call = lambda _name: None
            with session_factory() as other:
                perform_copy(other, office.desk, second.id)

    office.ledger.on_call = side_by_side
    office.perform(first.id)
    office.session.expire_all()
    office.session.commit()
    assert office.session.get_one(CopyRow, second.id).state == CopyState.WAITING
    office.session.commit()
    office.pass_time(30)
    assert office.perform(second.id).state == CopyState.COPIED
    assert office.ledger.count("create_customer") == 1
    assert len({entry.customer_id for entry in office.ledger.entries.values()}) == 1


@pytest.mark.parametrize("edited", [{"customer_id": some_guid()}, {"your_ref": "2026/42"}])
def test_an_entry_that_was_edited_in_exact_while_its_reply_was_lost_is_found(
    office: Office, edited: dict[str, str]
) -> None:
    office.ledger.fail("create_entry", LostReplyError("gone"), after=True)
    copy = office.copied()
    (entry,) = office.ledger.entries.values()
    office.ledger.edit(entry.id, **edited)
    office.pass_time(400)
    assert office.perform(copy.id).state == CopyState.COPIED
    assert len(office.ledger.entries) == 1


def test_an_invoice_that_moved_to_another_subsidiary_is_not_booked_in_the_former_ones_books(
    office: Office,
) -> None:
    copy = office.wish()
    office.billing.invoices["105"] = some_invoice(subsidiary_id="2")
    assert office.perform(copy.id).state == CopyState.REFUSED
    assert office.ledger.entries == {}


def test_a_customer_that_was_found_again_is_linked(office: Office) -> None:
    office.ledger.fail("create_customer", LostReplyError("gone"), after=True)
    copy = office.copied(office.new_choices())
    office.pass_time(400)
    copy = office.perform(copy.id)
    link = office.session.get_one(CustomerLinkRow, (office.connection_id, "7"))
    assert link.customer_id == copy.customer_id


def test_an_update_refused_half_way_is_called_a_difference(office: Office) -> None:
    office.copied()
    first, second = two_lines()
    office.add(some_invoice(lines=(replace(first, amount=4000, amount_tax=840), second)))
    office.ledger.fail("change_line", RefusedError("nee"))
    copy = office.copied(action=CopyAction.UPDATE)
    assert (copy.state, office.row().copy_state) == (CopyState.REFUSED, CopyState.DIFFERENT)


def test_who_was_overtaken_during_the_call_leaves_the_adopted_copy_alone(
    office: Office, session_factory: sessionmaker[Session]
) -> None:
    copy = office.wish()
    real = office.ledger.create_entry

    def slow(entry: SalesEntry, *, marker: str) -> BookedEntry:
        real(entry, marker=marker)
        with session_factory() as other:
            other.execute(update(CopyRow).values(lease_until=office.now - timedelta(seconds=1)))
            other.commit()
            perform_copy(other, office.desk, copy.id)
        raise LostReplyError("timed out")

    office.ledger.create_entry = slow  # type: ignore[method-assign]
    office.perform(copy.id)
    office.session.expire_all()
    assert office.session.get_one(CopyRow, copy.id).state == CopyState.COPIED
    assert len(office.ledger.entries) == 1


def test_a_probe_keeps_to_what_the_remote_said(office: Office) -> None:
    office.ledger.fail("create_entry", LostReplyError("gone"))
    copy = office.copied()
    office.pass_time(400)
    later = office.now + timedelta(hours=1)
    office.ledger.fail("find_entries", RateLimitedError("slow", retry_at=later))
    assert office.perform(copy.id).next_try_at == later


def test_a_number_is_not_written_once_the_invoice_was_sent(office: Office) -> None:
    office.connection().number_source = NumberSource.EXACT
    office.session.commit()
    office.billing.fail("mark_exported", UnreachableError("no"))
    copy = office.copied()
    office.billing.invoices["105"] = replace(office.billing.invoices["105"], sent_on=date(2026, 3, 10))
    office.pass_time(400)
    copy = office.perform(copy.id)
    assert (copy.number_due, office.billing.count("set_number")) == (None, 0)
    assert "marked as sent" in told(copy.mark_trouble)


def test_a_retry_after_a_change_leads_back_to_the_dialog(office: Office) -> None:
    copy = office.wish()
    office.billing.invoices["105"] = some_invoice(lines=two_lines())
    office.perform(copy.id)
    answer = office.retry(copy.id)
    assert isinstance(answer, tuple)
    assert [problem.code for problem in answer] == ["changed"]


def test_a_new_sign_in_wakes_the_copies_that_waited_for_it(office: Office) -> None:
    office.ledger.fail("create_entry", SignInLostError("Connect again."))
    copy = office.copied()
    office.connection().grant_id = add_grant(office.session, office.now).id
    office.session.commit()
    assert due_copies(office.session, office.now) == []
    wake_copies(office.session, office.connection().grant_id or 0, office.now)
    assert due_copies(office.session, office.now) == [copy.id]


def test_an_update_never_goes_to_the_division_of_another_connection(office: Office) -> None:
    copy = office.copied()
    copy.connection_id = office.connection_id
    office.connection().live_subsidiary = None
    office.session.commit()
    assert isinstance(office.wish(action=CopyAction.UPDATE), tuple)
