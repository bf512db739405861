"""Seals secrets at rest; the first key seals, every key opens, so keys can be rotated."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from portal.redact import know
from portal.remote.errors import MisconfiguredError

NO_KEY = (
    "ENCRYPTION_KEYS cannot open what is sealed in the database. "
    "The operator puts the former key back behind the new one and restarts the portal."
)


class Vault:
    """Seals and opens texts with rotatable keys (32 bytes, URL-safe base64 each)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key.encode()) for key in keys])

    def seal(self, text: str) -> str:
        """Encrypt a secret."""
        know(text)
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt a secret; raises MisconfiguredError when no key fits."""
        try:
            text = self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise MisconfiguredError(NO_KEY) from None
        know(text)
        return text

    def rotate(self, sealed: str) -> str:
        """Seal anew with the first key."""
        return self._fernet.rotate(sealed.encode()).decode()
