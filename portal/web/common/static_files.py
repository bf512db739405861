"""Static files: each has the hash of its content in its name, is compressed beforehand and kept for ever."""

import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

import structlog
from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

log = structlog.get_logger("portal.static")
PREFIX = "/static/"
LENGTH = 10
HASHED = re.compile(rf"\.[0-9a-f]{{{LENGTH}}}\.\w+$")
# Pages of an older version still ask for its files.
KEPT_SECONDS = 30 * 24 * 3600


@cache
def hashed_names(source: Path) -> Mapping[str, str]:
    """Return the name of each file with the hash of its content."""
    return {path.name: hashed(path) for path in sorted(source.iterdir()) if path.is_file()}


def hashed(path: Path) -> str:
    """Return a file's name with the hash of its content before the last point."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{path.stem}.{digest[:LENGTH]}{path.suffix}"


def address_of(source: Path) -> Callable[[str], str]:
    """Return what spells the address of a file, ``static_url('app.css')`` in templates."""
    names = hashed_names(source)

    def static_url(name: str) -> str:
        return PREFIX + names[name]

    return static_url


def serve_static(app: Flask, source: Path, built: Path, headers: Mapping[str, str]) -> None:
    """Answer for static files before Flask does: no session, no log, no ``Vary: Cookie``."""
    compress_missing(source, built)

    def add_headers(answer: Headers, _path: str, _url: str) -> None:
        for name, value in headers.items():
            answer[name] = value

    server = WhiteNoise(
        app.wsgi_app,
        immutable_file_test=lambda _path, url: bool(HASHED.search(url)),
        allow_all_origins=False,
        add_headers_function=add_headers,
    )

    server.add_files(source, PREFIX)
    if built.is_dir():
        server.add_files(built, PREFIX)

    for plain, name in hashed_names(source).items():
        if PREFIX + name not in server.files:
            server.add_file_to_dictionary(PREFIX + name, str(source / plain))

    app.wsgi_app = server  # type: ignore[method-assign]  # as Flask documents it
    app.jinja_env.globals["static_url"] = address_of(source)


def compress_missing(source: Path, built: Path) -> None:
    """Compress what this version has and the folder lacks. Any number of processes may do so at once."""
    missing = {plain: name for plain, name in hashed_names(source).items() if not (built / name).is_file()}
    if not missing:
        return

    try:
        built.mkdir(parents=True, exist_ok=True)
        for plain, name in missing.items():
            compress((source / plain).read_bytes(), built / name)
        forget_old(built, time.time())
    except OSError as error:
        # They are served as they are.
        log.warning("static files are not compressed", folder=str(built), why=str(error))


def compress(content: bytes, target: Path) -> None:
    """Write a file with its compressed ones. The plain one comes last and says that all are there."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        plain = Path(folder) / target.name
        plain.write_bytes(content)
        packed = [Path(name) for name in Compressor(quiet=True).compress(str(plain))]
        for path in [*packed, plain]:
            path.replace(target.parent / path.name)


def forget_old(built: Path, now: float) -> None:
    """Delete what older versions left here more than a month ago."""
    for path in built.iterdir():
        if path.is_file() and path.stat().st_mtime < now - KEPT_SECONDS:
            path.unlink(missing_ok=True)
