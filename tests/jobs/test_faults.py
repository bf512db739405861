"""What a job writes down when a service answers wrongly: the real clients, one kind at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.invoices.pull import pull_invoices
from portal.remote.errors import BadAnswerError, LostReplyError, RateLimitedError, RemoteError, TemporaryError
from portal.sandbox.broken import KINDS, Broken, start_broken
from portal.settings import AppRegistration, Settings
from portal.store.connections import ProductiveRow
from portal.store.vault import Vault
from portal.wiring import Wiring
from tests.furnishing.connections import add_productive

# What both clients raise by kind; None: a good answer, whatever stands around it.
OUTCOMES: dict[str, type[RemoteError] | None] = {
    "silent": LostReplyError,
    "silent in the body": LostReplyError,
    "one byte a second": LostReplyError,
    "one byte a second in the body": LostReplyError,
    "endless headers": LostReplyError,
    "endless body": BadAnswerError,
    "200 MB of zeros in gzip": BadAnswerError,
    "cut in the body": LostReplyError,
    "no HTTP": LostReplyError,
    "nothing": BadAnswerError,
    "HTML": BadAnswerError,
    "HTML of a gateway": TemporaryError,
    "a deep nest": BadAnswerError,
    "redirect to itself": BadAnswerError,
    "redirect to nonsense": BadAnswerError,
    "asks for ten days": RateLimitedError,
    "asks for ten days by a date": TemporaryError,
    "a date to come": None,
    "the last date of all": None,
    "resets far away": None,
    "resets that are no numbers": None,
    "two answers": None,
}


@pytest.fixture
def broken() -> Iterator[Broken]:
    with start_broken(KINDS["HTML"]) as broken:
        yield broken


@pytest.fixture
def wiring(settings: Settings, session_factory: sessionmaker[Session], broken: Broken) -> Wiring:
    site = AppRegistration(broken.address, "app", "secret")
    own = structs.replace(
        settings, productive_url=f"{broken.address}/api/v2", exact={"NL": site}, exact_timeout=1
    )
    wiring = Wiring(own, Vault(own.encryption_keys), session_factory, lambda _job, _subject: None)
    with session_factory.begin() as session:
        add_productive(session, datetime.now(UTC), vault=wiring.vault, token="token")
    return wiring


def fail(broken: Broken, name: str) -> None:
    """Answer like this from now on. What takes long to make is made before."""
    next(iter(KINDS[name].pieces()), None)
    broken.kind = KINDS[name]


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_pull_writes_down_what_it_met_and_nothing_else(wiring: Wiring, broken: Broken, name: str) -> None:
    fail(broken, name)
    met: RemoteError | None = None
    with wiring.sessions() as session:
        try:
            pull_invoices(session, wiring.billing(interactive=False), now=datetime.now(UTC))
        except RemoteError as error:
            met = error
        session.expire_all()
        row = session.get_one(ProductiveRow, 1)
        assert (type(met) if met else None) is OUTCOMES[name]
        assert row.trouble == (met.said if met else None)
        assert (row.invoices_pulled_at is not None) is (met is None)


@pytest.mark.parametrize("name", OUTCOMES)
def test_exact_is_asked_no_later_than_within_its_own_windows(
    wiring: Wiring, broken: Broken, name: str
) -> None:
    fail(broken, name)
    met: RemoteError | None = None
    ledger = wiring.ledger_with("NL", "token", 101)
    try:
        assert ledger.find_entries("2026-1") == []
    except RemoteError as error:
        met = error
    assert (type(met) if met else None) is OUTCOMES[name]
    opens = ledger.booking_opens().at - datetime.now(UTC)
    assert opens <= timedelta(days=1)
    if met and met.retry_at:
        assert met.retry_at - datetime.now(UTC) <= timedelta(hours=1)
