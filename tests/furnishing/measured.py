"""Which tests the coverage of the finance code is measured by, each on one kind of database."""

from collections.abc import Iterator
from contextlib import contextmanager

from coverage import Coverage

# These run the finance code on its way to something else, or in other processes. Measuring makes a test twice
# as slow, and they add nothing to what the others run.
NOT_ASKED = (
    "tests/browser/",
    "tests/budgets/",
    "tests/cli/",
    "tests/crash/",
    "tests/journeys/",
    "tests/sandbox/",
    "tests/store/",
    # They open every address again and again; the tests of the pages run the finance code behind it.
    "tests/web/test_access.py",
    "tests/web/test_addresses.py",
    "tests/web/test_bad_values.py",
    "tests/web/test_fuzz.py",
    "tests/web/test_matrix.py",
)
# The finance code knows no dialect, so it runs the same lines on the second kind.
SECOND_KIND = "[postgres"


def is_measured(nodeid: str) -> bool:
    """Say whether a test counts."""
    return not nodeid.startswith(NOT_ASKED) and SECOND_KIND not in nodeid


@contextmanager
def measured_if_asked(nodeid: str) -> Iterator[None]:
    """Let coverage rest for the block where the test does not count."""
    running = None if is_measured(nodeid) else Coverage.current()
    if running is None:
        yield
        return

    running.stop()
    try:
        yield
    finally:
        running.start()
