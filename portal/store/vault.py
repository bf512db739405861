"""Seals secrets at rest; the first key seals, every key opens, so keys can be rotated."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet


class Vault:
    """Seals and opens texts with rotatable keys (32 bytes, URL-safe base64 each)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key.encode()) for key in keys])

    def seal(self, text: str) -> str:
        """Encrypt a secret."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt a secret; raises InvalidToken when no key fits."""
        return self._fernet.decrypt(sealed.encode()).decode()

    def rotate(self, sealed: str) -> str:
        """Seal anew with the first key."""
        return self._fernet.rotate(sealed.encode()).decode()
