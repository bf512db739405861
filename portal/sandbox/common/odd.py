"""Records that come out as they never should: what a back door lays over a row, in raw JSON.

A name in ``values`` comes out with that value, of whatever type or size. One in ``without`` does not come
out at all. A record with ``times`` above 1 is listed that often.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from portal.sandbox.common.asked import BackDoorError, read_count, read_list, read_object

MOST_TIMES = 50

T = TypeVar("T")


class Odd(msgspec.Struct):
    """What is odd about one record."""

    values: dict[str, object] = {}
    relations: dict[str, object] = {}
    without: list[str] = []
    times: int = 1

    def lay_over(self, shown: Mapping[str, object], *, only_shown: bool = False) -> dict[str, object]:
        """The record's values as they come out. With ``only_shown`` none is added."""
        laid = {name: value for name, value in self.values.items() if not only_shown or name in shown}
        return {name: value for name, value in {**shown, **laid}.items() if name not in self.without}

    def lay_over_relations(self, shown: Mapping[str, object]) -> dict[str, object]:
        """The record's relations as they come out."""
        relations = {**shown, **self.relations}
        return {name: value for name, value in relations.items() if name not in self.without}


USUAL = Odd()


def read_odd(body: Mapping[str, object], values: str, relations: str = "relationships") -> Odd:
    """What a back door was told about a record. ``values`` is the name under which they stand there."""
    times = read_count(body, "times", 1)
    if not 0 <= times <= MOST_TIMES:
        raise BackDoorError(f"times must be between 0 and {MOST_TIMES}.")

    return Odd(
        values=read_object(body, values),
        relations=read_object(body, relations),
        without=[str(name) for name in read_list(body, "without", [])],
        times=times,
    )


def repeat(rows: Iterable[tuple[T, Odd]]) -> list[T]:
    """Each row as often as it is listed."""
    return [row for row, odd in rows for _ in range(odd.times)]
