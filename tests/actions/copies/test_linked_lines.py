"""A linked entry is known by its lines, where they were read and nobody changed them since."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.actions.copies.sent_before import sent_before
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.exact_changes import find_exact_changes
from portal.store.copies import CopyRow, entry_from_row
from portal.store.entries import keep_entries
from tests.actions.copies.test_move_over import a_buyer, ask, booked, exported, link, look
from tests.actions.office import Office
from tests.domain.builders import an_entry_line, as_booked

DUTCH = ZoneInfo("Europe/Amsterdam")


def an_entry(office: Office) -> BookedEntry:
    """Book an entry of one line by another link, for an invoice that it exported."""
    customer_id = a_buyer(office)
    exported(office, "900", "K-1")
    line = as_booked(an_entry_line(amount=10000, vat_amount=2100), "line-1")
    entry_id = booked(office, "K-1", customer_id, lines=(line,))
    ask(office)
    look(office)
    return office.ledger.entries[entry_id]


def read(office: Office, entry: BookedEntry, modified: datetime | None) -> None:
    """Read the entry with others, as a reading of its month does."""
    local = modified.astimezone(DUTCH).replace(tzinfo=None) if modified else None
    keep_entries(office.session, office.connection_id, [replace(entry, modified=local)], office.now)
    office.session.commit()


def the_copy(office: Office) -> CopyRow:
    return office.session.scalars(select(CopyRow)).one()


def test_what_was_read_before_is_kept_with_the_link(office: Office) -> None:
    entry = an_entry(office)
    read(office, entry, office.now - timedelta(days=1))
    assert link(office, "900") == 1
    linked = the_copy(office).linked
    assert linked is not None
    assert [line.amount for line in entry_from_row(linked).lines] == [10000]


@pytest.mark.parametrize(
    ("minutes", "known"),
    [(-60 * 24 * 30, True), (-60, True), (-1, True), (1, False), (60 * 24, False), (None, False)],
)
def test_what_is_read_later_counts_only_where_nobody_changed_it_since(
    office: Office, minutes: int | None, known: bool
) -> None:
    entry = an_entry(office)
    assert link(office, "900") == 1
    assert the_copy(office).linked is None
    read(office, entry, None if minutes is None else office.now + timedelta(minutes=minutes))
    assert (the_copy(office).linked is not None) is known


def test_an_update_of_it_asks_about_nothing_that_stood_there_when_it_was_linked(office: Office) -> None:
    entry = an_entry(office)
    link(office, "900")
    read(office, entry, office.now - timedelta(days=1))
    copy = the_copy(office)
    assert copy.linked is not None
    wanted = entry_from_row(copy.linked)
    dearer = replace(wanted, lines=(replace(wanted.lines[0], amount=12000, vat_amount=2520),))
    assert find_exact_changes(entry, dearer, sent_before(office.session, copy, entry)) == ()
    office.session.commit()
