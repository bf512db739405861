"""A copy costs the database little: its statements are counted, as its calls are."""

from contextlib import AbstractContextManager

from portal.domain.copies.states import CopyState
from tests.actions.office import Office
from tests.furnishing.statements import statements_of

# Each time that a copy is written, it is asked first whether it is still ours. Each of its ten transactions
# beats once for open pages, three of them note what must be looked at beforehand again, and twice the entries
# are read that the books were seen to hold under the number. It takes 91 to 94 of them, and some more where
# what was read before was collected meanwhile.
MOST = 100


def counted(office: Office) -> AbstractContextManager[list[str]]:
    """Collect the statements of the block."""
    return statements_of(office.session.get_bind().engine)


def test_a_single_copy_takes_few_statements(office: Office) -> None:
    with counted(office) as statements:
        copy = office.wish()
        office.perform(copy.id)
    assert copy.state == CopyState.COPIED
    assert len(statements) < MOST, "\n".join(statements)
