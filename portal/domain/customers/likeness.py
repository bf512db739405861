"""How alike two names are."""

from collections.abc import Callable
from difflib import SequenceMatcher

SIMILAR = 0.8
Score = Callable[[str, str], float]
"""How alike two normalised names are, from 0 to 1."""


class Likeness:
    """The likeness of two names by difflib."""

    # It is quick where the first name stays the same.

    def __init__(self) -> None:
        self._wanted = ""
        self._matcher = SequenceMatcher(autojunk=False)

    def __call__(self, wanted: str, name: str) -> float:
        """Return a likeness from 0 to 1."""
        if self._wanted != wanted:
            self._wanted = wanted
            self._matcher.set_seq2(wanted)

        self._matcher.set_seq1(name)
        # What is surely below what counts as similar is not measured.
        for bound in (self._matcher.real_quick_ratio, self._matcher.quick_ratio):
            if bound() < SIMILAR:
                return 0.0

        return self._matcher.ratio()
