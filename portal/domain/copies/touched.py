"""What somebody changed in Exact while an update was under way, where a step that is left writes over it."""

import json
from collections.abc import Iterator, Sequence

from portal.domain.booking.sales_entry import BookedEntry, BookedLine
from portal.domain.copies.change_plan import ChangePlan, ChangeStep
from portal.domain.copies.changes import HEADER_FIELDS, name_field
from portal.domain.copies.differences import Scalar, content_of
from portal.domain.copies.exact_changes import FILLED_IN, header_value, spell_line
from portal.domain.said import Said, said

Places = tuple[tuple[str, str], ...]


def read_places(booked: BookedEntry, steps: Sequence[ChangeStep]) -> Places:
    """Return what stands in each place that some steps write to."""
    lines = {line.id: line for line in booked.lines}
    heads = [(_head(name), _spell(booked, name)) for step in steps for name, _ in step.header]
    bodies = [
        (step.line_id, _spell_line(lines[step.line_id]))
        for step in steps
        if step.line_id and step.line_id in lines
    ]
    return (*heads, *bodies)


def find_touched(plan: ChangePlan, left: Sequence[ChangeStep], booked: BookedEntry) -> tuple[Said, ...]:
    """Name what is neither as it was when the plan was made nor as a step that is left wants it."""
    return tuple(name for step in left for name in _each_touched(plan, step, booked))


def _each_touched(plan: ChangePlan, step: ChangeStep, booked: BookedEntry) -> Iterator[Said]:
    was = dict(plan.was)
    for name, value in step.header:
        place = _head(name)
        if place in was and _spell(booked, name) not in (was[place], _spell_wanted(name, value)):
            yield name_field(HEADER_FIELDS[name])

    at = next((at for at, line in enumerate(booked.lines) if line.id == step.line_id), None)
    if at is None or step.line_id not in was:
        return

    line = booked.lines[at]
    if _spell_line(line) != was[step.line_id] and not _is_as_wanted(line, step):
        yield said("line_number", line=at + 1)


def _is_as_wanted(line: BookedLine, step: ChangeStep) -> bool:
    """Say whether a line is as a step writes it, beside what Exact fills in by itself."""
    if step.line is None:
        return False

    now = spell_line(line)
    wanted = spell_line(step.line)
    return all(
        value == now[field] or (value is None and field in FILLED_IN) for field, value in wanted.items()
    )


def _head(name: str) -> str:
    return f"head {name}"


def _spell(booked: BookedEntry, name: str) -> str:
    return str(header_value(booked, name, booked))


def _spell_wanted(name: str, value: Scalar) -> str:
    """Spell what a step writes in the head as what Exact holds there is spelled."""
    text = str(value)
    return text.lower() if name == "customer_id" else text.strip()


def _spell_line(line: BookedLine) -> str:
    return json.dumps(content_of(line), ensure_ascii=False)
