"""A refusal that a person reads in their own language."""

from portal.domain.said import Said, as_written
from portal.sentences.voice import in_source_language


class Refusal(ValueError):  # noqa: N818 - what is refused is a wish, not a fault
    """What was asked cannot be done. What is said tells what to do instead."""

    def __init__(self, told: Said | str) -> None:
        self.said = as_written(told) if isinstance(told, str) else told
        super().__init__(in_source_language(self.said))
