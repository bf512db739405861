"""A demo in a folder of its own, for measurements and pictures. Nobody's own demo is touched."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from portal.cli.demo.run import STARTING, is_up, wait_for
from portal.cli.demo.supervisor import end_with_parent
from portal.cli.demo.valkey import free_port
from portal.settings import ROOT, shell_environment

PARTS = ("app.py", "jobs", "portal", "static", "templates")


class Places:
    """Where one demo lies and listens, and its first process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid = 0
        self.ports = {name: free_port() for name in ("PORT", "EXACT_PORT", "PRODUCTIVE_PORT")}
        self.portal, self.exact, self.productive = (
            f"http://localhost:{each}" for each in self.ports.values()
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of its processes: nothing of somebody's own demo reaches them."""
        given = {key: value for key, value in shell_environment().items() if not key.endswith("_URL")}
        return given | {key: str(port) for key, port in self.ports.items()}


@contextmanager
def start_demo() -> Iterator[Places]:
    """Yield a demo in a folder of its own. It ends with the block, and the folder too."""
    with tempfile.TemporaryDirectory(prefix="portal-") as name:
        folder = Path(name)
        copy_project(folder)
        with run_demo(folder) as places:
            yield places


@contextmanager
def run_demo(folder: Path) -> Iterator[Places]:
    """Yield the demo of a folder once it answers. It ends with the block, and what it keeps stays."""
    places = Places(folder)
    demo = subprocess.Popen(
        [sys.executable, "-m", "portal.cli.demo"],
        cwd=folder,
        env=places.environment(),
        stdout=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
    )

    try:
        if not wait_for(lambda: is_up(f"{places.portal}/healthz"), 3 * STARTING):
            raise click.ClickException("The demo did not start.")
        places.pid = demo.pid
        yield places
    finally:
        demo.terminate()
        demo.wait(60)


def copy_project(folder: Path) -> None:
    """Copy what runs, and nothing that somebody's own demo keeps."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
