"""Keeps a handful of processes running: starts, restarts, and stops them. None outlives it."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import click

from portal.settings import ROOT

PR_SET_PDEATHSIG = 1
LONGEST_LOG = 10_000_000
QUICK = 5.0
SLOWEST = 10.0
PATIENCE = 10.0


def end_with_parent() -> None:
    """Ask Linux to end this child when its parent dies, however that dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """A process to keep running. ``held`` is a file it keeps open, so that its lock lasts as long."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    logs: Path
    held: int
    stdin: str | None = None
    stops_last: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    pause: float = field(default=0.5, init=False)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.started = time.monotonic()
        with self.open_log() as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                self.command,
                cwd=ROOT,
                env=dict(self.env),
                stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(self.held,),
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

        if self.stdin and self.process.stdin:
            self.process.stdin.write(self.stdin.encode())
            self.process.stdin.close()

    def open_log(self) -> BinaryIO:
        """Open its log, the last one put aside when it has grown long."""
        path = self.logs / f"{self.name}.log"
        if path.exists() and path.stat().st_size > LONGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def revive(self) -> bool:
        """Start it again if it ended, and say so. It waits longer each time it ends at once."""
        if self.process is None or self.process.poll() is None:
            return False

        lived = time.monotonic() - self.started
        if lived < self.pause:
            return False

        self.pause = min(SLOWEST, self.pause * 2) if lived < QUICK + self.pause else 0.5
        self.start()
        return True

    def ask(self, number: signal.Signals) -> None:
        """Send a signal if it still runs."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def insist(self) -> None:
        """Ask again (a worker then drops its job), then end it."""
        self.ask(signal.SIGTERM)
        self.wait(PATIENCE / 2)
        self.ask(signal.SIGKILL)
        self.wait(PATIENCE / 2)

    def wait(self, seconds: float) -> None:
        """Wait for its end, but not for ever."""
        try:
            if self.process:
                self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return


class Stopped(BaseException):
    """Somebody asked the supervisor to stop."""


def stop_on_signals() -> None:
    """Turn Ctrl-C, SIGTERM and a closed terminal into one way out."""

    def stop(_number: int, _frame: object) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        raise Stopped

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)


def keep_running(children: Sequence[Child]) -> None:
    """Restart what ends, until stopped."""
    while True:
        for child in children:
            if child.revive():
                click.echo(f"{child.name} ended and was started again; see {child.logs}/{child.name}.log")
        time.sleep(0.3)


def stop_all(children: Sequence[Child]) -> None:
    """Stop everything, what the others lean on last. All are asked before any is waited for."""
    for wave in (False, True):
        going = [child for child in children if child.stops_last == wave]
        for child in going:
            child.ask(signal.SIGTERM)

        for child in going:
            child.wait(PATIENCE)
            child.insist()
