"""One row of the mappings, as the page shows it and as it comes back from a change."""

from collections.abc import Sequence

from flask import Response, make_response, render_template

from portal.actions.connections.suggest import Suggester
from portal.domain.booking.mapping import MappingKey
from portal.extensions import db
from portal.store.connections import ConnectionRow
from portal.store.mapping_table import MappingTable, Source
from portal.web.common.clock import today
from portal.web.mappings.lines import MappingLine, line_of
from portal.web.mappings.table import own_codes

CHANGED = "mappings-changed"


def read_line(table: MappingTable, source: Source) -> MappingLine:
    """Say what people read about one source, with what is suggested where it leads nowhere."""
    if source.target is not None:
        return line_of(table.catalogue, source)

    connection = db.session.get_one(ConnectionRow, table.connection_id)
    suggester = Suggester(db.session(), connection, table, today())
    return line_of(table.catalogue, source, suggester.suggest(source))


def show_row_of(
    table: MappingTable,
    line: MappingLine,
    *,
    swapped: bool = False,
    undo: bool = False,
    elsewhere: bool = False,
) -> str:
    """Render one row. One that changes from elsewhere says where it belongs."""
    return render_template(
        "mappings/_row.html",
        table=table,
        line=line,
        swapped=swapped,
        undo=undo,
        elsewhere=elsewhere,
        own_codes=own_codes(table.connection_id) if line.kind == "tax" and line.may_have_own else {},
    )


def show_rows(table: MappingTable, keys: Sequence[MappingKey]) -> list[str]:
    """Render rows that changed from elsewhere. They stay where they are until the page is opened again."""
    sources = [source for key in keys if (source := table.find(key))]
    return [show_row_of(table, read_line(table, source), undo=True, elsewhere=True) for source in sources]


def tell_change(html: str) -> Response:
    """Let the filters and their counts know that a mapping changed."""
    answer = make_response(html)
    answer.headers["HX-Trigger"] = CHANGED
    return answer
