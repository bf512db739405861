"""One remote write as the proof tells it: the intent, the answer, what was asked for and found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.domain.booking.catalogue import LedgerAccount
from portal.domain.copies.states import REPEATABLE, AttemptKind, AttemptState
from portal.store.copies import AttemptRow
from portal.web.invoices.facts import (
    Fields,
    SentLine,
    lift_fields,
    read_facts,
    read_sent_lines,
    spell_raw,
)
from portal.web.invoices.masks import masked

TITLES = {
    AttemptKind.ENTRY: _l("Book the entry in Exact"),
    AttemptKind.CREDIT_ENTRY: _l("Book the credit entry in Exact"),
    AttemptKind.DELETE_ENTRY: _l("Delete the entry in Exact"),
    AttemptKind.CUSTOMER: _l("Create the customer in Exact"),
    AttemptKind.HEADER: _l("Change the head of the entry in Exact"),
    AttemptKind.LINE: _l("Add a line to the entry in Exact"),
    AttemptKind.CHANGE_LINE: _l("Change a line of the entry in Exact"),
    AttemptKind.DELETE_LINE: _l("Delete a line of the entry in Exact"),
    AttemptKind.MARK: _l("Mark the invoice as exported in Productive"),
    AttemptKind.UNMARK: _l("Take the mark as exported off in Productive"),
    AttemptKind.NUMBER: _l("Write Exact’s number into the invoice in Productive"),
    AttemptKind.CREATE_PAYMENT: _l("Record the payment in Productive"),
    AttemptKind.CHANGE_PAYMENT: _l("Change the payment in Productive"),
    AttemptKind.REMOVE_PAYMENT: _l("Remove the payment in Productive"),
    AttemptKind.MARK_SENT: _l("Mark the invoice as sent in Productive"),
}
PAYING = {
    AttemptKind.CREATE_PAYMENT,
    AttemptKind.CHANGE_PAYMENT,
    AttemptKind.REMOVE_PAYMENT,
    AttemptKind.MARK_SENT,
}
# The tone and the icon of each state.
LOOKS = {
    AttemptState.DONE: ("success", "check"),
    AttemptState.LOST: ("warn", "circle-question-mark"),
    AttemptState.INTENDED: ("info", "clock"),
    AttemptState.FAILED: ("error", "x"),
    AttemptState.UNSENT: ("neutral", "refresh-cw"),
    AttemptState.UNKNOWN: ("neutral", "refresh-cw"),
}
ENDS = {
    "several": _l("Several were found. None was guessed; a person must remove the surplus."),
    "so already": _l("What it asks for is so already."),
    "found": _l("It was found by its marker and adopted; nothing was sent twice."),
    "gone": _l("The entry was gone, so it counts as deleted; nothing was sent twice."),
    "answered": _l("It was answered with success."),
    "made again": _l("It says what shall be and adds nothing, so it could simply be made again."),
    "sent again, asked": _l(
        "It had no effect, and no request could be running any more; so it could be sent again."
    ),
    "sent again": _l("It had no effect; it could be sent again."),
    AttemptState.LOST: _l(
        "Whether it took effect is not known yet. It is asked for before anything is sent again."
    ),
    AttemptState.INTENDED: _l("Its end is not known yet."),
    AttemptState.FAILED: _l("It was refused and had no effect."),
    AttemptState.UNKNOWN: _l("Whether it took effect is not known."),
}
APART = ("several", "error", "gone")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the proof. ``several`` were found in Exact, and none was guessed."""

    at: datetime
    title: str
    said: tuple[str, ...]
    tone: str
    icon: str
    marker: str = ""
    until: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[SentLine, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    several: tuple[Fields, ...] = ()
    raw: str = ""


def tell_attempt(row: AttemptRow, currency: str, accounts: Mapping[str, LedgerAccount]) -> Step:
    """Tell one attempt: the intent, what came back, what was asked for and what was found."""
    answered = row.answered or {}
    sent = lift_fields(row.sent)
    currency = sent.get("currency") or currency
    told = {name: value for name, value in answered.items() if name not in APART}
    tone, icon = LOOKS.get(row.state, ("neutral", "info"))

    return Step(
        row.started_at,
        str(TITLES.get(row.kind, row.kind)),
        tuple(_say(row, answered)),
        tone,
        icon,
        marker=row.marker,
        until=row.finished_at,
        facts=tuple(read_facts(sent, currency)),
        lines=tuple(read_sent_lines(row.sent, accounts)),
        answers=tuple(read_facts(told, currency)),
        several=tuple(answered.get("several") or ()),
        raw=spell_raw({"kind": row.kind, "state": row.state, "sent": row.sent, "answered": row.answered}),
    )


def tell_attempts(
    rows: Sequence[AttemptRow], currency: str, accounts: Mapping[str, LedgerAccount]
) -> list[Step]:
    """Tell some attempts in the order in which they were made."""
    return [tell_attempt(row, currency, accounts) for row in rows]


def _say(row: AttemptRow, answered: Fields) -> Iterator[str]:
    """Yield what became of an attempt, in the order in which it happened."""
    yield _("Written down before the call, so that a crash cannot hide it.")
    if error := answered.get("error"):
        code = f" ({answered['status']})" if answered.get("status") else ""
        yield _("The call did not end well%(code)s: %(why)s", code=code, why=masked(error))

    if row.probes:
        yield ngettext(
            "%(who)s was asked once whether it took effect.",
            "%(who)s was asked %(num)d times whether it took effect.",
            row.probes,
            who=_("Productive") if row.kind in PAYING else _("Exact"),
        )

    if end := _end_of(row, answered):
        yield str(ENDS[end])


def _end_of(row: AttemptRow, answered: Fields) -> str | None:
    """Return how an attempt ended, as far as that is known."""
    if answered.get("several"):
        return "several"
    if row.state == AttemptState.DONE:
        return _done_as(row, answered)
    if row.state == AttemptState.UNKNOWN and row.kind in REPEATABLE:
        return "made again"
    if row.state == AttemptState.UNSENT:
        return _unsent_as(row)

    return row.state if row.state in ENDS else None


def _done_as(row: AttemptRow, answered: Fields) -> str:
    is_seen = answered.get("found") or answered.get("gone")
    if is_seen and row.kind in REPEATABLE:
        return "so already"
    if answered.get("found"):
        return "found"

    return "gone" if answered.get("gone") else "answered"


def _unsent_as(row: AttemptRow) -> str:
    if row.kind in REPEATABLE:
        return "made again"
    return "sent again, asked" if row.probes else "sent again"
