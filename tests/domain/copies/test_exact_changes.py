"""What somebody changed in Exact is never overwritten unless a person named it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.copies.change import plan_change
from portal.domain.copies.change_plan import DELETE, HEADER, PUT
from portal.domain.copies.differences import content_of
from portal.domain.copies.exact_changes import (
    Decision,
    Ours,
    Turned,
    Unit,
    as_linked,
    find_exact_changes,
    find_undecided,
    keep_exact,
    say_change,
)
from tests.domain.builders import a_booking, an_entry, an_entry_line, as_booked
from tests.telling import told

A, B, C = (
    an_entry_line(invoice_line_id=letter, description=letter, amount=at * 100, vat_amount=at * 21)
    for at, letter in enumerate("ABC", start=1)
)
COPIED = an_entry(lines=(A, B))
Edit = Callable[[BookedEntry], BookedEntry]


def first_line(**given: Any) -> Edit:
    """Change the first line in Exact."""
    return lambda entry: replace(
        entry,
        lines=(replace(entry.lines[0], **given), *entry.lines[1:]),
    )


def header(**given: Any) -> Edit:
    return lambda entry: replace(entry, **given)


def without_first(entry: BookedEntry) -> BookedEntry:
    return replace(entry, lines=entry.lines[1:])


def with_more(entry: BookedEntry) -> BookedEntry:
    return replace(entry, lines=(*entry.lines, as_booked(C, "theirs")))


def untouched(entry: BookedEntry) -> BookedEntry:
    return entry


SAME = COPIED
MORE = an_entry(lines=(replace(A, amount=150, vat_amount=32), B))
RENAMED = an_entry(lines=(replace(A, description="A2"), B))
SHORTER = an_entry(lines=(B,))
LONGER = an_entry(lines=(A, B, C))
# What somebody did in Exact, what the update wants, and what would be overwritten.
KINDS: dict[str, tuple[Edit, SalesEntry, list[str]]] = {
    "nobody did anything": (untouched, MORE, []),
    "nobody did anything, a line goes": (untouched, SHORTER, []),
    "nobody did anything, a line comes": (untouched, LONGER, []),
    "the text of a line": (first_line(description="Theirs"), SAME, ["description of line 1"]),
    "the ledger of a line": (first_line(ledger_id="gl-8100"), SAME, ["ledger code of line 1"]),
    "the VAT code of a line": (first_line(vat_code="1"), SAME, ["amount and VAT of line 1"]),
    "the VAT of a line": (first_line(vat_amount=20), SAME, ["amount and VAT of line 1"]),
    "the amount of a line": (first_line(amount=90), SAME, ["amount and VAT of line 1"]),
    "the cost centre of a line that had one": (
        first_line(cost_center="TWO"),
        an_entry(lines=(replace(A, cost_center="ONE"), B)),
        [],
    ),
    "a cost centre that Exact filled in": (first_line(cost_center="TWO"), SAME, []),
    "two things of a line": (
        first_line(ledger_id="gl-8100", description="Theirs"),
        SAME,
        ["description of line 1", "ledger code of line 1"],
    ),
    "one thing, and the invoice changed another": (
        first_line(ledger_id="gl-8100"),
        MORE,
        ["ledger code of line 1"],
    ),
    "just what the invoice says now": (first_line(description="A2"), RENAMED, []),
    "a line that the invoice lost": (first_line(description="Theirs"), SHORTER, ["a line that was changed"]),
    "a line that was deleted": (without_first, SAME, ["a line that was removed"]),
    "a line that was deleted and changed since": (without_first, MORE, ["a line that was removed"]),
    "a line that was deleted, and the invoice lost it": (without_first, SHORTER, []),
    "a line that was added": (with_more, SAME, ["a line that was added"]),
    "a line that was added where the invoice has another new one": (
        with_more,
        an_entry(lines=(A, B, replace(C, invoice_line_id="D", description="D"))),
        ["a line that was added"],
    ),
    "the customer": (header(customer_id="cust-2"), SAME, ["customer"]),
    "the customer's spelling": (header(customer_id="CUST-1"), SAME, []),
    "the booking date": (header(entry_date=date(2026, 11, 9)), SAME, ["booking date"]),
    "the due date": (header(due_date=date(2027, 1, 1)), SAME, ["due date"]),
    "the description": (header(description="By hand"), SAME, ["description"]),
    "the description, and the invoice says the same": (
        header(description="2026-0042 Site"),
        an_entry(description="2026-0042 Site", lines=(A, B)),
        [],
    ),
    "the number, which an update never changes": (
        header(your_ref="26700001", description="26700001 Website"),
        SAME,
        [],
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_somebody_changed_is_found_where_an_update_would_overwrite_it(name: str) -> None:
    edit, wanted, expected = KINDS[name]
    booked = edit(a_booking(COPIED))

    found = find_exact_changes(booked, wanted, Ours(COPIED))

    assert [told(say_change(each)) for each in found] == expected


@pytest.mark.parametrize("name", KINDS)
def test_what_is_kept_is_not_written(name: str) -> None:
    edit, wanted, expected = KINDS[name]
    booked = edit(a_booking(COPIED))
    ours = Ours(COPIED)
    decisions = {each.key: Decision.KEEP for each in find_exact_changes(booked, wanted, ours)}

    kept = keep_exact(booked, wanted, ours, decisions)

    assert find_undecided(booked, kept, ours, decisions) == ()
    if not expected:
        assert kept == wanted
    elif wanted is SAME:
        # Nothing else had changed, so that nothing at all is sent.
        assert plan_change(booked, kept, "MARKER12").steps == ()


def test_a_further_change_is_another_one() -> None:
    once = first_line(description="Theirs")(a_booking(COPIED))
    again = first_line(description="Theirs again")(a_booking(COPIED))
    decisions = {each.key: Decision.OVERWRITE for each in find_exact_changes(once, SAME, Ours(COPIED))}

    assert find_undecided(once, SAME, Ours(COPIED), decisions) == ()
    assert [told(say_change(each)) for each in find_undecided(again, SAME, Ours(COPIED), decisions)] == [
        "description of line 1"
    ]


def test_what_was_kept_once_is_asked_again_at_the_next_update() -> None:
    booked = first_line(ledger_id="gl-8100")(a_booking(COPIED))
    (change,) = find_exact_changes(booked, SAME, Ours(COPIED))
    kept = keep_exact(booked, SAME, Ours(COPIED), {change.key: Decision.KEEP})
    later = Ours(kept, kept=frozenset({change.key}))

    assert [each.key for each in find_exact_changes(booked, MORE, later)] == [change.key]
    assert find_exact_changes(booked, kept, later) == ()


@pytest.mark.parametrize(("edit", "wanted"), [(with_more, SAME), (without_first, SAME)])
def test_a_line_that_was_kept_or_left_out_once_is_asked_again(edit: Edit, wanted: SalesEntry) -> None:
    booked = edit(a_booking(COPIED))
    (change,) = find_exact_changes(booked, wanted, Ours(COPIED))
    kept = keep_exact(booked, wanted, Ours(COPIED), {change.key: Decision.KEEP})
    later = Ours(kept, kept=frozenset({change.key}))

    assert [each.key for each in find_exact_changes(booked, wanted, later)] == [change.key]


def test_what_an_update_left_half_done_is_the_portal_s_own() -> None:
    half = an_entry(lines=(replace(A, description="Half"), B), description="2026-0042 Half")
    booked = a_booking(half)

    assert find_exact_changes(booked, SAME, Ours(COPIED, later=(half,))) == ()
    assert find_exact_changes(booked, SAME, Ours(COPIED))


def test_amounts_that_exact_itself_booked_otherwise_are_nobody_s_change() -> None:
    booked = first_line(vat_amount=22)(a_booking(COPIED))

    assert find_exact_changes(booked, SAME, Ours(COPIED, own_amounts=True)) == ()


def test_a_code_that_was_changed_beside_exact_s_own_amounts_is_somebody_s_change() -> None:
    booked = first_line(vat_amount=22, vat_code="9")(a_booking(COPIED))

    assert find_exact_changes(booked, SAME, Ours(COPIED, own_amounts=True))


def test_a_linked_entry_counts_as_it_was_when_it_was_linked() -> None:
    linked = a_booking(an_entry(lines=(C,), description="Somebody's"))
    ours = Ours(as_linked(linked))
    edited = first_line(description="Later")(linked)

    assert find_exact_changes(linked, SAME, ours) == ()
    assert [each.unit for each in find_exact_changes(edited, SAME, ours)] == [Unit.LINE]


def test_all_of_an_entry_of_which_nothing_is_known_is_somebody_s() -> None:
    booked = a_booking(an_entry(lines=(A, C), description="Somebody's"))

    found = find_exact_changes(booked, an_entry(lines=(A,)), Ours())

    assert [(each.turned, each.unit) for each in found] == [
        (Turned.CHANGED, Unit.HEADER),
        (Turned.ADDED, Unit.LINE),
    ]


LINES = st.builds(
    an_entry_line,
    invoice_line_id=st.sampled_from("ABCD"),
    description=st.sampled_from(("x", "y")),
    amount=st.integers(1, 3),
    vat_amount=st.integers(0, 1),
    ledger_id=st.sampled_from(("gl-8000", "gl-8100")),
)


@st.composite
def entries(draw: st.DrawFn, most: int = 4) -> SalesEntry:
    lines = draw(st.lists(LINES, min_size=1, max_size=most, unique_by=lambda line: line.invoice_line_id))
    return an_entry(lines=tuple(lines), description=draw(st.sampled_from(("one", "two"))))


def as_exact_has(lines: tuple[SalesEntryLine, ...], description: str) -> BookedEntry:
    return a_booking(an_entry(lines=lines, description=description))


@given(entries(), entries(), entries(), st.data())
def test_nothing_of_somebody_s_is_written_over_unless_it_was_named(
    copied: SalesEntry, edited: SalesEntry, wanted: SalesEntry, data: st.DataObject
) -> None:
    booked = a_booking(edited)
    ours = Ours(copied)
    found = find_exact_changes(booked, wanted, ours)
    decisions = {each.key: data.draw(st.sampled_from(tuple(Decision))) for each in found}

    kept = keep_exact(booked, wanted, ours, decisions)
    if not kept.lines or find_undecided(booked, kept, ours, decisions):
        # It is asked again, and nothing is sent.
        return

    sent = {content_of(line) for line in copied.lines}
    by_id: dict[str, BookedLine] = {line.id: line for line in booked.lines}
    named = {each.line_id for each in found if decisions[each.key] == Decision.OVERWRITE}
    for step in plan_change(booked, kept, "MARKER12").steps:
        if step.kind in (PUT, DELETE) and content_of(by_id[step.line_id or ""]) not in sent:
            part_sent = step.kind == PUT and _keeps_theirs(by_id[step.line_id or ""], step.line, copied)
            assert step.line_id in named or part_sent
        if step.kind == HEADER and "description" in dict(step.header):
            assert edited.description == copied.description or any(
                each.unit is Unit.HEADER and decisions[each.key] == Decision.OVERWRITE for each in found
            )


def _keeps_theirs(theirs: BookedLine, line: SalesEntryLine | None, copied: SalesEntry) -> bool:
    """Say whether a written line leaves each part that nobody of ours ever sent."""
    assert line is not None
    parts: list[Callable[[SalesEntryLine | BookedLine], object]] = [
        lambda one: one.description,
        lambda one: one.ledger_id,
        lambda one: (one.amount, one.vat_amount),
    ]
    return all(
        part(line) == part(theirs) or part(theirs) in [part(old) for old in copied.lines] for part in parts
    )


@given(entries(), entries(), entries())
def test_who_keeps_all_leaves_every_line_of_somebody_s_in_exact(
    copied: SalesEntry, edited: SalesEntry, wanted: SalesEntry
) -> None:
    booked = a_booking(edited)
    ours = Ours(copied)
    decisions = {each.key: Decision.KEEP for each in find_exact_changes(booked, wanted, ours)}
    kept = keep_exact(booked, wanted, ours, decisions)
    if not kept.lines or find_undecided(booked, kept, ours, decisions):
        return

    assert not find_exact_changes(booked, kept, ours) or all(
        decisions.get(each.key) for each in find_exact_changes(booked, kept, ours)
    )
    assert Decimal(kept.gross) == sum(Decimal(line.amount + line.vat_amount) for line in kept.lines)
