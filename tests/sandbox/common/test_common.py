"""What both sandboxes share."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.sandbox.common.clock import Clock
from portal.sandbox.common.faults import Fault, Faults, is_kind_of_fault
from portal.sandbox.common.limits import Limits, Windows
from portal.sandbox.common.snapshot import Snapshot
from tests.furnishing.waits import until


def test_the_clock_moves_on_and_comes_back() -> None:
    clock = Clock()
    before = clock.now()
    clock.advance(3600)
    assert timedelta(seconds=3599) < clock.now() - before < timedelta(seconds=3660)
    assert clock.reset() == 3600
    assert clock.offset == 0


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/api/v1", "/api/v1/1001/x", True),
        ("SalesEntries", "/api/v1/1001/salesentry/SalesEntries", True),
        ("/api/*/Journals", "/api/v1/1001/financial/Journals", True),
        ("/api/v2", "/api/v1/1001/x", False),
        ("page=2", "/api/v1/x", True),
    ],
)
def test_a_fault_fits_by_prefix_part_or_glob(pattern: str, path: str, fits: bool) -> None:
    assert Fault("*", pattern, 1, "garbage").fits("GET", path, "page=2") is fits


def test_a_fault_is_used_up_and_the_oldest_comes_first() -> None:
    faults = Faults()
    faults.add(Fault("POST", "/x", 2, "drop-after"))
    faults.add(Fault("*", "/", 1, "garbage"))
    assert [fault.do if (fault := faults.take("POST", "/x")) else None for _ in range(4)] == [
        "drop-after",
        "drop-after",
        "garbage",
        None,
    ]
    assert faults.take("GET", "/y") is None


def test_kinds_of_faults_are_known() -> None:
    assert all(map(is_kind_of_fault, ("drop-before", "slow", "truncate", "status:404")))
    assert not any(map(is_kind_of_fault, ("status:", "status:999", "burn")))


def test_windows_begin_at_multiples_of_their_length() -> None:
    windows = Windows(60)
    assert windows.add("a", 119.9) == 1
    assert windows.add("a", 119.9) == 2
    assert windows.used("a", 120.0) == 0
    assert windows.used("b", 119.9) == 0
    assert windows.ends(119.9) == 120.0


def test_limits_come_back_to_what_they_were() -> None:
    limits = Limits(60, 5000)
    limits.minute = 1
    limits.reset()
    assert (limits.minute, limits.day) == (60, 5000)


def test_a_snapshot_is_written_a_moment_after_a_change(tmp_path: Path) -> None:
    snapshot = Snapshot(tmp_path / "deep" / "state.json", lambda: {"a": 1}, pause=0.01)
    assert snapshot.load() is None
    snapshot.touch()
    until(lambda: snapshot.load() is not None, "the snapshot")
    assert snapshot.load() == {"a": 1}


def test_a_broken_snapshot_is_no_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{half")
    assert Snapshot(path, dict).load() is None
