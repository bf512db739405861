"""How long a person's request may wait for Exact and Productive, how many may wait at once, and what then."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, g
from flask_babel import format_time
from flask_babel import gettext as _

from portal.remote.deadline import PersonsWait, Places, begin_wait, end_wait
from portal.remote.errors import RemoteError
from portal.web.common.said import ended, sentence_of

# Half of the threads that docs/operating.md starts gunicorn with, so that other pages are always answered.
PLACES = 4
# Seconds after which a fragment asks again by itself: soon, but no more often than the other side bears.
USUAL = 5
SOONEST = 2
LATEST = 60


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not be read, and after how many seconds it is asked again. 0: a person must act."""

    text: str
    again: int = 0

    def __str__(self) -> str:
        """Show the reason."""
        return self.text


def trouble_of(error: RemoteError, now: datetime) -> Trouble:
    """Say why something could not be read, until when that lasts, and when it is asked again."""
    if not error.helps_to_retry:
        return Trouble(sentence_of(error.said))
    if error.retry_at is None or error.retry_at <= now:
        return Trouble(sentence_of(error.said), USUAL)

    wait = int((error.retry_at - now).total_seconds()) + 1
    until = _("Busy until %(time)s.", time=format_time(error.retry_at, "medium"))
    return Trouble(f"{ended(sentence_of(error.said))} {until}", min(max(wait, SOONEST), LATEST))


def register_waits(app: Flask, seconds: float) -> None:
    """Bound the remote work of every request, from the first call on."""
    places = Places(PLACES)

    def begin() -> None:
        g.persons_wait = PersonsWait(seconds, places)
        begin_wait(g.persons_wait)

    def end(_error: BaseException | None) -> None:
        if wait := g.pop("persons_wait", None):
            end_wait(wait)

    app.before_request(begin)
    app.teardown_request(end)
