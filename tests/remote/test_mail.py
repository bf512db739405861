"""Mail over a real socket, and each way in which it does not go out."""

import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.remote.errors import MisconfiguredError, RemoteError, UnreachableError
from portal.remote.mail import Mailer
from portal.settings import MailServer
from tests.certificates import a_certificate
from tests.smtp import Sink, smtp_sink

PASSWORD = "mail-password-canary"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink(PASSWORD) as sink:
        yield sink


def a_mailer(sink: Sink, password: str = PASSWORD) -> Mailer:
    return Mailer(MailServer("127.0.0.1", sink.port, "Portal <portal@example.com>", "portal", password))


def test_people_get_the_mail_without_seeing_one_another(sink: Sink) -> None:
    a_mailer(sink).send(["a@example.com", "b@example.com"], subject="Straße\nlost", text="Ein Satz: ë.")
    ((to, mail),) = sink.mails
    assert to == ["a@example.com", "b@example.com"]
    assert (mail["Subject"], mail["From"]) == ("Straße lost", "Portal <portal@example.com>")
    assert mail.get_content().strip() == "Ein Satz: ë."
    assert "b@example.com" not in str(mail)


@pytest.mark.parametrize("answer", ["451 later", "554 no", "421 bye"])
def test_a_refusal_is_an_error_that_says_so(sink: Sink, answer: str) -> None:
    sink.refuses = [answer]
    with pytest.raises(UnreachableError, match="did not take the mail"):
        a_mailer(sink).send(["a@example.com"], subject="x", text="x")
    assert sink.mails == []


def test_nobody_there_is_an_error(sink: Sink) -> None:
    mailer = Mailer(MailServer("127.0.0.1", 9, "p@example.com"))
    with pytest.raises(UnreachableError):
        mailer.send(["a@example.com"], subject="x", text="x")


def test_a_wrong_password_is_the_operators_to_mend_and_is_not_repeated(sink: Sink) -> None:
    mailer = a_mailer(sink, wrong := "wrong" + PASSWORD)
    with pytest.raises(MisconfiguredError, match="SMTP_URL") as failed:
        mailer.send(["a@example.com"], subject="x", text="x")
    assert wrong not in "".join(traceback.format_exception(failed.value))


def test_a_password_is_not_sent_in_the_clear_to_another_machine(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.remote.mail.LOOPBACK", ())
    with pytest.raises(MisconfiguredError, match="no encryption"):
        a_mailer(sink).send(["a@example.com"], subject="x", text="x")


def test_an_address_that_cannot_be_spelt_is_an_error(sink: Sink) -> None:
    with pytest.raises(RemoteError):
        a_mailer(sink).send(["ä@example.com"], subject="x", text="x")


@pytest.mark.parametrize("from_the_start", [True, False])
@pytest.mark.parametrize(
    ("name", "known", "taken"),
    [("localhost", True, True), ("localhost", False, False), ("mail.example.com", True, False)],
)
def test_a_password_is_given_only_to_a_certificate_of_that_host(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    from_the_start: bool,
    name: str,
    known: bool,
    taken: bool,
) -> None:
    shown = a_certificate(tmp_path, name)
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(shown)
    with smtp_sink(PASSWORD, tls=tls, from_the_start=from_the_start) as sink:
        mailer = Mailer(
            MailServer("localhost", sink.port, "p@example.com", "portal", PASSWORD, from_the_start)
        )
        if taken:
            mailer.send(["a@example.com"], subject="x", text="x")
            assert sink.subjects == ["x"]
            return
        with pytest.raises(MisconfiguredError, match="certificate is not valid") as failed:
            mailer.send(["a@example.com"], subject="x", text="x")
    assert "AUTH" not in sink.heard
    assert PASSWORD not in "".join(traceback.format_exception(failed.value))
