"""Measures how quickly a portal starts, and what its processes hold after a day's work."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import requests

from portal.cli.bench.faults import children_of, resident, sign_in
from portal.cli.bench.figures import say, seconds
from portal.cli.bench.own_demo import Places, copy_project, run_demo
from portal.settings import ROOT

SEEDED = 10_000
# A day of a few people: each page is looked at so often, by several at once and in two languages.
ROUNDS = 3
AT_ONCE = 8
LANGUAGES = ("en", "nl")
# So many seconds the worker does what the timetable asks for, after the people have gone.
WORKING = 20
MEGABYTES = 120
START = 2
ANSWERS = 5
FIRST_PAGE = """
from portal.cli.bench.furnish import settings_with
from portal.factory import create_app
app = create_app(settings_with("sqlite://"))
assert app.test_client().get("/sign-in").status_code == 200
"""
LINK = re.compile(r'href="(/[^"#]*)"')
# What leads out, or gives a file.
NO_PAGES = ("/sign-out", "/static/", ".csv", "/entry", "/account/password")
LINKS = 120


def measure_memory() -> list[bool]:
    """Measure the start of a process and of a demo, and the memory of web and worker after a day."""
    taken = first_page()
    with tempfile.TemporaryDirectory(prefix="portal-") as name:
        folder = Path(name)
        copy_project(folder)
        with run_demo(folder):
            pass

        began = time.perf_counter()
        with run_demo(folder) as places:
            answered = time.perf_counter() - began
            live_a_day(places)
            held = held_by(places)

    return [
        say("import and first page", taken, "s", START),
        say("demo answers once set up", answered, "s", ANSWERS),
        say("memory of a web process after a day", max(held["web"]), "MB", MEGABYTES),
        say("memory of a worker after a day", max(held["worker"]), "MB", MEGABYTES),
    ]


def first_page() -> float:
    """Return the seconds from nothing to the first page, once all is compiled."""

    def start() -> None:
        subprocess.run([sys.executable, "-c", FIRST_PAGE], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - ours

    start()
    return min(seconds(start) for _ in range(3))


def live_a_day(places: Places) -> None:
    """Let several people look at all pages, then let the worker go on for a while."""
    seed = [sys.executable, "-m", "portal.cli.demo", "flask", "seed-invoices", str(SEEDED)]
    subprocess.run(seed, cwd=places.folder, env=places.environment(), check=True, capture_output=True)  # noqa: S603 - ours
    cookies = sign_in(places.portal)
    paths = list(each_link(places.portal, cookies))

    def look(asked: tuple[str, str]) -> int:
        path, language = asked
        headers = {"Accept-Language": language}
        return requests.get(places.portal + path, cookies=cookies, headers=headers, timeout=120).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(ROUNDS):
            statuses = set(pool.map(look, [(path, language) for path in paths for language in LANGUAGES]))
            if any(status >= 500 for status in statuses):
                raise click.ClickException("A page failed.")

    time.sleep(WORKING)


def each_link(url: str, cookies: dict[str, str]) -> Iterator[str]:
    """Yield the pages that a person comes to from the first one by two clicks."""
    known: dict[str, None] = {"/overview": None, "/invoices": None}
    for path in list(known):
        known |= dict.fromkeys(links_of(url, path, cookies))
    for path in list(known):
        known |= dict.fromkeys(links_of(url, path, cookies))
    yield from list(known)[:LINKS]


def links_of(url: str, path: str, cookies: dict[str, str]) -> list[str]:
    """Return the pages that a page leads to."""
    page = requests.get(url + path, cookies=cookies, timeout=120).text
    found = [link.replace("&amp;", "&") for link in LINK.findall(page)]
    return [link for link in found if not any(part in link for part in NO_PAGES)]


def held_by(places: Places) -> dict[str, list[float]]:
    """Return the megabytes of the processes that answer requests, and of the worker."""
    held: dict[str, list[float]] = {"web": [], "worker": []}
    for pid in children_of(places.pid):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"gunicorn" in command:
            held["web"] += [resident(child) / 2**20 for child in children_of(pid)]
        elif b"worker" in command:
            held["worker"].append(resident(pid) / 2**20)
    return held
