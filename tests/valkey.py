"""A real queue server for tests."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from portal.cli.demo.supervisor import end_with_parent
from portal.cli.demo.valkey import config_of, find_server, free_port


@contextmanager
def start_valkey(folder: Path, password: str = "secret") -> Iterator[str]:
    """Yield the URL of a server that keeps its data in a folder."""
    port = free_port()
    server = subprocess.Popen(
        [find_server(), "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, preexec_fn=end_with_parent
    )
    assert server.stdin is not None
    server.stdin.write(config_of(port, password, folder).encode())
    server.stdin.close()
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    try:
        wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def wait_for(url: str) -> None:
    """Wait until it answers."""
    give_up = time.monotonic() + 10
    while True:
        try:
            Redis.from_url(url).ping()
            return
        except RedisError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)
