"""Both books side by side: what is read from Exact, what is compared, and what people accept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.books.accept import AcceptError, Seen, accept_entry, content_of, end_acceptance
from portal.actions.books.being_read import entries_lane
from portal.actions.books.compare import compare_books
from portal.actions.books.read_entries import read_exact
from portal.actions.books.request_readings import newest_months, request_nightly, request_readings
from portal.actions.copies.cut_over import exclude_invoice
from portal.actions.copies.look_up import look_up
from portal.actions.copies.request import Wish
from portal.actions.copies.strangers import set_aside
from portal.actions.copies.undo import request_undo
from portal.actions.engine.jobs import Job
from portal.actions.engine.lanes import hold_lane
from portal.actions.payments.pull import pull_terms
from portal.domain.booking.mapping import Choices
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.books.causes import find_cause
from portal.domain.books.reconciliation import Verdict
from portal.domain.connections.states import ConnectionState
from portal.domain.copies.exact_changes import Decision
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.copies.undo import fingerprint_of
from portal.domain.periods import Period, read_period
from portal.remote.errors import LostReplyError
from portal.sentences.voice import in_source_language
from portal.store.attention import Twin, find_twins, twins_of
from portal.store.book_sums import totals
from portal.store.copies import CopyRow
from portal.store.differing import read_facts
from portal.store.entries import AcceptedRow, EntryFeedRow, EntryReadingRow, EntryRow, wanted_months
from portal.store.invoices import keep_invoice
from portal.store.reconciliation import PAGE, ComparedRow, Filters, list_page
from portal.store.stale import StaleRow
from tests.actions.office import Office, an_office, some_invoice
from tests.fakes import OTHER_REVENUE, some_guid
from tests.furnishing.said import quote


def period(text: str = "2026-03") -> Period:
    found = read_period(text)
    assert found is not None
    return found


class Books(Office):
    """An office whose books are read and compared."""

    def read(self, text: str = "2026-03", *, whole: bool = False) -> None:
        request_readings(self.session, self.nudge, period(text), subsidiaries=None, whole=whole, now=self.now)
        read_exact(self.session, self.ledger, self.nudge, self.connection_id, clock=lambda: self.now)

    def compare(self) -> None:
        compare_books(self.session, clock=lambda: self.now)

    def side_by_side(self) -> dict[str, ComparedRow]:
        self.compare()
        self.session.expire_all()
        return {row.key: row for row in self.session.scalars(select(ComparedRow))}

    def the_row(self) -> ComparedRow:
        return self.side_by_side()["i-105"]

    def read_and_compare(self) -> ComparedRow:
        self.pass_time(60)
        self.read(whole=True)
        return self.the_row()

    def entry(self, entry_id: str | None) -> EntryRow:
        return self.session.get_one(EntryRow, (self.connection_id, entry_id))

    def stranger(self, **given: Any) -> BookedEntry:
        """Book an entry as a person in Exact does."""
        usual: dict[str, Any] = {
            "id": some_guid(),
            "entry_number": 26700900 + len(self.ledger.entries),
            "invoice_number": None,
            "customer_id": next(iter(self.ledger.customers)),
            "journal": "70",
            "entry_date": date(2026, 3, 9),
            "due_date": None,
            "your_ref": "",
            "description": "By hand",
            "currency": "EUR",
            "gross": 5000,
            "vat": 0,
            "status": 20,
            "type": 20,
            "modified": self.ledger.wall_clock,
        }
        entry = BookedEntry(**(usual | given))
        self.ledger.entries[entry.id] = entry
        return entry


@pytest.fixture
def books(session_factory: sessionmaker[Session]) -> Iterator[Books]:
    """Books on a database of either kind."""
    with session_factory() as session:
        office = an_office(session)
        yield Books(**{name: getattr(office, name) for name in Books.__dataclass_fields__})


def test_an_invoice_without_a_copy_is_in_productive_only(books: Books) -> None:
    row = books.the_row()
    assert (row.verdict, row.reasons, row.ours, row.theirs) == ("productive", ("not copied",), 12100, None)
    assert (row.month, row.journal, row.differs) == ("2026-03", "", True)


def test_a_copy_agrees_before_and_after_exact_was_read(books: Books) -> None:
    books.copied()
    assert (books.the_row().verdict, books.the_row().theirs) == ("equal", 12100)
    row = books.read_and_compare()
    assert (row.verdict, row.codes, row.drifted) == ("equal", ",,", False)
    assert books.ledger.calls.count("each_booked_page") == 1


def test_what_was_changed_in_exact_is_a_difference_until_an_update_overwrites_it(books: Books) -> None:
    copy = books.copied()
    entry_id = copy.entry_id or ""
    lines = books.ledger.entries[entry_id].lines
    books.ledger.edit(entry_id, lines=tuple(replace(line, ledger_id=OTHER_REVENUE) for line in lines))
    row = books.read_and_compare()
    assert (row.verdict, row.reasons, row.drifted) == ("different", ("ledger",), True)
    books.pass_time(60)

    unnamed = books.copied(action=CopyAction.UPDATE)

    assert (unnamed.state, unnamed.cause) == (CopyState.REFUSED, Cause.EXACT_CHANGED)
    row = books.the_row()
    assert (row.verdict, row.reasons) == ("different", ("ledger",)), "an update that was refused ends nothing"
    books.pass_time(60)

    exact = books.decided(copy, Decision.OVERWRITE)
    named = books.copied(books.choices(exact=exact), action=CopyAction.UPDATE)

    assert named.state == CopyState.COPIED, named.trouble
    assert books.the_row().verdict == "equal", "what was read before the update counts no longer"
    assert books.read_and_compare().verdict == "equal"


def test_an_entry_deleted_in_exact_is_missing_there(books: Books) -> None:
    copy = books.copied()
    books.read()
    books.pass_time(60)
    books.ledger.entries.clear()
    row = books.read_and_compare()
    assert (row.verdict, row.reasons, row.theirs) == ("productive", ("deleted in exact",), None)
    assert books.entry(copy.entry_id).gone_at is not None


def test_an_entry_deleted_before_it_was_ever_read_is_missing_too(books: Books) -> None:
    books.copied()
    books.ledger.entries.clear()
    row = books.read_and_compare()
    assert row.reasons == ("deleted in exact",)


def test_a_failed_or_cut_reading_deletes_nothing(books: Books) -> None:
    copy = books.copied()
    books.read()
    books.pass_time(60)
    books.ledger.entries.clear()
    books.ledger.fail("each_booked_page", LostReplyError("cut"))
    row = books.read_and_compare()
    assert row.verdict == "equal"
    assert books.entry(copy.entry_id).gone_at is None
    feed = books.session.get_one(EntryFeedRow, books.connection_id)
    assert feed.trouble == quote("cut")
    assert not books.session.scalars(
        select(EntryReadingRow).where(EntryReadingRow.wanted_at.is_not(None))
    ).all()


def test_an_entry_that_moved_to_another_month_is_not_gone(books: Books) -> None:
    copy = books.copied()
    books.read()
    books.pass_time(60)
    books.ledger.edit(copy.entry_id or "", entry_date=date(2026, 4, 2))
    books.read_and_compare()
    rows = books.side_by_side()
    assert books.entry(copy.entry_id).gone_at is None
    ours = rows["i-105"]
    theirs = rows["i-105-booked"]
    assert (ours.month, ours.part, ours.reasons) == ("2026-03", "ours", ("date",))
    assert (theirs.month, theirs.part, theirs.day) == ("2026-04", "theirs", date(2026, 4, 2))
    march = totals(books.session, period(), None)
    april = totals(books.session, period("2026-04"), None)
    assert [(each.ours, each.theirs) for each in march] == [(12100, 0)]
    assert [(each.ours, each.theirs) for each in april] == [(0, 12100)]
    both = totals(books.session, period("2026"), None)
    assert [(each.ours, each.theirs, each.difference) for each in both] == [(12100, 12100, 0)]


def test_the_second_reading_asks_only_for_what_changed(books: Books) -> None:
    books.copied()
    books.read()
    books.ledger.calls.clear()
    books.read()
    assert books.ledger.calls == ["each_changed_page"]
    books.pass_time(24 * 3600)
    books.ledger.calls.clear()
    books.read()
    assert books.ledger.calls == ["each_changed_page", "each_booked_page"]


def test_many_changes_at_once_are_not_read_again_and_again_and_none_is_lost(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.domain.payments.feeds.ENOUGH", 30)
    books.ledger.page_size = 6
    books.copied()
    books.read()
    began = books.ledger.wall_clock + timedelta(hours=2)
    for second in range(60):
        books.stranger(entry_number=second, modified=began + timedelta(seconds=second))

    def read(seconds: float = 60) -> int:
        books.pass_time(seconds)
        books.ledger.calls.clear()
        books.read()
        return books.ledger.count("each_changed_page")

    assert [read() for _reading in range(4)] == [11, 10, 5, 5]
    late = books.stranger(modified=began + timedelta(seconds=40))
    assert read() == 6
    assert books.entry(late.id).gross == late.gross
    later_still = books.stranger(modified=began - timedelta(minutes=50))
    assert read() == 5
    assert books.session.get(EntryRow, (books.connection_id, later_still.id)) is None
    assert read(21 * 3600) == 11
    assert books.entry(later_still.id).gross == later_still.gross
    assert read() == 5


def test_an_entry_booked_by_hand_is_in_exact_only_until_it_is_accepted(books: Books) -> None:
    entry = books.stranger()
    books.read_and_compare()
    key = f"e-{books.connection_id}-{entry.id}"
    row = books.side_by_side()[key]
    assert (row.verdict, row.reasons, row.theirs, row.customer) == ("exact", ("stranger",), 5000, "Acme BV")
    seen = Seen(content_of(books.entry(entry.id)), "Rent")
    accepted = accept_entry(books.session, books.nudge, key, seen=seen, actor="Anna", now=books.now)
    assert books.side_by_side()[key].verdict == "explained"
    assert (accepted.accepted_by, accepted.accepted_at, accepted.what) == ("Anna", books.now, "Rent")
    end_acceptance(books.session, books.nudge, accepted.id, actor="Anna", now=books.now)
    assert books.side_by_side()[key].verdict == "exact"


def test_an_entry_with_an_invoices_number_stands_beside_it_but_is_not_linked(books: Books) -> None:
    books.stranger(your_ref=" 2026-0042 ", gross=12100, vat=2100)
    row = books.read_and_compare()
    assert (row.verdict, row.reasons, row.theirs) == ("different", ("unlinked",), 12100)
    assert set(books.side_by_side()) == {"i-105"}


def test_several_entries_with_one_number_are_never_guessed(books: Books) -> None:
    first, second = (books.stranger(your_ref="2026-0042", gross=12100) for _ in range(2))
    row = books.read_and_compare()
    assert (row.verdict, row.reasons) == ("productive", ("several entries",))
    keys = {f"e-{books.connection_id}-{entry.id}" for entry in (first, second)}
    assert set(books.side_by_side()) == {"i-105", *keys}


def test_an_older_copy_that_still_stands_in_exact_is_said(books: Books) -> None:
    first = books.copied()
    books.pass_time(60)
    books.copied()
    books.read_and_compare()
    rows = books.side_by_side()
    older = rows[f"e-{books.connection_id}-{first.entry_id}"]
    assert (older.verdict, older.reasons, older.theirs) == ("exact", ("older copy",), 12100)
    assert rows["i-105"].verdict == "equal"


def test_an_invoice_deleted_in_productive_leaves_its_entry_alone(books: Books) -> None:
    copy = books.copied()
    books.read()
    keep_invoice(books.session, replace(some_invoice(), deleted=True), books.now)
    books.session.commit()
    rows = books.side_by_side()
    assert [row.reasons for row in rows.values()] == [("deleted in productive",)]
    assert rows[f"e-{books.connection_id}-{copy.entry_id}"].verdict == "exact"


def test_what_an_undo_deleted_is_not_mistaken_for_an_older_copy(books: Books) -> None:
    copy = books.copied()
    books.read_and_compare()
    copy.state = CopyState.UNDONE
    copy.ending = Ending.DELETED
    books.row().copy_state = CopyState.UNDONE
    books.ledger.entries.clear()
    books.session.commit()
    assert {key: row.reasons for key, row in books.side_by_side().items()} == {"i-105": ("undone",)}


def test_what_a_credit_entry_took_back_is_explained_and_not_linked_anew(books: Books) -> None:
    copy = books.copied()
    books.read_and_compare()
    copy.state = CopyState.UNDONE
    copy.ending = Ending.CREDITED
    books.row().copy_state = CopyState.UNDONE
    books.session.commit()
    rows = books.side_by_side()
    assert rows["i-105"].reasons == ("undone",)
    taken_back = rows[f"e-{books.connection_id}-{copy.entry_id}"]
    assert (taken_back.verdict, taken_back.reasons) == ("explained", ("credited",))


def test_what_is_not_to_be_copied_is_explained(books: Books) -> None:
    exclude_invoice(books.session, "105", reason="Barter", actor="Anna", now=books.now)
    assert (books.the_row().verdict, books.the_row().reasons) == ("explained", ("do not copy",))


def test_what_is_dated_before_the_first_day_of_copying_is_explained(books: Books) -> None:
    books.stranger(your_ref="2026-0042", gross=12100, vat=2100)
    books.read()
    assert books.the_row().reasons == ("unlinked",)
    books.connection().copy_from = date(2026, 3, 5)
    books.session.commit()
    row = books.the_row()
    assert (row.verdict, row.reasons, row.theirs) == ("explained", ("early",), 12100)


def test_open_amounts_are_compared_where_payments_are_read(books: Books) -> None:
    copy = books.copied()
    connection = books.connection()
    connection.payments.on = True
    connection.payments.baseline_done = True
    books.session.commit()
    pull_terms(books.session, books.ledger, books.connection_id, now=books.now)
    assert (books.the_row().verdict, books.the_row().theirs_open) == ("equal", 12100)
    books.ledger.receive(copy.entry_id or "", 12100, date(2026, 4, 11))
    pull_terms(books.session, books.ledger, books.connection_id, now=books.now)
    row = books.the_row()
    assert (row.verdict, row.reasons, row.theirs_open) == ("different", ("open", "paid"), 0)
    assert row.days_late == 10


def test_a_deleted_entry_is_noticed_by_its_terms_without_reading_the_month(books: Books) -> None:
    copy = books.copied()
    pull_terms(books.session, books.ledger, books.connection_id, now=books.now)
    books.read()
    books.pass_time(60)
    books.ledger.delete_entry(copy.entry_id or "")
    pull_terms(books.session, books.ledger, books.connection_id, now=books.now)
    books.ledger.calls.clear()
    books.read()
    assert books.ledger.calls == ["each_changed_page", "read_entry"]
    assert books.the_row().reasons == ("deleted in exact",)


def test_accepting_is_refused_for_a_version_nobody_saw(books: Books) -> None:
    copy = books.copied()
    books.ledger.edit(copy.entry_id or "", description="Changed")
    books.read_and_compare()
    for seen, words in (("old", "changed in Exact"), ("gone", "changed in Exact")):
        with pytest.raises(AcceptError, match=words):
            accept_entry(books.session, books.nudge, "i-105", seen=Seen(seen), actor="Anna", now=books.now)
    with pytest.raises(AcceptError, match="Read Exact now"):
        accept_entry(books.session, books.nudge, "i-9", seen=Seen("x"), actor="Anna", now=books.now)


def test_accepting_is_refused_for_a_reason_that_is_too_long(books: Books) -> None:
    copy = books.copied()
    books.ledger.edit(copy.entry_id or "", description="Changed")
    books.read_and_compare()
    seen = Seen("old", "x" * 201)
    with pytest.raises(AcceptError, match="200 characters at most"):
        accept_entry(books.session, books.nudge, "i-105", seen=seen, actor="Anna", now=books.now)


def test_an_accepted_version_holds_while_neither_side_changes(books: Books) -> None:
    copy = books.copied()
    books.ledger.edit(copy.entry_id or "", description="Changed")
    assert books.read_and_compare().reasons == ("details",)
    seen = Seen(content_of(books.entry(copy.entry_id)))
    accept_entry(books.session, books.nudge, "i-105", seen=seen, actor="Anna", now=books.now)
    assert (books.the_row().verdict, books.the_row().reasons) == ("explained", ("details",))
    books.ledger.edit(copy.entry_id or "", description="Changed again")
    assert books.read_and_compare().verdict == "different"
    assert books.session.scalars(select(AcceptedRow)).one().accepted_by == "Anna"


def test_an_unlinked_entry_is_not_accepted(books: Books) -> None:
    entry = books.stranger(your_ref="2026-0042")
    books.read_and_compare()
    seen = Seen(content_of(books.entry(entry.id)))
    with pytest.raises(AcceptError, match="Link it first"):
        accept_entry(books.session, books.nudge, "i-105", seen=seen, actor="Anna", now=books.now)


def test_comparing_twice_changes_nothing_and_leaves_nothing_stale(books: Books) -> None:
    books.copied()
    books.stranger()
    books.read_and_compare()
    before = {key: row.codes for key, row in books.side_by_side().items()}
    books.session.add(StaleRow(kind="subsidiary", subject="1"))
    books.session.commit()
    assert {key: row.codes for key, row in books.side_by_side().items()} == before
    assert books.session.scalars(select(StaleRow)).all() == []


def test_a_second_worker_leaves_reading_and_comparing_to_the_first(books: Books) -> None:
    books.copied()
    books.ledger.calls.clear()
    with hold_lane(books.session, entries_lane(books.connection_id), lambda: books.now):
        books.read()
    assert books.ledger.calls == []
    with hold_lane(books.session, "compare-books", lambda: books.now):
        assert compare_books(books.session, clock=lambda: books.now) == 0


def test_who_stood_still_with_an_old_answer_does_not_put_it_over_a_newer_one(
    books: Books, session_factory: sessionmaker[Session]
) -> None:
    entry_id = books.copied().entry_id or ""
    real = books.ledger.each_booked_page

    def stand_still(first: date, last: date) -> Iterator[list[BookedEntry]]:
        pages = list(real(first, last))
        books.ledger.each_booked_page = real  # type: ignore[method-assign]
        with session_factory() as session:
            other = Books(session, books.ledger, books.billing, books.nudge, books.now, books.connection_id)
            other.pass_time(30)
            books.ledger.edit(entry_id, description="Corrected")
            other.read(whole=True)
        books.pass_time(60)
        yield from pages

    books.pass_time(60)
    books.ledger.each_booked_page = stand_still  # type: ignore[method-assign]
    books.read(whole=True)
    books.session.expire_all()
    assert books.entry(entry_id).description == "Corrected"
    assert books.session.get_one(EntryFeedRow, books.connection_id).trouble is None


def test_the_night_asks_for_this_month_and_the_last_as_a_whole(books: Books) -> None:
    assert request_nightly(books.session, books.nudge, now=books.now) == 1
    rows = books.session.scalars(select(EntryReadingRow).order_by(EntryReadingRow.month)).all()
    assert [(row.month, row.whole_wanted) for row in rows] == [("2026-02", True), ("2026-03", True)]
    assert books.nudge.woken[-1] == (Job.READ_ENTRIES, str(books.connection_id))
    books.read()
    assert books.nudge.woken[-1] == (Job.COMPARE_BOOKS, "")


def test_what_is_wanted_while_reading_is_read_too(books: Books) -> None:
    def wish(name: str) -> None:
        if name == "each_booked_page" and books.now.minute == 0:
            books.pass_time(60)
            request_readings(
                books.session, books.nudge, period("2026-01"), subsidiaries=None, whole=False, now=books.now
            )

    books.ledger.on_call = wish
    books.read()
    rows = books.session.scalars(select(EntryReadingRow).order_by(EntryReadingRow.month)).all()
    assert [(row.month, row.wanted_at, bool(row.read_at)) for row in rows] == [
        ("2026-01", None, True),
        ("2026-03", None, True),
    ]


def test_a_month_is_read_by_itself_once_each_night(books: Books) -> None:
    def asked(hours: float) -> int:
        return request_nightly(books.session, books.nudge, now=books.now + timedelta(hours=hours))

    assert asked(0) == 1, "at once where nothing was read yet"
    assert asked(0) == 0, "not again while that goes on"
    books.read()
    assert [asked(hours) for hours in (1, 7, 10, 20)] == [0, 0, 0, 0]
    assert asked(31) == 1, "by day where the night was missed"
    books.read()
    assert asked(17) == 1, "at two in the night"
    books.read()
    books.pass_time(24 * 3600)
    books.read()
    books.connection().state = ConnectionState.DISCONNECTED
    books.session.commit()
    assert asked(48) == 0


def test_only_the_newest_months_of_a_long_period_are_read_at_once() -> None:
    today = date(2026, 3, 10)
    assert newest_months(period("2026"), today) == ["2026-03", "2026-02", "2026-01"]
    assert newest_months(period("all"), today) == ["2026-03", "2026-02", "2026-01"]
    assert newest_months(period("2025-Q4"), today) == ["2025-12", "2025-11", "2025-10"]
    assert newest_months(period("2026-04"), today) == ["2026-04"]


def test_the_list_pages_by_key_both_ways(books: Books) -> None:
    for at in range(35):
        books.add(some_invoice(id=f"{at:03}", number=f"N{at}", invoiced_on=date(2026, 3, 1 + at % 28)))
    books.compare()
    filters = Filters(period=period())
    first = list_page(books.session, filters)
    assert (len(first.rows), first.newer) == (PAGE, None)
    second = list_page(books.session, filters, cursor=first.older or "")
    assert (len(second.rows), second.older) == (11, None)
    back = list_page(books.session, filters, cursor=second.newer or "", back=True)
    assert [row.key for row in back.rows] == [row.key for row in first.rows]
    narrow = Filters(period=period(), subsidiaries=("2",))
    assert list_page(books.session, narrow).rows == []
    assert [row.key for row in list_page(books.session, Filters(period(), code="amount")).rows] == []


def test_a_rolled_back_change_leaves_no_note(books: Books) -> None:
    books.compare()
    books.row().subject = "Other"
    books.session.flush()
    books.session.rollback()
    assert books.session.scalars(select(StaleRow)).all() == []


def a_twin(books: Books, copy: CopyRow, **changes: Any) -> BookedEntry:
    """Let the network have repeated the request that booked a copy's entry."""
    entry = books.ledger.entries[copy.entry_id or ""]
    usual: dict[str, Any] = {"id": some_guid(), "entry_number": 26700777, "invoice_number": 26700777}
    twin = replace(entry, **(usual | changes))
    books.ledger.entries[twin.id] = twin
    return twin


def reasons_of(books: Books, entry: BookedEntry) -> tuple[str, tuple[str, ...]]:
    row = books.side_by_side()[f"e-{books.connection_id}-{entry.id}"]
    return row.verdict, row.reasons


# How the surplus entry may look when it is read: the request's marker is all that is certain.
def twins_beside(books: Books) -> list[Twin]:
    """Return the twins of the invoice, as its page finds them."""
    copies = books.session.scalars(select(CopyRow).where(CopyRow.invoice_id == "105")).all()
    entries = books.session.scalars(select(EntryRow)).all()
    return twins_of(books.session, copies, entries)


TWINS: dict[str, dict[str, Any]] = {
    "just the same": {},
    "its reference was changed": {"your_ref": "OTHER-1"},
    "its reference was emptied": {"your_ref": ""},
    "moved to another journal": {"journal": "71"},
    "moved to another customer": {"customer_id": some_guid()},
    "of another total since": {"gross": 9999},
    "moved to a month that is not read": {"entry_date": date(2025, 3, 2)},
    "processed": {"status": 50},
}


@pytest.mark.parametrize("kind", TWINS)
def test_an_entry_that_the_network_repeated_is_found_the_next_night_and_ends_by_itself(
    books: Books, kind: str
) -> None:
    books.read()
    copy = books.copied()
    books.ledger.wall_clock += timedelta(minutes=1)
    twin = a_twin(books, copy, modified=books.ledger.wall_clock, **TWINS[kind])
    books.now += timedelta(hours=20)
    assert request_nightly(books.session, books.nudge, now=books.now.replace(hour=2)) == 1
    read_exact(books.session, books.ledger, books.nudge, books.connection_id, clock=lambda: books.now)
    assert reasons_of(books, twin) == ("exact", ("twin",))
    assert books.the_row().verdict == "equal"
    (found,) = find_twins(books.session, None)
    assert (found.row.entry_number, found.of.linked, found.of.invoice_id) == (
        "26700777",
        copy.entry_number,
        "105",
    )
    assert [each.row.entry_id for each in twins_beside(books)] == [twin.id]
    facts = read_facts(books.session, [found.row])[found.row.key]
    cause = find_cause(Verdict(found.row.verdict, found.row.reasons), facts)
    assert cause is not None
    assert f"Keep entry {copy.entry_number} and delete this one, entry 26700777" in in_source_language(
        cause.said
    )

    del books.ledger.entries[twin.id]
    books.pass_time(60)
    books.read()
    books.compare()
    assert find_twins(books.session, None) == []
    assert twins_beside(books) == []


def test_the_very_first_reading_finds_one_in_a_month_that_is_not_read(books: Books) -> None:
    copy = books.copied()
    a_twin(books, copy, modified=books.ledger.wall_clock, entry_date=date(2025, 3, 2))
    books.stranger(modified=books.ledger.wall_clock + timedelta(days=1))
    books.read()
    books.pass_time(60)
    books.read()
    books.compare()
    assert len(find_twins(books.session, None)) == 1


@pytest.mark.parametrize("how_many", [1, 30])
def test_where_exact_gives_no_lines_along_they_are_read_one_by_one_within_bounds(
    books: Books, how_many: int
) -> None:
    copy = books.copied()
    lines = books.ledger.entries[copy.entry_id or ""].lines
    for at in range(how_many):
        a_twin(books, copy, id=f"{some_guid()[:-2]}{at:02}", entry_number=800 + at)
    whole = dict(books.ledger.entries)
    bare = {key: replace(entry, lines=()) for key, entry in whole.items()}
    books.ledger.on_call = lambda name: setattr(
        books.ledger, "entries", whole if name == "read_entry" else bare
    )
    books.read(whole=True)
    books.compare()
    assert lines
    assert books.ledger.count("read_entry") == min(how_many, 20)
    assert len(find_twins(books.session, None)) == min(how_many, 20)


def test_a_repeated_credit_entry_is_found_too(books: Books) -> None:
    copy = books.copied()
    seen = fingerprint_of(books.ledger.entries[copy.entry_id or ""])
    wish = Wish(Choices(booking_date="2026-03-10"), seen, copy.id, CopyAction.CREDIT)
    books.pass_time(1)
    asked = request_undo(books.session, books.nudge, "105", wish=wish, requested_by="Anna", now=books.now)
    assert isinstance(asked, CopyRow), asked
    credit = books.perform(asked.id)
    assert credit.state == CopyState.UNDONE
    twin = a_twin(books, credit)
    books.read(whole=True)
    assert reasons_of(books, twin) == ("exact", ("twin",))


def test_an_entry_with_a_marker_that_nobody_knows_is_none(books: Books) -> None:
    copy = books.copied()
    line = replace(books.ledger.entries[copy.entry_id or ""].lines[0], notes="[ZZZZZZZZ]")
    entry = books.stranger(lines=(line,))
    books.read(whole=True)
    assert reasons_of(books, entry) == ("exact", ("stranger",))
    assert find_twins(books.session, None) == []


def test_an_accepted_one_is_left_alone(books: Books) -> None:
    twin = a_twin(books, books.copied())
    books.read(whole=True)
    row = books.side_by_side()[f"e-{books.connection_id}-{twin.id}"]
    seen = Seen(content_of(books.entry(twin.id)), "Credited by hand")
    accept_entry(books.session, books.nudge, row.key, seen=seen, actor="Anna", now=books.now)
    books.compare()
    assert find_twins(books.session, None) == []


def test_an_entry_beside_a_linked_one_says_whose_number_it_carries(books: Books) -> None:
    entry = books.stranger(your_ref="2026-0042")
    books.read(whole=True)
    assert "unlinked" in books.the_row().reasons
    say_another(books, entry)
    copy = books.copied()
    books.read(whole=True)
    assert reasons_of(books, entry) == ("exact", ("beside",))
    row = books.side_by_side()[f"e-{books.connection_id}-{entry.id}"]
    facts = read_facts(books.session, [row])[row.key]
    assert (facts.number, facts.linked) == ("2026-0042", copy.entry_number)


def say_another(books: Books, entry: BookedEntry) -> None:
    look_up(books.session, books.ledger, books.connection_id, entry.your_ref, clock=lambda: books.now)
    set_aside(books.session, "105", [entry.id], actor="Anna", now=books.now)


def test_the_night_reads_the_month_that_it_is_on_the_wall(books: Books) -> None:
    """At 23:30 in UTC it is December already."""
    books.session.commit()
    request_nightly(books.session, books.nudge, now=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    months = {row.month for row in wanted_months(books.session, books.connection_id)}
    assert "2026-12" in months
