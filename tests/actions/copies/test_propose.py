"""What the copy dialog is given: one proposal, made of what a person answered."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from portal.actions.copies.propose import Answers, Proposal, Turn, propose
from portal.domain.booking.mapping import Choices
from portal.domain.booking.problems import problem
from portal.domain.copies.states import CopyAction
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import EXCLUDED
from tests.actions.office import Office
from tests.telling import told


def proposal_of(office: Office, answers: Answers | None = None, **how: Any) -> Proposal:
    found = propose(
        office.session,
        office.row(),
        answers or Answers(),
        now=office.now,
        today=office.now.date(),
        **how,
    )
    assert found is not None
    return found


def unlink(office: Office) -> None:
    """Let nobody have linked the company yet."""
    link = office.session.get_one(CustomerLinkRow, (office.connection_id, office.row().company_id))
    office.session.delete(link)
    office.session.commit()


@contextmanager
def counted(office: Office) -> Iterator[Counter[str]]:
    """Count how often each table is read first in a statement."""
    tables: Counter[str] = Counter()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if " \nFROM " in statement:
            tables[statement.split(" \nFROM ")[1].split()[0]] += 1

    engine = office.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield tables
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_an_unconnected_subsidiary_has_no_proposal(office: Office) -> None:
    office.connection().live_subsidiary = None
    office.session.commit()
    made = propose(office.session, office.row(), Answers(), now=office.now, today=office.now.date())
    assert made is None


def test_the_first_proposal_has_the_linked_customer_the_journal_and_the_day(office: Office) -> None:
    customer = next(iter(office.ledger.customers))
    found = proposal_of(office)
    assert found.choices.customer_id == customer
    assert found.choices.journal == office.connection().default_journal
    assert found.choices.booking_date == office.row().invoiced_on.isoformat()
    assert found.linked == customer
    assert found.decision is not None


def test_what_a_person_cleared_is_not_filled_in_again(office: Office) -> None:
    found = proposal_of(office, Answers(choices=Choices(journal="", ledger="", booking_date="")))
    assert found.choices.customer_id is None
    assert (found.choices.journal, found.choices.ledger, found.choices.booking_date) == ("", "", "")


def test_who_turns_to_a_new_customer_gets_it_prefilled_and_who_turns_back_gets_the_linked_one(
    office: Office,
) -> None:
    customer = next(iter(office.ledger.customers))
    turned = proposal_of(office, Answers(choices=Choices(), turn=Turn.NEW))
    assert turned.choices.new_customer
    assert turned.choices.customer is not None
    assert turned.choices.customer.name
    assert (turned.choices.customer_id, turned.choices.linked_seen) == (None, customer)

    back = proposal_of(office, Answers(choices=turned.choices, turn=Turn.EXISTING))
    assert (back.choices.customer_id, back.choices.new_customer) == (customer, False)


def test_only_what_is_in_exact_is_proposed_as_an_update(office: Office) -> None:
    assert proposal_of(office, Answers(action=CopyAction.UPDATE)).action == CopyAction.CREATE
    copy = office.copied()
    updated = proposal_of(office, Answers(action=CopyAction.UPDATE))
    assert updated.action == CopyAction.UPDATE
    assert updated.choices.customer_id == copy.customer_id
    assert (updated.open_entry, updated.held) == (None, None)
    assert proposal_of(office).open_entry is copy


def test_what_was_refused_is_shown_as_it_was_asked_for_and_told_at_its_field(office: Office) -> None:
    refused = (problem("journal_missing", "journal"),)
    found = proposal_of(office, Answers(action=CopyAction.UPDATE, choices=Choices()), refused=refused)
    assert found.action == CopyAction.UPDATE
    assert found.problems[0] == refused[0]
    assert told(found.problem_of("journal")) == "Choose a journal, or set a default journal in the settings."
    assert found.problem_of("ledger") is None
    assert (found.is_told("journal"), found.is_told("ledger")) == (True, False)


@pytest.mark.parametrize("action", list(CopyAction)[:2])
def test_a_ban_stands_among_the_problems_of_every_proposal(office: Office, action: CopyAction) -> None:
    row = office.row()
    row.copy_state = EXCLUDED
    row.exclude_reason = "Booked by hand"
    office.session.commit()
    found = proposal_of(office, Answers(action=action))
    assert "excluded" in [each.code for each in found.problems]


def test_a_search_that_was_sent_with_the_form_is_answered_until_a_customer_is_chosen(office: Office) -> None:
    customer, *_rest = next(iter(office.ledger.customers.values()))
    unlink(office)
    searched = Answers(choices=Choices(), searched=customer.name)
    assert [each.customer.id for each in proposal_of(office, searched).matches] == [customer.id]
    chosen = Answers(choices=Choices(customer_id=customer.id), searched=customer.name)
    assert proposal_of(office, chosen).matches == ()


def test_a_proposal_reads_the_customers_the_catalogue_and_the_mappings_once(office: Office) -> None:
    unlink(office)
    office.session.expire_all()
    with counted(office) as tables:
        proposal_of(office)
    # Those who may be certain are read by their keys, the others once, to ask who it may be.
    assert tables["customer"] in (1, 2)
    assert {tables["catalogue"], tables["mapping"], tables["connection"]} <= {0, 1}
