"""Every way in which an older database comes back, and what each leaves to recognise it by."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from portal.actions.engine.gate import close_copying, may_write
from portal.marks import StoredMarks
from portal.store.gate import GateRow, the_gate
from tests.actions.office import Office

NOW_MADE = 7
THEN_MADE = 5


@dataclass(frozen=True)
class Restore:
    """What a restore left: how many writes each place knows, and what the database says of itself."""

    redis: int
    file: int
    database: int = THEN_MADE
    marked: bool = False
    moved: bool = False
    closes: bool = True


GONE = 0
RESTORES = {
    "flask backup, on the same machine": Restore(NOW_MADE, NOW_MADE, marked=True),
    "flask backup, on a new machine": Restore(GONE, GONE, marked=True),
    "flask backup, with Redis restored": Restore(THEN_MADE, NOW_MADE, marked=True),
    "flask backup, before anything else was written": Restore(THEN_MADE, THEN_MADE, marked=True),
    "a copied SQLite file": Restore(NOW_MADE, NOW_MADE),
    "a copied SQLite file, Redis lost": Restore(GONE, NOW_MADE),
    "a copied SQLite file, with Redis restored": Restore(THEN_MADE, NOW_MADE),
    "a copied SQLite file, the folder lost": Restore(NOW_MADE, GONE),
    "pg_dump into the same database": Restore(NOW_MADE, NOW_MADE, moved=True),
    "pg_dump into another database": Restore(NOW_MADE, NOW_MADE, moved=True),
    "pg_dump, with Redis restored": Restore(THEN_MADE, NOW_MADE, moved=True),
    "pg_dump, on a new machine": Restore(GONE, GONE, moved=True),
    "pg_dump, before anything else was written": Restore(THEN_MADE, THEN_MADE, moved=True),
    "an older disk with the folder, Redis elsewhere": Restore(NOW_MADE, THEN_MADE),
    "an older disk of the database alone, Redis restored": Restore(THEN_MADE, NOW_MADE),
    "an older disk of the database alone, Redis lost": Restore(GONE, NOW_MADE),
    "nothing was restored": Restore(NOW_MADE, NOW_MADE, database=NOW_MADE, closes=False),
    "nothing was restored, Redis is behind": Restore(THEN_MADE, NOW_MADE, database=NOW_MADE, closes=False),
    "nothing was restored, both marks are lost": Restore(GONE, GONE, database=NOW_MADE, closes=False),
    # Only these need an administrator, as docs/operating.md says.
    "an older disk with everything on it": Restore(THEN_MADE, THEN_MADE, closes=False),
    "a copied SQLite file, on a new machine": Restore(GONE, GONE, closes=False),
}


class RedisOf:
    """As much of Redis as marks use."""

    def __init__(self, kept: int) -> None:
        self.kept = kept

    def get(self, _name: str) -> bytes | None:
        return str(self.kept).encode() if self.kept else None

    def set(self, _name: str, value: int) -> None:
        self.kept = value


def marks_of(
    restore: Restore, database_id: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> StoredMarks:
    marks = StoredMarks("redis://127.0.0.1:1/0", folder)
    monkeypatch.setattr(marks, "_redis", RedisOf(restore.redis))
    if restore.file:
        folder.mkdir(exist_ok=True)
        (folder / database_id).write_text(str(restore.file))
    return marks


@pytest.mark.parametrize("what", RESTORES)
def test_a_restored_database_closes_copying_by_itself(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    restore = RESTORES[what]
    assert may_write(office.session, office.marks, now=office.now)
    database_id = the_gate(office.session).database_id
    office.session.execute(
        update(GateRow).values(
            writes=restore.database,
            known_until=office.now - timedelta(days=1) if restore.marked else None,
            table_number="1-1" if restore.moved else GateRow.table_number,
        )
    )
    office.session.commit()
    marks = marks_of(restore, database_id, tmp_path / "marks", monkeypatch)

    assert may_write(office.session, marks, now=office.now) is not restore.closes

    close_copying(office.session, now=office.now)
    assert not may_write(office.session, marks, now=office.now)
