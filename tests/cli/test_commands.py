"""The ``flask`` commands."""

from datetime import timedelta

import click
import msgspec
import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy.orm import Session

from jobs.schedule import timetable
from portal.actions.house.keys import bind_secrets
from portal.actions.house.passwords import check_password
from portal.cli.bench.seed import seed_invoices
from portal.cli.database import rotate_keys, upgrade
from portal.cli.people import create_user, set_password
from portal.cli.work import pull_invoices, pull_payments, tick
from portal.extensions import the_portal
from portal.settings import MailServer
from portal.store.connections import ProductiveRow
from portal.store.copies import CopyRow
from portal.store.invoices import InvoiceRow, LineUseRow
from portal.store.people import UserRow
from portal.store.vault import Vault, place_of_productive
from tests.conftest import NOW
from tests.furnishing.connections import add_productive
from tests.smtp import smtp_sink

LONG = "long enough it is"


def run(app: Flask, session: Session, command: click.Command, *words: str) -> tuple[int, str]:
    session.commit()
    done = app.test_cli_runner().invoke(command, list(words))
    return done.exit_code, done.output


def test_the_first_administrator_is_made_by_a_command(app: Flask, session: Session) -> None:
    words = ("Ann.Lee@example.com", "--password", LONG)
    assert run(app, session, create_user, *words) == (
        0,
        "Ann.Lee@example.com may sign in as administrator.\n",
    )
    ann = session.query(UserRow).one()
    assert (ann.email, ann.name, ann.role) == ("ann.lee@example.com", "Ann.Lee", "administrator")
    code, output = run(app, session, create_user, *words)
    assert (code, "is there already" in output) == (1, True)


def test_a_short_password_is_refused(app: Flask, session: Session) -> None:
    assert run(app, session, create_user, "a@b.c", "--password", "short")[0] == 2


def test_a_password_can_be_set(app: Flask, session: Session) -> None:
    run(app, session, create_user, "a@example.com", "--password", LONG)
    assert run(app, session, set_password, "a@example.com", "--password", LONG + "!")[0] == 0
    assert check_password(session, "a@example.com", LONG + "!") is not None
    code, output = run(app, session, set_password, "b@example.com", "--password", LONG)
    assert (code, "Nobody" in output) == (1, True)


def test_seeded_invoices_are_whole_and_go_on_counting(app: Flask, session: Session) -> None:
    run(app, session, seed_invoices, "60")
    assert run(app, session, seed_invoices, "40")[0] == 0
    rows = session.query(InvoiceRow).all()
    assert len({row.id for row in rows}) == 100
    assert all(row.invoice().fingerprint() == row.fingerprint for row in rows)
    assert {row.latest_copy_id for row in rows} - {None} == {copy.id for copy in session.query(CopyRow)}
    assert len({row.copy_state for row in rows}) > 3
    assert session.query(LineUseRow).count() >= 200


def test_keys_are_rotated(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    old = the_portal(app).vault
    sealed = old.seal("token", place_of_productive("703"))
    add_productive(session, NOW, token_sealed=sealed)
    new_key = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
    settings = the_portal(app).settings
    the_portal(app).vault = Vault((new_key, *settings.encryption_keys))
    assert run(app, session, rotate_keys) == (0, "Sealed anew: 1\n")
    sealed = session.query(ProductiveRow).one().token_sealed
    assert Vault((new_key,)).open(sealed, place_of_productive("703")) == "token"


def test_secrets_of_an_older_portal_are_bound_once_to_their_rows(app: Flask, session: Session) -> None:
    vault = the_portal(app).vault
    plain = Fernet(the_portal(app).settings.encryption_keys[0].encode()).encrypt(b"token").decode()
    add_productive(session, NOW, token_sealed=plain)
    session.flush()
    assert bind_secrets(session, vault) == 1
    bound = session.query(ProductiveRow).one().token_sealed
    assert vault.open(bound, place_of_productive("703")) == "token"
    bind_secrets(session, vault)
    assert session.query(ProductiveRow).one().token_sealed == bound


def test_the_ticker_asks_for_what_is_due_once(app: Flask, nudges: list[tuple[str, str]]) -> None:
    with app.app_context():
        first = tick(NOW)
        assert tick(NOW + timedelta(seconds=5)) == []
        assert tick(NOW + timedelta(seconds=11)) == ["sweep", "consents", "hints"]
        clockwork = [line.name for line in timetable(the_portal(app).settings)]
    assert first == clockwork
    assert nudges[0] == nudges[-3] == ("jobs.copies.sweep", "")


def test_pulls_can_be_asked_for_by_hand(app: Flask, session: Session) -> None:
    assert run(app, session, pull_invoices) == (0, "The invoices were pulled.\n")
    assert run(app, session, pull_payments) == (0, "The payment pulls were asked for.\n")


def test_upgrade_brings_an_empty_database_up(tmp_path: object, settings: msgspec.Struct) -> None:
    from portal.factory import create_app
    from portal.settings import Settings

    assert isinstance(settings, Settings)
    done = create_app(settings).test_cli_runner().invoke(upgrade)
    assert "newest revision" in done.output


def test_a_test_mail_is_sent_or_says_why_not(app: Flask) -> None:
    with smtp_sink() as sink:
        server = MailServer("127.0.0.1", sink.port, "portal@example.com")
        run = app.test_cli_runner()
        assert "SMTP_URL is not set" in run.invoke(args=["send-test-mail", "a@example.com"]).output
        wiring = the_portal(app).wiring
        before = wiring.settings
        wiring.settings = msgspec.structs.replace(wiring.settings, mail=server)
        try:
            assert "was taken" in run.invoke(args=["send-test-mail", "a@example.com"]).output
            sink.refuses = ["554 no"]
            assert "did not take" in run.invoke(args=["send-test-mail", "a@example.com"]).output
        finally:
            wiring.settings = before
    assert sink.subjects == ["[Portal] Test"]
