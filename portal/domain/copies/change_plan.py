"""A plan of remote writes, in plain types too, so that it can be stored before it is carried out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain.booking.sales_entry import Problem, SalesEntryLine
from portal.domain.copies.differences import Scalar
from portal.domain.said import read_values, spell_values

HEADER = "header"
POST = "post"
PUT = "put"
DELETE = "delete"
DATES = ("entry_date", "due_date")


@dataclass(frozen=True, slots=True)
class ChangeStep:
    """One remote write: ``header`` for HEADER, ``line`` for POST and PUT, ``line_id`` for PUT and DELETE."""

    index: int
    kind: str
    line_id: str | None = None
    line: SalesEntryLine | None = None
    header: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """The steps of an update in their order."""

    # ``known`` are the line ids that were there before the first step.
    # ``was`` is what stood then in each place that a step writes to.

    entry_id: str
    marker: str
    steps: tuple[ChangeStep, ...]
    known: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    was: tuple[tuple[str, str], ...] = ()


def to_json(plan: ChangePlan) -> dict[str, Any]:
    """Spell a plan in plain types."""
    return {
        "entry_id": plan.entry_id,
        "marker": plan.marker,
        "known": list(plan.known),
        "was": dict(plan.was),
        "problems": [_spell_problem(found) for found in plan.problems],
        "steps": [_spell_step(step) for step in plan.steps],
    }


def from_json(spelled: Mapping[str, Any]) -> ChangePlan:
    """Read a plan back."""
    return ChangePlan(
        entry_id=spelled["entry_id"],
        marker=spelled["marker"],
        steps=tuple(_read_step(step) for step in spelled["steps"]),
        known=tuple(spelled["known"]),
        # A plan that was stored by version 0.3 does not tell it.
        was=tuple(spelled.get("was", {}).items()),
        problems=tuple(_read_problem(found) for found in spelled["problems"]),
    )


def _spell_problem(found: Problem) -> dict[str, Any]:
    return {
        "code": found.code,
        "fix": found.fix,
        "field": found.field,
        "values": spell_values(dict(found.values)),
    }


def _read_problem(spelled: Mapping[str, Any]) -> Problem:
    values = tuple(read_values(spelled["values"]).items())
    return Problem(spelled["code"], spelled["fix"], spelled["field"], values)


def _spell_step(step: ChangeStep) -> dict[str, Any]:
    return {
        "index": step.index,
        "kind": step.kind,
        "line_id": step.line_id,
        "line": None if step.line is None else _spell_line(step.line),
        "header": {name: None if value is None else str(value) for name, value in step.header},
    }


def _spell_line(line: SalesEntryLine) -> dict[str, Any]:
    """Spell a line without why its ledger and VAT code were chosen, which the copy's entry tells."""
    spelled = asdict(line)
    del spelled["ledger_why"], spelled["vat_why"]
    return {**spelled, "quantity": str(line.quantity)}


def _read_step(spelled: Mapping[str, Any]) -> ChangeStep:
    line = spelled["line"]
    return ChangeStep(
        index=spelled["index"],
        kind=spelled["kind"],
        line_id=spelled["line_id"],
        line=None if line is None else SalesEntryLine(**{**line, "quantity": Decimal(line["quantity"])}),
        header=tuple((name, _read_scalar(name, value)) for name, value in spelled["header"].items()),
    )


def _read_scalar(name: str, value: str | None) -> Scalar:
    """Read a header's value by the name of its field."""
    if value is None:
        return None
    if name in DATES:
        return date.fromisoformat(value)
    return Decimal(value) if name == "rate" else value
