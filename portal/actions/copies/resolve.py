"""Ask Exact what became of a write whose reply was lost, and repeat nothing before that."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.actions.copies.customer import keep_new_customer
from portal.actions.copies.finish import adopt_entry, hold_uncertain
from portal.actions.copies.settle_undo import find_heir, settle_credit, settle_undo
from portal.actions.copies.turn import CopyTurn
from portal.actions.engine.attempts import is_quiet, next_probe_at
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import OPEN, REPEATABLE, AttemptKind, CopyState
from portal.domain.copies.troubles import Trouble
from portal.domain.ids import find_marker
from portal.domain.said import said
from portal.remote.odd import all_read
from portal.store.copies import AttemptRow, entry_from_row

SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Found:
    """Something in Exact with our marker: its id, what people call it, and its page."""

    id: str
    name: str
    url: str | None = None


def resolve_attempts(turn: CopyTurn) -> bool:
    """Resolve what is open, and say whether the copy may go on."""
    # It may not where it is settled, or must wait.
    session = turn.session
    is_open = (AttemptRow.copy_id == turn.copy.id, AttemptRow.state.in_(OPEN))
    with turn.transaction():
        rows = session.scalars(select(AttemptRow).where(*is_open).order_by(AttemptRow.started_at)).all()
        for row in rows:
            row.lose(turn.now())

        if rows:
            turn.copy.state = CopyState.UNCERTAIN

    return all(_resolve(turn, row) for row in rows)


def _resolve(turn: CopyTurn, row: AttemptRow) -> bool:
    if row.kind == AttemptKind.DELETE_LINE:
        return _deleted_line(turn, row)
    if row.kind in REPEATABLE:
        return _repeatable(turn, row)
    if row.kind == AttemptKind.DELETE_ENTRY:
        return _found_deletion(turn, row)
    if row.kind == AttemptKind.LINE:
        return _found_line(turn, row)
    if row.kind == AttemptKind.CUSTOMER:
        return _found_customer(turn, row)

    return _found_entry(turn, row)


def _repeatable(turn: CopyTurn, row: AttemptRow) -> bool:
    """A write that says what should be, not what to add, is simply made again."""
    with turn.transaction():
        row.give_up(turn.now())
    return True


def _deleted_line(turn: CopyTurn, row: AttemptRow) -> bool:
    """Look whether a line is gone before it is deleted again, for Exact counts that as an error."""
    entry = turn.ledger.read_entry(turn.copy.entry_id or "")
    gone = entry is not None and row.sent["line_id"] not in {line.id for line in entry.lines}
    answered = _lost(row) | {"gone": gone}

    with turn.transaction():
        if gone:
            row.succeed(answered, turn.now())
        else:
            # The lost request may still run.
            row.give_up(turn.now(), answered)

    return True


def _found_entry(turn: CopyTurn, row: AttemptRow) -> bool:
    sent = entry_from_row(row.sent)
    asked_at = turn.now()
    # Not by the customer: it may have been merged or corrected since, and only the marker says whose it is.
    found = turn.ledger.find_entries(sent.your_ref, journal=sent.journal)
    ours = [entry for entry in found if _is_ours(entry, row.marker)]

    if not ours and is_quiet(row, quiet=turn.desk.quiet, now=asked_at):
        # Before it is booked again: the reference may have been corrected, too.
        pages = turn.ledger.each_booked_page(sent.entry_date, sent.entry_date)
        ours = [entry for page in pages for entry in all_read(page) if _is_ours(entry, row.marker)]

    if len(ours) != 1:
        several = [Found(each.id, str(each.entry_number), turn.ledger.entry_url(each.id)) for each in ours]
        return _not_one(turn, row, several, Trouble.MANY_ENTRIES, asked_at)

    [entry] = ours
    credits = row.kind == AttemptKind.CREDIT_ENTRY
    heir = find_heir(turn) if credits else None
    row.succeed(_found(row, entry.id, entry.entry_number), turn.now())

    if credits:
        settle_credit(turn, entry, heir)
    else:
        adopt_entry(turn, entry)

    return True


def _is_ours(entry: BookedEntry, marker: str) -> bool:
    return any(find_marker(line.notes) == marker for line in entry.lines)


def _found_customer(turn: CopyTurn, row: AttemptRow) -> bool:
    asked_at = turn.now()
    ours = [
        customer
        for customer, remarks in turn.ledger.find_customers(str(row.sent["name"]))
        if find_marker(remarks) == row.marker
    ]

    if len(ours) != 1:
        several = [Found(each.id, f"{each.code.strip()} {each.name}") for each in ours]
        return _not_one(turn, row, several, Trouble.MANY_CUSTOMERS, asked_at)

    with turn.transaction():
        row.succeed(_found(row, ours[0].id, ours[0].code), turn.now())
        keep_new_customer(turn.session, turn.copy, ours[0], turn.now())

    return True


def _found_line(turn: CopyTurn, row: AttemptRow) -> bool:
    """Find the line that an update added: one of the entry's lines that is not among those known before."""
    asked_at = turn.now()
    entry = turn.ledger.read_entry(turn.copy.entry_id or "")
    known = set(row.sent["known"])
    new = [line for line in entry.lines if line.id not in known] if entry else []
    ours = [line for line in new if find_marker(line.notes) == row.marker]

    if len(ours) != 1:
        several = [Found(each.id, each.description or each.id) for each in ours]
        return _not_one(turn, row, several, Trouble.MANY_LINES, asked_at)

    with turn.transaction():
        row.succeed(_found(row, ours[0].id) | {"line": ours[0].id}, turn.now())

    return True


def _found_deletion(turn: CopyTurn, row: AttemptRow) -> bool:
    """Look whether the entry is gone."""
    # That it is still there counts only once no request can be running.
    asked_at = turn.now()
    there = turn.ledger.read_entry(turn.copy.undoes or "") is not None
    heir = None if there else find_heir(turn)
    row.probes += 1
    answered = _lost(row) | {"gone": not there}

    if not there:
        row.succeed(answered, asked_at)
        settle_undo(turn, heir)
        return True

    if not is_quiet(row, quiet=turn.desk.quiet, now=asked_at):
        hold_uncertain(turn, _next_probe(turn, row, asked_at))
        return False

    with turn.transaction():
        row.drop(asked_at, answered)

    return True


def _not_one(
    turn: CopyTurn, row: AttemptRow, found: Sequence[Found], many: Trouble, asked_at: datetime
) -> bool:
    """Report several, and count nothing as not found only after the quiet time."""
    row.probes += 1
    if len(found) > 1:
        turn.copy.cause = Cause.SEVERAL_FOUND
        row.answered = _lost(row) | {"several": [asdict(each) for each in found]}
        names = ", ".join(each.name for each in found)
        hold_uncertain(
            turn, asked_at + timedelta(minutes=15), trouble=said(many, count=len(found), names=names)
        )
        return False

    if not is_quiet(row, quiet=turn.desk.quiet, now=asked_at):
        hold_uncertain(turn, _next_probe(turn, row, asked_at))
        return False

    with turn.transaction():
        row.drop(asked_at, _found(row, None))

    return True


def _next_probe(turn: CopyTurn, row: AttemptRow, asked_at: datetime) -> datetime:
    """Say when Exact is asked next."""
    return max(next_probe_at(row, quiet=turn.desk.quiet), asked_at + SOON)


def _found(row: AttemptRow, key: str | None, number: object = None) -> dict[str, object]:
    """Say what a probe found beside what became of the call itself."""
    return _lost(row) | {"found": key} | ({"number": number} if number else {})


def _lost(row: AttemptRow) -> dict[str, object]:
    """Return what is known of a call whose reply was lost."""
    return {name: value for name, value in (row.answered or {}).items() if name in ("error", "status")}
