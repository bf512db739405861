"""HTTP with time-outs and without redirects. Every failure becomes a ``RemoteError``."""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import requests
import structlog
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from portal.domain.failed import Failed
from portal.domain.said import said
from portal.redact import know, strike_known
from portal.remote.bodies import read_json
from portal.remote.bounded import CALL_SECONDS, TooLargeError, mount
from portal.remote.clock import RemoteClock, read_retry_after
from portal.remote.deadline import at_most, does_person_wait, seconds_left
from portal.remote.errors import BadAnswerError, LostReplyError, RemoteError, UnreachableError
from portal.remote.lease import check_lease

# 1,000 rows of Exact or 200 of Productive with all that belongs to them are a few megabytes.
LARGEST_ANSWER = 24 * 2**20
SECRET_HEADERS = ("Authorization", "X-Auth-Token")


# A read is repeated this often after a failure that passes, and once after a broken connection.
REPEATS = 2
PAUSES = (0.0, 0.2)
LONGEST_PAUSE = timedelta(seconds=5)
PASSING = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call for the log: never a query, a body or a header, for they may hold secrets."""

    method: str
    path: str
    status: int | None
    seconds: float
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def is_success(self) -> bool:
        """Say whether the remote did what was asked."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text, with odd bytes replaced."""
        return self.body.decode("utf-8-sig", "replace")

    def json(self) -> object:
        """Return the body's JSON with exact decimals. Raise BadAnswerError for any other body."""
        try:
            return read_json(self.text)
        except ValueError:
            raise BadAnswerError("The answer is not JSON.", status=self.status) from None


def log_call(record: CallRecord) -> None:
    """Write a call to the log."""
    structlog.get_logger("portal.remote").info(
        "remote_call",
        method=record.method,
        path=record.path,
        status=record.status,
        seconds=round(record.seconds, 3),
        failure=record.failure,
    )


class Transport:
    """Sends one request at a time and says truthfully whether it may have arrived.

    Without ``repeats`` not even a read is sent a second time, so that calls can be counted.
    """

    def __init__(
        self,
        *,
        read_timeout: float = CALL_SECONDS,
        largest: int = LARGEST_ANSWER,
        clock: RemoteClock | None = None,
        on_call: Callable[[CallRecord], None] = log_call,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        repeats: bool = True,
    ) -> None:
        self.clock = clock or RemoteClock()
        self._seconds = read_timeout
        self._on_call = on_call
        self._sleep = sleep
        self._repeats = REPEATS if repeats else 0
        self._session = session or requests.Session()
        mount(self._session, largest)

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send a request and return the answer, whatever its status. Raise when there was none.

        One try takes ``read_timeout`` seconds at most, from the look-up of the name to the last byte, and
        all tries twice that. Where a person waits it takes less.
        """
        check_lease()
        started = time.monotonic()
        repeats = self._repeats if method == "GET" else 0

        try:
            with at_most(2 * self._seconds):
                answer = self._repeat(lambda: self._send(method, url, headers, body), repeats)
        except RemoteError as error:
            self._report(method, url, None, started, type(error).__name__)
            raise

        self._report(method, url, answer.status, started, None)
        self.clock.learn(answer.headers, is_good=answer.is_success)
        return answer

    def _repeat(self, send: Callable[[], Answer], repeats: int) -> Answer:
        """Send, and again after a failure that passes, while there is time."""
        broke = False
        for pause in PAUSES[:repeats]:
            try:
                answer = send()
            except BadAnswerError:
                raise
            except LostReplyError:
                if broke or not self._has_time(pause):
                    raise
                broke = True
                continue

            if answer.status not in PASSING:
                return answer

            asked = self._asked_pause(answer)
            wait = pause if asked is None else asked.total_seconds()
            if not self._has_time(wait):
                return answer

            self._sleep(wait)

        return send()

    def _asked_pause(self, answer: Answer) -> timedelta | None:
        """Return how long an answer asks to wait. A person does not wait for it here."""
        asked = read_retry_after(answer.headers)
        if asked is not None and (asked > LONGEST_PAUSE or does_person_wait()):
            return timedelta.max
        return asked

    def _has_time(self, pause: float) -> bool:
        try:
            return seconds_left(CALL_SECONDS) > pause
        except TimeoutError:
            return False

    def _send(self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None) -> Answer:
        try:
            with at_most(self._seconds):
                reply = self._session.request(
                    method,
                    url,
                    headers=dict(headers or {}),
                    data=body,
                    allow_redirects=False,
                    auth=_keep_headers,
                )
        except requests.RequestException as error:
            raise failure_of(error) from None
        except TooLargeError:
            raise BadAnswerError(said(Failed.ANSWER_TOO_LARGE)) from None
        except TimeoutError:
            raise UnreachableError(said(Failed.NO_TIME)) from None

        answer = Answer(reply.status_code, reply.headers, reply.content, url)
        return answer if answer.is_success else _without_secrets(answer, headers or {})

    def _report(self, method: str, url: str, status: int | None, started: float, failure: str | None) -> None:
        seconds = time.monotonic() - started
        self._on_call(CallRecord(method, urlsplit(url).path, status, seconds, failure))


def _without_secrets(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Strike out what a refusal repeats of our secrets before anybody reads, cuts or keeps its words."""
    know(*(value.removeprefix("Bearer ") for name, value in headers.items() if name in SECRET_HEADERS))
    told = {name: strike_known(value) for name, value in answer.headers.items()}
    # Latin-1 takes any byte and gives it back.
    body = strike_known(answer.body.decode("latin-1")).encode("latin-1", "replace")
    return Answer(answer.status, told, body, answer.url)


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand in as the authentication, lest requests puts a password from ~/.netrc over ours."""
    return request


def failure_of(error: requests.RequestException) -> RemoteError:
    """Say what a failed request means.

    Its texts and its request stay out, for they may hold secrets.
    """
    if _never_left(error):
        return UnreachableError(said(Failed.NO_CONNECTION))
    if isinstance(error, requests.Timeout) or isinstance(_cause_of(error), ReadTimeoutError):
        return LostReplyError(said(Failed.NO_ANSWER))
    return LostReplyError(said(Failed.BROKE_OFF))


def _never_left(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = _cause_of(error)
    reason = getattr(cause, "reason", cause)
    inner = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    return isinstance(reason, NewConnectionError) or isinstance(inner, ssl.SSLCertVerificationError)


def _cause_of(error: requests.RequestException) -> object:
    return error.args[0] if error.args else None
