"""Suggestions of a connection: read from what is there, and used only once a person accepted them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from portal.actions.connections.mapping import CannotMapError, Change, Setter, set_mappings, undo_mappings
from portal.actions.connections.suggest import accept, suggest_for
from portal.domain.booking.catalogue import VatCode
from portal.domain.booking.mapping import MappingKey, MappingKind
from portal.domain.booking.place import Place
from portal.domain.booking.suggest import Reason, Suggested, Tie
from portal.store.catalogue import keep_catalogue
from portal.store.connections import ConnectionRow
from portal.store.mappings import MappingRow, ServiceTypeRow, TaxRateRow, mapping_rules
from tests.actions.some_connections import ACTOR, a_live_connection
from tests.fakes import NOW, OTHER_REVENUE, REVENUE, FakeLedger, FakeNudge, a_catalogue
from tests.furnishing.connections import add_connection, add_mappings, add_subsidiaries
from tests.telling import told_events

TODAY = NOW.date()
DESIGN = MappingKey(MappingKind.SERVICE, "21")
HIGH = MappingKey(MappingKind.TAX, "31")
FREE = MappingKey(MappingKind.TAX, "39")


@pytest.fixture
def connection(session: Session) -> ConnectionRow:
    made = a_live_connection(session, FakeLedger())
    made.division_country = "NL"
    session.commit()
    return made


def setter(connection: ConnectionRow) -> Setter:
    return Setter(connection.id, ACTOR, NOW)


def test_a_code_of_the_same_percentage_and_an_account_of_the_name_are_suggested(
    session: Session, connection: ConnectionRow
) -> None:
    found = suggest_for(session, connection, today=TODAY)
    high = found.of(MappingKind.TAX, "31")
    design = found.of(MappingKind.SERVICE, "21")
    assert isinstance(high, Suggested)
    assert (high.target, high.because.reason) == ("2  ", Reason.ONLY_CODE)
    assert isinstance(design, Suggested)
    assert (design.target, design.because.reason) == (REVENUE, Reason.LEDGER_NAME)


def test_what_is_decided_is_not_suggested_again(session: Session, connection: ConnectionRow) -> None:
    change = Change(connection.id, MappingKind.SERVICE, [DESIGN], ACTOR, NOW)
    set_mappings(session, FakeNudge(), change, OTHER_REVENUE)
    assert suggest_for(session, connection, today=TODAY).find(DESIGN) is None


def test_nothing_is_used_before_it_is_accepted(session: Session, connection: ConnectionRow) -> None:
    assert suggest_for(session, connection, today=TODAY).certain
    rules = mapping_rules(session, connection)
    assert (rules.ledgers, rules.vat_codes) == ({}, {})


def test_all_are_accepted_in_one_step_with_their_reasons(session: Session, connection: ConnectionRow) -> None:
    nudge = FakeNudge()
    certain = suggest_for(session, connection, today=TODAY).certain
    accepted = accept(session, nudge, setter(connection))
    assert set(accepted.keys) == set(certain)
    rules = mapping_rules(session, connection)
    assert rules.ledgers["21"] == REVENUE
    assert (rules.vat_codes["31"], rules.vat_codes["32"]) == ("2  ", "1  ")
    because = rules.settings[HIGH].because
    assert because == certain[HIGH].because
    assert (rules.settings[HIGH].by, rules.settings[HIGH].at) == (ACTOR, NOW)
    texts = told_events(session, "mapping")
    assert texts == [f"{len(certain)} suggestions accepted"]
    assert len(nudge.woken) == 1


def test_one_is_accepted_and_the_others_stay(session: Session, connection: ConnectionRow) -> None:
    accept(session, FakeNudge(), setter(connection), {HIGH: "2  "})
    rules = mapping_rules(session, connection)
    assert (rules.ledgers, rules.vat_codes) == ({}, {"31": "2  "})


def test_what_changed_since_it_was_seen_is_not_accepted(session: Session, connection: ConnectionRow) -> None:
    with pytest.raises(CannotMapError, match="no longer suggested"):
        accept(session, FakeNudge(), setter(connection), {HIGH: "1  "})
    assert not mapping_rules(session, connection).vat_codes


def test_accepting_is_undone_like_any_change(session: Session, connection: ConnectionRow) -> None:
    accept(session, FakeNudge(), setter(connection), {HIGH: "2  "})
    undo_mappings(session, FakeNudge(), Change(connection.id, MappingKind.TAX, [HIGH], ACTOR, NOW))
    assert not mapping_rules(session, connection).vat_codes
    row = session.query(MappingRow).one()
    assert row.reason is None
    assert isinstance(suggest_for(session, connection, today=TODAY).find(HIGH), Suggested)


def test_what_another_subsidiary_chose_comes_before_likeness(
    session: Session, connection: ConnectionRow
) -> None:
    add_subsidiaries(session)
    other = add_connection(session, "2", division=202)
    keep_catalogue(session, other.id, a_catalogue(), NOW)
    add_mappings(session, other.id, MappingKind.SERVICE, [("21", OTHER_REVENUE)])
    session.commit()
    found = suggest_for(session, connection, today=TODAY).find(DESIGN)
    assert isinstance(found, Suggested)
    assert (found.target, found.because.reason) == (OTHER_REVENUE, Reason.SAME_ELSEWHERE)
    assert found.because.value("subsidiary") == "Bright Studio NV"


def test_two_equal_ones_are_asked_and_not_accepted(session: Session, connection: ConnectionRow) -> None:
    catalogue = a_catalogue()
    again = replace(catalogue.vat_codes[0], code="9  ", description="High")
    keep_catalogue(session, connection.id, replace(catalogue, vat_codes=(*catalogue.vat_codes, again)), NOW)
    session.commit()
    assert isinstance(suggest_for(session, connection, today=TODAY).find(HIGH), Tie)
    accept(session, FakeNudge(), setter(connection))
    assert "31" not in mapping_rules(session, connection).vat_codes


def test_an_archived_service_type_is_not_suggested_for(session: Session, connection: ConnectionRow) -> None:
    session.add(ServiceTypeRow(id="28", name="Design", archived=True))
    session.commit()
    assert suggest_for(session, connection, today=TODAY).of(MappingKind.SERVICE, "28") is None


def test_a_row_of_a_split_rate_gets_the_code_of_its_place(
    session: Session, connection: ConnectionRow
) -> None:
    listed = VatCode("7  ", "EU services", Decimal(0), "B", "S", False, True, "S")
    catalogue = a_catalogue()
    keep_catalogue(session, connection.id, replace(catalogue, vat_codes=(*catalogue.vat_codes, listed)), NOW)
    session.add(TaxRateRow(id="39", name="VAT 0%", percentage="0", subsidiary_id="11"))
    for place in Place:
        session.add(
            MappingRow(
                connection_id=connection.id,
                kind=MappingKind.TAX,
                source_id="39",
                place=place,
                target=None,
                set_by=ACTOR,
                set_at=NOW,
            )
        )
    session.commit()
    found = suggest_for(session, connection, today=TODAY)
    abroad = found.of(MappingKind.TAX, "39", Place.EU_VAT)
    assert isinstance(abroad, Suggested)
    assert abroad.target == "7  "
    assert found.of(MappingKind.TAX, "39", Place.EU) is None
    accept(session, FakeNudge(), setter(connection), {FREE._replace(place=Place.EU_VAT): "7  "})
    assert mapping_rules(session, connection).split == {"39": {Place.EU_VAT: "7  "}}
