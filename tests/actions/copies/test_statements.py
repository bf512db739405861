"""A copy costs the database little: its statements are counted, as its calls are."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from portal.domain.copies.states import CopyState
from tests.actions.office import Office

# Each time that a copy is written, it is asked first whether it is still ours. Each of its ten transactions
# beats once for open pages, three of them note what must be looked at beforehand again, and twice the entries
# are read that the books were seen to hold under the number. It takes 91 to 94 of them, and some more where
# what was read before was collected meanwhile.
MOST = 100


@contextmanager
def counted(office: Office) -> Iterator[list[str]]:
    """Collect the statements of the block."""
    engine = office.session.get_bind().engine
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_single_copy_takes_few_statements(office: Office) -> None:
    with counted(office) as statements:
        copy = office.wish()
        office.perform(copy.id)
    assert copy.state == CopyState.COPIED
    assert len(statements) < MOST, "\n".join(statements)
