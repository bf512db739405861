"""A service that answers wrongly, in every way that a network knows: raw bytes, one kind at a time.

``KINDS`` is the table. If you know another way, add a line.
"""

import functools
import gzip
import itertools
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

GOOD = b'{"d":{"results":[]},"data":[],"included":[]}'
MEGABYTE = 2**20
DAY = 86_400
PIECE = 65_536


@dataclass(frozen=True)
class Kind:
    """One way to answer: what is written, how many seconds apart, and whether silence or an end follows."""

    pieces: Callable[[], Iterable[bytes]]
    apart: float = 0.0
    then_silent: bool = False
    then_closed: bool = False
    then_reset: bool = False


def once(*pieces: bytes) -> Callable[[], Iterable[bytes]]:
    """Write some bytes and no more."""
    return lambda: pieces


def for_ever(begin: bytes, piece: bytes) -> Callable[[], Iterable[bytes]]:
    """Write the same again and again."""
    return lambda: itertools.chain([begin], itertools.repeat(piece))


def byte_by_byte(text: bytes) -> Callable[[], Iterable[bytes]]:
    """Write one byte at a time."""
    return lambda: (text[at : at + 1] for at in range(len(text)))


def head(status: str = "200 OK", *lines: str, length: int | None = None) -> bytes:
    """Return the head of an answer."""
    told = ["Content-Type: application/json", *lines]
    if length is not None:
        told.append(f"Content-Length: {length}")
    return "\r\n".join([f"HTTP/1.1 {status}", *told, "", ""]).encode()


def whole(status: str = "200 OK", *lines: str, body: bytes = GOOD) -> bytes:
    """Return a whole answer."""
    return head(status, *lines, length=len(body)) + body


def chunk(text: bytes) -> bytes:
    """Return one chunk of an answer without a length."""
    return b"%x\r\n%s\r\n" % (len(text), text)


@functools.cache
def packed_zeros(megabytes: int, *, layers: int = 1) -> bytes:
    """Return zeros, packed by gzip, and what comes of it packed again."""
    packed = bytearray()
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(megabytes):
        packed += packer.compress(bytes(MEGABYTE))

    packed += packer.flush()
    for _ in range(layers - 1):
        packed = bytearray(gzip.compress(bytes(packed)))

    return bytes(packed)


@functools.cache
def deflated_zeros(megabytes: int) -> bytes:
    """Return zeros, packed without a frame that tells how."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def a_bomb(
    encoding: str, packed: Callable[[], bytes], *, chunked: bool = False
) -> Callable[[], Iterable[bytes]]:
    """Write little that becomes much."""

    def pieces() -> Iterator[bytes]:
        body = packed()
        if chunked:
            yield head("200 OK", f"Content-Encoding: {encoding}", "Transfer-Encoding: chunked")
            yield chunk(body) + chunk(b"")
        else:
            yield head("200 OK", f"Content-Encoding: {encoding}", length=len(body)) + body

    return pieces


def resets(minute: object, day: object, *, left: int = 0) -> tuple[str, ...]:
    """Return Exact's headers of limits with these resets."""
    return (
        "X-RateLimit-Limit: 5000",
        f"X-RateLimit-Remaining: {left}",
        f"X-RateLimit-Reset: {day}",
        "X-RateLimit-Minutely-Limit: 60",
        f"X-RateLimit-Minutely-Remaining: {left}",
        f"X-RateLimit-Minutely-Reset: {minute}",
    )


CHUNKED = head("200 OK", "Transfer-Encoding: chunked")
FAR = 4_102_444_800
HTML = b"<!DOCTYPE html><title>Sign in</title>"

KINDS: dict[str, Kind] = {
    # Silence and slowness.
    "silent": Kind(once(), then_silent=True),
    "silent in the headers": Kind(once(b"HTTP/1.1 200 OK\r\nContent-Type: app"), then_silent=True),
    "silent in the body": Kind(once(head(length=500) + GOOD), then_silent=True),
    "silent in a chunk": Kind(once(CHUNKED + b"ff\r\n{"), then_silent=True),
    "one byte a second": Kind(byte_by_byte(whole()), apart=1.0),
    "one byte a second in the body": Kind(lambda: [head(length=500), *byte_by_byte(GOOD * 12)()], apart=1.0),
    "one chunk a second": Kind(for_ever(CHUNKED, chunk(b" ")), apart=1.0),
    "one header a second": Kind(for_ever(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), apart=1.0),
    # Answers without an end.
    "endless continue": Kind(for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
    "endless status line": Kind(for_ever(b"HTTP/1.1 200 ", b"O" * PIECE)),
    "endless headers": Kind(for_ever(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000)),
    "endless header": Kind(for_ever(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * PIECE)),
    "endless body": Kind(for_ever(head(), b" " * PIECE)),
    "endless chunks": Kind(for_ever(CHUNKED, chunk(b" " * PIECE))),
    "endless small chunks": Kind(for_ever(CHUNKED, chunk(b" ") * 10_000)),
    "endless chunk line": Kind(for_ever(CHUNKED, b"0" * PIECE)),
    "endless chunk trailer": Kind(for_ever(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 1000)),
    # Little that becomes much.
    "200 MB of zeros in gzip": Kind(a_bomb("gzip", lambda: packed_zeros(200))),
    "200 MB of zeros in gzip, in chunks": Kind(a_bomb("gzip", lambda: packed_zeros(200), chunked=True)),
    "200 MB of zeros in gzip in gzip": Kind(a_bomb("gzip, gzip", lambda: packed_zeros(200, layers=2))),
    "200 MB of zeros in deflate": Kind(a_bomb("deflate", lambda: deflated_zeros(200))),
    "200 MB of zeros": Kind(
        lambda: itertools.chain([head(length=200 * MEGABYTE)], itertools.repeat(bytes(MEGABYTE), 200))
    ),
    "a refusal of 200 MB in gzip": Kind(
        lambda: [head("500 Oops", "Content-Encoding: gzip", "Connection: close"), packed_zeros(200)],
        then_closed=True,
    ),
    # Connections that end.
    "cut before a word": Kind(once(), then_closed=True),
    "cut in the headers": Kind(once(b"HTTP/1.1 200 OK\r\nContent-"), then_closed=True),
    "cut in the body": Kind(once(head(length=500) + GOOD), then_closed=True),
    "cut in a chunk": Kind(once(CHUNKED + b"ff\r\n{"), then_closed=True),
    "cut in gzip": Kind(
        once(head("200 OK", "Content-Encoding: gzip", "Connection: close") + gzip.compress(GOOD)[:-20]),
        then_closed=True,
    ),
    "reset before a word": Kind(once(), then_reset=True),
    "reset in the body": Kind(once(head(length=500) + GOOD), then_reset=True),
    # What is no answer.
    "no HTTP": Kind(once(b"220 mail.example ESMTP\r\n"), then_closed=True),
    "no gzip": Kind(once(whole("200 OK", "Content-Encoding: gzip"))),
    "HTML": Kind(once(whole(body=HTML))),
    "HTML of a gateway": Kind(once(whole("502 Bad Gateway", body=HTML))),
    "nothing": Kind(once(whole(body=b""))),
    "half of it": Kind(once(whole(body=GOOD[:20]))),
    "a deep nest": Kind(once(whole(body=b"[" * 100_000 + b"]" * 100_000))),
    "a deep nest in a row": Kind(
        once(whole(body=b'{"d":{"results":[' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"]}}"))
    ),
    "a chunk of less than nothing": Kind(once(CHUNKED + b"-5\r\nabc\r\n0\r\n\r\n")),
    "a chunk of more than there can be": Kind(once(CHUNKED + b"f" * 16 + b"\r\nabc"), then_closed=True),
    "two lengths": Kind(once(head("200 OK", "Content-Length: 3", length=44) + GOOD)),
    "more than 100 headers": Kind(once(whole("200 OK", *(f"X-{at}: b" for at in range(150))))),
    # Redirects.
    "redirect to itself": Kind(once(whole("302 Found", "Location: /again"))),
    "redirect to nonsense": Kind(once(whole("302 Found", "Location: http://[::1/"))),
    # Good answers with bad words around them.
    "a date to come": Kind(once(whole("200 OK", "Date: Sat, 31 Jan 2099 13:00:00 GMT"))),
    "a date long ago": Kind(once(whole("200 OK", "Date: Thu, 01 Jan 1970 00:00:00 GMT"))),
    "a date of no calendar": Kind(once(whole("200 OK", "Date: Fri, 99 Foo 0000 99:99:99 GMT"))),
    "the last date of all": Kind(once(whole("200 OK", "Date: Fri, 31 Dec 9999 23:59:59 -1200"))),
    "resets far away": Kind(once(whole("200 OK", *resets(FAR * 1000, FAR * 1000)))),
    "resets in seconds": Kind(once(whole("200 OK", *resets(FAR, FAR)))),
    "resets long ago": Kind(once(whole("200 OK", *resets(0, -1)))),
    "resets that are no numbers": Kind(once(whole("200 OK", *resets("NaN", "soon")))),
    "asks for ten days": Kind(once(whole("429 Too Many", f"Retry-After: {10 * DAY}", body=b""))),
    "asks for ten days by a date": Kind(
        once(whole("503 Down", "Retry-After: Sat, 31 Jan 2099 13:00:00 GMT", body=b""))
    ),
    "asks to wait until long ago": Kind(
        once(whole("429 Too Many", "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT", body=b""))
    ),
    "two answers": Kind(once(whole() + whole(body=b'{"d":{"results":[{"stranger":1}]},"data":[]}'))),
}


@dataclass
class Broken:
    """A service of one kind at a time. ``asked`` counts the requests that arrived whole."""

    kind: Kind
    port: int = 0
    asked: int = 0
    _ends: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the end, each in a thread of its own."""
        listener.settimeout(0.1)
        while not self._ends.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def end(self) -> None:
        """Let every connection go."""
        self._ends.set()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        with connection, suppress(OSError):
            while not self._ends.is_set() and _take_request(connection):
                self.asked += 1
                if not self._answer(connection, self.kind):
                    return

    def _answer(self, connection: socket.socket, kind: Kind) -> bool:
        """Write what the kind says. False when the connection ends with it."""
        for piece in kind.pieces():
            if kind.apart and self._ends.wait(kind.apart):
                return False

            connection.sendall(piece)
            if self._ends.is_set():
                return False

        if kind.then_silent:
            self._ends.wait()

        if kind.then_reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        return not (kind.then_silent or kind.then_closed or kind.then_reset)


def _take_request(connection: socket.socket) -> bool:
    """Read one request with its body. False when there is none."""
    told = b""
    while b"\r\n\r\n" not in told:
        more = connection.recv(PIECE)
        if not more:
            return False
        told += more

    top, _, body = told.partition(b"\r\n\r\n")
    lengths = [line for line in top.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while missing > 0:
        missing -= len(connection.recv(PIECE)) or missing

    return True


@contextmanager
def start_broken(kind: Kind, *, port: int = 0) -> Iterator[Broken]:
    """Yield a service that answers like this."""
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        broken = Broken(kind, listener.getsockname()[1])
        thread = threading.Thread(target=broken.serve, args=(listener,), daemon=True)
        thread.start()

        try:
            yield broken
        finally:
            broken.end()
            thread.join(5)
