"""Everything that happened as CSV, in UTC."""

from flask import Response
from flask_babel import lazy_gettext as _l

from portal.sentences.voice import make_sentence
from portal.store.activity import EventFilters, filtered_events
from portal.store.events import EventRow
from portal.web.common.csv import answer_csv, harmless
from portal.web.common.said import ReaderVoice, reader_voice

HEAD = (
    _l("Time (UTC)"),
    _l("Who"),
    _l("Kind"),
    _l("What"),
    _l("Invoice"),
    _l("Customer"),
    _l("Invoice id"),
    _l("Copy id"),
)


def write_csv(filters: EventFilters) -> Response:
    """Answer with a CSV file of every event that is filtered, newest first."""
    query = filtered_events(filters).order_by(EventRow.id.desc())
    voice = reader_voice()
    head = [str(title) for title in HEAD]
    return answer_csv(head, query, lambda row: _cells(voice, *row), "activity.csv")


def _cells(voice: ReaderVoice, event: EventRow, number: str | None, customer: str | None) -> list[str]:
    cells = (event.actor, event.kind, make_sentence(event.said, voice), number or "", customer or "")
    ids = (event.invoice_id or "", event.copy_id or "")
    return [event.at.isoformat(timespec="seconds"), *map(harmless, cells + ids)]
