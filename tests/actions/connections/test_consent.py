"""A consent is never wasted: the pair is kept first, then Exact is asked whose it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.connect import start_connection
from portal.actions.connections.consent import UnsettledError, accept_consent
from portal.actions.connections.disconnect import discard_draft
from portal.actions.connections.settle_later import settle_later
from portal.domain.connections.states import GrantState
from portal.remote.errors import (
    BadAnswerError,
    HeldBackError,
    LostReplyError,
    MissingRightError,
    RateLimitedError,
    RemoteError,
    SignInLostError,
    TemporaryError,
    UnreachableError,
)
from portal.remote.tokens import TokenPair
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow, due_consents, find_unsettled, live_grants
from portal.store.vault import ACCESS, REFRESH
from tests.actions.some_connections import (
    ACTOR,
    BV,
    NV,
    VAULT,
    a_draft,
    a_live_connection,
    consent,
)
from tests.fakes import NOW, FakeLedger, FakeNudge, FakeSignIn
from tests.telling import told_events

LATER = NOW + timedelta(seconds=30)
FAILURES = [
    TemporaryError("Exact failed.", status=500),
    TemporaryError("Exact failed.", status=503),
    LostReplyError("No answer came in time."),
    UnreachableError("No connection could be made."),
    BadAnswerError("The answer is not JSON.", status=200),
    RateLimitedError("Too many.", status=429),
    HeldBackError("The time that a page may wait was used up."),
    MissingRightError("No right.", status=403),
    SignInLostError("Exact no longer accepts the sign-in.", status=401),
]


def try_later(session: Session, ledger: FakeLedger, grant_id: int) -> bool:
    nudge = FakeNudge()
    return settle_later(session, lambda: ledger, VAULT, nudge, grant_id, clock=lambda: LATER, site=("NL",))


def opened(grant: GrantRow) -> tuple[str, str]:
    return (
        VAULT.open(grant.access_sealed or "", grant.place_of(ACCESS)),
        VAULT.open(grant.refresh_sealed or "", grant.place_of(REFRESH)),
    )


@pytest.mark.parametrize("where", ["read_user", "find_divisions"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_pair_is_kept_whatever_the_next_question_meets(
    session: Session, ledger: FakeLedger, failure: RemoteError, where: str
) -> None:
    row = start_connection(session, BV, "NL", now=NOW)
    ledger.fail(where, failure)
    with pytest.raises(UnsettledError):
        consent(session, ledger, row.id, "code")
    kept = find_unsettled(session, row.id)
    assert kept is not None
    assert opened(kept) == ("access-code", "refresh-code")
    assert (kept.state, row.grant_id, live_grants(session, ("NL",))) == (GrantState.LIVE, None, [])
    assert due_consents(session, NOW) == []
    assert due_consents(session, LATER) == [kept.id]
    assert try_later(session, ledger, kept.id)
    grant = session.query(GrantRow).one()
    assert opened(grant) == ("access-code", "refresh-code")
    assert (row.grant_id, grant.user_name, find_unsettled(session, row.id)) == (
        grant.id,
        ledger.user.name,
        None,
    )
    assert try_later(session, ledger, kept.id)


def test_a_person_who_had_signed_in_before_gets_the_new_pair_later(
    session: Session, ledger: FakeLedger
) -> None:
    first = a_live_connection(session, ledger)
    row = start_connection(session, NV, "NL", now=NOW)
    ledger.fail("read_user", TemporaryError("", status=500))
    with pytest.raises(UnsettledError):
        consent(session, ledger, row.id, "again", NOW + timedelta(minutes=1))
    kept = find_unsettled(session, row.id)
    assert kept is not None
    session.query(GrantRow).filter(GrantRow.id == first.grant_id).update(
        {"state": GrantState.LOST, "cause": "ended"}
    )
    session.commit()
    assert try_later(session, ledger, kept.id)
    grant = session.query(GrantRow).one()
    assert (first.grant_id, row.grant_id, grant.state, grant.cause) == (
        grant.id,
        grant.id,
        GrantState.LIVE,
        None,
    )
    assert opened(grant) == ("access-again", "refresh-again")


def test_a_later_consent_of_the_same_person_is_not_overwritten_by_an_earlier_one(
    session: Session, ledger: FakeLedger
) -> None:
    rows = [start_connection(session, each, "NL", now=NOW) for each in (BV, NV)]
    ledger.fail("read_user", TemporaryError("", status=500))
    with pytest.raises(UnsettledError):
        consent(session, ledger, rows[0].id, "first", NOW)
    kept = find_unsettled(session, rows[0].id)
    assert kept is not None
    consent(session, ledger, rows[1].id, "second", NOW + timedelta(seconds=1))
    assert try_later(session, ledger, kept.id)
    grant = session.query(GrantRow).one()
    assert opened(grant) == ("access-second", "refresh-second")
    assert [row.grant_id for row in rows] == [grant.id, grant.id]


def test_a_consent_that_nobody_needs_any_more_keeps_no_tokens(session: Session, ledger: FakeLedger) -> None:
    row_id = start_connection(session, BV, "NL", now=NOW).id
    ledger.fail("read_user", TemporaryError("", status=500))
    with pytest.raises(UnsettledError) as kept:
        consent(session, ledger, row_id, "code")
    discard_draft(session, row_id)
    assert try_later(session, ledger, kept.value.grant_id)
    grant = session.query(GrantRow).one()
    assert (grant.access_sealed, grant.refresh_sealed) == (None, None)


def test_exact_is_asked_ever_more_rarely_and_no_longer_than_a_day(
    session: Session, ledger: FakeLedger
) -> None:
    row_id = start_connection(session, BV, "NL", now=NOW).id
    ledger.fail("read_user", TemporaryError("", status=500), times=1000)
    with pytest.raises(UnsettledError) as kept:
        consent(session, ledger, row_id, "code")
    tries = 0
    now = NOW
    while (grant := session.get(GrantRow, kept.value.grant_id)) is not None:
        assert grant.consent_next_at is not None
        now = grant.consent_next_at
        moment = now
        settle_later(
            session,
            lambda: ledger,
            VAULT,
            FakeNudge(),
            grant.id,
            clock=lambda moment=moment: moment,  # type: ignore[misc]  # bound now
            site=("NL",),
        )
        tries += 1
        session.expire_all()
    assert 5 < tries < 50
    assert timedelta(days=1) <= now - NOW <= timedelta(days=2)
    assert "Sign in again" in told_events(session)[-1]


def test_a_pair_is_stored_though_the_database_is_away_for_a_moment(
    session: Session, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_id = start_connection(session, BV, "NL", now=NOW).id
    away = [True, True]
    commit = session.commit

    def fail_twice() -> None:
        if away and any(isinstance(each, GrantRow) for each in session.new):
            away.pop()
            raise OperationalError("insert", {}, Exception("away"))
        commit()

    monkeypatch.setattr(session, "commit", fail_twice)
    consent(session, ledger, row_id, "code")
    assert (away, opened(session.query(GrantRow).one())[0]) == ([], "access-code")


def test_the_pair_is_in_the_database_before_exact_is_asked_anything(
    session: Session, session_factory: sessionmaker[Session], ledger: FakeLedger
) -> None:
    row_id = start_connection(session, BV, "NL", now=NOW).id
    seen: list[int] = []

    def look(_name: str) -> None:
        with session_factory() as other:
            seen.append(other.query(GrantRow).count())

    ledger.on_call = look
    consent(session, ledger, row_id, "code")
    assert seen == [1, 1]


def test_a_pair_that_is_being_renewed_is_handed_over_afterwards(session: Session, ledger: FakeLedger) -> None:
    row_id = start_connection(session, BV, "NL", now=NOW).id
    ledger.fail("read_user", TemporaryError("", status=500))
    with pytest.raises(UnsettledError) as kept:
        consent(session, ledger, row_id, "code")
    session.get_one(GrantRow, kept.value.grant_id).lease_until = LATER + timedelta(seconds=60)
    session.commit()
    assert not try_later(session, ledger, kept.value.grant_id)
    session.get_one(GrantRow, kept.value.grant_id).lease_until = None
    session.commit()
    assert try_later(session, ledger, kept.value.grant_id)


def test_another_person_than_the_drafts_is_another_grant(session: Session, ledger: FakeLedger) -> None:
    a_draft(session, ledger)
    row = start_connection(session, NV, "NL", now=NOW)
    ledger.user = replace(ledger.user, id="u-other", name="Bert")
    site = FakeSignIn(NOW)
    accept_consent(
        session, site, lambda _: ledger, VAULT, row.id, code="b", actor=ACTOR, clock=lambda: NOW, site=("NL",)
    )
    assert session.query(GrantRow).count() == 2
    assert isinstance(site.alive, TokenPair)
    assert session.query(ConnectionRow).filter(ConnectionRow.grant_id.is_not(None)).count() == 2
