"""Where the codes and customers of a sum come from, in the words of Copy many."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from flask_babel import ngettext

from portal.domain.booking.postings import Origin, Posting, PostingKind, Postings
from portal.web.runs.plan import Side


def said_from(side: Side) -> Callable[[Postings, Posting], list[str]]:
    """Return what says of the rows of one connection where they come from."""
    return partial(_from_words, side)


def _from_words(side: Side, postings: Postings, row: Posting) -> list[str]:
    """Say of a row of the sum how many lines are in it, and who decided about its code."""
    if row.kind is PostingKind.RECEIVABLE:
        return list(_each_customer(side, postings))
    return [_say_lines(origin, count) for origin, count in row.origins]


def _each_customer(side: Side, postings: Postings) -> Iterator[str]:
    yield str(ngettext("%(num)d invoice", "%(num)d invoices", postings.entries))
    linked, certain = side.customers_by_origin(postings.currency)
    if linked:
        yield str(ngettext("%(num)d customer, linked", "%(num)d customers, linked", linked))
    if certain:
        yield str(
            ngettext(
                "%(num)d customer, certain by name or VAT number",
                "%(num)d customers, certain by name or VAT number",
                certain,
            )
        )


def _say_lines(origin: Origin, count: int) -> str:
    said: Mapping[Origin, str] = {
        Origin.CHOSEN: ngettext("%(num)d line, chosen", "%(num)d lines, chosen", count),
        Origin.MAPPED: ngettext("%(num)d line, mapped", "%(num)d lines, mapped", count),
        Origin.SUGGESTED: ngettext(
            "%(num)d line, mapped as suggested", "%(num)d lines, mapped as suggested", count
        ),
        Origin.PLACE: ngettext(
            "%(num)d line, mapped by where the customer is",
            "%(num)d lines, mapped by where the customer is",
            count,
        ),
        Origin.CUSTOMER: ngettext(
            "%(num)d line, the customer’s own code", "%(num)d lines, the customer’s own code", count
        ),
        Origin.DEFAULT: ngettext(
            "%(num)d line, the default ledger", "%(num)d lines, the default ledger", count
        ),
    }
    return str(said[origin])
