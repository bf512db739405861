"""A database file is nobody else's to read."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from portal.extensions import keep_private, tame_sqlite


def modes_in(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_a_new_file_and_what_lies_beside_it_are_private(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/portal.sqlite")
    tame_sqlite(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE some (id INTEGER)"))
        assert len(list(tmp_path.iterdir())) > 1
        assert modes_in(tmp_path) == {0o600}
    engine.dispose()


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "portal.sqlite"
    file.write_text("kept")
    file.chmod(0o640)
    keep_private(str(file))
    assert file.read_text() == "kept"
    assert modes_in(tmp_path) == {0o640}


@pytest.mark.parametrize("name", [None, "", ":memory:", "file:some?mode=memory", "/nowhere/at/all.sqlite"])
def test_what_is_no_file_of_ours_is_left_alone(name: str | None) -> None:
    keep_private(name)
