"""Which tests the coverage of the finance code is measured by: its own, on one kind of database."""

from collections.abc import Iterator
from contextlib import contextmanager

from coverage import Coverage

# What runs the finance code only on its way to a page is not asked: measuring makes a test twice as slow.
ITS_OWN = (
    "tests/actions/",
    "tests/domain/",
    "tests/exact/",
    "tests/jobs/",
    "tests/oddities/",
    "tests/productive/",
    "tests/remote/",
)
# The finance code knows no dialect, so it runs the same lines on the second kind.
SECOND_KIND = "[postgres"


def is_measured(nodeid: str) -> bool:
    """Say whether a test counts."""
    return nodeid.startswith(ITS_OWN) and SECOND_KIND not in nodeid


@contextmanager
def measured_if_its_own(nodeid: str) -> Iterator[None]:
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
