"""The documents: their links lead somewhere, and what they list is all that there is."""

import re
from pathlib import Path

import pytest

from portal.cli import COMMANDS
from portal.settings import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Only the demo and the tests know it.
OF_THE_DEMO = {"prepare-demo"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_leads_to_a_file(document: Path) -> None:
    targets = [each.partition("#")[0] for each in LINK.findall(document.read_text())]
    inside = [each for each in targets if each and "://" not in each]
    assert [each for each in inside if not (document.parent / each).exists()] == []


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"docs/{page.name}" not in readme] == []


def test_the_readme_is_what_a_new_person_reads() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 130


def test_every_setting_is_told() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    per_country = {
        f"EXACT_{{BE,NL,DE}}_{name}" for name in ("CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_SECRET", "URL")
    }
    told = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    example = (ROOT / ".env.example").read_text()
    names = set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE))
    plain = {re.sub(r"EXACT_(?:BE|NL|DE)_", "EXACT_{BE,NL,DE}_", name) for name in names}
    assert plain - told == set()
    assert per_country - told == set()


def test_every_command_is_told() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    told = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)[ `]", page))
    assert {command.name for command in COMMANDS if command.name} - told - OF_THE_DEMO == set()
