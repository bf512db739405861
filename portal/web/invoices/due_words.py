"""When an invoice is due, or how far it is paid, in one short word."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.store.invoice_filters import OVERDUE, PAID
from portal.store.invoice_list import Listed, paid_state
from portal.web.common.formats import money

PLAIN = "plain"
GOOD = "good"
LATE = "late"


@dataclass(frozen=True, slots=True)
class Due:
    """What the column says, and how it looks."""

    text: str
    tone: str


def short_day(value: date | None, today: date) -> str:
    """Spell a day without its year, where that is this one."""
    if value is None:
        return ""
    skeleton = "MMMd" if value.year == today.year else "yMMMd"
    return str(format_skeleton(skeleton, value, locale=get_locale()))


def due_of(row: Listed, today: date, paid_on: date | None = None) -> Due:
    """Return when an invoice is due, or what became of it. ``paid_on`` is known of payments from Exact."""
    paid = paid_state(row, today)
    if paid == PAID:
        if row.amount_written_off and not row.amount_paid:
            return Due(_("Written off"), GOOD)
        return Due(_("Paid %(day)s", day=short_day(paid_on, today)) if paid_on else _("Paid"), GOOD)

    if row.amount_unpaid < 0:
        return Due(_("To settle"), PLAIN)

    if paid == OVERDUE and row.pay_on:
        days = (today - row.pay_on).days
        return Due(ngettext("Overdue %(num)d day", "Overdue %(num)d days", days), LATE)

    if paid == "part_paid":
        part = money(row.amount_paid + row.amount_written_off, row.currency)
        return Due(_("Part paid %(amount)s", amount=part), PLAIN)

    return Due(_("Due %(day)s", day=short_day(row.pay_on, today)) if row.pay_on else _("No due date"), PLAIN)
