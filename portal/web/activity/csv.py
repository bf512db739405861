"""Everything that happened as CSV, in UTC."""

from collections.abc import Mapping

from flask import Response
from flask_babel import lazy_gettext as _l

from portal.domain.events import EventKind
from portal.sentences.voice import make_sentence
from portal.store.activity import EventFilters, filtered_events
from portal.store.events import EventRow
from portal.web.common.csv import answer_csv, harmless
from portal.web.common.events import name_kind
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
    _l("Code of the kind"),
)


def write_csv(filters: EventFilters) -> Response:
    """Answer with a CSV file of every event that is filtered, newest first."""
    query = filtered_events(filters).order_by(EventRow.id.desc())
    voice = reader_voice()
    head = [str(title) for title in HEAD]
    # Rows are written when the request is over.
    kinds = {str(kind): name_kind(kind) for kind in EventKind}
    return answer_csv(head, query, lambda row: _cells(voice, kinds, *row), "activity.csv")


def _cells(
    voice: ReaderVoice, kinds: Mapping[str, str], event: EventRow, number: str | None, customer: str | None
) -> list[str]:
    kind = kinds.get(event.kind) or event.kind.capitalize()
    cells = (event.actor, kind, make_sentence(event.said, voice), number or "", customer or "")
    ids = (event.invoice_id or "", event.copy_id or "", event.kind)
    return [event.at.isoformat(timespec="seconds"), *map(harmless, cells + ids)]
