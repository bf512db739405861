"""The proof of a copy: what was wanted, what was done for it, and how it ended."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.booking.catalogue import LedgerAccount
from portal.domain.copies.states import IN_FLIGHT, CopyAction, CopyState
from portal.store.copies import AttemptRow, CopyRow, has_begun
from portal.web.common.formats import money
from portal.web.common.said import sentence_of
from portal.web.invoices.attempts import Step, tell_attempts
from portal.web.invoices.facts import read_facts

WISHES = {
    CopyAction.UPDATE: _l("Update requested"),
    CopyAction.UNDO: _l("Undo requested"),
    CopyAction.UNLINK: _l("Taking back the link requested"),
    CopyAction.CREDIT: _l("Credit requested"),
}
ENDS = {
    CopyState.COPIED: _l("Copied: entry %(number)s in Exact, equal to the cent"),
    CopyState.DIFFERENT: _l("Copied with a difference: entry %(number)s in Exact"),
}
TAKEN_BACK = {
    CopyAction.UNDO: _l("Undone: entry %(number)s is deleted in Exact"),
    CopyAction.CREDIT: _l("Undone by credit entry %(number)s in Exact"),
    CopyAction.UNLINK: _l("Entry %(number)s in Exact is linked no more"),
}


def read_proof(
    copy: CopyRow, attempts: Sequence[AttemptRow], accounts: Mapping[str, LedgerAccount]
) -> list[Step]:
    """Tell a copy's story in the order in which it happened."""
    steps = [_tell_wish(copy), *tell_attempts(attempts, copy.currency, accounts)]
    if copy.finished_at and copy.state not in IN_FLIGHT:
        steps.append(_tell_end(copy, copy.finished_at, begun=has_begun(attempts)))
    return sorted(steps, key=lambda step: step.at)


def read_payment_proof(attempts: Sequence[AttemptRow], currency: str) -> list[Step]:
    """Tell what was written to Productive for an invoice's payments."""
    return tell_attempts(attempts, currency, {})


def _tell_wish(copy: CopyRow) -> Step:
    chosen = {"journal": copy.choices.get("journal"), "entry_date": copy.choices.get("booking_date")}
    said = _("%(who)s asked for it. It was written down before anything was sent.", who=copy.requested_by)
    return Step(
        copy.requested_at,
        str(WISHES.get(copy.action) or _("Copy requested")),
        (said,),
        "info",
        "file-plus",
        marker=copy.marker,
        facts=tuple(read_facts(chosen, copy.currency)),
    )


def _tell_end(copy: CopyRow, at: datetime, *, begun: bool) -> Step:
    tone, icon = ("error", "circle-x") if copy.state == CopyState.REFUSED else ("success", "circle-check")
    said = tuple(text for text in (sentence_of(copy.trouble), copy.remote_text) if text)
    return Step(at, _name_end(copy, begun=begun), said, tone, icon, facts=tuple(_read_totals(copy)))


def _name_end(copy: CopyRow, *, begun: bool) -> str:
    """Name the end of a wish, and of a copy that was undone later."""
    if copy.state == CopyState.REFUSED:
        return str(_("Ended before all of it was done") if begun else _("Ended without effect"))

    later = _l("Was in Exact as entry %(number)s, and was undone later")
    text = ENDS.get(copy.state) or TAKEN_BACK.get(copy.action) or later
    return str(text) % {"number": copy.entry_number or ""}


def _read_totals(copy: CopyRow) -> Iterator[tuple[str, str]]:
    if copy.gross_sent is not None:
        yield _("Total as sent"), money(copy.gross_sent, copy.currency)
    if copy.gross_booked is not None:
        yield _("Total as booked"), money(copy.gross_booked, copy.currency)
