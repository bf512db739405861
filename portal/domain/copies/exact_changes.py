"""What somebody changed in Exact since a copy, where an update would write something else over it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from portal.domain.booking.catalogue import shown
from portal.domain.booking.sales_entry import BookedEntry, BookedLine, SalesEntry, SalesEntryLine
from portal.domain.copies.changes import HEADER_FIELDS, Field, name_field
from portal.domain.copies.differences import (
    LinePair,
    Scalar,
    content_of,
    diff_header,
    keep_number,
    pair_lines,
)
from portal.domain.said import Said, Word, said


class Decision(StrEnum):
    """What becomes of what was changed in Exact."""

    KEEP = "keep"
    OVERWRITE = "overwrite"


class Turned(StrEnum):
    """What somebody did in Exact, and so what an update would undo."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


class Unit(StrEnum):
    """What is decided together: an amount with its VAT, and as a whole a line that is not the invoice's."""

    HEADER = "header"
    TEXT = "text"
    LEDGER = "ledger"
    AMOUNTS = "amounts"
    COST_CENTRE = "cost centre"
    LINE = "line"


# The fields of a line that belong to each unit.
UNITS: Mapping[Unit, tuple[Field, ...]] = {
    Unit.TEXT: (Field.DESCRIPTION,),
    Unit.LEDGER: (Field.LEDGER,),
    Unit.AMOUNTS: (Field.NET, Field.VAT_CODE, Field.VAT),
    Unit.COST_CENTRE: (Field.COST_CENTRE,),
}
SAID = {
    Unit.TEXT: "description",
    Unit.LEDGER: "ledger code",
    Unit.AMOUNTS: "amount and VAT",
    Unit.COST_CENTRE: "cost centre",
}
SAID_OF_LINES = {
    Turned.CHANGED: "a line that was changed",
    Turned.ADDED: "a line that was added",
    Turned.REMOVED: "a line that was removed",
}
# The source of what a person kept as Exact has it.
KEPT = "kept"
# The source of what stood in an entry when it was linked.
LINKED = "linked"
# What Exact fills in by itself where nothing was sent is nobody's change.
FILLED_IN = (Field.DUE_DATE, Field.RATE, Field.COST_CENTRE)


@dataclass(frozen=True, slots=True)
class ExactChange:
    """One change of somebody's that an update would overwrite. ``key`` names it and what Exact holds now."""

    # ``at`` is the place of the wanted line, ``line_id`` the line in Exact. A header field has neither.

    key: str
    turned: Turned
    unit: Unit
    field: Field | None = None
    at: int | None = None
    line_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """What the portal sent: the entry as copied, and what updates sent since that ended half-way."""

    # ``own_amounts`` says that Exact itself booked other amounts than were sent, and holds them still.
    # ``kept`` are the changes that a person kept at the last update. They are still not the portal's.

    # A linked entry counts as copied as it was then. Where that is not known, all of it is somebody's.

    copied: SalesEntry | None = None
    later: tuple[SalesEntry, ...] = ()
    own_amounts: bool = False
    kept: frozenset[str] = frozenset()

    @property
    def entries(self) -> tuple[SalesEntry, ...]:
        """Return everything that was sent."""
        return (*((self.copied,) if self.copied else ()), *self.later)


def find_exact_changes(booked: BookedEntry, wanted: SalesEntry, ours: Ours) -> tuple[ExactChange, ...]:
    """Find every change made in Exact that an update to ``wanted`` would overwrite."""
    return (*_each_header(booked, wanted, ours), *_each_line(booked, wanted, ours))


def keep_exact(
    booked: BookedEntry, wanted: SalesEntry, ours: Ours, decisions: Mapping[str, str]
) -> SalesEntry:
    """Return the wanted entry with what a person keeps as Exact has it."""
    kept = [
        each for each in find_exact_changes(booked, wanted, ours) if decisions.get(each.key) == Decision.KEEP
    ]
    by_id = {line.id: line for line in booked.lines}
    lines = list(wanted.lines)
    added: list[SalesEntryLine] = []

    for each in kept:
        theirs = by_id.get(each.line_id or "")
        if each.unit is Unit.HEADER or each.turned is Turned.REMOVED:
            continue
        if each.unit is Unit.LINE and theirs is not None:
            added.append(_as_wanted(theirs))
        elif theirs is not None and each.at is not None:
            lines[each.at] = _with_unit(lines[each.at], theirs, each.unit)

    dropped = {each.at for each in kept if each.turned is Turned.REMOVED}
    stays = [line for at, line in enumerate(lines) if at not in dropped]
    header = {
        name: getattr(booked, name)
        for name, field in HEADER_FIELDS.items()
        if field in {each.field for each in kept if each.unit is Unit.HEADER}
    }
    return replace(wanted, lines=(*stays, *added), **header)


def find_undecided(
    booked: BookedEntry, wanted: SalesEntry, ours: Ours, decisions: Mapping[str, str]
) -> tuple[ExactChange, ...]:
    """Return what an update to ``wanted`` would overwrite though nobody said so by its name."""
    found = find_exact_changes(booked, wanted, ours)
    return tuple(each for each in found if decisions.get(each.key) != Decision.OVERWRITE)


def say_change(change: ExactChange) -> Said:
    """Name a change in a sentence."""
    if change.field is not None:
        return name_field(change.field)
    if change.unit is Unit.LINE:
        return said("our_word", word=Word(SAID_OF_LINES[change.turned]))

    return said("part_of_line", part=Word(SAID[change.unit]), line=(change.at or 0) + 1)


def spell_line(line: BookedLine | SalesEntryLine | None) -> dict[Field, Scalar]:
    """Return the fields of a line as they are compared, nothing for a line that is not there."""
    if line is None:
        return {}

    return {
        Field.DESCRIPTION: line.description.strip(),
        Field.LEDGER: line.ledger_id.lower(),
        Field.NET: Decimal(line.amount),
        Field.VAT_CODE: shown(line.vat_code or "") or None,
        Field.VAT: Decimal(line.vat_amount),
        Field.COST_CENTRE: shown(line.cost_center or "") or None,
    }


def header_value(entry: BookedEntry | SalesEntry, name: str, booked: BookedEntry) -> Scalar:
    """Return a field of a header as it is compared with Exact's."""
    if name == "customer_id":
        return entry.customer_id.lower()
    if name == "description":
        text = keep_number(booked, entry) if isinstance(entry, SalesEntry) else entry.description
        return text.strip()

    found: Scalar = getattr(entry, name)
    return found


def _each_header(booked: BookedEntry, wanted: SalesEntry, ours: Ours) -> Iterator[ExactChange]:
    """Yield the header fields that somebody changed and that would change again."""
    for name in diff_header(booked, wanted):
        field = HEADER_FIELDS[name]
        now = header_value(booked, name, booked)
        sent = [header_value(entry, name, booked) for entry in ours.entries]
        key = _key("head", field, now)
        if key in ours.kept or all(_differs(field, value, now) for value in sent):
            yield ExactChange(key, Turned.CHANGED, Unit.HEADER, field)


def _each_line(booked: BookedEntry, wanted: SalesEntry, ours: Ours) -> Iterator[ExactChange]:
    """Yield the lines that somebody changed, added or removed and that an update would turn back."""
    pairs = [pair_lines(booked.lines, entry.lines) for entry in ours.entries]
    sent = [{pair.booked.id: pair.wanted for pair in some if pair.booked} for some in pairs]
    gone = [[pair.wanted for pair in some if pair.booked is None] for some in pairs] if ours.copied else []

    for at, pair in enumerate(pair_lines(booked.lines, wanted.lines)):
        if pair.is_equal:
            continue

        if pair.booked is None:
            yield from _find_removed(pair, at, gone, ours)
        else:
            yield from _find_overwritten(pair, at, [some.get(pair.booked.id) for some in sent], ours)


def _find_removed(
    pair: LinePair, at: int, gone: Sequence[Sequence[SalesEntryLine | None]], ours: Ours
) -> Iterator[ExactChange]:
    """Yield a line that was copied and is no longer in Exact, where an update would add it again."""
    line = pair.wanted
    if line is None:
        return

    lost = [any(old is not None and _is_same(old, line) for old in some) for some in gone]
    key = _key(f"gone-{line.invoice_line_id}", Unit.LINE)
    if key in ours.kept or (lost and all(lost)):
        yield ExactChange(key, Turned.REMOVED, Unit.LINE, at=at)


def _is_same(old: SalesEntryLine, line: SalesEntryLine) -> bool:
    """Say whether two lines are of one line of the invoice."""
    if old.invoice_line_id:
        return old.invoice_line_id == line.invoice_line_id
    return content_of(old) == content_of(line)


def _find_overwritten(
    pair: LinePair, at: int, sent: Sequence[SalesEntryLine | None], ours: Ours
) -> Iterator[ExactChange]:
    """Yield what somebody changed of a line that an update would change or delete."""
    theirs = pair.booked
    if theirs is None:
        return

    known = [line for line in sent if line is not None and not _is_kept(line)]
    is_added = bool(sent) and not known
    line = pair.wanted
    is_another = line is not None and bool(known) and not any(_is_same(old, line) for old in known)

    if line is None or is_added or is_another:
        # The line would go, or become another one.
        key = _key(theirs.id, Unit.LINE, *content_of(theirs))
        if key in ours.kept or is_added or any(_is_touched(theirs, sent, unit, ours) for unit in UNITS):
            turned = Turned.CHANGED if known else Turned.ADDED
            yield ExactChange(key, turned, Unit.LINE, at=at if line else None, line_id=theirs.id)
        return

    now = spell_line(theirs)
    becomes = spell_line(line)
    for unit, fields in UNITS.items():
        values = [now[field] for field in fields]
        key = _key(theirs.id, unit, *values)
        is_theirs = key in ours.kept or _is_touched(theirs, sent, unit, ours)
        if is_theirs and values != [becomes[field] for field in fields]:
            yield ExactChange(key, Turned.CHANGED, unit, at=at, line_id=theirs.id)


def _is_kept(line: SalesEntryLine) -> bool:
    """Say whether a line stands in the entry only because a person kept it there."""
    return line.ledger_source == KEPT and not line.invoice_line_id


def _is_touched(theirs: BookedLine, sent: Sequence[SalesEntryLine | None], unit: Unit, ours: Ours) -> bool:
    """Say whether a part of a line in Exact is nothing that the portal ever sent."""
    # Exact's own amounts are nobody's change, and it never changes a code.
    fields = (Field.VAT_CODE,) if unit is Unit.AMOUNTS and ours.own_amounts else UNITS[unit]
    now = spell_line(theirs)
    return all(
        line is None or any(_differs(field, spell_line(line)[field], now[field]) for field in fields)
        for line in sent
    )


def _differs(field: Field, sent: Scalar, now: Scalar) -> bool:
    """Say whether Exact has something else than was sent."""
    if sent is None and field in FILLED_IN:
        return False
    return sent != now


def _key(place: str, part: str, *values: object) -> str:
    """Name a change by its place and by what Exact holds, so that a further change is another one."""
    spelled = json.dumps(values, default=str, ensure_ascii=False)
    digest = hashlib.sha256(spelled.encode()).hexdigest()[:12]
    return f"{place}-{part.replace(' ', '-')}-{digest}"


def as_linked(entry: BookedEntry) -> SalesEntry:
    """Return an entry of somebody else's as what an update begins with."""
    return SalesEntry(
        customer_id=entry.customer_id,
        journal=entry.journal,
        entry_date=entry.entry_date,
        due_date=entry.due_date,
        your_ref=entry.your_ref,
        payment_reference="",
        description=entry.description,
        currency=entry.currency,
        rate=entry.rate,
        type=entry.type,
        lines=tuple(_as_wanted(line, LINKED) for line in entry.lines),
    )


def _as_wanted(line: BookedLine, source: str = KEPT) -> SalesEntryLine:
    """Want a line of Exact's as it is. Its quantity is not compared, so it is never sent."""
    return SalesEntryLine(
        invoice_line_id="",
        ledger_id=line.ledger_id,
        amount=line.amount,
        vat_code=line.vat_code,
        vat_amount=line.vat_amount,
        description=line.description,
        quantity=Decimal(1),
        cost_center=line.cost_center,
        ledger_source=source,
        vat_source=source,
    )


def _with_unit(line: SalesEntryLine, theirs: BookedLine, unit: Unit) -> SalesEntryLine:
    """Return a wanted line with one part of it as Exact has it."""
    if unit is Unit.TEXT:
        return replace(line, description=theirs.description)
    if unit is Unit.LEDGER:
        return replace(line, ledger_id=theirs.ledger_id, ledger_source=KEPT)
    if unit is Unit.COST_CENTRE:
        return replace(line, cost_center=theirs.cost_center)

    return replace(
        line,
        amount=theirs.amount,
        vat_code=theirs.vat_code,
        vat_amount=theirs.vat_amount,
        vat_source=KEPT,
    )
