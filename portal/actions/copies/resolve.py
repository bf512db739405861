"""Ask Exact what became of a write whose reply was lost; adopt what is found, repeat nothing before that."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.customer import keep_new_customer
from portal.actions.copies.finish import adopt_entry, hold_uncertain
from portal.actions.copies.settle_undo import find_heir, settle_credit, settle_undo
from portal.actions.engine.attempts import is_quiet, next_probe_at
from portal.actions.engine.claim import Claim
from portal.actions.engine.desk import Clock
from portal.actions.engine.ports import Ledger
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.copies.failures import Cause
from portal.domain.copies.states import OPEN, REPEATABLE, AttemptKind, AttemptState, CopyState
from portal.domain.ids import find_marker
from portal.remote.odd import all_read
from portal.store.copies import AttemptRow, entry_from_row

SOON = timedelta(seconds=1)
MANY = (
    "Exact holds {count} {things} with this copy's marker: {names}. The portal does not guess which one "
    "counts. Remove the surplus in Exact, then choose Ask Exact again."
)


@dataclass(frozen=True, slots=True)
class Found:
    """Something in Exact with our marker: its id, what people call it, and its page."""

    id: str
    name: str
    url: str | None = None


def resolve_attempts(session: Session, ledger: Ledger, claim: Claim, *, clock: Clock, quiet: int) -> bool:
    """Resolve what is open; True when the copy may go on, False when it is settled or must wait."""
    open_rows = session.scalars(
        select(AttemptRow)
        .where(
            AttemptRow.copy_id == claim.copy.id,
            AttemptRow.state.in_(OPEN),
        )
        .order_by(AttemptRow.started_at)
    ).all()
    for row in open_rows:
        row.state = AttemptState.LOST
        row.finished_at = row.finished_at or clock()

    if open_rows:
        claim.copy.state = CopyState.UNCERTAIN

    session.commit()
    return all(_resolve(session, ledger, claim, row, clock, quiet) for row in open_rows)


def _resolve(
    session: Session, ledger: Ledger, claim: Claim, row: AttemptRow, clock: Clock, quiet: int
) -> bool:
    if row.kind == AttemptKind.DELETE_LINE:
        return _deleted_line(session, ledger, claim, row, clock())
    if row.kind in REPEATABLE:
        return _repeatable(session, row, clock())
    if row.kind == AttemptKind.DELETE_ENTRY:
        return _found_deletion(session, ledger, claim, row, clock, quiet)
    if row.kind == AttemptKind.LINE:
        return _found_line(session, ledger, claim, row, clock, quiet)
    if row.kind == AttemptKind.CUSTOMER:
        return _found_customer(session, ledger, claim, row, clock, quiet)

    return _found_entry(session, ledger, claim, row, clock, quiet)


def _repeatable(session: Session, row: AttemptRow, now: datetime) -> bool:
    """A write that says what should be, not what to add, is simply made again."""
    row.state = AttemptState.UNSENT
    row.finished_at = now
    session.commit()
    return True


def _deleted_line(session: Session, ledger: Ledger, claim: Claim, row: AttemptRow, now: datetime) -> bool:
    """Look whether a line is gone before it is deleted again, for Exact counts that as an error."""
    entry = ledger.read_entry(claim.copy.entry_id or "")
    gone = entry is not None and row.sent["line_id"] not in {line.id for line in entry.lines}
    row.state, row.answered, row.finished_at = (
        AttemptState.DONE if gone else AttemptState.UNSENT,
        _lost(row) | {"gone": gone},
        now,
    )
    session.commit()
    return True


def _found_entry(
    session: Session, ledger: Ledger, claim: Claim, row: AttemptRow, clock: Clock, quiet: int
) -> bool:
    sent = entry_from_row(row.sent)
    asked_at = clock()
    # Not by the customer: it may have been merged or corrected since, and only the marker says whose it is.
    found = ledger.find_entries(sent.your_ref, journal=sent.journal)
    ours = [entry for entry in found if _is_ours(entry, row.marker)]

    if not ours and is_quiet(row, quiet=quiet, now=asked_at):
        # Before it is booked again: the reference may have been corrected, too.
        pages = ledger.each_booked_page(sent.entry_date, sent.entry_date)
        ours = [entry for page in pages for entry in all_read(page) if _is_ours(entry, row.marker)]

    if len(ours) != 1:
        several = [Found(each.id, str(each.entry_number), ledger.entry_url(each.id)) for each in ours]
        return _not_one(session, claim, row, several, "entries", asked_at, quiet)

    credit = row.kind == AttemptKind.CREDIT_ENTRY
    url = ledger.entry_url(ours[0].id)
    heir = find_heir(session, ledger, claim.copy) if credit else None
    row.state, row.answered, row.finished_at = (
        AttemptState.DONE,
        _found(row, ours[0].id, ours[0].entry_number),
        clock(),
    )

    if credit:
        settle_credit(session, claim, ours[0], heir, url=url, now=clock())
    else:
        adopt_entry(session, claim, ours[0], url=url, now=clock())

    return True


def _is_ours(entry: BookedEntry, marker: str) -> bool:
    return any(find_marker(line.notes) == marker for line in entry.lines)


def _found_customer(
    session: Session, ledger: Ledger, claim: Claim, row: AttemptRow, clock: Clock, quiet: int
) -> bool:
    asked_at = clock()
    ours = [
        customer
        for customer, remarks in ledger.find_customers(str(row.sent["name"]))
        if find_marker(remarks) == row.marker
    ]

    if len(ours) != 1:
        several = [Found(each.id, f"{each.code.strip()} {each.name}") for each in ours]
        return _not_one(session, claim, row, several, "customers", asked_at, quiet)

    row.state, row.answered, row.finished_at = (
        AttemptState.DONE,
        _found(row, ours[0].id, ours[0].code),
        clock(),
    )
    keep_new_customer(session, claim.copy, ours[0], clock())
    return True


def _found_line(
    session: Session, ledger: Ledger, claim: Claim, row: AttemptRow, clock: Clock, quiet: int
) -> bool:
    """Find the line that an update added: one of the entry's lines that is not among those known before."""
    asked_at = clock()
    entry = ledger.read_entry(claim.copy.entry_id or "")
    known = set(row.sent["known"])
    new = [line for line in entry.lines if line.id not in known] if entry else []
    ours = [line for line in new if find_marker(line.notes) == row.marker]

    if len(ours) != 1:
        several = [Found(each.id, each.description or each.id) for each in ours]
        return _not_one(session, claim, row, several, "lines", asked_at, quiet)

    row.state = AttemptState.DONE
    row.finished_at = clock()
    row.answered = _found(row, ours[0].id) | {"line": ours[0].id}
    session.commit()

    return True


def _found_deletion(
    session: Session, ledger: Ledger, claim: Claim, row: AttemptRow, clock: Clock, quiet: int
) -> bool:
    """Look whether the entry is gone; "still there" counts only once no request can be running."""
    asked_at = clock()
    there = ledger.read_entry(claim.copy.undoes or "") is not None
    heir = None if there else find_heir(session, ledger, claim.copy)
    row.probes += 1

    if there and not is_quiet(row, quiet=quiet, now=asked_at):
        hold_uncertain(session, claim, at=max(next_probe_at(row, quiet=quiet), asked_at + SOON))
        return False

    row.state, row.answered = (
        (AttemptState.UNSENT if there else AttemptState.DONE),
        _lost(row) | {"gone": not there},
    )
    row.finished_at = asked_at

    if there:
        session.commit()
    else:
        settle_undo(session, claim, heir, now=asked_at)

    return True


def _not_one(
    session: Session,
    claim: Claim,
    row: AttemptRow,
    found: Sequence[Found],
    things: str,
    asked_at: datetime,
    quiet: int,
) -> bool:
    """Nothing counts as "not found" only after the quiet time; several are reported, never guessed."""
    row.probes += 1
    if len(found) > 1:
        claim.copy.cause = Cause.SEVERAL_FOUND
        row.answered = _lost(row) | {"several": [asdict(each) for each in found]}
        text = MANY.format(count=len(found), things=things, names=", ".join(each.name for each in found))
        hold_uncertain(session, claim, at=asked_at + timedelta(minutes=15), text=text)
        return False

    if is_quiet(row, quiet=quiet, now=asked_at):
        row.state, row.answered, row.finished_at = AttemptState.UNSENT, _found(row, None), asked_at
        session.commit()
        return True

    hold_uncertain(session, claim, at=max(next_probe_at(row, quiet=quiet), asked_at + SOON))
    return False


def _found(row: AttemptRow, key: str | None, number: object = None) -> dict[str, object]:
    """Say what a probe found beside what became of the call itself."""
    return _lost(row) | {"found": key} | ({"number": number} if number else {})


def _lost(row: AttemptRow) -> dict[str, object]:
    """Return what is known of a call whose reply was lost."""
    return {name: value for name, value in (row.answered or {}).items() if name in ("error", "status")}
