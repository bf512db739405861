"""A demo of one's own: every process of it, in a copy of the project, on free ports."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from redis import Redis
from rq import Queue, Worker
from rq.worker import WorkerStatus

from portal.queue import QUEUES
from portal.settings import read_env_file
from tests.furnishing.waits import until

PROJECT = Path(__file__).resolve().parents[2]
PARTS = ("portal", "jobs", "templates", "static")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
STARTING = 150.0
STOPPING = 30.0
# The ticker must not pull between two looks at the sandboxes, and a lost reply must not take a minute.
QUIET = {
    "INVOICE_PULL_MINUTES": "600",
    "PAYMENT_PULL_MINUTES": "600",
    "EXACT_TIMEOUT": "5",
    "PERSON_SECONDS": "10",
    "UNCERTAIN_QUIET": "5",
}


class Door:
    """The back door of one sandbox."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.inside = f"http://127.0.0.1:{port}/_sandbox"

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Send JSON, receive JSON."""
        answer = requests.request(method, f"{self.inside}/{path}", json=body, timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def get(self, path: str) -> Any:
        """Read something."""
        return self.ask("GET", path)

    def post(self, path: str, **body: object) -> Any:
        """Do something."""
        return self.ask("POST", path, body)

    def patch(self, path: str, **body: object) -> Any:
        """Change something."""
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Any:
        """Delete something."""
        return self.ask("DELETE", path)

    def fail(self, method: str, path: str, do: str, **more: object) -> None:
        """Let a call go wrong."""
        self.ask("POST", "faults", {"method": method, "path": path, "do": do, **more})

    def calls(self, *, under: str = "/api/v") -> list[str]:
        """The calls since the log was cleared, as ``POST /api/v1/…`` without what is asked for."""
        calls = [(one["method"], one["path"].partition("?")[0]) for one in self.get("calls")]
        return [f"{method} {path}" for method, path in calls if path.startswith(under)]


class World:
    """The running demo: the portal's address, and the back doors of both services."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = free_ports(3)
        self.url = f"http://localhost:{self.ports[0]}"
        self.exact = Door(self.ports[1])
        self.productive = Door(self.ports[2])
        names = ("PORT", "EXACT_PORT", "PRODUCTIVE_PORT")
        self.env = {name: os.environ[name] for name in KEPT if name in os.environ} | QUIET
        self.env |= {name: str(port) for name, port in zip(names, self.ports, strict=True)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Copy the project, start its demo and wait for it."""
        for part in PARTS:
            shutil.copytree(
                PROJECT / part, self.folder / part, ignore=shutil.ignore_patterns("__pycache__", ".*")
            )
        shutil.copy(PROJECT / "app.py", self.folder)
        self.launch()

    def launch(self) -> None:
        """Start the demo in its folder, the first time or again, and wait for it."""
        with (self.folder / "demo.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.cli.demo"],
                cwd=self.folder,
                env=self.env,
                stdout=log,
                stderr=log,
            )
        until(self.is_up, f"the demo ({self.folder}/demo.log)", STARTING)

    def is_up(self) -> bool:
        """Say whether web, database and queue are up."""
        assert self.process
        log = self.folder / "demo.log"
        assert self.process.poll() is None, log.read_text()
        return "Sign in" in log.read_text() and answers(f"{self.url}/healthz")

    def stop(self) -> None:
        """Stop all of it as Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def flask(self, *words: str, status: int = 0) -> str:
        """Run a ``flask`` command as an administrator does; returns what it says."""
        command = [sys.executable, "-m", "portal.cli.demo", "flask", *words]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def queue(self) -> Redis:
        """The demo's queue server."""
        return Redis.from_url(read_env_file(self.folder / "instance" / "demo.env")["REDIS_URL"])

    def is_at_rest(self) -> bool:
        """Say whether no job waits and none is at work."""
        return is_at_rest(self.queue(), self.exact)

    def kill_worker(self) -> int:
        """Kill the worker and the job it forked, as an out-of-memory killer would; return how many."""
        return self.kill("worker")

    def kill(self, word: str) -> int:
        """Kill this demo's processes whose command has a word, or ends a path with it; return how many."""
        killed = 0
        for one in Path("/proc").iterdir():
            if one.name.isdigit() and is_ours(one, word, self.folder):
                os.kill(int(one.name), signal.SIGKILL)
                killed += 1
        return killed

    def logs(self) -> str:
        """Everything the portal's own processes wrote."""
        names = ("web", "worker", "ticker")
        paths = [self.folder / "instance" / "logs" / f"{name}.log" for name in names]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())


def is_ours(process: Path, word: str, folder: Path) -> bool:
    """Say whether a process is this demo's, and of this kind."""
    try:
        words = [part.decode() for part in (process / "cmdline").read_bytes().split(b"\0")]
        named = word in words or words[0].split(" ")[0].endswith(f"/{word}")
        return named and (process / "cwd").readlink().is_relative_to(folder)
    except OSError:
        return False


def answers(url: str) -> bool:
    """Say whether an address answers 200."""
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def running_world() -> Iterator[World]:
    """A demo that runs meanwhile and leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="portal-world-")).resolve()
    world = World(folder)
    try:
        world.start()
        yield world
    finally:
        world.stop()
        shutil.rmtree(folder, ignore_errors=True)


def is_at_rest(queue: Redis, exact: Door) -> bool:
    """Say whether no job waits and none is at work, at two looks with a call between."""
    before = len(exact.get("calls"))
    return _is_idle(queue) and before == len(exact.get("calls")) and _is_idle(queue)


def _is_idle(queue: Redis) -> bool:
    waiting = sum(Queue(name, connection=queue).count for name in QUEUES)
    return not waiting and all(one.get_state() == WorkerStatus.IDLE for one in Worker.all(connection=queue))
