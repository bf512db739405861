"""Whether an invoice in Productive has room for a payment, and who fills it if not; in cents."""

from dataclasses import dataclass

FREE = "free"
LATER = "later"
ASK = "ask"


@dataclass(frozen=True, slots=True)
class Room:
    """What an invoice takes and what fills it: credits, payments of others, ours now and when all is done."""

    total: int
    credited: int
    strangers: int
    ours: int
    ours_later: int

    def judge(self, amount: int) -> str:
        """Say whether a payment fits, will fit once ours are put right, or needs a person's decision."""
        free = self.total - self.credited - self.strangers
        if amount <= free - self.ours:
            return FREE
        return LATER if amount <= free - self.ours_later else ASK

    def excess(self, amount: int) -> int:
        """Return by how much a payment would over-pay the invoice."""
        return amount + self.ours_later + self.strangers + self.credited - self.total
