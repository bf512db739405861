"""An update meets what somebody changed in Exact: it asks, keeps or overwrites, and never does so unseen."""

from dataclasses import replace
from typing import Any

import pytest

from portal.domain.copies.exact_changes import Decision
from portal.domain.copies.failures import Cause, may_retry
from portal.domain.copies.states import CopyAction, CopyState
from portal.remote.errors import LostReplyError, RefusedError
from portal.store.copies import CopyRow
from tests.actions.office import Office, some_invoice, two_lines
from tests.fakes import OLD_REVENUE
from tests.telling import told


def copied(office: Office) -> CopyRow:
    """Copy an invoice of two lines, whose first one costs more since."""
    office.add(some_invoice(lines=two_lines()))
    first = office.copied()
    assert first.state == CopyState.COPIED
    one, two = two_lines()
    dearer = replace(one, amount=12000, amount_tax=2520)
    office.add(some_invoice(lines=(dearer, two), amount=17000, amount_tax=3570, amount_with_tax=20570))
    return first


def edit_line(office: Office, copy: CopyRow, at: int = 0, **given: Any) -> None:
    """Change a line in Exact, as a bookkeeper does."""
    entry = office.ledger.entries[copy.entry_id or ""]
    lines = list(entry.lines)
    lines[at] = replace(lines[at], **given)
    office.ledger.edit(entry.id, lines=tuple(lines))


def update(office: Office, exact: dict[str, str] | None = None) -> CopyRow:
    return office.copied(office.choices(exact=exact or {}), action=CopyAction.UPDATE)


def test_what_a_bookkeeper_changed_is_not_overwritten_by_an_update_that_does_not_name_it(
    office: Office,
) -> None:
    first = copied(office)
    edit_line(office, first, ledger_id=OLD_REVENUE, description="Corrected")
    office.ledger.calls.clear()

    copy = update(office)

    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)
    assert "description of line 1, ledger code of line 1" in told(copy.trouble)
    assert not may_retry(copy.cause or "")
    assert [call for call in office.ledger.calls if call.startswith(("change", "create", "delete"))] == []
    assert (office.copy(first.id).state, office.row().copy_state) == (CopyState.COPIED, CopyState.COPIED)


def test_what_a_person_keeps_stays_and_the_rest_is_brought_up_to_date(office: Office) -> None:
    first = copied(office)
    edit_line(office, first, ledger_id=OLD_REVENUE, description="Corrected")

    copy = update(office, office.decided(first, Decision.KEEP))

    line = office.ledger.entries[first.entry_id or ""].lines[0]
    assert copy.state == CopyState.COPIED, copy.trouble
    assert (line.ledger_id, line.description, line.amount) == (OLD_REVENUE, "Corrected", 12000)


def test_what_a_person_overwrites_becomes_the_invoice_s(office: Office) -> None:
    first = copied(office)
    before = office.ledger.entries[first.entry_id or ""].lines[0]
    edit_line(office, first, ledger_id=OLD_REVENUE, description="Corrected")

    copy = update(office, office.decided(first, Decision.OVERWRITE))

    line = office.ledger.entries[first.entry_id or ""].lines[0]
    assert copy.state == CopyState.COPIED, copy.trouble
    assert (line.ledger_id, line.description) == (before.ledger_id, before.description)


def test_a_change_after_the_person_looked_is_asked_again(office: Office) -> None:
    first = copied(office)
    edit_line(office, first, description="Corrected")
    exact = office.decided(first, Decision.OVERWRITE)
    edit_line(office, first, description="Corrected once more")

    copy = update(office, exact)

    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)
    assert office.ledger.entries[first.entry_id or ""].lines[0].description == "Corrected once more"


def test_an_amount_that_is_kept_makes_a_difference_that_is_said(office: Office) -> None:
    first = copied(office)
    edit_line(office, first, amount=1, vat_amount=0)

    copy = update(office, office.decided(first, Decision.KEEP))

    assert (copy.state, copy.cause) == (CopyState.DIFFERENT, Cause.DIFFERENCE)
    assert copy.gross_sent == 20570
    assert office.ledger.entries[first.entry_id or ""].lines[0].amount == 1


def test_what_was_kept_once_is_asked_again_at_the_next_update(office: Office) -> None:
    first = copied(office)
    edit_line(office, first, description="Corrected")
    kept = update(office, office.decided(first, Decision.KEEP))
    assert kept.state == CopyState.COPIED

    again = update(office)

    assert (again.state, again.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)


def test_what_an_update_that_broke_off_had_written_is_not_taken_for_somebody_s(office: Office) -> None:
    first = copied(office)
    office.add(some_invoice(lines=two_lines(), subject="Another subject"))
    office.ledger.fail("change_entry", LostReplyError("gone"), after=True)
    copy = update(office)
    office.ledger.fail("change_entry", RefusedError("Nee", status=500))
    office.go_on(copy.id)
    office.add(some_invoice(lines=two_lines(), subject="A third subject"))

    copy = update(office)

    assert copy.state == CopyState.COPIED, copy.trouble
    assert "A third subject" in office.ledger.entries[first.entry_id or ""].description


@pytest.mark.parametrize("decision", list(Decision))
def test_a_line_that_a_bookkeeper_deleted_comes_back_only_when_a_person_says_so(
    office: Office, decision: Decision
) -> None:
    office.add(some_invoice(lines=two_lines()))
    first = office.copied()
    entry = office.ledger.entries[first.entry_id or ""]
    rest = entry.lines[1:]
    left = sum(line.amount + line.vat_amount for line in rest)
    office.ledger.edit(entry.id, lines=rest, gross=left)
    assert update(office).cause == Cause.EXACT_CHANGED

    copy = update(office, office.decided(first, decision))

    overwritten = decision is Decision.OVERWRITE
    assert len(office.ledger.entries[entry.id].lines) == (2 if overwritten else 1)
    assert copy.state == (CopyState.COPIED if overwritten else CopyState.DIFFERENT)


def test_an_entry_that_would_be_left_without_a_line_is_not_emptied(office: Office) -> None:
    office.add(some_invoice())
    first = office.copied()
    entry = office.ledger.entries[first.entry_id or ""]
    theirs = replace(entry.lines[0], id="another", description="Theirs", ledger_id=OLD_REVENUE)
    office.ledger.edit(entry.id, lines=(theirs,))

    assert update(office).cause == Cause.EXACT_CHANGED
    assert office.ledger.entries[entry.id].lines == (theirs,)
