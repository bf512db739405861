"""Mail about troubles: each once, again when it recurs, and not twice for a crash."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from babel.dates import format_date
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.house.warn import warn
from portal.domain.connections.states import GrantState, SignInCause
from portal.domain.copies.states import CopyAction, CopyState
from portal.domain.house.mailed import Mailed
from portal.domain.house.states import Role
from portal.domain.said import as_written, said
from portal.remote.errors import UnreachableError
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.grants import GrantRow
from portal.store.invoices import keep_invoice
from portal.store.notices import NoticeRow
from portal.store.people import UserRow
from tests.actions.office import some_invoice
from tests.actions.some_connections import BV, NV, a_live_connection, some_offer
from tests.fakes import NOW, FakeLedger
from tests.furnishing.connections import add_productive
from tests.furnishing.said import quote

URL = "https://portal.test"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass
class FakePost:
    """Keeps mails; ``fails`` come first."""

    sent: list[tuple[list[str], str, str]] = field(default_factory=list)
    fails: list[BaseException] = field(default_factory=list)

    def send(self, to: Sequence[str], *, subject: str, text: str) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((list(to), subject, text))


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        some_offer(session)
        add_person(session, "all@example.com")
        yield session


@pytest.fixture
def post() -> FakePost:
    return FakePost()


@pytest.fixture
def grant(session: Session) -> GrantRow:
    row = a_live_connection(session, FakeLedger())
    return session.get_one(GrantRow, row.grant_id)


def add_person(session: Session, email: str, role: Role = Role.ADMINISTRATOR, **more: Any) -> None:
    usual: dict[str, Any] = {"name": "x", "password_hash": "x", "created_at": NOW}
    session.add(UserRow(email=email, role=role, **(usual | more)))
    session.commit()


def lose(session: Session, grant: GrantRow) -> None:
    grant.state = GrantState.LOST
    grant.cause = SignInCause.RENEWAL_LOST
    grant.trouble = quote("Old refresh token used.")
    session.commit()


def mend(session: Session, grant: GrantRow) -> None:
    grant.state = GrantState.LIVE
    grant.cause = None
    grant.trouble = None
    grant.failing_since = None
    session.commit()


def look(session: Session, post: FakePost | None, now: datetime = NOW) -> int:
    return warn(session, post, address=URL, now=now)


def test_a_portal_that_is_well_says_nothing(session: Session, post: FakePost, grant: GrantRow) -> None:
    assert look(session, post) == 0
    assert session.query(NoticeRow).count() == 0


def test_a_lost_sign_in_is_mailed_once_with_what_mends_it(
    session: Session, post: FakePost, grant: GrantRow
) -> None:
    lose(session, grant)
    assert [look(session, post, NOW + each * MINUTE) for each in range(5)] == [1, 0, 0, 0, 0]
    ((to, subject, text),) = post.sent
    assert (to, subject) == (["all@example.com"], "[Portal] The sign-in of Anna de Boer at Exact is lost")
    assert "Old refresh token used" in text
    assert "It serves Bright Studio 101" in text
    assert f"{URL}/settings/apps" in text


def test_it_is_mailed_again_only_when_it_recurs(session: Session, post: FakePost, grant: GrantRow) -> None:
    lose(session, grant)
    look(session, post)
    mend(session, grant)
    assert look(session, post, NOW + DAY) == 0
    assert session.query(NoticeRow).one().ended_at == NOW + DAY
    lose(session, grant)
    assert look(session, post, NOW + 2 * DAY) == 1


def test_only_administrators_whom_it_concerns_are_written_to(
    session: Session, post: FakePost, grant: GrantRow
) -> None:
    add_person(session, "here@example.com", subsidiaries=[BV])
    add_person(session, "elsewhere@example.com", subsidiaries=[NV])
    add_person(session, "gone@example.com", active=False)
    add_person(session, "finance@example.com", role=Role.FINANCE)
    lose(session, grant)
    look(session, post)
    assert post.sent[0][0] == ["all@example.com", "here@example.com"]


def test_without_a_mail_server_it_is_kept_for_when_there_is_one(
    session: Session, post: FakePost, grant: GrantRow
) -> None:
    lose(session, grant)
    assert look(session, None) == 0
    assert look(session, post, NOW + DAY) == 1


def test_a_mail_that_does_not_go_out_disturbs_nothing_and_is_tried_again(
    session: Session, post: FakePost, grant: GrantRow
) -> None:
    lose(session, grant)
    post.fails = [UnreachableError("The mail server did not take the mail.")] * 2
    tries = [look(session, post, NOW + each * MINUTE) for each in range(36)]
    assert [minute for minute, sent in enumerate(tries) if sent] == [35]
    assert len(post.sent) == 1


@pytest.mark.parametrize("sent_before", [True, False])
def test_a_crash_while_mailing_does_not_mail_in_a_burst(
    session: Session, post: FakePost, grant: GrantRow, sent_before: bool
) -> None:
    lose(session, grant)
    post.fails = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        look(session, post)
    session.rollback()
    assert [look(session, post, NOW + each * MINUTE) for each in (1, 2, 60, 359)] == [0, 0, 0, 0]
    assert look(session, post, NOW + 360 * MINUTE) == 1


def test_two_workers_mail_once(
    session: Session, session_factory: sessionmaker[Session], post: FakePost, grant: GrantRow
) -> None:
    """The second looks while the first is talking to the mail server."""
    lose(session, grant)

    class Slow(FakePost):
        def send(self, to: Sequence[str], *, subject: str, text: str) -> None:
            with session_factory() as other:
                assert look(other, post) == 0
            super().send(to, subject=subject, text=text)

    assert look(session, slow := Slow()) == 1
    assert (len(slow.sent), len(post.sent)) == (1, 0)


def test_a_sign_in_that_would_lapse_is_said_ahead(session: Session, post: FakePost, grant: GrantRow) -> None:
    later = grant.obtained_at + 20 * DAY
    assert look(session, post, later - MINUTE) == 0
    assert look(session, post, later) == 1
    assert "is in danger" in post.sent[0][1]
    assert f"lapses on {format_date(grant.obtained_at + 30 * DAY, locale='en_GB')}" in post.sent[0][2]


def test_a_wrong_app_secret_is_said_at_once(session: Session, post: FakePost, grant: GrantRow) -> None:
    grant.cause = SignInCause.APP_REFUSED
    grant.trouble = quote("invalid_client")
    grant.failing_since = NOW
    session.commit()
    look(session, post)
    assert "EXACT_NL_CLIENT_SECRET" in post.sent[0][2]


def a_stuck_copy(session: Session, connection: ConnectionRow) -> None:
    invoice = keep_invoice(session, some_invoice(), NOW)
    session.add(
        CopyRow(
            id="c1",
            invoice_id=invoice.id,
            connection_id=connection.id,
            marker="M",
            state=CopyState.UNCERTAIN,
            action=CopyAction.CREATE,
            requested_by="x",
            requested_at=NOW,
            fingerprint="f",
            choices={},
            in_flight=invoice.id,
            trouble=as_written("The reply was lost."),
        )
    )
    session.commit()


def test_work_that_stands_for_a_day_is_said(session: Session, post: FakePost, grant: GrantRow) -> None:
    connection = session.query(ConnectionRow).one()
    a_stuck_copy(session, connection)
    connection.payments.on = True
    connection.payments.since = NOW
    connection.payments.trouble = quote("Exact gave no answer.")
    add_productive(session, NOW, trouble=as_written("The token is wrong."))
    session.commit()
    assert look(session, post, NOW + DAY - MINUTE) == 0
    assert look(session, post, NOW + DAY) == 3
    text = "\n".join(text for _, _, text in post.sent)
    for sentence in ("The reply was lost.", "Exact gave no answer.", "The token is wrong.", "/activity"):
        assert sentence in text


def test_what_follows_from_a_lost_sign_in_is_not_said_twice(
    session: Session, post: FakePost, grant: GrantRow
) -> None:
    a_stuck_copy(session, session.query(ConnectionRow).one())
    lose(session, grant)
    assert look(session, post, NOW + DAY) == 1


def test_each_administrator_reads_it_in_their_own_language_and_months_later(
    session: Session, post: FakePost, grant: GrantRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.languages.COMPLETE", ("en", "nl"))
    lose(session, grant)
    assert look(session, None) == 0
    notice = session.query(NoticeRow).one()
    assert notice.subject == said(Mailed.SIGN_IN_LOST, user="Anna de Boer")
    add_person(session, "nl@example.com", language="nl-NL")

    assert look(session, post, NOW + 90 * DAY) == 1
    english, dutch = post.sent
    assert english[:2] == (["all@example.com"], "[Portal] The sign-in of Anna de Boer at Exact is lost")
    assert dutch[:2] == (["nl@example.com"], "[Portal] De aanmelding van Anna de Boer bij Exact is verloren")
    assert "Meld u opnieuw aan; alles blijft bewaard." in dutch[2]
    assert f"{URL}/settings/apps" in dutch[2]


def test_who_got_it_does_not_get_it_again_because_others_did_not(
    session: Session, grant: GrantRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.languages.COMPLETE", ("en", "nl"))
    add_person(session, "nl@example.com", language="nl-NL")
    lose(session, grant)

    class Half(FakePost):
        def send(self, to: Sequence[str], *, subject: str, text: str) -> None:
            if len(self.sent) == 1 and self.fails:
                raise self.fails.pop(0)
            self.sent.append((list(to), subject, text))

    post = Half(fails=[UnreachableError("No.")])
    assert look(session, post) == 0
    assert look(session, post, NOW + 6 * MINUTE) == 1
    assert [to for to, _, _ in post.sent] == [["all@example.com"], ["nl@example.com"]]


def test_a_notice_of_before_goes_out_as_it_was_written(
    session: Session, post: FakePost, grant: GrantRow
) -> None:
    lose(session, grant)
    look(session, None)
    notice = session.query(NoticeRow).one()
    notice.subject = as_written("Lost")
    notice.text = as_written("It is lost.\n\nhttps://old.test/settings/apps\n")
    notice.link = ""
    session.commit()
    assert look(session, post) == 1
    assert post.sent == [
        (["all@example.com"], "[Portal] Lost", "It is lost.\n\nhttps://old.test/settings/apps\n")
    ]
