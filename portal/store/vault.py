"""Seals secrets at rest, each for its own row and column. The first key seals, every key opens."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from portal.domain.failed import Failed
from portal.domain.said import said
from portal.redact import know
from portal.remote.errors import MisconfiguredError

ACCESS = "access"
REFRESH = "refresh"
# No place and no secret holds one.
BETWEEN = "\0"


def place_of_productive(organization_id: str) -> str:
    """Return the place of the token of an organisation in Productive."""
    return f"productive/{organization_id}"


def place_of_grant(locale: str, exact_user_id: str, column: str) -> str:
    """Return the place of one half of the token pair of an Exact user."""
    return f"grant/{locale}/{exact_user_id}/{column}"


def place_of_second_factor(user_id: int) -> str:
    """Return the place of what makes a person's codes."""
    return f"second-factor/{user_id}"


class Vault:
    """Seals and opens texts with rotatable keys (32 bytes, URL-safe base64 each)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key.encode()) for key in keys])

    def seal(self, text: str, place: str) -> str:
        """Encrypt a secret for one place."""
        know(text)
        return self._fernet.encrypt(f"{place}{BETWEEN}{text}".encode()).decode()

    def open(self, sealed: str, place: str) -> str:
        """Decrypt the secret of a place. Raises MisconfiguredError when no key or another place fits."""
        of, between, text = self._decrypt(sealed).partition(BETWEEN)
        if not between or of != place:
            raise MisconfiguredError(said(Failed.SEALED_ELSEWHERE))
        know(text)
        return text

    def bind(self, sealed: str, place: str) -> str:
        """Seal for its place what was sealed before places were kept. Anything else stays as it is."""
        text = self._decrypt(sealed)
        return sealed if BETWEEN in text else self.seal(text, place)

    def rotate(self, sealed: str) -> str:
        """Seal anew with the first key."""
        return self._fernet.rotate(sealed.encode()).decode()

    def _decrypt(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise MisconfiguredError(said(Failed.NO_KEY)) from None
