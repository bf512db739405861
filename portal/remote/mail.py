"""Sends mail by SMTP. A failure says neither what the server said nor what we told it."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from portal.remote.errors import MisconfiguredError, RemoteError, UnreachableError
from portal.settings import MailServer

TIMEOUT = 20.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")
REFUSED = "The mail server does not accept SMTP_URL's user and password. The operator corrects them."
NO_TLS = "The mail server offers no encryption, so SMTP_URL's password was not sent."
FOREIGN = (
    "The mail server's certificate is not valid for the host in SMTP_URL, so nothing was sent. "
    "The operator corrects the host or the certificate."
)


class Mailer:
    """The mail server that the operator named."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def send(self, to: Sequence[str], *, subject: str, text: str) -> None:
        """Send one mail to some people, who do not see one another. Raises a RemoteError."""
        mail = EmailMessage()
        mail["Subject"] = " ".join(subject.split())
        mail["From"] = self._server.sender
        mail["To"] = self._server.sender
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain="portal.invalid")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)

        try:
            with self._connected() as smtp:
                smtp.send_message(mail, to_addrs=list(to))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise failure_of(error) from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Connect, encrypted where the server can, and sign in where we are to."""
        server = self._server
        with self._reached() as smtp:
            smtp.ehlo()
            if not server.encrypted and smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            elif not server.encrypted and server.user and server.host not in LOOPBACK:
                raise MisconfiguredError(NO_TLS)

            if server.user:
                smtp.login(server.user, server.password)

            yield smtp

    def _reached(self) -> smtplib.SMTP:
        """Open the connection. One that is encrypted from the start asks for a certificate of that host."""
        server = self._server
        if server.encrypted:
            checked = ssl.create_default_context()
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=checked)
        return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)


def failure_of(error: Exception) -> RemoteError:
    """Say what a failed mail means."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return MisconfiguredError(REFUSED)
    if isinstance(error, ssl.SSLCertVerificationError):
        return MisconfiguredError(FOREIGN)
    return UnreachableError(f"The mail server did not take the mail ({type(error).__name__}).")
