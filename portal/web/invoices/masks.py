"""Secrets masked in what is shown of the calls to other systems."""

import re
from collections.abc import Mapping
from typing import Any

SECRET_NAME = re.compile(r"token|secret|password|authorization|cookie", re.IGNORECASE)
# A line may be called "Basic hosting", so without its header only what is long and has a digit is a token.
SECRET_TEXT = re.compile(
    r"(?i)authorization\W+(bearer|basic)\s+\S+"
    r"|\b(bearer|basic)\s+(?=\S*\d)[\w.~+/=-]{20,}"
    r"|\b(access_token|refresh_token|client_secret)=[^&\s]+|[?&]code=[^&\s]+"
)
MASK = "••••"


def is_secret(name: str) -> bool:
    """Say whether a field of this name holds a secret."""
    return SECRET_NAME.search(name) is not None


def masked(value: Any) -> Any:
    """Mask what looks like a secret, by its name or by its shape."""
    # None is sent, but an error may quote one.
    if isinstance(value, Mapping):
        return {name: MASK if is_secret(str(name)) else masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(each) for each in value]

    return SECRET_TEXT.sub(MASK, value) if isinstance(value, str) else value
