"""What is to be done before a copy, counted by what it is: 1 VAT code, 2 ledger codes."""

from collections import Counter
from collections.abc import Callable, Iterable

from flask_babel import ngettext

from portal.domain.booking.sales_entry import Problem
from portal.domain.copies.strangers import is_stranger

Counted = Callable[[int], str]

AT_FIELDS: dict[str, Counted] = {
    "customer": lambda n: ngettext("%(num)d customer", "%(num)d customers", n),
    "journal": lambda n: ngettext("%(num)d journal", "%(num)d journals", n),
    "booking_date": lambda n: ngettext("%(num)d booking date", "%(num)d booking dates", n),
    "ledger": lambda n: ngettext("%(num)d ledger code", "%(num)d ledger codes", n),
    "line_ledgers": lambda n: ngettext("%(num)d ledger code", "%(num)d ledger codes", n),
    "vat_codes": lambda n: ngettext("%(num)d VAT code", "%(num)d VAT codes", n),
    "cost_centers": lambda n: ngettext("%(num)d cost centre", "%(num)d cost centres", n),
    "exact": lambda n: ngettext("%(num)d change in Exact", "%(num)d changes in Exact", n),
}
NEW_CUSTOMER: Counted = lambda n: ngettext(  # noqa: E731 - one of a table of the same kind
    "%(num)d field of the new customer", "%(num)d fields of the new customer", n
)
BY_FIX: dict[str, Counted] = {
    "confirm": lambda n: ngettext("%(num)d question", "%(num)d questions", n),
    "productive": lambda n: ngettext("%(num)d thing in Productive", "%(num)d things in Productive", n),
    "exact": lambda n: ngettext("%(num)d thing in Exact", "%(num)d things in Exact", n),
    "stranger": lambda n: ngettext("%(num)d entry of this number", "%(num)d entries of this number", n),
    "mappings": lambda n: ngettext("%(num)d mapping", "%(num)d mappings", n),
}
OTHER: Counted = lambda n: ngettext("%(num)d other thing", "%(num)d other things", n)  # noqa: E731 - as above


def say_first(problems: Iterable[Problem]) -> str:
    """Say how many things are to be done first and what they are, nothing where there are none."""
    found = list(problems)
    if not found:
        return ""

    kinds = Counter(map(_kind_of, found))
    named = ", ".join(_say(kind, count) for kind, count in kinds.items())
    first = ngettext("Fix %(num)d thing first:", "Fix %(num)d things first:", len(found))
    return f"{first} {named}"


def _kind_of(problem: Problem) -> tuple[str, str]:
    """Return what a problem counts as."""
    if problem.fix == "confirm":
        return ("fix", "confirm")
    if is_stranger(problem):
        return ("fix", "stranger")

    field = (problem.field or "").split(".")[0]
    if field in AT_FIELDS:
        return ("field", "ledger" if field == "line_ledgers" else field)
    if field:
        return ("field", "new")

    return ("fix", problem.fix if problem.fix in BY_FIX else "")


def _say(kind: tuple[str, str], count: int) -> str:
    where, name = kind
    if where == "field":
        return AT_FIELDS.get(name, NEW_CUSTOMER)(count)
    return BY_FIX.get(name, OTHER)(count)
