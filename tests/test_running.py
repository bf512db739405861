"""What operators copy names only what there is: the image, the example of Compose, units and alerts."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.cli import COMMANDS
from portal.settings import ROOT, SECRETS
from tests.test_settings import NEEDED

CONTAINERFILE = ROOT / "Containerfile"
COMPOSE = ROOT / "compose.yaml"
RUNNING = ROOT / "docs" / "running"
UNITS = sorted(RUNNING.glob("*.service"))
ALERTS = RUNNING / "alerts.yml"
FLASK = re.compile(r'"?flask"?,? "?--app"?,? "?app"?,? "?([a-z-]+)')
FILES = [CONTAINERFILE, COMPOSE, *UNITS]


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return read


def names_of_settings() -> set[str]:
    """Return each setting as the example tells it, and the files of those that are secret."""
    example = (ROOT / ".env.example").read_text()
    told = set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE))
    return told | {f"{name}_FILE" for name in SECRETS}


def settings_in(path: Path) -> set[str]:
    """Return the settings of ours that a file gives."""
    if path == COMPOSE:
        return {*compose()["x-portal"]["environment"]}
    return set(re.findall(r"^Environment=([A-Z_]+)=", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_commands_that_there_are_run(path: Path) -> None:
    commands = set(FLASK.findall(path.read_text()))
    assert commands <= {command.name for command in COMMANDS}
    assert commands or "gunicorn" in path.read_text()


def test_all_three_kinds_of_processes_run_everywhere() -> None:
    for text in (COMPOSE.read_text(), "".join(unit.read_text() for unit in UNITS)):
        assert {"worker", "ticker"} <= set(FLASK.findall(text))
    assert '"app:app"' in CONTAINERFILE.read_text()
    assert {*compose()["services"]} == {"proxy", "web", "worker", "ticker", "migrate", "database", "queue"}


@pytest.mark.parametrize("path", [COMPOSE, *UNITS], ids=lambda path: path.name)
def test_only_settings_that_there_are_are_given(path: Path) -> None:
    given = settings_in(path)
    assert given <= names_of_settings()
    without_files = {name.removesuffix("_FILE") for name in given}
    # A unit reads what is no secret from a file of settings.
    needed = {*NEEDED} & ({*NEEDED} if path == COMPOSE else {*SECRETS})
    assert needed <= without_files


def test_no_secret_stands_in_the_example() -> None:
    given = compose()["x-portal"]["environment"]
    assert [name for name in given if name in SECRETS] == []
    for text in (path.read_text() for path in UNITS):
        assert not re.search(rf"^Environment=(?:{'|'.join(SECRETS)})=", text, re.MULTILINE)


def test_every_secret_of_the_example_is_there() -> None:
    read = compose()
    known = {*read["secrets"]}
    for name, service in read["services"].items():
        assert {*service.get("secrets", [])} <= known, name
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, variable)


def test_who_waits_waits_for_something_that_ends_or_is_healthy() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                # The image tells how web is.
                assert other == "web" or "test" in services[other]["healthcheck"], (name, other)
            else:
                assert services[other]["restart"] == "no", (name, other)


def test_the_image_holds_all_that_the_portal_reads() -> None:
    text = CONTAINERFILE.read_text()
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = [
        shlex.split(line)[1] for line in text.splitlines() if line.startswith("COPY") and "--from" not in line
    ]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert [name for name in copied if f"!{name}" not in ignored] == []
    code = {
        path.name
        for path in ROOT.iterdir()
        if path.name in {"app.py", "jobs", "portal", "static", "templates"}
    }
    assert code <= {*copied}


def test_the_image_is_nobody_in_particular_and_not_root() -> None:
    text = CONTAINERFILE.read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert not re.search(r"^(?:ENV|ARG) .*(?:SECRET|PASSWORD|TOKEN|KEY)", text, re.MULTILINE)


def rules() -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        yield from group["rules"]


def test_alerts_are_on_metrics_that_are_told() -> None:
    # That the page tells those that there are is held by the tests of /metrics.
    told = set(re.findall(r"`(portal_[a-z_]+)", (ROOT / "docs" / "operating.md").read_text()))
    for rule in rules():
        asked = set(re.findall(r"portal_[a-z_]+", rule["expr"]))
        assert asked, rule["alert"]
        assert asked <= told, rule["alert"]
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("path", sorted(RUNNING.iterdir()), ids=lambda path: path.name)
def test_the_operators_page_leads_to_each_file(path: Path) -> None:
    assert f"running/{path.name}" in (ROOT / "docs" / "operating.md").read_text()
