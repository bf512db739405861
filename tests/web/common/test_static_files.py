"""Static files: hashed names, compressed beforehand, kept for ever, and nothing of a person in them."""

import gzip
import os
import re
import time
from pathlib import Path

import brotli
import pytest
from flask import Flask

from portal.settings import ROOT
from portal.web.common.static_files import KEPT_SECONDS, hashed_names, serve_static
from tests.pages import CheckingClient

TEXTS = sorted((ROOT / "static").iterdir())
HEADERS = {"X-Content-Type-Options": "nosniff"}


def a_site(source: Path, built: Path) -> Flask:
    app = Flask("site", static_folder=None)
    serve_static(app, source, built, HEADERS)
    return app


def a_source(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    hashed_names.cache_clear()
    for name, content in files.items():
        (folder / f"{name}.js").write_text(content)
    return folder


def test_a_page_names_every_file_with_the_hash_of_its_content(client: CheckingClient) -> None:
    page = client.get("/sign-in").text
    named = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    known = {f"/static/{name}" for name in hashed_names(ROOT / "static").values()}
    assert len(named) > 5
    assert set(named) <= known


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_a_file_is_kept_for_ever_and_comes_as_the_browser_can_read_it(
    client: CheckingClient, path: Path, coding: str
) -> None:
    address = f"/static/{hashed_names(ROOT / 'static')[path.name]}"
    answer = client.get(address, headers={"Accept-Encoding": coding})
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
    assert answer.status_code == 200
    assert unpack[answer.headers.get("Content-Encoding")](answer.data) == path.read_bytes()
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]

    if coding != "identity" and len(answer.data) < path.stat().st_size:
        assert answer.headers["Content-Encoding"] == coding
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_what_a_page_loads_is_small_on_the_wire(client: CheckingClient) -> None:
    names = hashed_names(ROOT / "static")
    sent = {
        plain: len(client.get(f"/static/{name}", headers={"Accept-Encoding": "br"}).data)
        for plain, name in names.items()
    }
    assert sum(sent.values()) < 60_000, sent


def test_a_file_without_hash_is_asked_for_anew_soon(client: CheckingClient) -> None:
    answer = client.get("/static/app.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=60, public"


def test_a_file_that_is_not_there_is_a_page_of_ours(client: CheckingClient) -> None:
    assert client.get("/static/app.0123456789.css").status_code == 404
    assert client.get("/static/../app.py").status_code == 404


def test_a_changed_file_gets_another_name_and_the_old_one_is_still_served(tmp_path: Path) -> None:
    source = a_source(tmp_path / "source", keys="let old = 1")
    a_site(source, tmp_path / "built")
    old = hashed_names(source)["keys.js"]
    app = a_site(a_source(source, keys="let young = 2"), tmp_path / "built")
    new = hashed_names(source)["keys.js"]
    client = app.test_client()
    assert old != new
    assert client.get(f"/static/{old}").data == b"let old = 1"
    assert client.get(f"/static/{new}").data == b"let young = 2"


def test_what_is_compressed_is_not_compressed_again(tmp_path: Path) -> None:
    source = a_source(tmp_path / "source", keys="let it = 1;" * 100)
    a_site(source, tmp_path / "built")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "built").iterdir()}
    a_site(source, tmp_path / "built")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "built").iterdir()} == before
    assert {path.suffix for path in before} == {".js", ".br", ".gz"}


def test_a_file_of_long_ago_goes_when_another_one_comes(tmp_path: Path) -> None:
    source = a_source(tmp_path / "source", keys="let old = 1")
    a_site(source, tmp_path / "built")
    old = tmp_path / "built" / hashed_names(source)["keys.js"]
    then = time.time() - KEPT_SECONDS - 60
    os.utime(old, (then, then))
    a_site(a_source(source, keys="let young = 2"), tmp_path / "built")
    assert not old.exists()


def test_where_nothing_can_be_written_files_come_as_they_are(tmp_path: Path) -> None:
    source = a_source(tmp_path / "source", keys="let it = 1;" * 100)
    (tmp_path / "built").write_text("a file where the folder should be")
    app = a_site(source, tmp_path / "built")
    answer = app.test_client().get(
        f"/static/{hashed_names(source)['keys.js']}", headers={"Accept-Encoding": "br"}
    )
    assert answer.data == (source / "keys.js").read_bytes()
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_static_file_names_another_one(path: Path) -> None:
    """One that did would name it without the hash."""
    assert not re.search(r"/static/|url\((?!\"data:)|@import|sourceMappingURL", path.read_text())
