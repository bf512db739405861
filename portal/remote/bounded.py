"""HTTP whose answers are bounded: in time from the look-up of a name on, and in bytes as they arrive.

The time-out of a socket begins anew with each byte, so every read gets what is left of the whole.
"""

import http.client
import io
import queue
import socket
import threading
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError

from portal.remote.deadline import seconds_left

CONNECT_SECONDS = 5.0
CALL_SECONDS = 60.0
CHUNK = 65_536
# What headers and the frames of chunks may add to a body.
EXTRA_BYTES = 1_048_576
# The page of a refusal is read so far; what comes after it says nothing.
REFUSAL_BYTES = 262_144

_largest: ContextVar[int] = ContextVar("largest", default=EXTRA_BYTES)


class TooLargeError(Exception):
    """An answer is larger than any real one. Reading it was given up."""


class _BoundedStream(io.RawIOBase):
    """What arrives on a socket, read within the time and the size that are left."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket, most: int) -> None:
        super().__init__()
        self._inner = inner
        self._sock = sock
        self._left = most
        self.may_end = False

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, waiting no longer than the call may last."""
        self._sock.settimeout(seconds_left(CALL_SECONDS))
        count = self._inner.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise TooLargeError
        if count == 0 and not self.may_end:
            raise ConnectionResetError("the connection ended within the headers")

        return count if count is None else int(count)

    def close(self) -> None:
        """Close what is read."""
        super().close()
        self._inner.close()


class _BoundedResponse(http.client.HTTPResponse):
    """An answer whose status line, headers, frames and body are all read within bounds."""

    def __init__(self, sock: socket.socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self._stream = _BoundedStream(self.fp.detach(), sock, _largest.get())
        self.fp = io.BufferedReader(self._stream)

    def begin(self) -> None:
        """Read the status and the headers, which are no answer when they are cut."""
        super().begin()
        self._stream.may_end = True


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises TimeoutError, for a resolver has no time-out of ours."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(address[0]) for *_, address in told])
        except OSError as error:
            found.put(error)
        except UnicodeError:
            # A label of the name is empty, or longer than any can be.
            found.put(socket.gaierror("no such name"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=seconds_left(CONNECT_SECONDS))
    except queue.Empty:
        raise TimeoutError("no answer about the name") from None

    if isinstance(answer, OSError):
        raise answer

    return list(dict.fromkeys(answer))


class _BoundedConnection(HTTPConnection):
    """A connection that is looked up, made, written and read within the time of the call."""

    response_class = _BoundedResponse

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            addresses = look_up(name.strip("[]"), self.port or self.default_port)
            return self._first_that_answers(addresses)
        except socket.gaierror as error:
            raise NameResolutionError(name, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "The time for the connection is over.") from error
        finally:
            self._dns_host = name

    def _first_that_answers(self, addresses: list[str]) -> socket.socket:
        for address in addresses[:-1]:
            try:
                return self._connect_to(address)
            except OSError:
                continue
            except ConnectTimeoutError:
                continue

        return self._connect_to(addresses[-1])

    def _connect_to(self, address: str) -> socket.socket:
        self._dns_host = address
        self.timeout = seconds_left(CONNECT_SECONDS)
        return super()._new_conn()

    def send(self, data: Any) -> None:
        """Send within the time that is left."""
        if self.sock is not None:
            self.sock.settimeout(seconds_left(CALL_SECONDS))
        super().send(data)


class _BoundedSecureConnection(_BoundedConnection, HTTPSConnection):
    """The same, encrypted. The handshake has a time-out for the whole of it."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _BoundedSecureConnection


class BoundedAdapter(HTTPAdapter):
    """Sends once and reads the whole answer, at most ``largest`` bytes of it before and after unpacking."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        super().__init__(max_retries=0)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        """Make the connections bounded ones."""
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *given: Any, **named: Any) -> Any:
        """Make the connections to a proxy bounded ones."""
        manager = super().proxy_manager_for(*given, **named)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # type: ignore[override]  # requests names the same
        """Send, and read the answer to its end. Raise TooLargeError where that is too far."""
        left = seconds_left(CALL_SECONDS)
        before = _largest.set(self._largest + EXTRA_BYTES)

        try:
            reply = super().send(
                request, **{**how, "stream": True, "timeout": (min(CONNECT_SECONDS, left), left)}
            )
            # Nobody follows a redirect, and requests would prepare the next request from any nonsense.
            reply.headers.pop("Location", None)
            _read(reply, self._largest)
        except requests.RequestException:
            raise
        except ValueError as error:
            # Such as a chunk of less than nothing.
            raise requests.exceptions.ChunkedEncodingError(error) from None
        finally:
            _largest.reset(before)

        return reply


def _read(reply: requests.Response, largest: int) -> None:
    """Keep the body of an answer. Of a refusal only so much as its words may need."""
    parts: list[bytes] = []
    size = 0

    for part in reply.iter_content(CHUNK):
        size += len(part)
        if size > largest:
            reply.close()
            raise TooLargeError

        parts.append(part)
        if not reply.ok and size > REFUSAL_BYTES:
            reply.close()
            break

    reply._content = b"".join(parts)
    reply._content_consumed = True  # type: ignore[attr-defined]  # what reading it through requests sets


def mount(session: requests.Session, largest: int) -> None:
    """Let a session's calls be bounded."""
    adapter = BoundedAdapter(largest)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
