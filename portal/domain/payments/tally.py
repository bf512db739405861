"""What a pull of payments found, added up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """How many payments came, changed and went in Exact, and how many Productive got.

    ``recorded`` counts earlier ones that could not be recorded before, too.
    """

    found: int = 0
    changed: int = 0
    removed: int = 0
    recorded: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Add up what two steps found."""
        return Tally(
            self.found + other.found,
            self.changed + other.changed,
            self.removed + other.removed,
            self.recorded + other.recorded,
        )

    @property
    def is_empty(self) -> bool:
        """Say whether there was nothing new."""
        return self == Tally()
