"""Money, numbers and dates as each language writes them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.web.common import formats

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "€1,234.50"), ("nl", "€ 1.234,50"), ("de", "1.234,50 €"), ("fr", "1 234,50 €")],
)
def test_money_follows_the_language(app: Flask, language: str, text: str) -> None:
    with app.test_request_context(), force_locale(language):
        spelled = formats.money(123450, "EUR").replace("\xa0", " ").replace("\u202f", " ")
    assert spelled == text


@pytest.mark.parametrize(
    ("spell", "text"),
    [
        (lambda: formats.money(None, "EUR"), ""),
        (lambda: formats.money(-5, "USD"), "-US$0.05"),
        (lambda: formats.money(Decimal("0.33"), "EUR"), "€0.0033"),
        (lambda: formats.money(Decimal(33), "EUR"), "€0.33"),
        (lambda: formats.money(2025050, "SEK"), "SEK\N{NO-BREAK SPACE}20,250.50"),
        (lambda: formats.money(123456, "JPY"), "JP¥1,234.56 (?)"),
        (lambda: formats.money(123456, "KWD"), "KWD\N{NO-BREAK SPACE}1,234.56 (?)"),
        (lambda: formats.money(123456, "RSD"), "RSD\N{NO-BREAK SPACE}1,234.56"),
        (lambda: formats.money(123456, "HUF"), "HUF\N{NO-BREAK SPACE}1,234.56"),
        (lambda: formats.number(Decimal("1234.5")), "1,234.5"),
        (lambda: formats.day(date(2026, 11, 3)), "3 Nov 2026"),
        (lambda: formats.day(None), ""),
        (lambda: formats.moment(NOON).replace("\u202f", " "), "23 Nov 2026, 13:00:00"),
        (lambda: formats.moment(None), ""),
        (lambda: formats.ago(datetime(2026, 11, 23, 11, tzinfo=UTC), NOON), "1 hour ago"),
        (lambda: formats.ago(None), ""),
    ],
)
def test_values_are_spelled(app: Flask, spell: Callable[[], str], text: str) -> None:
    with app.test_request_context(), force_locale("en_GB"):
        assert spell() == text


@pytest.mark.parametrize(
    ("language", "text"), [("en", "1,234,567.05"), ("nl", "1.234.567,05"), ("de", "1.234.567,05")]
)
def test_an_amount_in_a_column_has_its_cents_and_no_currency(app: Flask, language: str, text: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert formats.cents(123456705) == text
        assert formats.cents(0) in ("0.00", "0,00")
