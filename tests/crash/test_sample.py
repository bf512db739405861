"""A sample of ``make crash``: a few points of every story, some drops and fifty clicks, on both databases."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from portal.settings import ROOT

LONGEST = 280


def sample(database_url: str) -> list[str]:
    """Run the sample in a process of its own, for it forks; returns its lines."""
    command = [sys.executable, "-m", "tests.crash", "--sample", "--database", database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_what_is_killed_or_dropped_on_sqlite_is_there_once(tmp_path: Path) -> None:
    assert sample(f"sqlite:///{tmp_path}/portal.sqlite")[-2:] == ["duplicates: 0", "lost: 0"]


@pytest.mark.postgres
def test_what_is_killed_or_dropped_on_postgres_is_there_once(postgres_url: str) -> None:
    url = make_url(postgres_url)
    name = f"{url.database}_crash"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    own = url.set(database=name).render_as_string(hide_password=False)
    assert sample(own)[-2:] == ["duplicates: 0", "lost: 0"]
