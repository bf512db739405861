"""What a pull of payments found, in words."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.domain.payments.tally import Tally
from portal.store.pulls import PaymentPullRow
from portal.web.common.said import ended, sentence_of


def found_words(row: PaymentPullRow) -> str:
    """Say what a pull found, or why it did not get through."""
    parts = [*_each_part(row.tally)] or [_("Nothing new")]
    if row.held:
        parts.append(ngettext("%(num)s held", "%(num)s held", row.held))

    said = ", ".join(parts)
    if row.trouble is None:
        return said

    failed = str(_("It did not get through: %(why)s", why=ended(sentence_of(row.trouble))))
    return failed if row.tally.is_empty else f"{failed} {said}."


def _each_part(tally: Tally) -> Iterator[str]:
    if tally.found:
        yield ngettext("%(num)s new payment found", "%(num)s new payments found", tally.found)

    if tally.changed:
        yield ngettext("%(num)s payment changed", "%(num)s payments changed", tally.changed)

    if tally.removed:
        yield ngettext("%(num)s payment removed", "%(num)s payments removed", tally.removed)

    if tally.recorded:
        yield ngettext("%(num)s recorded in Productive", "%(num)s recorded in Productive", tally.recorded)
