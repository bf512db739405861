"""The entry as a bookkeeper reads it: tables of entries, and what holds for any of them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.booking.draft import Draft
from portal.domain.booking.invoice import Invoice
from portal.domain.booking.mapping import (
    BY_HAND,
    CHOSEN,
    DEFAULT,
    MAPPED,
    Choices,
    Chosen,
    MappingRules,
    Rule,
    Setting,
    Why,
)
from portal.domain.booking.place import Place
from portal.domain.booking.postings import (
    Bookable,
    BookableLine,
    Origin,
    PostingKind,
    Postings,
    adjusted,
    bookable_booked,
    bookable_draft,
    bookable_entry,
    find_receivable,
    origin_of,
    postings_of,
)
from portal.domain.booking.suggest import Because, Reason
from tests.domain.builders import (
    CATALOGUE,
    RULES,
    a_booking,
    a_draft,
    a_line,
    a_mirror,
    an_account,
    an_invoice,
    some_lines,
)
from tests.domain.test_properties import invoices

Row = tuple[str, str | None, str | None, int, int]
OTHER = an_account("8100")
CHARTED = replace(CATALOGUE, accounts=(*CATALOGUE.accounts, OTHER))


def rows_of(postings: Postings) -> list[Row]:
    """Tell each row by its kind, account, VAT code, debit and credit."""
    return [
        (row.kind, row.account.code if row.account else row.ledger, row.vat_code, row.debit, row.credit)
        for row in postings.rows
    ]


def line(
    ledger: str | None, code: str | None, net: int, vat: int, source: str = "", rate: str = ""
) -> BookableLine:
    return BookableLine(ledger, code, net, vat, source, rate)


SALE = Bookable("EUR", (line("gl-8000", "2", 10000, 2100),))
CREDIT = Bookable("EUR", (line("gl-8000", "2", -4000, -840),))
# What is booked, and the rows that a bookkeeper expects.
KINDS: dict[str, tuple[list[Bookable], list[Row]]] = {
    "one line": (
        [SALE],
        [
            ("receivable", "1300", None, 12100, 0),
            ("revenue", "8000", "2", 0, 10000),
            ("vat", None, "2", 0, 2100),
        ],
    ),
    "a credit note stands on the other side": (
        [CREDIT],
        [
            ("receivable", "1300", None, 0, 4840),
            ("revenue", "8000", "2", 4000, 0),
            ("vat", None, "2", 840, 0),
        ],
    ),
    "an invoice and a credit note keep their sides": (
        [SALE, CREDIT],
        [
            ("receivable", "1300", None, 12100, 4840),
            ("revenue", "8000", "2", 4000, 10000),
            ("vat", None, "2", 840, 2100),
        ],
    ),
    "a discount line on its own account is debit": (
        [Bookable("EUR", (line("gl-8000", "2", 10000, 2100), line("gl-8100", "2", -1000, -210)))],
        [
            ("receivable", "1300", None, 10890, 0),
            ("revenue", "8000", "2", 0, 10000),
            ("revenue", "8100", "2", 1000, 0),
            ("vat", None, "2", 0, 1890),
        ],
    ),
    "a discount line on the same account lessens it": (
        [Bookable("EUR", (line("gl-8000", "2", 10000, 2100), line("gl-8000", "2", -1000, -210)))],
        [
            ("receivable", "1300", None, 10890, 0),
            ("revenue", "8000", "2", 0, 9000),
            ("vat", None, "2", 0, 1890),
        ],
    ),
    "two rates on one account are two rows": (
        [Bookable("EUR", (line("gl-8000", "1", 1000, 90), line("gl-8000", "2", 1000, 210)))],
        [
            ("receivable", "1300", None, 2300, 0),
            ("revenue", "8000", "1", 0, 1000),
            ("revenue", "8000", "2", 0, 1000),
            ("vat", None, "1", 0, 90),
            ("vat", None, "2", 0, 210),
        ],
    ),
    "a code without VAT posts no VAT": (
        [Bookable("EUR", (line("gl-8000", "0", 1000, 0),))],
        [("receivable", "1300", None, 1000, 0), ("revenue", "8000", "0", 0, 1000)],
    ),
    "a line of nothing is still booked": (
        [Bookable("EUR", (line("gl-8000", "2", 0, 0),))],
        [("receivable", "1300", None, 0, 0), ("revenue", "8000", "2", 0, 0)],
    ),
    "what is to be chosen comes last of its kind": (
        [
            Bookable(
                "EUR",
                (line(None, None, 500, 45, rate="BTW 9%"), line("gl-8000", "2", 1000, 210, rate="BTW 21%")),
            )
        ],
        [
            ("receivable", "1300", None, 1755, 0),
            ("revenue", "8000", "2", 0, 1000),
            ("revenue", None, None, 0, 500),
            ("vat", None, "2", 0, 210),
            ("vat", None, None, 0, 45),
        ],
    ),
    "a code or an id that is spelled in two ways is one": (
        [Bookable("EUR", (line("gl-8000", "2  ", 100, 21), line("GL-8000", "2", 0, 0)))],
        [
            ("receivable", "1300", None, 121, 0),
            ("revenue", "8000", "2", 0, 100),
            ("vat", None, "2", 0, 21),
        ],
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_entry_is_posted_as_a_bookkeeper_expects(name: str) -> None:
    entries, expected = KINDS[name]
    (postings,) = postings_of(entries, CHARTED)

    assert rows_of(postings) == expected
    assert postings.debit == postings.credit


def test_each_currency_is_posted_apart() -> None:
    euros = Bookable("EUR", (line("gl-8000", "2", 100, 21),))
    dollars = Bookable("USD", (line("gl-8000", "0", 700, 0),))

    postings = postings_of([dollars, euros, dollars], CATALOGUE)

    assert [(each.currency, each.debit, each.entries) for each in postings] == [
        ("EUR", 121, 1),
        ("USD", 1400, 2),
    ]


def test_nothing_posts_nothing() -> None:
    assert postings_of([], CATALOGUE) == ()


def test_the_receivable_has_a_number_only_where_one_account_can_be_meant() -> None:
    second = replace(CATALOGUE, accounts=(*CATALOGUE.accounts, an_account("1301", type=20)))
    none = replace(CATALOGUE, accounts=(an_account("8000"),))

    known = find_receivable(CATALOGUE)
    assert known is not None
    assert known.code == "1300"
    assert find_receivable(second) is None
    assert find_receivable(none) is None

    (postings,) = postings_of([SALE], second)
    assert postings.rows[0].account is None
    assert postings.rows[0].debit == 12100


def test_a_row_names_what_its_vat_is_on_and_where_its_ledger_comes_from() -> None:
    (postings,) = postings_of([bookable_draft(a_draft(), "EUR")], CATALOGUE)
    _receivable, revenue, vat = postings.rows

    assert vat.base == 10000
    assert vat.code is not None
    assert (revenue.source, revenue.sources) == ("mapping", ("mapping",))


def test_a_row_of_lines_from_several_sources_names_none() -> None:
    entry = Bookable("EUR", (line("l", "2", 1, 0, source="mapping"), line("l", "2", 1, 0, source="chosen")))
    (postings,) = postings_of([entry], CATALOGUE)

    assert postings.rows[1].source == ""
    assert postings.rows[1].sources == ("chosen", "mapping")


def test_a_draft_its_entry_and_what_exact_has_post_the_same() -> None:
    draft = a_draft(an_invoice(lines=some_lines((10000, 2100), (333, 70))))
    assert draft.entry is not None
    ways = (
        bookable_draft(draft, "EUR"),
        bookable_entry(draft.entry),
        bookable_booked(a_booking(draft.entry)),
    )

    rows = [rows_of(postings_of([way], CATALOGUE)[0]) for way in ways]

    assert rows[0] == rows[1] == rows[2]


def test_an_unmapped_draft_is_posted_with_what_is_to_be_chosen() -> None:
    rules = MappingRules()
    draft = a_draft(rules=rules, choices=Choices())

    (postings,) = postings_of([bookable_draft(draft, "EUR")], CATALOGUE)

    assert draft.entry is None
    assert rows_of(postings)[1:] == [("revenue", None, None, 0, 10000), ("vat", None, None, 0, 2100)]
    assert postings.rows[2].rate == "VAT 21%"


def test_what_is_cut_and_rounded_is_counted() -> None:
    plain = a_draft()
    long = a_draft(an_invoice(lines=(a_line(description="x" * 61),)))
    uneven = an_invoice(lines=some_lines((1002, 210), (1002, 210), (1002, 210)), amount_tax=631)

    found = adjusted([plain, long, a_draft(uneven)])

    assert (found.texts, found.lines, found.invoices) == (1, 1, 1)
    assert not adjusted([plain])


def drafts_of(some: list[tuple[Invoice, str]], unmapped: bool) -> list[Draft]:
    rules = MappingRules() if unmapped else replace(RULES, default_ledger="gl-8100")
    return [a_draft(invoice, rules=rules) for invoice, _rounding in some]


@given(st.lists(invoices(), max_size=5), st.booleans(), st.booleans())
def test_debit_equals_credit_and_both_equal_the_drafts(
    some: list[tuple[Invoice, str]], unmapped: bool, mirrored: bool
) -> None:
    drafts = drafts_of(some, unmapped)
    if mirrored:
        drafts += [a_draft(a_mirror(invoice)) for invoice, _rounding in some]

    found = postings_of([bookable_draft(draft, "EUR") for draft in drafts], CHARTED)
    if not drafts:
        assert found == ()
        return

    (postings,) = found
    balances = dict.fromkeys(PostingKind, 0)
    for row in postings.rows:
        balances[row.kind] += row.debit - row.credit
        assert row.debit >= 0
        assert row.credit >= 0

    assert postings.debit == postings.credit
    assert postings.entries == len(drafts)
    assert balances[PostingKind.RECEIVABLE] == sum(draft.gross for draft in drafts) == postings.gross
    assert -balances[PostingKind.REVENUE] == sum(draft.net for draft in drafts) == postings.net
    assert -balances[PostingKind.VAT] == sum(draft.vat for draft in drafts) == postings.vat


@given(st.lists(st.tuples(st.sampled_from(("EUR", "USD")), st.integers(-999, 999)), max_size=6))
def test_many_are_the_sum_of_each(some: list[tuple[str, int]]) -> None:
    entries = [
        Bookable(currency, (line("gl-8000", "2", net, int(net * Decimal("0.21"))),)) for currency, net in some
    ]

    whole = postings_of(entries, CATALOGUE)
    each = [postings_of([entry], CATALOGUE)[0] for entry in entries]

    for postings in whole:
        same = [one for one in each if one.currency == postings.currency]
        assert postings.debit == sum(one.debit for one in same)
        assert postings.credit == sum(one.credit for one in same)


SET = Setting("Ilse", datetime(2026, 11, 2, tzinfo=UTC))
SUGGESTED = replace(SET, because=Because(Reason.LEDGER_NAME))
# What was chosen by which rule, and the one word for it.
ORIGINS: list[tuple[Chosen | None, Origin | None]] = [
    (None, None),
    (Chosen("gl", CHOSEN, BY_HAND), Origin.CHOSEN),
    (Chosen("gl", CHOSEN), Origin.CHOSEN),
    (Chosen("gl", DEFAULT, Why(Rule.DEFAULT)), Origin.DEFAULT),
    (Chosen("gl", DEFAULT, Why(Rule.DEFAULT, setting=SUGGESTED)), Origin.DEFAULT),
    (Chosen("gl", MAPPED), Origin.MAPPED),
    (Chosen("gl", MAPPED, Why(Rule.SERVICE)), Origin.MAPPED),
    (Chosen("gl", MAPPED, Why(Rule.SERVICE, setting=SET)), Origin.MAPPED),
    (Chosen("gl", MAPPED, Why(Rule.SERVICE, setting=SUGGESTED)), Origin.SUGGESTED),
    (Chosen("2", MAPPED, Why(Rule.ANYWHERE, setting=SUGGESTED)), Origin.SUGGESTED),
    (Chosen("7", MAPPED, Why(Rule.PLACE, Place.EU_VAT, SUGGESTED)), Origin.PLACE),
    (Chosen("7", MAPPED, Why(Rule.CUSTOMER, setting=SET)), Origin.CUSTOMER),
]


@pytest.mark.parametrize(("chosen", "origin"), ORIGINS)
def test_each_rule_has_one_word_for_where_a_code_comes_from(
    chosen: Chosen | None, origin: Origin | None
) -> None:
    assert origin_of(chosen) == origin


def test_a_row_counts_its_lines_by_where_its_own_code_comes_from() -> None:
    mapped = BookableLine("l", "2", 100, 21, ledger_origin=Origin.MAPPED, vat_origin=Origin.SUGGESTED)
    default = replace(mapped, ledger_origin=Origin.DEFAULT)
    (postings,) = postings_of([Bookable("EUR", (default, mapped)), Bookable("EUR", (mapped,))], CATALOGUE)
    receivable, revenue, vat = postings.rows

    assert receivable.origins == ()
    assert revenue.origins == ((Origin.MAPPED, 2), (Origin.DEFAULT, 1))
    assert vat.origins == ((Origin.SUGGESTED, 3),)


@given(st.lists(invoices(), max_size=5), st.booleans())
def test_each_line_of_a_draft_is_counted_once_in_a_row_of_revenue(
    some: list[tuple[Invoice, str]], unmapped: bool
) -> None:
    drafts = drafts_of(some, unmapped)
    found = postings_of([bookable_draft(draft, "EUR") for draft in drafts], CHARTED)
    revenue = [row for postings in found for row in postings.rows if row.kind is PostingKind.REVENUE]

    counted = sum(count for row in revenue for _origin, count in row.origins)
    assert counted == sum(line.ledger is not None for draft in drafts for line in draft.lines)
