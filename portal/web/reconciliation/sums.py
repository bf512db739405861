"""What both books add up to, over all journals and per view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.store.book_sums import Total
from portal.store.reconciliation import VIEWS


@dataclass(frozen=True, slots=True)
class Sum:
    """What a currency adds up to over all journals."""

    currency: str
    ours: int
    theirs: int
    differing: int
    explained: int

    @property
    def difference(self) -> int:
        """Exact minus Productive."""
        return self.theirs - self.ours


def count_views(sums: Sequence[Total]) -> dict[str, int]:
    """Count the rows of every view."""
    found = {name: sum(getattr(each, name) for each in sums) for name in VIEWS[1:-1]}
    differing = sum(each.differing for each in sums)
    return found | {"differing": differing, "all": sum(each.rows for each in sums)}


def add_up(sums: Sequence[Total]) -> list[Sum]:
    """Add up the journals, currency by currency."""
    found: dict[str, Sum] = {}
    for each in sums:
        before = found.get(each.currency, Sum(each.currency, 0, 0, 0, 0))
        found[each.currency] = replace(
            before,
            ours=before.ours + each.ours,
            theirs=before.theirs + each.theirs,
            differing=before.differing + each.differing,
            explained=before.explained + each.explained,
        )

    return sorted(found.values(), key=lambda one: -abs(one.ours) - abs(one.theirs))
