"""Work whose sign-in does not work now, and which waits for a person."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import structlog

from portal.remote.errors import SIGNED_OUT

log = structlog.get_logger("portal.jobs")
Given = ParamSpec("Given")


def waits_for_sign_in(job: Callable[Given, None]) -> Callable[Given, None]:
    """Let a job end in one line of the log while its sign-in does not work."""

    @wraps(job)
    def work(*given: Given.args, **named: Given.kwargs) -> None:
        try:
            job(*given, **named)
        except SIGNED_OUT as error:
            name = f"{job.__module__}.{job.__name__}"
            log.warning("signed out", job=name, subject=" ".join(map(str, given)), text=error.text)

    return work
