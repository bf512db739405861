"""Whether an invoice in Productive has room for a payment, and who fills it if not, in cents."""

from dataclasses import dataclass
from enum import StrEnum


class Fit(StrEnum):
    """Whether a payment fits beside what fills its invoice."""

    FREE = "free"
    # It fits once other payments of ours are put right.
    LATER = "later"
    # It over-pays the invoice, so a person decides.
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Room:
    """What an invoice takes and what fills it: credits, payments of others, ours now and when all is done."""

    total: int
    credited: int
    strangers: int
    ours: int
    ours_later: int

    def judge(self, amount: int) -> Fit:
        """Say whether a payment fits, will fit once ours are put right, or needs a person's decision."""
        free = self.total - self.credited - self.strangers
        if amount <= free - self.ours:
            return Fit.FREE
        return Fit.LATER if amount <= free - self.ours_later else Fit.ASK

    def excess(self, amount: int) -> int:
        """Return by how much a payment would over-pay the invoice."""
        return amount + self.ours_later + self.strangers + self.credited - self.total
