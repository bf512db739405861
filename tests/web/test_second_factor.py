"""The second factor: set up, asked for after the password, lost and taken away."""

from datetime import UTC, datetime, timedelta

import msgspec
import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from portal.domain.events import EventKind
from portal.extensions import the_portal
from portal.store.events import EventRow
from portal.store.people import UserRow
from portal.store.recovery_codes import RecoveryCodeRow
from portal.store.sessions import SessionRow
from portal.store.vault import Vault, place_of_second_factor
from portal.web.auth.halfway import LASTS
from tests.conftest import SignedIn, new_client
from tests.furnishing.passwords import PASSWORD
from tests.pages import CheckingClient, read_page

MAIL = "finance@example.com"
PAGE = "/account/second-factor"
MINUTE = timedelta(minutes=1)


class Anna:
    """Somebody with a second factor, and what only they know."""

    def __init__(self, app: Flask, session: Session, client: CheckingClient) -> None:
        self.app = app
        self.session = session
        self.client = client
        self.at = datetime.now(UTC)
        self.key = ""
        self.codes: list[str] = []

    @property
    def row(self) -> UserRow:
        self.session.commit()
        return self.session.query(UserRow).filter_by(email=MAIL).one()

    def code(self, later: timedelta = timedelta(0)) -> str:
        return pyotp.TOTP(self.key).at(datetime.now(UTC) + later)

    def wrong(self) -> str:
        """Return six digits that fit no step near now."""
        near = {self.code(timedelta(seconds=30) * step) for step in range(-3, 4)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444") if code not in near)

    def set_up(self) -> None:
        assert self.client.post(f"{PAGE}/start").status_code == 302
        page = read_page(self.client.get(PAGE).text)
        self.key = page.select_one(".factor-key").text  # type: ignore[union-attr]
        answer = self.client.post(PAGE, data={"code": self.code()})
        assert answer.status_code == 200
        self.codes = [code.text for code in read_page(answer.text).select(".recovery-codes code")]

    def begin_to_sign_in(self) -> CheckingClient:
        """Give the password in another browser."""
        browser = new_client(self.app, self.session)
        answer = browser.post("/sign-in?next=/invoices", data={"email": MAIL, "password": PASSWORD})
        assert answer.headers["Location"] == "/sign-in/code?next=/invoices"
        return browser


def enter(browser: CheckingClient, code: str) -> int:
    return browser.post("/sign-in/code?next=/invoices", data={"code": code}).status_code


def is_in(browser: CheckingClient) -> bool:
    return browser.get("/account").status_code == 200


@pytest.fixture
def anna(app: Flask, session: Session, signed_in: SignedIn) -> Anna:
    return Anna(app, session, signed_in("finance"))


@pytest.fixture
def careful(anna: Anna) -> Anna:
    """Anna, who set up a second factor an hour ago."""
    anna.set_up()
    anna.row.factor_step -= 120
    anna.session.commit()
    return anna


def kinds(session: Session) -> list[str]:
    session.commit()
    return [row.code for row in session.query(EventRow).order_by(EventRow.id)]


def test_setting_it_up_shows_a_key_and_then_ten_codes_once(anna: Anna) -> None:
    assert "Set up" in anna.client.get(PAGE).text
    anna.set_up()
    assert len(anna.codes) == len(set(anna.codes)) == 10
    page = anna.client.get(PAGE).text
    assert "You have 10 recovery codes left." in page
    assert anna.key not in page
    assert not any(code in page for code in anna.codes)
    assert anna.row.has_second_factor
    assert kinds(anna.session) == ["second_factor_on"]


def test_nothing_is_asked_for_before_a_code_was_shown(anna: Anna) -> None:
    anna.client.post(f"{PAGE}/start")
    anna.key = read_page(anna.client.get(PAGE).text).select_one(".factor-key").text  # type: ignore[union-attr]
    assert anna.client.post(PAGE, data={"code": anna.wrong()}).status_code == 422
    assert not anna.row.has_second_factor
    browser = new_client(anna.app, anna.session)
    assert browser.post("/sign-in", data={"email": MAIL, "password": PASSWORD}).headers["Location"] == "/"
    assert is_in(browser)


def test_the_picture_and_the_typed_key_are_the_same(anna: Anna) -> None:
    anna.client.post(f"{PAGE}/start")
    page = read_page(anna.client.get(PAGE).text)
    assert page.select_one(".factor-picture svg") is not None
    assert page.select(".factor-picture [style]") == []
    with anna.app.app_context():
        sealed = anna.row.factor_sealed or ""
        kept = the_portal().vault.open(sealed, place_of_second_factor(anna.row.id))
    assert page.select_one(".factor-key").text == kept  # type: ignore[union-attr]
    assert kept not in sealed


def test_setting_it_up_ends_the_other_sessions_and_keeps_this_one(anna: Anna) -> None:
    other = new_client(anna.app, anna.session)
    other.post("/sign-in", data={"email": MAIL, "password": PASSWORD})
    assert is_in(other)
    anna.set_up()
    assert not is_in(other)
    assert is_in(anna.client)


def test_the_password_alone_lets_nobody_in(careful: Anna) -> None:
    browser = careful.begin_to_sign_in()
    assert not is_in(browser)
    assert browser.get("/invoices").status_code == 302
    assert "signed_in" not in kinds(careful.session)
    assert careful.session.query(SessionRow).count() == 1


def test_the_code_of_now_lets_in_and_leads_back(careful: Anna) -> None:
    browser = careful.begin_to_sign_in()
    answer = browser.post("/sign-in/code?next=/invoices", data={"code": careful.code()})
    assert answer.headers["Location"] == "/invoices"
    assert is_in(browser)
    assert kinds(careful.session)[-1].startswith("signed_in")


@pytest.mark.parametrize("later", [-30, 30])
def test_a_clock_that_is_half_a_minute_off_does_not_matter(careful: Anna, later: int) -> None:
    with time_machine.travel(datetime.now(UTC).replace(second=15), tick=False):
        assert enter(careful.begin_to_sign_in(), careful.code(timedelta(seconds=later))) == 302


@pytest.mark.parametrize("later", [-120, -90, 90, 3600])
def test_a_code_of_another_time_is_refused(careful: Anna, later: int) -> None:
    with time_machine.travel(datetime.now(UTC).replace(second=15), tick=False):
        assert enter(careful.begin_to_sign_in(), careful.code(timedelta(seconds=later))) == 422


def test_a_code_is_taken_once_and_none_before_it(careful: Anna) -> None:
    with time_machine.travel(datetime.now(UTC).replace(second=15), tick=False):
        code = careful.code()
        before = careful.code(timedelta(seconds=-30))
        assert enter(careful.begin_to_sign_in(), code) == 302
        again = careful.begin_to_sign_in()
        assert enter(again, code) == 422
        assert enter(again, before) == 422
        assert not is_in(again)
        assert enter(again, careful.code(timedelta(seconds=30))) == 302


def test_the_code_that_set_it_up_is_used_up(anna: Anna) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        anna.set_up()
        assert enter(anna.begin_to_sign_in(), anna.code()) == 422


def test_a_recovery_code_lets_in_once(careful: Anna) -> None:
    code = careful.codes[3]
    assert enter(careful.begin_to_sign_in(), f" {code.upper()} ") == 302
    assert "recovery_code_used" in kinds(careful.session)
    again = careful.begin_to_sign_in()
    assert enter(again, code) == 422
    assert enter(again, careful.codes[4]) == 302
    assert careful.session.query(RecoveryCodeRow).count() == 8


def test_recovery_codes_are_not_kept_as_they_are(careful: Anna) -> None:
    kept = {row.code_hash for row in careful.session.query(RecoveryCodeRow)}
    assert len(kept) == 10
    assert not any(code.replace("-", "") in one for code in careful.codes for one in kept)


def test_a_recovery_code_of_somebody_else_lets_nobody_in(careful: Anna, signed_in: SignedIn) -> None:
    other = Anna(careful.app, careful.session, signed_in("viewer"))
    other.set_up()
    assert enter(careful.begin_to_sign_in(), other.codes[0]) == 422


def test_new_recovery_codes_replace_the_old(careful: Anna) -> None:
    answer = careful.client.post(f"{PAGE}/codes")
    new = [code.text for code in read_page(answer.text).select(".recovery-codes code")]
    assert len(new) == 10
    assert not set(new) & set(careful.codes)
    assert enter(careful.begin_to_sign_in(), careful.codes[0]) == 422
    assert enter(careful.begin_to_sign_in(), new[0]) == 302


def test_wrong_codes_bring_a_wait_that_no_right_code_breaks(careful: Anna) -> None:
    browser = careful.begin_to_sign_in()
    for _try in range(5):
        assert enter(browser, careful.wrong()) == 422
    answer = browser.post("/sign-in/code", data={"code": careful.code()})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert "Too many wrong codes." in answer.text
    # Neither another browser nor a recovery code gets past it.
    assert enter(careful.begin_to_sign_in(), careful.codes[0]) == 429
    assert kinds(careful.session).count("code_failed") == 5

    with time_machine.travel(datetime.now(UTC) + 3 * MINUTE):
        assert enter(careful.begin_to_sign_in(), careful.code()) == 302


def test_halfway_is_forgotten_after_five_minutes(careful: Anna) -> None:
    browser = careful.begin_to_sign_in()
    with time_machine.travel(datetime.now(UTC) + LASTS + MINUTE):
        answer = browser.post("/sign-in/code", data={"code": careful.code()})
        assert answer.headers["Location"].startswith("/sign-in?")
        assert not is_in(browser)


def test_halfway_ends_with_another_password(careful: Anna) -> None:
    browser = careful.begin_to_sign_in()
    careful.row.password_hash = "another"
    careful.session.commit()
    assert browser.get("/sign-in/code").headers["Location"].startswith("/sign-in?")


def test_who_was_deactivated_halfway_stays_out(careful: Anna) -> None:
    browser = careful.begin_to_sign_in()
    careful.row.active = False
    careful.session.commit()
    assert enter(browser, careful.code()) == 302
    assert not is_in(browser)


def test_nobody_enters_a_code_without_a_password(careful: Anna, client: CheckingClient) -> None:
    for method in ("get", "post"):
        answer = getattr(client, method)("/sign-in/code?next=//evil.example")
        assert answer.headers["Location"] == "/sign-in?next=/"


def test_an_empty_code_is_said_at_its_field_and_costs_no_try(careful: Anna) -> None:
    browser = careful.begin_to_sign_in()
    for _try in range(9):
        assert enter(browser, "") == 422
    assert enter(browser, careful.code()) == 302


def test_a_key_that_is_missing_is_said_and_recovery_codes_still_work(careful: Anna) -> None:
    portal = the_portal(careful.app)
    portal.vault = Vault(["ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="])
    browser = careful.begin_to_sign_in()
    answer = browser.post("/sign-in/code", data={"code": careful.code()})
    assert answer.status_code == 503
    assert "Tell the operator, or enter a recovery code." in answer.text
    assert enter(browser, careful.codes[0]) == 302


def test_switching_it_off_asks_for_the_own_password(careful: Anna) -> None:
    with time_machine.travel(datetime.now(UTC) + 20 * MINUTE):
        careful.client.get("/account")
        assert careful.client.post(f"{PAGE}/off").status_code == 422
        assert careful.client.post(f"{PAGE}/codes").status_code == 422
        assert careful.row.has_second_factor
        assert careful.client.post(f"{PAGE}/off", data={"own_password": PASSWORD}).status_code == 302
    assert not careful.row.has_second_factor
    assert careful.row.factor_sealed is None
    assert careful.session.query(RecoveryCodeRow).count() == 0
    assert "second_factor_off" in kinds(careful.session)


@pytest.fixture
def required(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = msgspec.structs.replace(the_portal(app).settings, needs_second_factor=True)
    monkeypatch.setattr(the_portal(app), "settings", settings)


@pytest.mark.usefixtures("required")
def test_where_it_is_required_nothing_else_is_open_before_it(anna: Anna) -> None:
    for address in ("/", "/invoices", "/account", "/activity.csv"):
        assert anna.client.get(address).headers["Location"] == PAGE, address
    assert anna.client.htmx("/invoices/live").headers["HX-Redirect"] == PAGE
    assert anna.client.post("/account/language", data={"language": "en-GB"}).headers["Location"] == PAGE
    page = anna.client.get(PAGE).text
    assert "This portal asks everybody for a code" in page
    assert "/invoices" not in page
    anna.set_up()
    assert anna.client.get("/account").status_code == 200


@pytest.mark.usefixtures("required")
def test_where_it_is_required_nobody_switches_it_off(careful: Anna) -> None:
    assert "Switch it off" not in careful.client.get(PAGE).text
    assert careful.client.post(f"{PAGE}/off").status_code == 302
    assert careful.row.has_second_factor


def test_an_administrator_takes_it_away_from_who_lost_it(careful: Anna, signed_in: SignedIn) -> None:
    administrator = signed_in("administrator")
    user = careful.row
    address = f"/settings/users/{user.id}/second-factor"
    assert address in administrator.get(f"/settings/users/{user.id}").text
    assert MAIL in administrator.get(address).text
    assert administrator.post(address).status_code == 302
    assert not careful.row.has_second_factor
    assert not is_in(careful.client)
    assert kinds(careful.session)[-1] == "second_factor_reset"
    assert administrator.get(address).status_code == 404


def test_nobody_takes_their_own_away_there_or_one_beyond_their_reach(
    careful: Anna, signed_in: SignedIn
) -> None:
    whole = signed_in("administrator")
    Anna(careful.app, careful.session, whole).set_up()
    own = careful.session.query(UserRow).filter_by(role="administrator").one()
    assert whole.post(f"/settings/users/{own.id}/second-factor").status_code == 404
    partly = signed_in("administrator", subsidiaries=["1"])
    assert partly.post(f"/settings/users/{careful.row.id}/second-factor").status_code == 404
    assert careful.row.has_second_factor


def test_no_secret_of_it_is_told(careful: Anna) -> None:
    told = " ".join(str(row.said) for row in careful.session.query(EventRow))
    assert careful.key not in told
    assert {row.kind for row in careful.session.query(EventRow)} <= {EventKind.USER, EventKind.SIGNED_IN}
