"""Totals, rows and ages are of one moment; what is being read stays out of sight until it is whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.books.being_read import entries_lane
from portal.actions.books.compare import compare_books
from portal.actions.engine.heartbeat import LEASE
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.turn import transaction
from portal.actions.payments.pull import pull_terms
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.unreadable import Unreadable
from portal.store.book_moment import moment_of_books
from portal.store.book_sums import AgeSum, open_by_age, totals
from portal.store.connections import SubsidiaryRow
from portal.store.lane_rows import take_lane
from portal.store.receivables import OpenReceivableRow, Unknown, unknown_open
from portal.store.reconciliation import ComparedRow
from portal.store.statement_sums import statement_sums
from tests.actions.books.test_compare import Books, period
from tests.actions.office import an_office, some_invoice

TODAY = date(2026, 6, 1)


@pytest.fixture
def books(session_factory: sessionmaker[Session]) -> Iterator[Books]:
    """Books on a database of either kind, whose payments are synchronised."""
    with session_factory() as session:
        office = an_office(session)
        made = Books(**{name: getattr(office, name) for name in Books.__dataclass_fields__})
        connection = made.connection()
        connection.payments.on = True
        connection.payments.baseline_done = True
        session.commit()
        yield made


def pull(books: Books) -> None:
    """Read the receivable terms, as a pull of payments does."""
    books.pass_time(60)
    pull_terms(books.session, books.ledger, books.connection_id, now=books.now)


def seen_now(books: Books) -> tuple[object, ...]:
    """Everything that the page adds up and lists, as another reader finds it now."""
    books.session.expire_all()
    rows = books.session.execute(
        select(ComparedRow.key, ComparedRow.verdict, ComparedRow.theirs).order_by(ComparedRow.key)
    ).all()
    sums = totals(books.session, period(), None)
    ages = open_by_age(books.session, None, TODAY)
    books.session.commit()
    return [tuple(row) for row in rows], sums, ages


def ages_of(books: Books) -> dict[str, AgeSum]:
    """What is open in euros by class of age, without empty classes."""
    books.compare()
    found = open_by_age(books.session, None, TODAY).get("EUR", [])
    books.session.commit()
    return {one.code: one for one in found if one.ours or one.theirs}


def test_while_a_reading_runs_the_old_figures_are_shown_whole(
    books: Books, session_factory: sessionmaker[Session]
) -> None:
    for number in range(4):
        books.add(some_invoice(id=f"20{number}", number=f"2026-20{number}"))
        books.copied(invoice_id=f"20{number}")
    books.read_and_compare()
    before = seen_now(books)
    moment = moment_of_books(books.session).compared_at
    books.session.commit()
    for entry_id in list(books.ledger.entries):
        books.ledger.edit(entry_id, gross=1000)

    real = books.ledger.each_booked_page
    looked: list[tuple[object, ...]] = []

    def one_by_one(first: date, last: date) -> Iterator[Sequence[BookedEntry | Unreadable]]:
        for page in list(real(first, last)):
            for entry in page:
                yield [entry]
                # The worker compares between two pages, and a person looks.
                with session_factory() as worker:
                    compare_books(worker, clock=lambda: books.now)
                looked.append(seen_now(books))

    books.ledger.each_booked_page = one_by_one  # type: ignore[method-assign, assignment]
    books.pass_time(60)
    books.read(whole=True)
    assert len(looked) == 4
    assert all(each == before for each in looked)
    assert moment_of_books(books.session).compared_at == moment
    books.session.commit()

    books.compare()
    after = seen_now(books)
    assert after != before
    assert {theirs for _key, _verdict, theirs in after[0]} == {None, 1000}  # type: ignore[attr-defined]
    assert moment_of_books(books.session).compared_at == books.now
    books.session.commit()


def test_what_the_portal_books_while_exact_is_read_is_known_at_once(
    books: Books, session_factory: sessionmaker[Session]
) -> None:
    books.read_and_compare()
    books.session.commit()
    name = entries_lane(books.connection_id)
    with session_factory() as reader, hold_lane(reader, name, lambda: books.now):
        books.pass_time(1)
        books.copied()
        verdict = books.the_row().verdict
        books.session.commit()

    assert verdict == "equal"


def test_a_reading_whose_worker_died_holds_nothing_back_for_long(books: Books) -> None:
    books.read_and_compare()
    with transaction(books.session):
        assert take_lane(books.session, entries_lane(books.connection_id), now=books.now, lasting=LEASE)

    books.ledger.edit(books.copied().entry_id or "", gross=1000)
    books.now += timedelta(hours=1)
    books.session.commit()
    assert compare_books(books.session, clock=lambda: books.now) > 0


@pytest.mark.parametrize("compared", [True, False], ids=["compared", "nothing new"])
def test_the_moment_moves_only_with_what_is_shown(books: Books, compared: bool) -> None:
    books.the_row()
    before = moment_of_books(books.session).number
    books.session.commit()
    if compared:
        books.copied()
    books.pass_time(60)
    books.compare()
    assert moment_of_books(books.session).number == before + compared
    books.session.commit()


def test_a_copy_that_just_ended_is_open_in_exact_without_another_reading(books: Books) -> None:
    pull(books)
    books.pass_time(1)
    books.add(some_invoice(pay_on=date(2026, 5, 1)))
    books.copied()
    row = books.the_row()
    assert (row.verdict, row.theirs, row.theirs_vat, row.theirs_open) == ("equal", 12100, 2100, 12100)
    assert ages_of(books)["31-60"] == AgeSum("31-60", 1, 12100, 1, 12100)
    pull(books)
    assert ages_of(books)["31-60"] == AgeSum("31-60", 1, 12100, 1, 12100)


def test_ages_go_by_the_due_date_of_each_term_and_hold_what_is_only_in_exact(books: Books) -> None:
    books.add(some_invoice(pay_on=date(2026, 5, 1)))
    copy = books.copied()
    (term,) = [one for one in books.ledger.terms.values() if one.entry_id == copy.entry_id]
    # Exact lets the customer pay in two parts, and a receipt has settled a bit of the first.
    books.ledger.terms[term.id] = replace(term, amount=-6000, due_on=date(2026, 2, 1))
    books.ledger.add_term(books.ledger.entries[copy.entry_id or ""], amount=-6100, due_on=date(2026, 8, 1))
    stranger = books.stranger(due_date=date(2026, 5, 20))
    books.ledger.add_term(stranger, amount=-5000, due_on=date(2026, 5, 20))
    books.ledger.add_term(stranger, amount=700, due_on=None)
    pull(books)
    found = ages_of(books)
    theirs = {code: (one.theirs_count, one.theirs) for code, one in found.items() if one.theirs}
    assert theirs == {
        "over 90": (1, 6000),
        "not due": (1, 6100),
        "1-30": (1, 5000),
        "no date": (1, -700),
    }
    assert (found["31-60"].ours, found["31-60"].theirs) == (12100, 0)


def off(books: Books) -> None:
    books.connection().payments.on = False


def not_yet(books: Books) -> None:
    books.connection().payments.baseline_done = False


@pytest.mark.parametrize(("make", "why"), [(off, Unknown.OFF), (not_yet, Unknown.NOT_YET)])
def test_what_is_not_known_is_not_nothing(books: Books, make: Callable[[Books], None], why: Unknown) -> None:
    books.copied()
    make(books)
    books.session.commit()
    books.compare()
    assert [one.why for one in unknown_open(books.session, None)] == [why]
    assert books.session.scalars(select(OpenReceivableRow)).all() == []
    assert books.the_row().theirs_open is None


def test_a_statement_adds_up_net_and_vat_per_journal_and_code(books: Books) -> None:
    books.copied()
    books.stranger(gross=6050, vat=1050)
    books.read_and_compare()
    sums = statement_sums(books.session, period(), None)
    books.session.commit()
    (journal,) = sums.journals
    assert (journal.ours.net, journal.ours.vat, journal.ours.gross) == (10000, 2100, 12100)
    assert (journal.theirs.net, journal.theirs.vat, journal.theirs.gross) == (15000, 3150, 18150)
    known = [one for one in sums.codes if one.code is not None]
    assert [(one.base, one.vat, one.entries) for one in known] == [(10000, 2100, 1)]
    # Of an entry whose lines were not read, nobody knows the code.
    (unknown,) = [one for one in sums.codes if one.code is None]
    assert (unknown.base, unknown.vat) == (5000, 1050)
    assert sum(one.gross for one in sums.codes) == journal.theirs.gross


def test_what_is_open_of_a_subsidiary_without_a_connection_is_not_known(books: Books) -> None:
    books.session.merge(SubsidiaryRow(id="9", name="Kade"))
    books.add(some_invoice(id="900", number="K-1", subsidiary_id="9"))
    books.compare()
    found = [(one.subsidiary, one.why) for one in unknown_open(books.session, None)]
    assert found == [("Kade", Unknown.NOT_CONNECTED)]
    books.session.commit()
