"""What a person may be in the portal, and why a password is not taken."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do. Each role may do all that the next one may."""

    ADMINISTRATOR = "administrator"
    FINANCE = "finance"
    VIEWER = "viewer"

    def includes(self, needed: "Role") -> bool:
        """Say whether this role may do what another one may."""
        roles = list(Role)
        return roles.index(self) <= roles.index(needed)


class PasswordFault(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    GUESSABLE = "guessable"
    USED = "used"
