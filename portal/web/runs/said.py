"""The sentences that tell what came of a click on Copy many, and of a retry."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.actions.copies.run_again import Again
from portal.actions.copies.run_begin import Begun, LeftOut
from portal.domain.booking.problems import say_all
from portal.store.invoices import InvoiceRow
from portal.web.common.said import sentence_of

MOST_NAMED = 8


def name_all(rows: Sequence[InvoiceRow]) -> str:
    """Name some invoices by their numbers, and count the others."""
    named = ", ".join(row.number or str(_("no number")) for row in rows[:MOST_NAMED])
    more = len(rows) - MOST_NAMED
    if more <= 0:
        return named
    return str(ngettext("%(named)s and %(num)d more", "%(named)s and %(num)d more", more, named=named))


def say_left_out(begun: Begun) -> str:
    """Name the invoices that were left out, with the reason of each."""
    said = str(
        ngettext(
            "%(num)d invoice changed since you looked and was left out:",
            "%(num)d invoices changed since you looked and were left out:",
            len(begun.left_out),
        )
    )
    return f"{said} {_name_reasons(begun.left_out)}"


def say_not_begun(begun: Begun) -> str:
    """Say why nothing was begun, and what to do."""
    if begun.closed:
        return sentence_of(say_all(begun.closed))

    if begun.otherwise:
        return str(
            _(
                "Mappings or settings changed since you looked, so %(numbers)s would be booked otherwise. "
                "Nothing was begun. Here is the sum as it is now.",
                numbers=name_all(begun.otherwise),
            )
        )

    if begun.left_out:
        said = str(_("Nothing was begun, for all of it changed since you looked:"))
        return f"{said} {_name_reasons(begun.left_out)}"

    return str(_("Nothing was begun. Choose the invoices again."))


def say_again(again: Again) -> str:
    """Say what a retry began."""
    begun = again.retried.tried + again.begun
    said = str(ngettext("%(num)d copy is tried again.", "%(num)d copies are tried again.", begun))
    if again.retried.following:
        said += " " + str(
            ngettext(
                "%(num)d waits and follows when it succeeds.",
                "%(num)d wait and follow when it succeeds.",
                again.retried.following,
            )
        )

    return " ".join((said, *map(sentence_of, again.retried.problems)))


def _name_reasons(left_out: Sequence[LeftOut]) -> str:
    """Name each with its reason."""
    named = [_name_reason(each) for each in left_out[:MOST_NAMED]]
    more = len(left_out) - MOST_NAMED
    if more > 0:
        named.append(str(ngettext("and %(num)d more.", "and %(num)d more.", more)))

    return " ".join(named)


def _name_reason(each: LeftOut) -> str:
    """Name one with its reason."""
    reason = sentence_of(each.problem.said) if each.problem else _("It changed in Productive.")
    return f"{each.row.number or each.row.id}: {reason}"
