"""What an invoice needs before it can be copied, and what one fix serves for many."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.domain.booking.invoice import Invoice, InvoiceLine
from portal.domain.booking.sales_entry import Problem
from portal.domain.said import Value

# Where a need is put right that comes from a copy that was asked for.
ACTIVITY = "activity"
# What nobody mapped or linked yet. Other problems are of what was decided already.
UNDECIDED = ("vat_unmapped", "vat_unmapped_none", "ledger_unmapped", "customer_missing")


@dataclass(frozen=True, slots=True)
class Need:
    """A problem that was found beforehand. ``subject`` is what one fix serves for many."""

    code: str
    subject: str
    field: str
    fix: str
    values: Mapping[str, Value]


def needs_of(problems: Iterable[Problem], invoice: Invoice) -> tuple[Need, ...]:
    """Turn the problems of an invoice into its needs, in the same order."""
    return tuple(_need_of(problem, invoice) for problem in problems)


def need_of_cause(cause: str) -> Need:
    """Return what an invoice needs whose copy was refused, or is held."""
    return Need(cause, "", "", ACTIVITY, {})


def _need_of(problem: Problem, invoice: Invoice) -> Need:
    field = problem.field or ""
    values = dict(problem.values)
    return Need(problem.code, _subject_of(problem, field, values, invoice), field, problem.fix, values)


def _subject_of(problem: Problem, field: str, values: Mapping[str, Value], invoice: Invoice) -> str:
    """Name what a fix is about: a tax rate, a service type or a company, nothing for one invoice."""
    part, _, key = field.partition(".")
    if part == "vat_codes":
        return f"tax:{key}" if key else ""

    if part == "customer":
        return f"company:{invoice.company_id}"

    if problem.code == "ledger_unmapped":
        return _service_of(line for line in invoice.lines if _names(line, str(values.get("service", ""))))

    if part == "line_ledgers":
        return _service_of(line for line in invoice.lines if line.id == key)

    return ""


def _names(line: InvoiceLine, service: str) -> bool:
    return bool(line.service_type_id) and service in (line.service_type, line.service_type_id)


def _service_of(lines: Iterable[InvoiceLine]) -> str:
    return next((f"service:{line.service_type_id}" for line in lines if line.service_type_id), "")
