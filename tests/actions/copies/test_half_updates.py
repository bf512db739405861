"""An update that Exact refuses after its first steps: what is true of the entry is read there, and said."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.actions.connections.disconnect import disconnect
from portal.domain.booking.sales_entry import PROCESSED
from portal.domain.books.causes import Facts, find_cause
from portal.domain.books.drift import content_key
from portal.domain.books.reconciliation import Verdict
from portal.domain.books.states import Agreement, Why
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import CopyAction, CopyState
from portal.domain.said import as_written
from portal.remote.errors import LostReplyError, NotFoundError, RefusedError, TemporaryError
from portal.sentences.voice import in_source_language
from portal.store.copies import CopyRow
from portal.store.entries import EntryRow
from tests.actions.office import Office, some_invoice, two_lines
from tests.telling import told


def change(office: Office) -> None:
    """Change the head and a line of an invoice that was copied: an update takes two steps."""
    first, second = two_lines()
    changed = replace(first, amount=9000, amount_tax=1890)
    office.add(some_invoice(lines=(changed, second), amount=14000, amount_tax=2940, amount_with_tax=16940))


def when_a_line_is_sent(office: Office, then: Callable[[], object]) -> None:
    """Let something happen in Exact just before a line is changed there."""

    def listen(name: str) -> None:
        if name == "change_line":
            then()

    office.ledger.on_call = listen


def the_first(office: Office) -> CopyRow:
    office.add(some_invoice(lines=two_lines(), subject="Before"))
    first = office.copied()
    assert first.state == CopyState.COPIED
    change(office)
    return first


def lost_and_refused(office: Office, *, after: bool, call: str = "change_entry") -> CopyRow:
    """Update: the reply to a step is lost, and when the step is made again Exact refuses it."""
    office.ledger.fail(call, LostReplyError("gone"), after=after)
    copy = office.copied(action=CopyAction.UPDATE)
    office.ledger.fail(call, RefusedError("Nee", status=500))
    return office.go_on(copy.id)


def test_a_first_step_that_took_effect_unseen_makes_the_older_copy_a_difference(office: Office) -> None:
    first = the_first(office)
    copy = lost_and_refused(office, after=True)
    first = office.copy(first.id)
    row = office.row()
    assert (copy.state, copy.remote_text) == (CopyState.REFUSED, "Nee")
    assert (row.copy_state, row.latest_copy_id) == (CopyState.DIFFERENT, first.id)
    assert (first.state, first.cause) == (CopyState.DIFFERENT, Cause.HALF_UPDATED)
    assert "net amount" in told(first.trouble)
    assert "description" not in told(first.trouble)
    assert office.copied(action=CopyAction.UPDATE).state == CopyState.COPIED


def test_what_exact_holds_now_is_kept_for_the_older_copy_and_the_comparison(office: Office) -> None:
    first = the_first(office)
    office.ledger.fail("change_line", LostReplyError("gone"), after=True)
    copy = office.copied(action=CopyAction.UPDATE)
    office.ledger.edit(first.entry_id or "", description="Undone by hand")
    office.ledger.fail("change_line", RefusedError("Nee", status=500))
    copy = office.go_on(copy.id)
    first = office.copy(first.id)
    booked = office.ledger.entries[first.entry_id or ""]
    assert (copy.state, first.gross_booked) == (CopyState.REFUSED, booked.gross)
    assert "169.40 EUR" in told(first.trouble)
    entry = office.session.get_one(EntryRow, (office.connection_id, booked.id))
    assert (entry.gross, entry.description) == (booked.gross, "Undone by hand")


def test_an_update_that_turns_out_to_be_whole_is_copied_whatever_was_answered_last(office: Office) -> None:
    office.add(some_invoice(subject="Before"))
    office.copied()
    office.add(some_invoice(subject="After"))
    copy = lost_and_refused(office, after=True)
    assert (copy.state, copy.trouble, office.row().latest_copy_id) == (CopyState.COPIED, None, copy.id)


@pytest.mark.parametrize("lost", [True, False])
def test_a_refused_update_that_changed_nothing_leaves_the_older_copy_as_it_is(
    office: Office, lost: bool
) -> None:
    first = the_first(office)
    if lost:
        copy = lost_and_refused(office, after=False)
    else:
        office.ledger.fail("change_entry", RefusedError("Nee", status=500))
        copy = office.copied(action=CopyAction.UPDATE)
    assert copy.state == CopyState.REFUSED
    assert "a part" not in told(copy.trouble)
    assert (office.copy(first.id).state, office.row().copy_state) == (CopyState.COPIED, CopyState.COPIED)


@pytest.mark.parametrize(
    ("call", "added"),
    [
        ("change_entry", True),
        ("create_line", True),
        ("change_line", True),
        ("change_entry", False),
        ("change_line", False),
        ("delete_line", False),
    ],
)
def test_wherever_an_update_breaks_off_both_copies_say_what_exact_holds(
    office: Office, call: str, added: bool
) -> None:
    for number, broken in enumerate(("never", "lost before", "lost after", "killed before", "killed after")):
        invoice_id = f"20{number}"
        (one, two) = two_lines()
        office.add(some_invoice(id=invoice_id, number=invoice_id, lines=(one, two), subject="Before"))
        first = office.copied(invoice_id=invoice_id)
        before = content_key(office.ledger.entries[first.entry_id or ""])
        lines = [replace(one, amount=9000, amount_tax=1890), *([two, replace(two, id="3")] if added else [])]
        net = sum(line.amount for line in lines)
        tax = sum(line.amount_tax for line in lines)
        sums = {"amount": net, "amount_tax": tax, "amount_with_tax": net + tax}
        office.add(some_invoice(id=invoice_id, number=invoice_id, lines=tuple(lines), **sums))
        copy = office.wish(action=CopyAction.UPDATE, invoice_id=invoice_id)
        break_off(office, copy.id, call, broken)
        office.ledger.fail(call, RefusedError("Nee", status=500))
        copy = office.go_on(copy.id)
        first = office.copy(first.id)
        row = office.row(invoice_id)
        entry = office.ledger.entries[first.entry_id or ""]
        if copy.state == CopyState.COPIED:
            assert (entry.gross, row.latest_copy_id) == (net + tax, copy.id)
        elif content_key(entry) == before:
            assert (copy.state, first.state, row.copy_state) == (
                CopyState.REFUSED,
                CopyState.COPIED,
                CopyState.COPIED,
            )
        else:
            assert (copy.state, first.state, row.copy_state) == (
                CopyState.REFUSED,
                CopyState.DIFFERENT,
                CopyState.DIFFERENT,
            )
            assert first.gross_booked == entry.gross
        office.ledger.forgive()
        assert office.copied(action=CopyAction.UPDATE, invoice_id=invoice_id).state == CopyState.COPIED


def break_off(office: Office, copy_id: str, call: str, how: str) -> None:
    """Let the work on a copy break off at a call, before or after its effect."""
    if how.startswith("killed"):
        with office.killed(call, after=how.endswith("after")):
            office.perform(copy_id)
    elif how.startswith("lost"):
        office.ledger.fail(call, LostReplyError("gone"), after=how.endswith("after"))
        office.perform(copy_id)


def test_an_entry_that_was_deleted_meanwhile_is_not_called_copied(office: Office) -> None:
    first = the_first(office)
    copy = office.wish(action=CopyAction.UPDATE)
    office.ledger.fail("change_line", NotFoundError("Niet gevonden", status=404))
    when_a_line_is_sent(office, office.ledger.entries.clear)
    copy = office.perform(copy.id)
    first = office.copy(first.id)
    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.ENTRY_DELETED)
    assert (first.state, first.cause) == (CopyState.DIFFERENT, Cause.ENTRY_DELETED)
    assert "no longer exists" in told(first.trouble)
    assert "Use Create new" in told(first.trouble)


def test_an_entry_that_was_deleted_before_the_update_is_not_called_copied(office: Office) -> None:
    first = the_first(office)
    office.ledger.entries.clear()
    assert office.copied(action=CopyAction.UPDATE).cause == Cause.ENTRY_DELETED
    assert (office.copy(first.id).state, office.row().copy_state) == (
        CopyState.DIFFERENT,
        CopyState.DIFFERENT,
    )


def test_a_look_that_fails_is_made_again_before_anything_is_said(office: Office) -> None:
    first = the_first(office)
    office.ledger.fail("change_line", RefusedError("Nee", status=500), times=2)
    copy = office.wish(action=CopyAction.UPDATE)
    outages = [TemporaryError("later")]

    def fail_once() -> None:
        while outages:
            office.ledger.fail("read_entry", outages.pop())

    when_a_line_is_sent(office, fail_once)
    copy = office.perform(copy.id)
    assert (copy.state, office.copy(first.id).state) == (CopyState.WAITING, CopyState.COPIED)
    copy = office.go_on(copy.id, turns=1)
    assert (copy.state, office.copy(first.id).state) == (CopyState.REFUSED, CopyState.DIFFERENT)


def test_where_exact_cannot_be_asked_any_more_that_is_said(office: Office) -> None:
    first = the_first(office)
    office.ledger.fail("change_entry", TemporaryError("gone"), after=True)
    copy = office.copied(action=CopyAction.UPDATE)
    disconnect(office.session, office.connection_id, actor="Anna", now=office.now)
    copy = office.go_on(copy.id)
    first = office.copy(first.id)
    assert (copy.state, copy.cause) == (CopyState.REFUSED, "disconnected")
    assert (first.state, first.cause) == (CopyState.DIFFERENT, Cause.HALF_UPDATED)
    assert "could not be asked" in told(first.trouble)


def test_an_entry_that_may_not_change_any_more_is_not_offered_another_update(office: Office) -> None:
    first = the_first(office)
    copy = office.wish(action=CopyAction.UPDATE)
    office.ledger.fail("change_line", RefusedError("Nee", status=500))
    when_a_line_is_sent(office, lambda: office.ledger.edit(first.entry_id or "", status=PROCESSED))
    assert office.perform(copy.id).state == CopyState.REFUSED
    first = office.copy(first.id)
    assert "processed in Exact" in told(first.trouble)
    assert "Undo" in told(first.trouble)
    assert "Update existing" not in told(first.trouble)


def test_a_half_update_is_not_called_somebody_s_edit() -> None:
    facts = Facts(
        drifted=True, half_updated=True, trouble=as_written("An update of this entry ended half-way.")
    )
    cause = find_cause(Verdict(Agreement.DIFFERENT, (Why.AMOUNT,)), facts)
    assert cause is not None
    assert in_source_language(cause.said) == "An update of this entry ended half-way."
