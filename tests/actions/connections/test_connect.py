"""Connecting, changing and disconnecting: what is kept, shared, revived and refused."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.connections.choose_division import choose_division
from portal.actions.connections.connect import (
    CannotConnectError,
    finish_connection,
    reuse_grant,
    save_set_up,
    start_connection,
)
from portal.actions.connections.consent import accept_consent
from portal.actions.connections.disconnect import discard_draft, disconnect
from portal.actions.connections.mapping import Change, set_mappings
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.connections.states import ConnectionState, GrantState, PaymentsMode
from portal.domain.ids import new_id
from portal.remote.errors import HeldBackError, RefusedError
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import ConnectionRow
from portal.store.grants import GrantRow
from portal.store.lane_rows import take_lane
from portal.store.mappings import mapping_rules
from portal.store.vault import ACCESS
from tests.actions.some_connections import (
    ACTOR,
    BV,
    CHOSEN,
    NV,
    VAULT,
    a_draft,
    a_live_connection,
    consent,
)
from tests.fakes import NOW, REVENUE, FakeLedger, FakeNudge, FakeSignIn, a_user
from tests.furnishing.said import quote


def map_design(session: Session, connection_id: int) -> None:
    change = Change(connection_id, MappingKind.SERVICE, [MappingKey(MappingKind.SERVICE, "21")], ACTOR, NOW)
    set_mappings(session, FakeNudge(), change, REVENUE)


def test_the_whole_wizard_ends_in_a_live_connection(session: Session, ledger: FakeLedger) -> None:
    row = a_live_connection(session, ledger)
    assert (row.state, row.live_subsidiary, row.live_division) == (ConnectionState.LIVE, BV, "NL-101")
    assert (row.default_journal, row.credit_journal) == ("70", "71")
    assert row.division_name == "Bright Studio 101"


def test_tokens_are_kept_sealed(session: Session, ledger: FakeLedger) -> None:
    a_draft(session, ledger)
    grant = session.query(GrantRow).one()
    assert "access" not in (grant.access_sealed or "")
    assert VAULT.open(grant.access_sealed or "", grant.place_of(ACCESS)) == "access-code-11-101"


def test_a_draft_survives_and_another_country_starts_it_anew(session: Session, ledger: FakeLedger) -> None:
    first = a_draft(session, ledger)
    assert start_connection(session, BV, "NL", now=NOW).id == first
    row = start_connection(session, BV, "BE", now=NOW)
    assert (row.locale, row.division, row.grant_id) == ("BE", None, None)
    assert session.query(ConnectionRow).count() == 1


def test_a_connected_subsidiary_is_not_connected_twice(session: Session, ledger: FakeLedger) -> None:
    a_live_connection(session, ledger)
    with pytest.raises(CannotConnectError, match="already connected"):
        start_connection(session, BV, "NL", now=NOW)


def test_a_second_consent_of_the_same_person_replaces_the_tokens_for_all(
    session: Session, ledger: FakeLedger
) -> None:
    first = a_live_connection(session, ledger)
    grant = session.get_one(GrantRow, first.grant_id)
    fence = grant.fence
    sealed = grant.access_sealed
    second = a_live_connection(session, ledger, NV, 102)
    assert second.grant_id == first.grant_id
    session.refresh(grant)
    assert grant.access_sealed != sealed
    assert grant.fence == fence + 1


def test_a_new_sign_in_ends_what_the_lost_one_was_in_the_way_of(session: Session, ledger: FakeLedger) -> None:
    row = a_live_connection(session, ledger)
    row.payments.trouble = quote("The sign-in at Exact was used up.")
    row.catalogue_trouble = quote("The sign-in at Exact was used up.")
    session.commit()
    consent(session, ledger, row.id, "code-again")
    assert not any((row.payments.trouble, row.catalogue_trouble))


def test_a_further_subsidiary_reuses_the_sign_in(session: Session, ledger: FakeLedger) -> None:
    first = a_live_connection(session, ledger)
    row = start_connection(session, NV, "NL", now=NOW)
    assert first.grant_id
    reuse_grant(session, lambda _: ledger, row.id, first.grant_id)
    assert row.grant_id == first.grant_id


def test_a_sign_in_of_another_country_is_not_reused(session: Session, ledger: FakeLedger) -> None:
    first = a_live_connection(session, ledger)
    row = start_connection(session, NV, "DE", now=NOW)
    with pytest.raises(CannotConnectError, match="no longer works"):
        reuse_grant(session, lambda _: ledger, row.id, first.grant_id or 0)


def test_countries_that_one_site_stands_for_share_their_sign_ins(
    session: Session, ledger: FakeLedger
) -> None:
    first = a_live_connection(session, ledger)
    row = start_connection(session, NV, "BE", now=NOW)
    reuse_grant(session, lambda _: ledger, row.id, first.grant_id or 0, site=("BE", "NL"))
    assert row.grant_id == first.grant_id
    fence = session.query(GrantRow).one().fence
    consent(session, ledger, row.id, "code-again", site=("BE", "NL"))
    assert session.query(GrantRow).one().fence == fence + 1


def test_of_two_consents_at_once_the_pair_is_kept_that_exact_lets_live(
    session: Session, session_factory: sessionmaker[Session], ledger: FakeLedger
) -> None:
    row_id = a_live_connection(session, ledger).id
    site = FakeSignIn()
    waits = threading.Event()
    done = threading.Event()

    def rest(_seconds: float) -> None:
        waits.set()
        assert done.wait(30)

    def accept(code: str) -> None:
        with session_factory() as own:
            accept_consent(
                own,
                site,
                lambda _: ledger,
                VAULT,
                row_id,
                code=code,
                actor=ACTOR,
                clock=lambda: NOW,
                sleep=rest,
            )
        waits.set()

    second = threading.Thread(target=accept, args=["second"])

    def in_the_middle_of_the_first(name: str) -> None:
        ledger.on_call = lambda _: None
        second.start()
        assert waits.wait(30)

    ledger.on_call = in_the_middle_of_the_first
    accept("first")
    done.set()
    second.join(30)
    grant = session.query(GrantRow).populate_existing().one()
    assert site.alive is not None
    assert VAULT.open(grant.access_sealed or "", grant.place_of(ACCESS)) == site.alive.access
    assert (grant.state, site.count("exchange")) == ("live", 2)


def test_a_consent_that_cannot_have_its_turn_is_to_be_made_again(
    session: Session, ledger: FakeLedger
) -> None:
    row = start_connection(session, BV, "NL", now=NOW)
    take_lane(session, "consent:NL", owner="another", now=NOW, lasting=timedelta(seconds=20))
    session.commit()
    with pytest.raises(HeldBackError, match="Sign in again"):
        consent(session, ledger, row.id, "code")


def test_a_used_code_changes_nothing(session: Session, ledger: FakeLedger) -> None:
    row = start_connection(session, BV, "NL", now=NOW)
    with pytest.raises(RefusedError):
        consent(session, ledger, row.id, "expired")
    assert row.grant_id is None
    assert session.query(GrantRow).count() == 0


def test_a_division_serves_one_subsidiary(session: Session, ledger: FakeLedger) -> None:
    a_live_connection(session, ledger)
    with pytest.raises(CannotConnectError, match="already connected to Bright Studio BV"):
        a_draft(session, ledger, NV, 101)


def test_of_two_that_finish_at_once_one_is_told(session: Session, ledger: FakeLedger) -> None:
    first = a_draft(session, ledger)
    second = a_draft(session, ledger, NV, 101)
    for found in (first, second):
        save_set_up(session, found, CHOSEN, actor=ACTOR, now=NOW)
    finish_connection(session, first, None, actor=ACTOR, now=NOW)
    with pytest.raises(CannotConnectError, match="meanwhile"):
        finish_connection(session, second, None, actor=ACTOR, now=NOW)


def test_an_archived_division_is_not_offered(session: Session, ledger: FakeLedger) -> None:
    with pytest.raises(CannotConnectError, match="does not offer this division"):
        a_draft(session, ledger, BV, 103)


@pytest.mark.parametrize("code", ["72", "20", "99"])
def test_only_open_sales_journals_are_taken(session: Session, ledger: FakeLedger, code: str) -> None:
    found = a_draft(session, ledger)
    with pytest.raises(CannotConnectError) as caught:
        save_set_up(session, found, replace(CHOSEN, default_journal=code), actor=ACTOR, now=NOW)
    assert caught.value.field == "default_journal"


def test_another_division_in_a_draft_starts_everything_anew(session: Session, ledger: FakeLedger) -> None:
    found = a_draft(session, ledger)
    map_design(session, found)
    assert choose_division(session, ledger.divisions, found, 102, now=NOW) == found
    row = session.get_one(ConnectionRow, found)
    assert not mapping_rules(session, row).ledgers
    assert read_stored_catalogue(session, found).journals == ()
    assert row.customers.cursor == 1


def test_a_live_connection_works_until_its_new_division_is_finished(
    session: Session, ledger: FakeLedger
) -> None:
    old = a_live_connection(session, ledger)
    map_design(session, old.id)
    new_row_id = choose_division(session, ledger.divisions, old.id, 102, now=NOW)
    assert new_row_id != old.id
    assert old.state == ConnectionState.LIVE
    new = session.get_one(ConnectionRow, new_row_id)
    assert (new.state, new.grant_id, new.copy_from) == (ConnectionState.DRAFT, old.grant_id, old.copy_from)
    finish_connection(session, new.id, None, actor=ACTOR, now=NOW)
    assert (old.state, old.live_division) == (ConnectionState.DISCONNECTED, None)
    assert mapping_rules(session, old).ledgers == {"21": REVENUE}
    assert not mapping_rules(session, new).ledgers
    assert new.state == ConnectionState.LIVE


def test_going_back_to_a_former_division_finds_its_mappings(session: Session, ledger: FakeLedger) -> None:
    old = a_live_connection(session, ledger)
    map_design(session, old.id)
    disconnect(session, old.id, actor=ACTOR, now=NOW)
    again = a_live_connection(session, ledger)
    assert again.id == old.id
    assert mapping_rules(session, again).ledgers == {"21": REVENUE}
    assert session.query(ConnectionRow).count() == 1


def test_changing_ones_mind_about_a_division_returns_to_the_live_connection(
    session: Session, ledger: FakeLedger
) -> None:
    live = a_live_connection(session, ledger)
    draft = choose_division(session, ledger.divisions, live.id, 102, now=NOW)
    assert choose_division(session, ledger.divisions, draft, 101, now=NOW) == live.id
    assert session.query(ConnectionRow).count() == 1


def test_a_revived_draft_that_is_discarded_returns_to_history(session: Session, ledger: FakeLedger) -> None:
    live = a_live_connection(session, ledger)
    disconnect(session, live.id, actor=ACTOR, now=NOW)
    assert a_draft(session, ledger) == live.id
    discard_draft(session, live.id)
    assert live.state == ConnectionState.DISCONNECTED


def test_the_tokens_go_with_the_last_connection(session: Session, ledger: FakeLedger) -> None:
    first = a_live_connection(session, ledger)
    second = a_live_connection(session, ledger, NV, 102)
    grant = session.get_one(GrantRow, first.grant_id)
    disconnect(session, first.id, actor=ACTOR, now=NOW)
    assert grant.refresh_sealed
    disconnect(session, second.id, actor=ACTOR, now=NOW)
    session.refresh(grant)
    assert grant.access_sealed is None
    disconnect(session, second.id, actor=ACTOR, now=NOW)


def test_somebody_who_cannot_open_the_division_does_not_take_over(
    session: Session, ledger: FakeLedger
) -> None:
    live = a_live_connection(session, ledger)
    before = live.grant_id
    stranger = FakeLedger()
    stranger.user = a_user(id="user-2", name="Bob")
    stranger.divisions = []
    with pytest.raises(CannotConnectError, match="Bob cannot open"):
        consent(session, stranger, live.id, new_id())
    assert live.grant_id == before
    assert session.query(GrantRow).filter_by(exact_user_id="user-2").one().refresh_sealed is None


def test_a_draft_whose_division_the_next_person_cannot_open_asks_again(
    session: Session, ledger: FakeLedger
) -> None:
    found = a_draft(session, ledger)
    stranger = FakeLedger()
    stranger.user = a_user(id="user-2", name="Bob")
    stranger.divisions = ledger.divisions[1:2]
    consent(session, stranger, found, new_id())
    row = session.get_one(ConnectionRow, found)
    assert row.division is None
    assert session.query(GrantRow).filter_by(exact_user_id="user-1").one().refresh_sealed is None


def test_a_sign_in_is_not_reused_for_a_division_it_cannot_open(session: Session, ledger: FakeLedger) -> None:
    live = a_live_connection(session, ledger)
    stranger = FakeLedger()
    stranger.user = a_user(id="user-2", name="Bob")
    stranger.divisions = ledger.divisions[1:2]
    other = start_connection(session, NV, "NL", now=NOW)
    consent(session, stranger, other.id, new_id())
    with pytest.raises(CannotConnectError, match="Bob cannot open"):
        reuse_grant(session, lambda _: stranger, live.id, other.grant_id or 0)


def test_switching_payments_on_asks_from_where_each_time(session: Session, ledger: FakeLedger) -> None:
    live = a_live_connection(session, ledger)
    live.payments.term_cursor = 40
    assert not live.payments.on
    wish = replace(CHOSEN, payments_on=True, payments_mode=PaymentsMode.CATCH_UP)
    later = NOW + timedelta(days=1)
    save_set_up(session, live.id, wish, actor=ACTOR, now=later)
    assert (live.payments.mode, live.payments.since, live.payments.term_cursor) == (
        PaymentsMode.CATCH_UP,
        later,
        1,
    )
    live.payments.baseline_done = True
    save_set_up(session, live.id, wish, actor=ACTOR, now=later + timedelta(days=1))
    assert live.payments.baseline_done
    assert live.payments.since == later
    save_set_up(session, live.id, CHOSEN, actor=ACTOR, now=later)
    assert not live.payments.on


@pytest.mark.parametrize(
    ("lost", "sees", "moved"), [(True, 102, True), (True, 999, False), (False, 102, False)]
)
def test_who_signs_in_for_a_lost_sign_in_takes_over_every_connection_they_can_open(
    session: Session, ledger: FakeLedger, lost: bool, sees: int, moved: bool
) -> None:
    first = a_live_connection(session, ledger)
    second = a_live_connection(session, ledger, NV, 102)
    former = session.get_one(GrantRow, first.grant_id)
    former.state = GrantState.LOST if lost else former.state
    session.commit()
    ledger.user = replace(a_user(), id="other", name="Bea")
    ledger.divisions = [one for one in ledger.divisions if one.code in (101, sees)]
    consent(session, ledger, first.id, "again")
    assert first.grant_id != former.id
    assert (second.grant_id == first.grant_id) == moved
    assert (former.refresh_sealed is None) == moved
