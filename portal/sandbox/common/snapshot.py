"""Keeps a sandbox's state in one JSON file: written a moment after a change, and at exit."""

import atexit
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread

import msgspec


class Snapshot:
    """``touch()`` after each change. A thread writes at most once a second, ``flush()`` writes at once."""

    def __init__(self, path: Path, dump: Callable[[], object], pause: float = 1.0) -> None:
        self.path = path
        self._dump = dump
        self._pause = pause
        self._dirty = Event()
        self._writing = Lock()
        Thread(target=self._keep_writing, name=f"snapshot {path.name}", daemon=True).start()
        atexit.register(self.flush)

    def load(self) -> object | None:
        """What was written last, as plain JSON values, or None if there is nothing that can be read."""
        try:
            found: object = msgspec.json.decode(self.path.read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
        return found

    def touch(self) -> None:
        """Something changed."""
        self._dirty.set()

    def flush(self) -> None:
        """Write now if something changed, whole or not at all."""
        with self._writing:
            if not self._dirty.is_set():
                return

            self._dirty.clear()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial = self.path.with_suffix(".part")
            partial.write_bytes(msgspec.json.encode(self._dump()))
            partial.replace(self.path)

    def _keep_writing(self) -> None:
        while self._dirty.wait():
            began = time.monotonic()
            self.flush()
            # A big state takes long to write; nineteen parts in twenty of the time stay for answering.
            time.sleep(max(self._pause, 20 * (time.monotonic() - began)))
