"""When an invoice is due, or how far it is paid, in one short word."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.dates import format_skeleton
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.store.invoice_filters import OVERDUE, PAID
from portal.store.invoice_list import Listed, paid_state
from portal.web.common.formats import MOST, money
from portal.web.common.words import Words, words

PLAIN = "plain"
GOOD = "good"
LATE = "late"


class Due(NamedTuple):
    """What the column says, and how it looks."""

    text: str
    tone: str


def short_day(value: date | None, today: date) -> str:
    """Spell a day without its year, where that is this one."""
    if value is None:
        return ""
    return _spell_day(value, "MMMd" if value.year == today.year else "yMMMd", get_locale())


@lru_cache(MOST)
def _spell_day(value: date, skeleton: str, locale: Locale) -> str:
    return str(format_skeleton(skeleton, value, locale=locale))


def due_of(row: Listed, today: date, paid_on: date | None = None) -> Due:
    """Return when an invoice is due, or what became of it. ``paid_on`` is known of payments from Exact."""
    paid = paid_state(row, today)
    if paid == PAID:
        is_given_up = bool(row.amount_written_off and not row.amount_paid)
        return _settled(words(), paid_on, today, is_given_up)

    if row.amount_unpaid < 0:
        return Due(_("To settle"), PLAIN)

    if paid == OVERDUE and row.pay_on:
        return _late(words(), (today - row.pay_on).days)

    if paid == "part_paid":
        part = money(row.amount_paid + row.amount_written_off, row.currency)
        return Due(_("Part paid %(amount)s", amount=part), PLAIN)

    return _to_come(words(), row.pay_on, today)


# What many rows say is said once for each day. The first argument is the request's language, as the key.
@lru_cache(MOST)
def _settled(_language: Words, paid_on: date | None, today: date, is_given_up: bool) -> Due:
    if is_given_up:
        return Due(_("Written off"), GOOD)
    return Due(_("Paid %(day)s", day=short_day(paid_on, today)) if paid_on else _("Paid"), GOOD)


@lru_cache(MOST)
def _late(_language: Words, days: int) -> Due:
    return Due(ngettext("Overdue %(num)d day", "Overdue %(num)d days", days), LATE)


@lru_cache(MOST)
def _to_come(_language: Words, pay_on: date | None, today: date) -> Due:
    return Due(_("Due %(day)s", day=short_day(pay_on, today)) if pay_on else _("No due date"), PLAIN)
