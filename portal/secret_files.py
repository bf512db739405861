"""Secrets that stand in files: ``SECRET_KEY_FILE=/run/secrets/secret_key`` says where ``SECRET_KEY`` is."""
# As containers hand them over (https://docs.docker.com/compose/how-tos/use-secrets/), and systemd
# (https://systemd.io/CREDENTIALS/).

from collections.abc import Iterable, Mapping
from pathlib import Path

ENDING = "_FILE"
# Longer than any secret, in bytes.
LONGEST = 65_536


class SecretFileError(ValueError):
    """A secret cannot be taken from its file. The text says why, and never what stands in it."""


def with_secrets(given: Mapping[str, str], names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the settings with these secrets filled in from their files, and what is wrong by name."""
    filled = dict(given)
    wrong: dict[str, str] = {}

    for name in names:
        path = given.get(name + ENDING, "").strip()
        if not path:
            continue

        try:
            filled[name] = read_secret(name, path, given.get(name, ""))
        except SecretFileError as error:
            wrong[name] = str(error)

    return filled, wrong


def read_secret(name: str, path: str, said: str) -> str:
    """Return the secret in a file, without the line's end. Raise SecretFileError where it is not plain."""
    if said.strip():
        raise SecretFileError(f"{name} and {name}{ENDING} are both given, leave one out")

    try:
        with Path(path).open("rb") as file:
            content = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "no such path"
        raise SecretFileError(f"{name}{ENDING} cannot be read ({why})") from error

    try:
        secret = content.decode().strip()
    except UnicodeDecodeError as error:
        raise SecretFileError(f"{name}{ENDING} is no text") from error

    if not secret or len(content) > LONGEST or not secret.isprintable():
        raise SecretFileError(f"{name}{ENDING} must hold one line with the secret and nothing else")

    return secret
