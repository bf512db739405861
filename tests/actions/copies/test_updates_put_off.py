"""An update that is put off reads Exact again before it goes on, and overwrites nothing that nobody named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain.copies.exact_changes import Decision
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import AttemptKind, AttemptState, CopyAction, CopyState
from portal.remote.errors import (
    HeldBackError,
    LostReplyError,
    MisconfiguredError,
    NotRenewedError,
    RateLimitedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    UnreachableError,
)
from portal.store.copies import CopyRow
from tests.actions.copies.test_exact_changes import edit_line
from tests.actions.office import Office, some_invoice, two_lines
from tests.fakes import OLD_REVENUE
from tests.telling import told

# How a first step is kept from having any effect.
NEVER_LEFT: tuple[RemoteError, ...] = (
    RateLimitedError("429", status=429),
    HeldBackError("no calls left today"),
    UnreachableError("no route"),
    SignInLostError("consent again"),
    NotRenewedError("token server is down"),
    MisconfiguredError("no secret"),
)
# What leaves it open whether a step took effect.
IN_DOUBT: tuple[RemoteError, ...] = (
    LostReplyError("gone"),
    TemporaryError("502", status=502),
)
WRITES = ("change", "create", "delete")


def named(error: RemoteError) -> str:
    return type(error).__name__


def an_update(office: Office, exact: dict[str, str] | None = None) -> tuple[CopyRow, CopyRow]:
    """Copy an invoice whose subject and first line change then, and ask for the update."""
    office.add(some_invoice(lines=two_lines(), subject="Before"))
    first = office.copied()
    one, two = two_lines()
    dearer = replace(one, amount=12000, amount_tax=2520)
    sums = {"amount": 17000, "amount_tax": 3570, "amount_with_tax": 20570}
    office.add(some_invoice(lines=(dearer, two), subject="After", **sums))
    copy = office.wish(office.choices(exact=exact or {}), action=CopyAction.UPDATE)
    return first, copy


def put_off(office: Office, copy: CopyRow, error: RemoteError, call: str = "change_entry") -> CopyRow:
    """Let the worker come as far as a call that does not go out."""
    office.ledger.fail(call, error)
    copy = office.perform(copy.id)
    assert copy.in_flight is not None
    assert copy.plan is not None
    return copy


def writes_since(office: Office) -> list[str]:
    return [call for call in office.ledger.calls if call.startswith(WRITES)]


@pytest.mark.parametrize("error", NEVER_LEFT, ids=named)
def test_what_a_bookkeeper_changes_before_the_first_step_is_not_overwritten(
    office: Office, error: RemoteError
) -> None:
    first, copy = an_update(office)
    put_off(office, copy, error)
    edit_line(office, first, description="By hand", ledger_id=OLD_REVENUE)
    office.ledger.calls.clear()

    copy = office.go_on(copy.id)

    line = office.ledger.entries[first.entry_id or ""].lines[0]
    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)
    assert (line.description, line.ledger_id) == ("By hand", OLD_REVENUE)
    assert writes_since(office) == []
    assert (office.copy(first.id).state, office.row().copy_state) == (CopyState.COPIED, CopyState.COPIED)


@pytest.mark.parametrize("error", NEVER_LEFT, ids=named)
def test_an_update_that_nobody_crossed_is_carried_out_once_it_can_be(
    office: Office, error: RemoteError
) -> None:
    first, copy = an_update(office)
    put_off(office, copy, error)

    copy = office.go_on(copy.id)

    assert (copy.state, copy.trouble) == (CopyState.COPIED, None)
    assert office.ledger.entries[first.entry_id or ""].gross == 20570


def test_a_worker_that_died_after_the_plan_was_stored_plans_anew(office: Office) -> None:
    first, copy = an_update(office)
    with office.killed("change_entry"):
        office.perform(copy.id)
    # The attempt was never written down where the worker died a moment earlier.
    forget_attempts(office, copy.id)
    edit_line(office, first, amount=1, vat_amount=0)

    copy = office.go_on(copy.id)

    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)
    assert office.ledger.entries[first.entry_id or ""].lines[0].amount == 1


def forget_attempts(office: Office, copy_id: str) -> None:
    for row in office.attempt_rows(copy_id):
        office.session.delete(row)
    office.session.commit()


def test_what_a_person_chose_to_overwrite_is_overwritten_after_a_delay_too(office: Office) -> None:
    office.add(some_invoice(lines=two_lines(), subject="Before"))
    first = office.copied()
    edit_line(office, first, description="By hand")
    exact = office.decided(first, Decision.OVERWRITE)
    copy = office.wish(office.choices(exact=exact), action=CopyAction.UPDATE)
    put_off(office, copy, RateLimitedError("429", status=429), "change_line")

    copy = office.go_on(copy.id)

    assert copy.state == CopyState.COPIED, copy.trouble
    assert office.ledger.entries[first.entry_id or ""].lines[0].description != "By hand"


def test_what_a_person_kept_is_kept_after_a_delay_too(office: Office) -> None:
    office.add(some_invoice(lines=two_lines(), subject="Before"))
    first = office.copied()
    edit_line(office, first, description="By hand")
    exact = office.decided(first, Decision.KEEP)
    one, two = two_lines()
    dearer = replace(one, amount=12000, amount_tax=2520)
    sums = {"amount": 17000, "amount_tax": 3570, "amount_with_tax": 20570}
    office.add(some_invoice(lines=(dearer, two), subject="Before", **sums))
    copy = office.wish(office.choices(exact=exact), action=CopyAction.UPDATE)
    put_off(office, copy, UnreachableError("no route"), "change_line")

    copy = office.go_on(copy.id)

    line = office.ledger.entries[first.entry_id or ""].lines[0]
    assert copy.state == CopyState.COPIED, copy.trouble
    assert (line.description, line.amount) == ("By hand", 12000)


@pytest.mark.parametrize("error", [*NEVER_LEFT, *IN_DOUBT], ids=named)
def test_a_line_that_is_changed_half_way_stays_and_both_copies_say_how_far_it_came(
    office: Office, error: RemoteError
) -> None:
    first, copy = an_update(office)
    put_off(office, copy, error, "change_line")
    edit_line(office, first, amount=7700, vat_amount=1617)

    copy = office.go_on(copy.id)

    first = office.copy(first.id)
    entry = office.ledger.entries[first.entry_id or ""]
    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)
    assert "line 1" in told(copy.trouble)
    assert entry.lines[0].amount == 7700
    assert (first.state, first.cause) == (CopyState.DIFFERENT, Cause.HALF_UPDATED)
    assert office.row().copy_state == CopyState.DIFFERENT


@pytest.mark.parametrize("error", [*NEVER_LEFT, *IN_DOUBT], ids=named)
@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_update_that_is_half_way_is_finished_where_nobody_touched_what_is_left(
    office: Office, error: RemoteError, elsewhere: bool
) -> None:
    first, copy = an_update(office)
    put_off(office, copy, error, "change_line")
    if elsewhere:
        edit_line(office, first, at=1, description="By hand")

    copy = office.go_on(copy.id)

    entry = office.ledger.entries[first.entry_id or ""]
    assert (copy.state, entry.gross) == (CopyState.COPIED, 20570)
    assert (entry.lines[1].description == "By hand") is elsewhere


@pytest.mark.parametrize("error", IN_DOUBT, ids=named)
def test_a_step_that_took_effect_unseen_is_not_taken_for_somebody_s(
    office: Office, error: RemoteError
) -> None:
    _, copy = an_update(office)
    office.ledger.fail("change_line", error, after=True)
    office.perform(copy.id)

    assert office.go_on(copy.id).state == CopyState.COPIED


def test_a_header_that_is_changed_after_a_doubtful_step_stays(office: Office) -> None:
    first, copy = an_update(office)
    office.ledger.fail("change_entry", LostReplyError("gone"))
    office.perform(copy.id)
    office.ledger.edit(first.entry_id or "", description="Theirs")

    copy = office.go_on(copy.id)

    assert (copy.state, copy.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)
    assert "description" in told(copy.trouble)
    assert office.ledger.entries[first.entry_id or ""].description == "Theirs"


@pytest.mark.parametrize(
    ("breaks", "ended"),
    [
        (lambda office: office.ledger.fail("change_entry", RateLimitedError("429")), AttemptState.UNSENT),
        (lambda office: office.ledger.fail("change_entry", LostReplyError("gone")), AttemptState.UNKNOWN),
    ],
)
def test_the_proof_tells_a_step_without_effect_from_one_in_doubt(
    office: Office, breaks: Callable[[Office], None], ended: AttemptState
) -> None:
    _, copy = an_update(office)
    breaks(office)
    office.perform(copy.id)

    copy = office.go_on(copy.id)

    heads = [state for kind, state in office.attempts(copy.id) if kind == AttemptKind.HEADER]
    assert heads == [ended, AttemptState.DONE]
    assert copy.state == CopyState.COPIED
