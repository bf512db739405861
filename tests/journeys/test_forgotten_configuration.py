"""Where a demo once ran, a portal that was not configured does not start, and none becomes a demo."""

import os
import subprocess
import sys

from portal.cli.demo.data import EMAIL
from tests.journeys.world import KEPT, World
from tests.test_settings import NEEDED

LOOK = (
    "from portal.extensions import the_portal; from app import app; s = the_portal(app).settings; "
    "print(s.exact['NL'].url, s.productive_url, s.uncertain_quiet)"
)


def start(world: World, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a portal in the demo's folder as gunicorn does, with these settings alone."""
    alone = {name: os.environ[name] for name in KEPT if name in os.environ}
    command = [sys.executable, "-c", LOOK]
    return subprocess.run(command, cwd=world.folder, env=alone | settings, capture_output=True, text=True)


def test_without_settings_nothing_starts_though_the_demo_keeps_its_own(world: World) -> None:
    assert (world.folder / "instance" / "demo.env").exists()
    done = start(world)
    assert done.returncode != 0
    assert [name for name in NEEDED if f"{name} is missing" not in done.stderr] == []
    assert EMAIL in world.flask("create-user", EMAIL, "--password", "long enough it is", status=1)


def test_with_the_needed_settings_alone_the_real_services_are_asked(world: World) -> None:
    done = start(world, **NEEDED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["https://start.exactonline.nl", "https://api.productive.io/api/v2", "360"]
