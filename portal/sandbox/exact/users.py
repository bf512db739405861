"""The Exact users who can consent."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.sandbox.exact.store import guid_of


@dataclass(frozen=True)
class User:
    """A person with a login at Exact. ``language`` decides in which language faults are told."""

    name: str
    full_name: str
    email: str
    language: str
    divisions: tuple[int, ...]

    @property
    def id(self) -> str:
        """The user's GUID."""
        return guid_of("user", self.name)


USERS: Mapping[str, User] = {
    user.name: user
    for user in (
        User("finance", "Femke de Wit", "femke@kade.example", "nl-NL", (1001, 1002)),
        User("controller", "Thomas Baker", "thomas@kade.example", "en-GB", (1001,)),
    )
}
