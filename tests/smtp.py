"""A mail server on loopback that keeps what it is given, and can refuse."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Sink:
    """What arrived: the envelope's recipients and the mail; ``refuses`` answers the next ones."""

    port: int = 0
    password: str = ""
    offers_tls: bool = False
    heard: list[str] = field(default_factory=list)
    refuses: list[str] = field(default_factory=list)
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        """The subjects that arrived."""
        return [str(mail["Subject"]) for _, mail in self.mails]


class _Talk(socketserver.StreamRequestHandler):
    sink: Sink
    tls: ssl.SSLContext | None = None
    from_the_start = False

    def setup(self) -> None:
        if self.tls and self.from_the_start:
            self.request = self.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def encrypt(self) -> None:
        """Go on encrypted, as STARTTLS asks."""
        assert self.tls
        self.request = self.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 sink")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            self.sink.heard.append(verb)
            if verb == "STARTTLS":
                self.say("220 go on")
                self.encrypt()
            elif verb == "EHLO":
                self.say("250-sink")
                if self.sink.offers_tls:
                    self.say("250-STARTTLS")
                self.say("250 AUTH PLAIN")
            elif verb == "AUTH":
                self.say(self.sign_in(line.split(" ")[-1]))
            elif verb == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                self.say("250 ok")
            elif verb == "DATA":
                self.say(self.take(to))
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")
        return None

    def sign_in(self, told: str) -> str:
        given = base64.b64decode(told).decode().split("\0")[-1]
        # A rude server: it says aloud what it was told.
        return "235 ok" if given == self.sink.password else f"535 wrong password {given} {told}"

    def take(self, to: list[str]) -> str:
        if self.sink.refuses:
            return self.sink.refuses.pop(0)
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.sink.mails.append((to, message_from_bytes(b"".join(lines), policy=policy.default)))
        return "250 taken"


class _Quiet(socketserver.ThreadingTCPServer):
    """A server that does not print what a client broke off."""

    def handle_error(self, request: object, client_address: object) -> None:
        return None


@contextmanager
def smtp_sink(
    password: str = "", *, tls: ssl.SSLContext | None = None, from_the_start: bool = False
) -> Iterator[Sink]:
    """Serve on a free port meanwhile, encrypted from the start or from STARTTLS on with a context."""
    sink = Sink(password=password, offers_tls=tls is not None and not from_the_start)
    talk = type("Talk", (_Talk,), {"sink": sink, "tls": tls, "from_the_start": from_the_start})
    with _Quiet(("127.0.0.1", 0), talk) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield sink
        finally:
            server.shutdown()
