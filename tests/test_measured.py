"""Coverage is measured by the tests that count for it, and rests in all others."""

import pytest
from coverage import Coverage

from tests.furnishing.measured import measured_if_asked


@pytest.mark.parametrize(
    ("nodeid", "counts"),
    [
        ("tests/domain/test_money.py::test_cents", True),
        ("tests/actions/copies/test_perform.py::test_a_copy[sqlite]", True),
        ("tests/actions/copies/test_perform.py::test_a_copy[postgres]", False),
        ("tests/actions/copies/test_perform.py::test_a_copy[postgres-refused]", False),
        ("tests/web/test_invoices.py::test_the_list", True),
        ("tests/web/test_matrix.py::test_no_other_method_is_answered", False),
        ("tests/store/test_lanes.py::test_a_lane[sqlite]", False),
        ("tests/browser/test_story.py::test_the_story_of_a_finance_team[chromium]", False),
    ],
)
def test_coverage_rests_in_tests_that_do_not_count(nodeid: str, counts: bool) -> None:
    coverage = Coverage(data_file=None, config_file=False, source=["tests"])
    coverage.start()
    try:
        with measured_if_asked(nodeid):
            assert (Coverage.current() is coverage) is counts
        assert Coverage.current() is coverage
    finally:
        coverage.stop()


def test_it_is_measured_again_after_a_test_that_fails() -> None:
    coverage = Coverage(data_file=None, config_file=False, source=["tests"])
    coverage.start()
    try:
        with pytest.raises(ZeroDivisionError), measured_if_asked("tests/cli/test_commands.py::test_one"):
            raise ZeroDivisionError
        assert Coverage.current() is coverage
    finally:
        coverage.stop()
