"""A plugin of pytest that tells what became of each story: its rows, its calls, and how it ended.

The environment names the file that it goes to, and says whether the portal is reworded.
"""

import json
import os
import random
import secrets
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

import pytest
from sqlalchemy import Column, Engine, event, select
from sqlalchemy.orm import Session

from tests.rewording import STORIES_FILE, STORIES_REWORDED
from tests.rewording.hook import install

# Columns that hold people's words; everything else is a state, a number or a name.
WORDS = {"text", "words", "reason", "title", "what", "why", "detail", "message", "answer", "note"}
WORDS |= {"description", "said", "error"}
WORD_ENDINGS = ("trouble", "_text", "_words", "_reason", "_why")

# Chance is the same in both processes, in whatever way a module takes it.
dice = random.Random(0)
uuid.uuid4 = lambda: uuid.UUID(int=dice.getrandbits(128), version=4)
secrets.token_bytes = lambda nbytes=None: dice.randbytes(nbytes or 32)
secrets.token_hex = lambda nbytes=None: dice.randbytes(nbytes or 32).hex()
secrets.token_urlsafe = secrets.token_hex
install(reworded=os.environ[STORIES_REWORDED] == "yes")

stories: dict[str, dict[str, Any]] = {}
calls: list[Any] = []
sessions: WeakSet[Session] = WeakSet()
engines: dict[int, Engine] = {}


@event.listens_for(Session, "after_begin")
def know(session: Session, _transaction: object, connection: Any) -> None:
    """Remember the database of a session."""
    sessions.add(session)
    engines[id(connection.engine)] = connection.engine


def pytest_collection_finish() -> None:
    """Listen to the doubles of both services, and to the wires of the histories."""
    if fakes := sys.modules.get("tests.fakes"):
        _listen(fakes.Failing)
    if wire := sys.modules.get("tests.furnishing.wires"):
        _overhear(wire.Wire)


def _listen(failing: Any) -> None:
    original: Callable[[Any, str], AbstractContextManager[None]] = failing._call

    def call(self: Any, name: str) -> AbstractContextManager[None]:
        given = sys._getframe(1).f_locals
        told = {key: spell(value) for key, value in given.items() if key != "self" and is_fact(key, value)}
        calls.append([type(self).__name__, name, told])
        return original(self, name)

    failing._call = call


def _overhear(wire: Any) -> None:
    original = wire.send

    def send(self: Any, request: Any, **how: Any) -> Any:
        body = request.body or b""
        text = body.decode() if isinstance(body, bytes) else str(body)
        calls.append([request.method, urlsplit(str(request.url)).path, _facts_of(text)])
        return original(self, request, **how)

    wire.send = send


def _facts_of(text: str) -> Any:
    """Return what a body says without the texts for people."""
    try:
        return without_words(json.loads(text)) if text else None
    except ValueError:
        return len(text.split("&"))


def without_words(value: Any) -> Any:
    """Leave out of a value what people read."""
    if isinstance(value, dict):
        return {key: without_words(one) for key, one in value.items() if is_fact(key, one)}
    return [without_words(one) for one in value] if isinstance(value, list) else spell(value)


def is_code(column: Column[Any]) -> bool:
    """Say whether a column holds members of an enum, whatever it is called."""
    return type(column.type).__name__ == "Word"


def is_fact(name: str, value: Any) -> bool:
    """Say whether a named value is a fact, not people's words."""
    is_words = name.lower() in WORDS or name.endswith(WORD_ENDINGS)
    return not is_words and isinstance(value, str | int | bool | None | date | Decimal | dict | list)


def spell(value: Any) -> Any:
    """Spell a value, of a moment only that there is one."""
    if isinstance(value, datetime):
        return "a moment"
    return value if isinstance(value, int | bool | None) else str(value)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin a story: chance is the same each time."""
    dice.seed(item.nodeid)
    random.seed(item.nodeid)
    calls.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Write down what a story came to."""
    ended = "well"
    try:
        return (yield)
    except BaseException as error:
        ended = f"{type(error).__name__}: {str(error)[:300]}"
        raise
    finally:
        stories[item.nodeid] = {"ended": ended, "calls": list(calls), "rows": _rows()}


def _rows() -> dict[str, Any]:
    """Read every table of the databases that the story used."""
    rows = sys.modules.get("portal.store.rows")
    for session in list(sessions):
        session.rollback()
    found: dict[str, Any] = {}
    for engine in engines.values():
        with engine.execution_options(sqlite_begin="DEFERRED").connect() as connection:
            for table in rows.metadata.sorted_tables if rows else ():
                kept = [column for column in table.columns if is_code(column) or is_fact(column.name, None)]
                each = [
                    {column.name: without_words(value) for column, value in zip(kept, row, strict=True)}
                    for row in connection.execute(select(*kept))
                ]
                if table.name == "stale_comparison":
                    # A note says that something is compared anew. How often it is noted means nothing.
                    each = [
                        dict(one)
                        for one in {(("kind", row["kind"]), ("subject", row["subject"])) for row in each}
                    ]
                if each:
                    found.setdefault(table.name, []).extend(sorted(each, key=repr))
    engines.clear()
    return found


def pytest_sessionfinish() -> None:
    """Hand over what was told."""
    Path(os.environ[STORIES_FILE]).write_text(json.dumps(stories, default=str))
