"""Every address that a view or a template asks for is one that the portal has."""

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.settings import ROOT

ENDPOINT = re.compile(r"""["'](?P<name>[a-z_]+\.[a-z_]+)["']""")
# A template's macros are given endpoints as plain words, so every quoted "feature.view" counts.
SOURCES = sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "portal" / "web").rglob("*.py")])


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_endpoint_that_is_named_exists(app: Flask, source: Path) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    features = {name.partition(".")[0] for name in known if "." in name}
    named = {found["name"] for found in ENDPOINT.finditer(source.read_text())}
    # A file to be saved is named like this, and a script, too.
    asked = {
        each for each in named if each.partition(".")[0] in features and not each.endswith((".csv", ".js"))
    }
    assert asked - known == set()
