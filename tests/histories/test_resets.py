"""Cursors that begin anew, answers that are not what they should be, and what each pull costs."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, update

from portal.actions.connections.catalogue import pull_catalogue
from portal.actions.connections.connect import SetUp, save_set_up
from portal.actions.engine.jobs import Job
from portal.actions.payments.control import control_payments, last_night, request_controls
from portal.domain.connections.states import NumberSource, PaymentsMode
from portal.domain.copies.states import CopyState
from portal.sandbox.common.faults import Fault
from portal.sandbox.exact.store import guid_of, midnight, new_guid
from portal.sandbox.exact.terms import add_term
from portal.store.baseline import BaselineRow
from portal.store.copies import CopyRow
from portal.store.terms import TermRow
from tests.furnishing.wires import CUT, EMPTY, TURNED
from tests.histories.story import D1, D2, SECOND, TRANCHES, Story
from tests.histories.world import keep_exact, restore_exact
from tests.telling import told_events

TERMS = "sync/Cashflow/PaymentTerms"
DELETED = "sync/Deleted"
ONE = "cashflow/Receivables"
BULK = "bulk/Cashflow/Receivables"
IDLE = [TERMS, DELETED]
WHOLE = 121000


@pytest.fixture
def story() -> Story:
    """A history whose first pull is over, with one invoice paid and one in part."""
    made = Story()
    made.receive_all()
    made.receive((SECOND, "100.00"))
    made.pull()
    made.calls()
    return made


def events(story: Story, kind: str) -> list[str]:
    found = list(told_events(story.world.session, kind))
    story.world.session.commit()
    return found


def both(story: Story) -> None:
    assert story.paid() == [(WHOLE, D1, False)]
    assert story.paid(SECOND) == [(10000, D1, False)]
    assert story.trouble() is None


def test_a_first_pull_reads_on_until_nothing_comes_and_an_idle_one_costs_two_calls() -> None:
    made = Story()
    made.calls()
    made.pull()
    assert made.calls() == [TERMS, TERMS, DELETED]
    made.pull()
    assert made.calls() == IDLE


@pytest.mark.parametrize("how_many", [10, 100_000])
def test_an_idle_pull_costs_two_calls_whatever_is_open(story: Story, how_many: int) -> None:
    table = story.world.books["PaymentTerms"]
    counters = story.world.exact.counters
    known = next(iter(table.rows.values()))
    row = known | {"TransactionEntryID": new_guid(), "Status": 20}
    for at in range(how_many):
        table.put(row | {"ID": guid_of("open", at), "Timestamp": counters.next_rowversion()})
    table.put(known | {"Timestamp": counters.next_rowversion()})
    newest = update(TermRow).where(TermRow.id == known["ID"]).values(timestamp=counters.rowversion)
    story.world.session.execute(newest)
    story.world.connection().payments.term_cursor = counters.rowversion
    story.world.session.commit()
    story.pull()
    assert story.calls() == IDLE
    assert story.trouble() is None


def a_stranger(story: Story) -> str:
    row = add_term(
        story.world.books,
        {"TransactionType": 20, "TransactionEntryID": new_guid(), "Currency": "EUR", "AmountFC": Decimal(-1)},
    )
    return str(row["ID"])


def test_a_busy_pull_costs_a_call_per_thousand(story: Story) -> None:
    books = story.world.books
    for at in range(1500):
        term_id = a_stranger(story)
        if at % 2:
            books.remove("PaymentTerms", term_id)
    for _ in range(1300):
        books.log_deletion(1, new_guid())
    story.pull()
    # 750 changed terms and the one that is asked for again; 2,050 lines in the log of deletions.
    assert story.calls() == [TERMS, DELETED, DELETED, DELETED]
    for _ in range(1001):
        a_stranger(story)
    story.pull()
    assert story.calls() == [TERMS, TERMS, DELETED]
    both(story)


def test_an_entry_in_doubt_costs_one_read_and_is_kept_as_read(story: Story) -> None:
    story.world.session.execute(
        update(TermRow).where(TermRow.entry_id == story.entry(SECOND)).values(amount=TermRow.amount + 1)
    )
    story.world.session.commit()
    story.receive((SECOND, "50.00"), on=D2)
    story.pull()
    assert story.calls() == [*IDLE, ONE]
    assert story.paid(SECOND) == [(5000, D2, False), (10000, D1, False)]
    story.pull()
    assert story.calls() == IDLE


def test_fifty_days_without_a_pull_read_everything_anew(story: Story) -> None:
    story.unmatch(story.receive((TRANCHES, "100.00")))
    story.delete_entry(SECOND)
    story.pass_days(49)
    story.pull()
    assert story.calls()[:2] == IDLE
    assert events(story, "receivables read anew") == []
    story.receive((TRANCHES, "484.06"))
    story.pass_days(70)
    story.pull()
    assert story.calls()[:3] == [TERMS, TERMS, DELETED]
    assert len(events(story, "receivables read anew")) == 1
    assert story.paid() == [(WHOLE, D1, False)]
    assert story.paid(TRANCHES) == [(48406, D1, False)]
    assert story.findings(SECOND) == ["entry deleted"]


def test_a_deletion_that_exact_forgot_is_found_by_reading_that_entry(story: Story) -> None:
    receipt = story.receive((TRANCHES, "100.00"))
    story.pull()
    story.split = "delete-insert"
    receipt.split = "delete-insert"
    story.take_back(receipt)
    story.pass_days(70)
    story.calls()
    story.pull()
    assert story.calls() == [TERMS, TERMS, DELETED, ONE]
    assert story.paid(TRANCHES) == []
    both(story)


def test_a_moved_division_is_read_anew_and_takes_nothing_away(story: Story) -> None:
    world = story.world
    world.exact.counters.rowversion = 5000
    for key in list(world.books["PaymentTerms"].rows):
        world.books.change("PaymentTerms", key, {})
    world.books.facts["DivisionMoveDate"] = midnight(date(2026, 11, 1))
    pull_catalogue(world.session, world.ledger, world.connection_id, now=world.clock.now())
    assert (
        story.world.connection().payments.term_cursor,
        story.world.connection().payments.deleted_cursor,
    ) == (1, 1)
    story.calls()
    story.pull()
    assert story.calls() == [TERMS, TERMS, DELETED]
    both(story)
    assert [row.state for row in story.rows()] == ["made"]


def test_an_older_copy_in_doubt_is_read_too(story: Story) -> None:
    story.split = "matched-new"
    receipt = story.receive((TRANCHES, "100.00"))
    story.pull()
    story.copy_again(TRANCHES)
    story.take_back(receipt)
    for key in list(story.world.books["Deleted"].rows):
        story.world.books["Deleted"].drop(key)
    story.pass_days(60)
    story.pull()
    assert story.findings(TRANCHES) == []
    assert story.paid(TRANCHES) == []
    both(story)


def test_a_restored_backup_is_noticed_and_read_anew(story: Story) -> None:
    backup = keep_exact(story.world.exact)
    story.receive((TRANCHES, "484.06"))
    story.pull()
    assert story.paid(TRANCHES) == [(48406, D1, False)]
    restore_exact(story.world.exact, backup)
    story.receive((SECOND, "50.00"), on=D2)
    story.pull()
    story.pull()
    assert story.paid(TRANCHES) == []
    assert story.paid(SECOND) == [(5000, D2, False), (10000, D1, False)]
    assert story.paid() == [(WHOLE, D1, False)]
    assert len(events(story, "receivables read anew")) == 1


def test_a_restored_backup_is_noticed_though_exact_has_passed_the_cursor_again(story: Story) -> None:
    receipt = story.receive((TRANCHES, "50.00"))
    story.pull()
    backup = keep_exact(story.world.exact)
    story.receive((TRANCHES, "434.06"), on=D2)
    story.pull()
    assert story.paid(TRANCHES) == [(5000, D1, False), (43406, D2, False)]
    restore_exact(story.world.exact, backup)
    story.edit(receipt, amount="60.00")
    story.edit(receipt, amount="70.00")
    story.pull()
    story.pull()
    assert story.paid(TRANCHES) == [(7000, D1, False)]
    assert len(events(story, "receivables read anew")) == 1
    story.calls()
    story.pull()
    assert story.calls() == IDLE


def test_the_newest_row_may_be_deleted_without_reading_everything(story: Story) -> None:
    receipt = story.receive((TRANCHES, "100.00"))
    story.pull()
    newest = max(story.world.books["PaymentTerms"].rows.values(), key=lambda row: int(str(row["Timestamp"])))
    story.calls()
    story.world.books.remove("PaymentTerms", str(newest["ID"]))
    story.pull()
    assert story.calls()[:3] == [TERMS, DELETED, TERMS]
    assert events(story, "receivables read anew") == []
    assert receipt.amount


@pytest.mark.parametrize("shape", [EMPTY, CUT, TURNED])
@pytest.mark.parametrize("read", [TERMS, DELETED, ONE])
@pytest.mark.parametrize("begins_anew", [False, True])
def test_an_odd_answer_changes_nothing(story: Story, shape: str, read: str, begins_anew: bool) -> None:
    story.receive((TRANCHES, "484.06"))
    if begins_anew:
        story.pass_days(60)
    story.world.exact_wire.shapes.append((read, shape))
    story.pull()
    both(story)
    story.pull()
    both(story)
    assert story.paid(TRANCHES) == [(48406, D1, False)]


@pytest.mark.parametrize(
    "do", ["drop-before", "drop-after", "truncate", "garbage", "status:500", "status:429"]
)
@pytest.mark.parametrize("read", [TERMS, DELETED])
def test_a_failed_read_changes_nothing(story: Story, do: str, read: str) -> None:
    story.unmatch(story.world.books.matchings[next(iter(story.world.books.matchings))])
    story.world.exact.backstage.faults.add(Fault("GET", read, 1, do))
    story.pull()
    assert story.paid() == [(WHOLE, D1, False)]
    assert story.trouble() is not None
    story.pull()
    assert (story.paid(), story.trouble()) == ([], None)


def test_from_now_is_not_begun_with_an_empty_or_a_cut_answer() -> None:
    made = Story()
    made.receive_all()
    chosen = SetUp(NumberSource.PRODUCTIVE, None, None, D1, True, PaymentsMode.FROM_NOW)
    world = made.world
    world.connection().payments.on = False
    world.session.commit()
    save_set_up(world.session, world.connection_id, chosen, actor="Anna", now=world.clock.now())
    world.exact_wire.shapes.append((TERMS, EMPTY))
    made.pull()
    assert "no receivable at all" in (made.trouble() or "")
    world.exact_wire.shapes.append((TERMS, CUT))
    made.pull()
    assert world.connection().payments.baseline_done
    assert (
        world.session.scalar(
            select(func.count()).select_from(BaselineRow).where(BaselineRow.entry_id == made.entry())
        )
        == 1
    )
    world.session.commit()
    made.pull()
    assert made.paid() == []


def control(story: Story) -> None:
    world = story.world
    control_payments(world.session, world.desk, world.connection_id)


def test_the_nightly_control_costs_a_call_per_thousand_and_finds_nothing_when_all_is_well(
    story: Story,
) -> None:
    control(story)
    assert story.calls() == [BULK]
    assert events(story, "receivables repaired") == []
    for _ in range(1200):
        a_stranger(story)
    control(story)
    assert story.calls() == [BULK, BULK]


def test_the_nightly_control_repairs_one_by_one_what_a_feed_never_told(story: Story) -> None:
    session = story.world.session
    story.receive((TRANCHES, "484.06"))
    highest = max(int(str(row["Timestamp"])) for row in story.world.books["PaymentTerms"].rows.values())
    connection = story.world.connection()
    connection.payments.term_cursor = highest
    session.execute(
        update(TermRow).where(TermRow.id == session.scalar(select(TermRow.id))).values(timestamp=highest)
    )
    session.execute(delete(TermRow).where(TermRow.entry_id == story.entry()))
    session.commit()
    story.calls()
    control(story)
    assert story.calls() == [BULK, ONE]
    assert story.paid(TRANCHES) == [(48406, D1, False)]
    (text,) = events(story, "receivables repaired")
    assert "484.06 EUR open" in text
    assert story.world.connection().payments.controlled_at is not None
    both(story)


@pytest.mark.parametrize("shape", [EMPTY, CUT])
def test_the_nightly_control_takes_nothing_away_on_a_partial_list(story: Story, shape: str) -> None:
    story.world.exact_wire.shapes.append((BULK, shape))
    control(story)
    both(story)
    assert events(story, "receivables repaired") == []
    assert (story.world.connection().payments.control_trouble is None) == (shape == CUT)
    assert (story.world.connection().payments.controlled_at is None) == (shape == EMPTY)


def test_a_control_that_failed_is_said_and_asked_for_again(story: Story) -> None:
    asked: list[tuple[str, str]] = []
    world = story.world

    def request() -> int:
        return request_controls(
            world.session, lambda job, which: asked.append((job, which)), now=world.clock.now()
        )

    assert request() == 1
    world.exact.backstage.faults.add(Fault("GET", BULK, 1, "status:500"))
    control(story)
    assert world.connection().payments.control_trouble
    assert request() == 1
    control(story)
    assert world.connection().payments.control_trouble is None
    assert request() == 0
    story.pass_days(1)
    assert request() == 1
    assert asked[-1] == (Job.CONTROL_PAYMENTS, str(world.connection_id))
    assert last_night(world.clock.now()) <= world.clock.now()


def test_a_copy_that_ended_while_a_pull_ran_is_compared_in_the_next(story: Story) -> None:
    story.receive((TRANCHES, "484.06"))
    session = story.world.session
    copy = session.scalars(select(CopyRow).where(CopyRow.entry_id == story.entry(TRANCHES))).one()
    state = copy.state
    copy.state = CopyState.UNCERTAIN
    session.commit()

    def end_meanwhile(_method: str, path: str) -> None:
        if "Deleted" in path:
            copy.finished_at = story.world.clock.now()

    story.world.exact_wire.before = end_meanwhile
    story.pull()
    assert story.paid(TRANCHES) == []
    copy.state = state
    session.commit()
    story.world.exact_wire.before = lambda _method, _path: None
    story.pull()
    assert story.paid(TRANCHES) == [(48406, D1, False)]


def test_an_entry_that_a_restored_exact_has_again_is_found_by_night_once(story: Story) -> None:
    backup = keep_exact(story.world.exact)
    story.delete_entry(TRANCHES)
    story.pull()
    assert story.findings(TRANCHES) == ["entry deleted"]
    restore_exact(story.world.exact, backup)
    story.pull()
    control(story)
    assert story.findings(TRANCHES) == []
    control(story)
    assert len(events(story, "receivables repaired")) == 1
    both(story)


def test_an_entry_whose_deletion_was_not_told_is_found_by_night(story: Story) -> None:
    story.delete_entry(TRANCHES)
    for key in list(story.world.books["Deleted"].rows):
        story.world.books["Deleted"].drop(key)
    story.pull()
    assert story.findings(TRANCHES) == []
    control(story)
    assert story.findings(TRANCHES) == ["entry deleted"]
    both(story)
