"""How long a person's request may wait for Exact and Productive, and how many may wait at once."""

from flask import Flask, g

from portal.remote.deadline import PersonsWait, Places, begin_wait, end_wait

# Half of the threads that the README starts gunicorn with, so that the other pages are always answered.
PLACES = 4


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
