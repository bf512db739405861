"""What is kept outside the database: in Redis and in a file, either of which may be lost."""

from pathlib import Path

from redis import Redis

from portal.marks import StoredMarks
from tests.valkey import start_valkey

NOWHERE = "redis://127.0.0.1:1/0"


def test_the_higher_of_both_places_counts_and_either_may_be_lost(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    folder = tmp_path / "valkey"
    folder.mkdir()
    with start_valkey(folder) as url:
        kept = StoredMarks(url, marks)
        assert kept.highest("a") == 0
        kept.remember("a", 7)
        kept.remember("a", 3)
        assert (kept.highest("a"), kept.highest("b")) == (7, 0)
        (marks / "a").unlink()
        assert kept.highest("a") == 7
        kept.remember("a", 8)
        Redis.from_url(url).flushall()
        assert kept.highest("a") == 8


def test_without_redis_the_file_serves(tmp_path: Path) -> None:
    StoredMarks(NOWHERE, tmp_path).remember("a", 5)
    assert StoredMarks(NOWHERE, tmp_path).highest("a") == 5


def test_without_either_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    marks = StoredMarks(NOWHERE, tmp_path / "file")
    marks.remember("a", 5)
    assert marks.highest("a") == 0


def test_a_file_that_is_no_number_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("seven")
    assert StoredMarks(NOWHERE, tmp_path).highest("a") == 0
