"""Fork a warmed process, let it do the real job, and kill or stop it at a named point."""

import os
import traceback
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

from portal.extensions import db
from tests.crash.points import Trace, struck_at, watch_calls, watch_commits
from tests.crash.stories import Job
from tests.crash.world import World

STANDARD_ERROR = 2


@dataclass(frozen=True)
class Ending:
    """How a forked process ended: killed at its point, or by itself because it never came there."""

    was_killed: bool
    said: str = ""


def run_forked(world: World, job: Job, point: str | None) -> Ending:
    """Run a job in a fork and wait for its end; without a point it tells every boundary that it passes."""
    reader, writer = os.pipe()
    pid = start_worker(world, job, point=point, writer=writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        said = told.read().decode()
    return Ending(wait_for(pid) == SIGKILL, said)


def stop_forked(world: World, job: Job, point: str) -> int | None:
    """Run a job in a fork that stands still at a point, and return its id; None if it never came there."""
    with Path(os.devnull).open("wb") as nobody:
        pid = start_worker(world, job, point=point, writer=nobody.fileno(), blow=SIGSTOP)
    _, status = os.waitpid(pid, os.WUNTRACED)
    return pid if os.WIFSTOPPED(status) else None


def wake(pid: int) -> None:
    """Let a stopped fork go on, and wait for its end."""
    os.kill(pid, SIGCONT)
    wait_for(pid)


def start_worker(
    world: World, job: Job, *, point: str | None = None, writer: int = STANDARD_ERROR, blow: int = SIGKILL
) -> int:
    """Fork a process that runs a job, and return its id; nothing of the database is open across the fork."""
    world.engine.dispose()
    pid = os.fork()
    if pid == 0:
        _be_the_worker(world, job, point, writer, blow)
    return pid


def wait_for(pid: int) -> int | None:
    """Wait for the end of a fork; returns the signal that ended it, None if none did."""
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else None


def _be_the_worker(world: World, job: Job, point: str | None, writer: int, blow: int) -> None:
    """Run the job; never returns."""

    def tell(text: str) -> None:
        os.write(writer, f"{text}\n".encode())

    code = 1
    try:
        if writer != STANDARD_ERROR:
            with world.app.app_context():
                trace = Trace(struck_at(point, blow) if point else tell)
                watch_commits(db.engine, trace)
                watch_calls(trace)
        world.run(*job)
        code = 0
    except BaseException:  # noqa: BLE001 - nothing may leave the fork; the parent prints it
        tell(traceback.format_exc())
    finally:
        os._exit(code)


def find_points(world: World, job: Job) -> list[str]:
    """Let a job run to its end in a fork, and return every boundary in the order in which it was passed."""
    ending = run_forked(world, job, None)
    return [line for line in ending.said.splitlines() if line]
