"""The daily summary: at the hour that a person chose, once, of what that person may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.ready import keep_ready
from portal.actions.house.summarize import due_since, mail_summaries
from portal.domain.house.states import Role
from portal.remote.errors import UnreachableError
from portal.store.people import UserRow
from tests.actions.office import Office, some_invoice

AT_SEVEN = datetime(2026, 3, 10, 6, tzinfo=UTC)


@dataclass
class FakePost:
    """Mail that goes nowhere."""

    mails: list[tuple[tuple[str, ...], str, str]] = field(default_factory=list)
    fails: bool = False

    def send(self, to: Sequence[str], *, subject: str, text: str) -> None:
        if self.fails:
            raise UnreachableError("No.")
        self.mails.append((tuple(to), subject, text))


def add_person(
    session: Session, hour: int | None = 7, reach: list[str] | None = None, language: str = "en"
) -> None:
    session.add(
        UserRow(
            email=f"anna{hour}{reach}@example.com",
            name="Anna",
            password_hash="x",
            role=Role.VIEWER,
            created_at=AT_SEVEN,
            summary_hour=hour,
            language=language,
            subsidiaries=reach,
        )
    )
    session.commit()


@pytest.fixture
def post(office: Office) -> FakePost:
    """A post, and one invoice that needs somebody."""
    office.add(some_invoice(number="N" * 31))
    keep_ready(office.session, clock=lambda: AT_SEVEN)
    return FakePost()


def mail(office: Office, post: FakePost, now: datetime) -> int:
    return mail_summaries(office.session, post, address="https://portal.example.com", now=now)


def test_it_goes_out_once_a_day_from_the_chosen_hour_on(office: Office, post: FakePost) -> None:
    add_person(office.session)
    assert mail(office, post, AT_SEVEN - timedelta(minutes=1)) == 0
    assert mail(office, post, AT_SEVEN) == 1
    assert mail(office, post, AT_SEVEN + timedelta(minutes=5)) == 0
    assert mail(office, post, AT_SEVEN + timedelta(hours=12)) == 0
    assert mail(office, post, AT_SEVEN + timedelta(days=1)) == 1
    (_to, subject, text), _next = post.mails
    assert subject == "[Portal] 0 copied by itself, 1 need you"
    assert "Need you: 1 (€121.00)" in text
    assert "  long number: 1" in text
    assert "https://portal.example.com/account" in text


def test_nobody_gets_one_who_wants_none_or_may_see_nothing_in_it(office: Office, post: FakePost) -> None:
    add_person(office.session, hour=None)
    add_person(office.session, reach=["2"])
    assert mail(office, post, AT_SEVEN) == 0
    assert post.mails == []


def test_a_failed_mail_is_tried_again_and_one_cut_off_is_not(office: Office, post: FakePost) -> None:
    add_person(office.session)
    post.fails = True
    assert mail(office, post, AT_SEVEN) == 0
    post.fails = False
    assert mail(office, post, AT_SEVEN + timedelta(minutes=1)) == 0
    assert mail(office, post, AT_SEVEN + timedelta(minutes=6)) == 1

    # The next day a worker dies while it mails.
    tomorrow = AT_SEVEN + timedelta(days=1)

    def die(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    broken = FakePost()
    broken.send = die  # type: ignore[method-assign]  # the process ends here
    with pytest.raises(KeyboardInterrupt):
        mail(office, broken, tomorrow)
    office.session.rollback()
    assert mail(office, post, tomorrow + timedelta(hours=3)) == 0
    assert len(post.mails) == 1


def test_two_workers_mail_one(office: Office, post: FakePost, session_factory: sessionmaker[Session]) -> None:
    add_person(office.session)
    another = FakePost()

    def send_while_another_tries(to: Sequence[str], *, subject: str, text: str) -> None:
        with session_factory() as session:
            mail_summaries(session, another, address="", now=AT_SEVEN)
        FakePost.send(post, to, subject=subject, text=text)

    post.send = send_while_another_tries  # type: ignore[method-assign]  # another worker comes meanwhile
    assert mail(office, post, AT_SEVEN) == 1
    assert (len(post.mails), another.mails) == (1, [])


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (datetime(2026, 3, 10, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 10, 6, 0, tzinfo=UTC), True),
        # In summer the clock of the people is an hour further on.
        (datetime(2026, 7, 10, 4, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 10, 5, 0, tzinfo=UTC), True),
        # The day that is an hour shorter, and the one that is longer.
        (datetime(2026, 3, 29, 5, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 6, 0, tzinfo=UTC), True),
    ],
)
def test_the_hour_is_that_of_the_people(moment: datetime, due: bool) -> None:
    assert (due_since(7, moment) is not None) is due


def test_each_reads_it_in_their_own_language(
    office: Office, post: FakePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.languages.COMPLETE", ("en", "nl", "de"))
    for tag in ("nl-BE", "de-DE"):
        add_person(office.session, reach=[tag, "1"], language=tag)

    assert mail(office, post, AT_SEVEN) == 2
    dutch, german = post.mails
    assert dutch[1] == "[Portal] 0 vanzelf gekopieerd, 1 wachten op u"
    assert "Wachten op u: 1 (€\xa0121,00)" in dutch[2]
    assert "Warten auf Sie: 1 (121,00\xa0€)" in german[2]
    assert "  lang nummer: 1" in dutch[2]
    assert "  lange Nummer: 1" in german[2]
