"""In which order the tests run, and which of them share a process, where several processes run them."""

import os
from collections import Counter
from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys/"
# What runs long begins early, so that no process is left alone with it.
LONG = (
    JOURNEYS,
    "tests/browser/",
    "tests/cli/test_bench",
    "tests/crash/",
    "tests/budgets/",
    "tests/histories/",
    "tests/trial/",
    # Few tests each, and long ones.
    "tests/test_reworded",
    "tests/actions/copies/test_readiness",
    "tests/domain/test_properties",
    "tests/actions/copies/test_runs",
    "tests/web/test_matrix",
    "tests/web/test_fuzz",
    "tests/actions/connections/test_token_processes",
    "tests/actions/books/test_one_row",
)


def how_many_processes() -> int | None:
    """Return one more than there are processors, for stories often wait for a lease or a limit."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    return (os.cpu_count() or 1) + 1


def one_file_one_process(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Return a scheduler that gives a file's tests to one process, in the order in which they were put."""
    config.option.loadscopereorder = False
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = shared
    return scheduler


def shared(nodeid: str) -> str:
    """Return what is kept together: a file, and all journeys, for they share a demo."""
    return JOURNEYS if nodeid.startswith(JOURNEYS) else file_of(nodeid)


def file_of(nodeid: str) -> str:
    """Return the file of a test."""
    return nodeid.partition("::")[0]


def long_first(nodeids: Sequence[str]) -> list[int]:
    """Return the places of the tests in their order: long ones, then large files, then small ones."""
    sizes = Counter(map(file_of, nodeids))

    def rank(at: int) -> tuple[int, int, int]:
        nodeid = nodeids[at]
        place = next((place for place, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))
        # The journeys run in one process whatever their sizes, so they keep the order of their files.
        size = 0 if nodeid.startswith(JOURNEYS) else -sizes[file_of(nodeid)]
        return place, size, at

    return sorted(range(len(nodeids)), key=rank)


def put_in_order(items: list[pytest.Item]) -> None:
    """Put the tests in this order."""
    items[:] = [items[at] for at in long_first([item.nodeid for item in items])]
