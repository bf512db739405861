"""Template filters: money, numbers and dates as the person's language writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_interval, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, request
from flask_babel import format_date, format_datetime, format_time, get_locale, to_user_timezone
from flask_login import current_user

from portal.domain.currencies import has_cents
from portal.domain.money import to_decimal
from portal.extensions import the_portal
from portal.languages import offered, tag_for, tag_wished
from portal.sentences.figures import money_in, number_in
from portal.web.common.evidence import against_signs, for_signs, origin_words, sign_words
from portal.web.common.suggestion_words import setting_words, suggestion_words
from portal.web.common.words import locale_of

# Where a browser keeps what somebody chose before sign-in.
LANGUAGE_COOKIE = "portal_language"
# What a page spells, others spell again: the same days, and amounts that are looked at.
MOST = 8192


def language_cookie() -> str:
    """Return the cookie's name. Where people come by https, no other host can set it."""
    is_secure = the_portal().settings.public_url.startswith("https:")
    return f"__Host-{LANGUAGE_COOKIE}" if is_secure else LANGUAGE_COOKIE


def choose_language() -> Locale:
    """Return the locale of the person's language, before sign-in of the browser's."""
    return locale_of(chosen_tag())


def chosen_tag() -> str:
    """Return the person's language as HTML writes it. Before sign-in the browser's choice or wish counts."""
    if current_user and current_user.is_authenticated:
        return tag_for(str(current_user.language))

    kept = request.cookies.get(language_cookie(), "")
    if kept in offered():
        return kept
    return tag_wished(request.accept_languages.values())


def money(cents: int | Decimal | None, currency: str) -> str:
    """Spell cents as an amount with its currency, and nothing for None."""
    # It has two decimals whatever is usual for the currency, for rounding would be a guess, and more where a
    # price has parts of a cent. Where the currency has others, a mark says that the amount is not certain.
    return "" if cents is None else money_in(cents, currency, get_locale())


def cents(value: int) -> str:
    """Spell an amount without its currency, where the head of its column or its table names that."""
    return _cents(value, get_locale())


@lru_cache(MOST)
def _cents(value: int, locale: Locale) -> str:
    return str(format_decimal(to_decimal(value), format="#,##0.00", locale=locale))


def number(value: int | Decimal) -> str:
    """Spell a number."""
    return number_in(value, get_locale())


def day(value: date | None) -> str:
    """Spell a calendar day."""
    return _day(value, get_locale()) if value else ""


@lru_cache(MOST, typed=True)
def _day(value: date, _locale: Locale) -> str:
    return str(format_date(value, "medium"))


def days(first: date, last: date) -> str:
    """Spell some calendar days by the first and the last."""
    if first == last:
        return day(first)
    return str(format_interval(first, last, "yMMMd", locale=get_locale()))


def moment(value: datetime | None) -> str:
    """Spell a moment in local time."""
    return _moment(value, get_locale()) if value else ""


@lru_cache(MOST)
def _moment(value: datetime, _locale: Locale) -> str:
    # Everybody has the same time zone.
    return str(format_datetime(value, "medium"))


def clock_time(value: datetime | None) -> str:
    """Spell the time of a moment of today, and the whole moment of any other day."""
    if value is None:
        return ""
    is_today = to_user_timezone(value).date() == to_user_timezone(datetime.now(UTC)).date()
    return str(format_time(value, "short")) if is_today else str(format_datetime(value, "short"))


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """Spell how long ago (or ahead) a moment is."""
    if value is None:
        return ""
    distance = value - (now or datetime.now(UTC))
    return str(format_timedelta(distance, add_direction=True, locale=get_locale()))


def read_moment(text: str | None) -> datetime | None:
    """Read a moment from a URL, None for anything else."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def register_filters(app: Flask) -> None:
    """Give templates these filters."""
    for spell in (
        money,
        cents,
        number,
        day,
        days,
        moment,
        clock_time,
        ago,
        sign_words,
        for_signs,
        against_signs,
        origin_words,
    ):
        app.add_template_filter(spell)
    app.add_template_filter(setting_words)
    app.add_template_filter(suggestion_words)
    app.add_template_filter(has_cents)
    app.context_processor(lambda: {"locale": str(get_locale()).replace("_", "-")})
