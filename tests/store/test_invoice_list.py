"""The list's query: views, search, keyset pages and totals, on both kinds of database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, text
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.copies.standing import Readiness, Standing
from portal.store.invoice_filters import NOT_COPIED, SORTS, Cell, Filters
from portal.store.invoice_list import find_companies, list_page, paid_state
from portal.store.invoice_sums import Total, count_cells, totals
from portal.store.invoices import InvoiceRow, LineUseRow, keep_invoice
from portal.store.statistics import renew_statistics
from tests.domain.builders import a_line, an_invoice

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        yield session


def many(session: Session, count: int = 125) -> None:
    """Keep invoices with many ties in every column that sorts, and gaps where it may be empty."""
    for at in range(count):
        invoice = an_invoice(
            id=f"{at * 37 % 1000:03}",
            number=None if at % 11 == 0 else f"N{at % 7}",
            company_name=f"Customer {at % 3}",
            invoiced_on=date(2026, 1, 1) + timedelta(days=at % 4),
            pay_on=None if at % 5 == 0 else date(2026, 2, 1 + at % 3),
            lines=(a_line(amount=(at % 6 - 2) * 100, amount_tax=0),),
        )
        keep_invoice(session, invoice, NOW)
    session.commit()


def ids(session: Session, filters: Filters) -> list[str]:
    return [row.id for row in list_page(session, filters, TODAY).rows]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", list(SORTS))
def test_pages_meet_without_gap_or_overlap_both_ways(session: Session, sort: str, descending: bool) -> None:
    many(session)
    filters = Filters(sort=sort, descending=descending)
    pages = [list_page(session, filters, TODAY)]
    while cursor := pages[-1].older:
        pages.append(list_page(session, filters, TODAY, cursor=cursor))
    seen = [row.id for page in pages for row in page.rows]
    assert (len(seen), len(set(seen)), len(pages)) == (125, 125, 5)
    assert pages[0].newer is None
    back = [pages[-1]]
    while cursor := back[0].newer:
        back.insert(0, list_page(session, filters, TODAY, cursor=cursor, back=True))
    assert [row.id for page in back for row in page.rows] == seen


def test_a_cursor_that_is_gone_begins_at_the_start(session: Session) -> None:
    many(session)
    start = list_page(session, Filters(), TODAY)
    assert list_page(session, Filters(), TODAY, cursor="gone", back=True).rows == start.rows


def test_a_page_that_is_just_full_is_the_last(session: Session) -> None:
    many(session, 25)
    assert list_page(session, Filters(), TODAY).older is None


def test_deleted_and_sample_invoices_are_left_out(session: Session) -> None:
    for at, gone in enumerate(({}, {"deleted": True}, {"sample": True})):
        keep_invoice(session, an_invoice(id=str(at), **gone), NOW)
    assert ids(session, Filters()) == ["0"]


@pytest.mark.parametrize("query", ["acme", "WEBSITE 0042", "0042 acme"])
def test_every_word_of_a_search_must_be_there(session: Session, query: str) -> None:
    keep_invoice(session, an_invoice(id="1"), NOW)
    keep_invoice(session, an_invoice(id="2", number="9", subject="Logo", company_name="Beta"), NOW)
    assert ids(session, Filters(query=query)) == ["1"]
    assert ids(session, Filters(query=f"{query} nonsense")) == []
    assert ids(session, Filters(query="%")) == []


def test_invoices_from_before_the_start_are_not_to_be_copied(session: Session) -> None:
    for at, readiness in enumerate(Readiness):
        keep_invoice(session, an_invoice(id=str(at)), NOW).readiness = readiness
    session.commit()
    shown = {session.get_one(InvoiceRow, id_).standing for id_ in ids(session, Filters(view="not-copied"))}
    assert shown == set(NOT_COPIED)
    assert Standing.EARLIER not in shown
    assert len(ids(session, Filters())) == len(Readiness)


def test_totals_add_up_what_is_filtered_per_currency(session: Session) -> None:
    for at, (currency, unpaid) in enumerate([("EUR", 100), ("EUR", -50), ("USD", 7)]):
        keep_invoice(session, an_invoice(id=str(at), currency=currency, amount_unpaid=unpaid), NOW)
    assert totals(session, Filters(), TODAY) == [Total("EUR", 2, 24200, 50), Total("USD", 1, 12100, 7)]
    assert totals(session, Filters(subsidiaries=()), TODAY) == []


@pytest.mark.parametrize(
    ("unpaid", "paid", "due", "state"),
    [
        (0, 12100, date(2026, 1, 1), "paid"),
        (12100, 0, date(2026, 5, 31), "overdue"),
        (12100, 0, TODAY, "unpaid"),
        (12100, 0, None, "unpaid"),
        (100, 12000, None, "part_paid"),
        (-12100, 0, date(2026, 1, 1), "unpaid"),
    ],
)
def test_the_paid_state_is_one_of_four(
    session: Session, unpaid: int, paid: int, due: date | None, state: str
) -> None:
    invoice = an_invoice(amount_unpaid=unpaid, amount_paid=paid, pay_on=due)
    row = keep_invoice(session, invoice, NOW)
    assert paid_state(row, TODAY) == state
    assert bool(ids(session, Filters(view="overdue"))) == (state == "overdue")


def test_companies_are_found_once_by_words_of_their_name(session: Session) -> None:
    for at, (company, name) in enumerate(
        [("8", "Beta"), ("7", "Acme Été"), ("8", "Beta"), ("9", "Zet Beta")]
    ):
        keep_invoice(session, an_invoice(id=str(at), company_id=company, company_name=name), NOW)
    every = [("7", "Acme Été", 1), ("8", "Beta", 2), ("9", "Zet Beta", 1)]
    assert find_companies(session, None, "", 9) == every
    assert find_companies(session, None, "", 1) == every[:1]
    assert find_companies(session, None, "beta", 9) == every[1:]
    assert find_companies(session, None, "ÉTÉ acme", 9) == every[:1]
    assert find_companies(session, ("2",), "", 9) == []


def test_keeping_an_invoice_again_counts_its_uses_anew(session: Session) -> None:
    keep_invoice(session, an_invoice(lines=(a_line(), a_line(id="2"))), NOW)
    keep_invoice(session, an_invoice(subject="Anew"), NOW)
    session.commit()
    uses = {(use.kind, use.source_id): use.lines for use in session.query(LineUseRow)}
    assert uses == {("service", "design"): 1, ("tax", "high"): 1}
    assert session.get_one(InvoiceRow, "105").subject == "Anew"


def test_a_search_is_paged_like_the_list(session: Session) -> None:
    many(session)
    wanted = Filters(query="CUSTOMER 1", sort="total")
    found: list[str] = []
    page = list_page(session, wanted, TODAY)
    while page.rows:
        found += [row.id for row in page.rows]
        if page.older is None:
            break
        page = list_page(session, wanted, TODAY, cursor=page.older)
    expected = [row for row in session.query(InvoiceRow) if "1" in row.search_text]
    expected.sort(key=lambda row: (row.amount_with_tax, row.id), reverse=True)
    assert found == [row.id for row in expected]
    assert sum(total.count for total in totals(session, wanted, TODAY)) == len(expected)


def test_number_and_customer_are_found_beside_a_long_subject(session: Session) -> None:
    keep_invoice(session, an_invoice(number="N1", company_name="Acme BV", subject="long " * 2000), NOW)
    assert len(ids(session, Filters(query="n1 acme long"))) == 1


def test_a_search_reads_only_the_rows_it_finds(session: Session) -> None:
    """SQLite tells the plan: every index that a search goes through holds all it asks for."""
    if session.get_bind().dialect.name != "sqlite":
        return
    many(session, 3)
    filters = Filters(query="customer")
    cells = count_cells(session, filters, TODAY)
    counted, searched = asked_of(session, filters, cells)
    plan = [row[3] for row in explain(session, "EXPLAIN QUERY PLAN", searched)]
    assert [step for step in plan if "ix_invoice_searched" in step]
    assert [step for step in plan if step.startswith("SCAN invoice")] == []
    # A column that the database makes hides from the plan that the index holds all, so its code is read.
    assert columns_of_rows(session, counted) == []


def asked_of(session: Session, filters: Filters, cells: list[Cell]) -> list[tuple[str, Any]]:
    """Return the statements that count what is filtered and read its first page."""
    asked: list[tuple[str, Any]] = []
    listen = lambda _c, _u, statement, given, *_: asked.append((statement, given))  # noqa: E731
    event.listen(session.get_bind(), "before_cursor_execute", listen)
    count_cells(session, filters, TODAY)
    list_page(session, filters, TODAY, cells=cells)
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    return [each for each in asked if each[0].startswith("SELECT")]


def explain(session: Session, how: str, asked: tuple[str, Any]) -> list[Any]:
    """Return what SQLite says about a statement."""
    statement, given = asked
    return list(session.connection().exec_driver_sql(f"{how} {statement}", given))


def columns_of_rows(session: Session, asked: tuple[str, Any]) -> list[int]:
    """Return the columns that a statement reads from the table itself."""
    root = session.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'invoice'"))
    steps = [(row[1], row[2], row[3]) for row in explain(session, "EXPLAIN", asked)]
    table = [cursor for code, cursor, page in steps if code == "OpenRead" and page == root]
    assert table, "the table is not opened at all"
    return [column for code, cursor, column in steps if code == "Column" and cursor in table]


def test_statistics_are_renewed_when_there_is_much_more_or_less(session: Session) -> None:
    many(session, 8)
    renewed = renew_statistics(session)
    assert renewed == (session.get_bind().dialect.name == "sqlite")
    assert not renew_statistics(session)
    many(session, 20)
    assert renew_statistics(session) == renewed
    session.execute(delete(LineUseRow))
    session.execute(delete(InvoiceRow))
    assert renew_statistics(session) == renewed
    assert not renew_statistics(session)


# What is searched for: signs that mean something in a pattern, quotes, accents, cases, one letter or two.
SEARCHED = {
    "1": ("N-100%", "Korting 50% op _alles_", "Café Zürich"),
    "2": ("N_100", "Korting 50 op alles", "Cafe Zurich"),
    "3": ("N\\100", 'O\'Brien "quoted"', "ÉCOLE DE L'ÎLE"),
    "4": ("A1", "Ab", "école"),
    "5": ("A12", "aß", "Straße"),
    "6": ("B1", "x*y (z)", "Żółć"),
}
WORDS = [
    "50%",
    "%",
    "_",
    "n_1",
    "\\",
    "o'b",
    '"quoted"',
    "café",
    "CAFÉ",
    "cafe",
    "école",
    "É",
    "a1",
    "A",
    "ß",
    "ab",
]
WORDS += ["x*y", "żół", "korting 50", "op alles", "nothing of it", "'", "*", "-", "n-100%"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("sort", ["date", "number", "customer"])
def test_a_search_finds_what_has_its_words_and_nothing_else(session: Session, word: str, sort: str) -> None:
    for at, (row_id, (number, subject, company)) in enumerate(SEARCHED.items()):
        day = date(2026, 1, 1 + at % 2)
        keep_invoice(
            session,
            an_invoice(id=row_id, number=number, subject=subject, company_name=company, invoiced_on=day),
            NOW,
        )
    session.commit()
    rows = session.query(InvoiceRow).all()
    expected = {row.id for row in rows if all(part in row.search_text for part in word.lower().split())}
    filters = Filters(query=word, sort=sort)
    found = ids(session, filters)
    assert set(found) == expected
    assert len(found) == len(expected)
    ordered = ids(session, Filters(sort=sort))
    assert found == [row_id for row_id in ordered if row_id in expected]
    assert sum(cell.count for cell in count_cells(session, filters, TODAY)) == len(expected)


def test_the_few_that_a_search_found_are_not_looked_for_again(session: Session) -> None:
    for at in range(40):
        keep_invoice(session, an_invoice(id=f"{at:02}", number=f"N-{at:02}"), NOW)
    session.commit()
    asked: list[str] = []
    listen = lambda _c, _u, statement, *_: asked.append(statement)  # noqa: E731
    event.listen(session.get_bind(), "before_cursor_execute", listen)
    assert ids(session, Filters(query="n-07")) == ["07"]
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    assert sum("search_text" in statement for statement in asked) == 1
    assert len(ids(session, Filters(query="n-"))) == 25
