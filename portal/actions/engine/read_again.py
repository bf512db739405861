"""Read again the rows of a feed that could not be read."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from portal.actions.engine.turn import let_go, transaction
from portal.domain.unreadable import Kind, Unreadable
from portal.store.unreadable import end_between, end_placeless, open_of

T = TypeVar("T")
Page = tuple[Sequence[T | Unreadable], int]
# So many calls at most are spent on it each time; the rest has its turn next time.
MOST = 3


def read_again(
    session: Session,
    connection_id: int,
    kind: Kind,
    pages: Callable[[int], Iterator[Page[T]]],
    keep: Callable[[Sequence[T | Unreadable]], None],
    *,
    now: datetime,
) -> None:
    """Ask for the page of each row that did not come by itself."""
    # What does not come again in its place was changed or deleted since, and the feed tells of that.
    for _ in range(MOST):
        waiting = [row for row in open_of(session, connection_id, kind) if row.place and row.last_seen < now]
        if not waiting:
            break

        place = waiting[0].place
        let_go(session)
        page, highest = next(pages(place - 1), ((), place))
        with transaction(session):
            keep(page)
            end_between(session, connection_id, kind, (place, max(highest, place)), now)

    with transaction(session):
        end_placeless(session, connection_id, kind, now)
