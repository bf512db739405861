"""Money and texts, to the cent and to the character."""

from decimal import Decimal

import pytest

from portal.domain.ids import find_marker, marker_of, new_id, tag_of
from portal.domain.money import settle, spread, to_cents, to_decimal
from portal.domain.text import cut, one_line, say_money, say_percentage, width


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("12.10", 1210), ("0.005", 1), ("-0.005", -1), (Decimal("30.125"), 3013), (-12, -1200), ("0.004", 0)],
)
def test_half_a_cent_goes_away_from_zero(amount: Decimal | int | str, cents: int) -> None:
    assert to_cents(amount) == cents


@pytest.mark.parametrize(("cents", "amount"), [(1210, "12.10"), (-5, "-0.05"), (0, "0.00")])
def test_cents_become_two_decimals(cents: int, amount: str) -> None:
    assert str(to_decimal(cents)) == amount


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [33, 33, 33], [34, 33, 33]),
        (101, [34, 34, 34], [34, 34, 33]),
        (-100, [-33, -33, -33], [-34, -33, -33]),
        (5025, [3013, 2013], [3012, 2013]),
        (10, [0, 5, 0], [0, 10, 0]),
        (90, [200, -100], [180, -90]),
        (0, [1, -1], [0, 0]),
        (0, [], []),
        (7, [1, 1, 1, 1], [2, 2, 2, 1]),
    ],
)
def test_shares_follow_the_weights_and_lose_no_cent(
    total: int, weights: list[int], shares: list[int]
) -> None:
    assert spread(total, weights) == shares


def test_an_amount_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to nothing"):
        spread(1, [5, -5])


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("short", 10, "short"),
        ("exactly ten", 7, "exactly"),
        ("a word and more", 7, "a word"),
        ("abc😀d", 4, "abc"),
        ("abc😀d", 5, "abc😀"),
        ("cafe\u0301s", 4, "caf"),
        ("x👩\u200d💻", 4, "x"),
        ("x👩\u200d💻 y", 5, "x"),
        ("\u0301\u0301\u0301", 2, ""),
    ],
)
def test_a_text_is_cut_at_a_character(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept
    assert width(cut(text, limit)) <= limit


@pytest.mark.parametrize(
    ("total", "ideals", "settled"),
    [
        (100, ["33.3", "33.3", "33.3"], [34, 33, 33]),
        (98, ["33", "33", "33"], [33, 33, 32]),
        (-98, ["-33", "-33", "-33"], [-33, -33, -32]),
        (61, ["30.4", "29.6"], [31, 30]),
        (90, ["180", "-90"], [180, -90]),
        (1, ["0.2", "0.4", "0"], [0, 1, 0]),
        (1, ["0", "0"], None),
        (3, ["0.5", "0"], None),
        (0, [], []),
    ],
)
def test_rounded_shares_move_by_one_cent_each(
    total: int, ideals: list[str], settled: list[int] | None
) -> None:
    assert settle(total, list(map(Decimal, ideals))) == settled


def test_sentences_spell_amounts_and_percentages() -> None:
    assert say_money(-123456, "EUR") == "EUR -1,234.56"
    assert [say_percentage(Decimal(text)) for text in ("21.0", "5.5", "10", "0")] == [
        "21%",
        "5.5%",
        "10%",
        "0%",
    ]
    assert one_line(" a\r\n b ") == "a b"


def test_a_marker_is_found_again_in_a_note() -> None:
    marker = marker_of(new_id())
    assert find_marker(f"Copied {tag_of(marker)}") == marker
    assert find_marker("[lower123]") is None
    assert find_marker(None) is None
