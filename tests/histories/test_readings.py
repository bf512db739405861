"""What reading Exact's entries costs, over both sandboxes: a call a page, and one where few changed."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.actions.books.read_entries import read_exact
from portal.actions.books.request_readings import request_readings
from portal.domain.ids import marker_of, new_id
from portal.domain.payments.feeds import OVERLAP
from portal.domain.periods import read_period
from portal.sandbox.exact.entities import ENTITIES
from portal.store.copies import CopyRow, entry_from_row
from portal.store.entries import EntryRow
from tests.fakes import FakeNudge
from tests.histories.story import SECOND, Story

READ = "salesentry/SalesEntries"
MORE = ENTITIES[READ].page_size + 5


@pytest.fixture
def story() -> Story:
    """A division whose entries fill more than a page: all read, all but one changed long ago."""
    made = Story()
    world = made.world
    sent = entry_from_row(world.session.scalars(select(CopyRow.entry)).first() or {})
    for number in range(MORE):
        world.ledger.create_entry(replace(sent, your_ref=f"M-{number}"), marker=marker_of(new_id()))
    assert read(made) == [READ, READ]
    world.clock.advance(2 * OVERLAP.total_seconds())
    world.ledger.change_entry(made.entry(), {"description": "Changed 1"})
    read(made)
    return made


def read(story: Story) -> list[str]:
    """Read what is wanted of October, and return what Exact was asked."""
    world = story.world
    october = read_period("2026-10")
    assert october is not None
    world.clock.advance(60)
    nudge = FakeNudge()
    request_readings(world.session, nudge, october, subsidiaries=None, whole=False, now=world.clock.now())
    story.calls()
    read_exact(world.session, world.ledger, nudge, world.connection_id, clock=world.clock.now)
    return story.calls()


def described(story: Story) -> set[str]:
    """What the mirror knows entries to be called."""
    found = set(story.world.session.scalars(select(EntryRow.description)))
    story.world.session.commit()
    return found


def test_where_nothing_changed_one_call_tells_so(story: Story) -> None:
    assert read(story) == [READ]


def test_few_changed_entries_among_many_cost_one_call(story: Story) -> None:
    for invoice_id in (SECOND, "3", "5"):
        story.world.ledger.change_entry(story.entry(invoice_id), {"description": f"Changed {invoice_id}"})
    assert read(story) == [READ]
    assert described(story) >= {"Changed 1", "Changed 2", "Changed 3", "Changed 5"}


def test_as_many_changed_entries_as_fill_a_page_cost_two_calls(story: Story) -> None:
    rows = story.world.books["SalesEntries"].rows
    for entry_id in list(rows):
        story.world.ledger.change_entry(entry_id, {"description": "All anew"})
    assert read(story) == [READ, READ]
    assert described(story) == {"All anew"}
