"""Mapping: what may be chosen, several at once, and taken back."""

import pytest
from sqlalchemy.orm import Session

from portal.actions.connections.mapping import CannotMapError, Change, set_mappings, undo_mappings
from portal.domain.booking.mapping import DEFAULT_LEDGER, MappingKey, MappingKind
from portal.store.connections import ConnectionRow
from portal.store.mappings import mapping_rules
from tests.actions.some_connections import ACTOR, a_live_connection
from tests.fakes import (
    DEBTORS,
    DEPOSITS,
    NOW,
    OLD_REVENUE,
    OTHER_REVENUE,
    REVENUE,
    VAT_PAYABLE,
    FakeLedger,
    FakeNudge,
)
from tests.telling import told_events


@pytest.fixture
def connection(session: Session) -> ConnectionRow:
    return a_live_connection(session, FakeLedger())


def choose(
    session: Session, connection: ConnectionRow, kind: MappingKind, target: str | None, *ids: str
) -> None:
    keys = [MappingKey(kind, id_) for id_ in ids]
    set_mappings(session, FakeNudge(), Change(connection.id, kind, keys, ACTOR, NOW), target)


def undo(session: Session, connection: ConnectionRow, kind: MappingKind, source_id: str) -> None:
    keys = [MappingKey(kind, source_id)]
    undo_mappings(session, FakeNudge(), Change(connection.id, kind, keys, ACTOR, NOW))


def test_a_mapping_serves_the_copies(session: Session, connection: ConnectionRow) -> None:
    choose(session, connection, MappingKind.SERVICE, REVENUE, "21")
    choose(session, connection, MappingKind.TAX, "2  ", "31")
    rules = mapping_rules(session, connection)
    assert (rules.ledgers, rules.vat_codes) == ({"21": REVENUE}, {"31": "2  "})


def test_several_are_mapped_at_once_and_said_once(session: Session, connection: ConnectionRow) -> None:
    choose(session, connection, MappingKind.SERVICE, DEPOSITS, "21", "22")
    assert mapping_rules(session, connection).ledgers == {"21": DEPOSITS, "22": DEPOSITS}
    texts = told_events(session, "mapping")
    assert texts == ["2 service types mapped to ledger 1700"]


@pytest.mark.parametrize("target", [DEBTORS, VAT_PAYABLE, OLD_REVENUE, "nothing"])
def test_debtors_vat_and_blocked_accounts_are_refused(
    session: Session, connection: ConnectionRow, target: str
) -> None:
    with pytest.raises(CannotMapError):
        choose(session, connection, MappingKind.SERVICE, target, "21")
    assert not mapping_rules(session, connection).ledgers


@pytest.mark.parametrize("code", ["3  ", "4  ", "2"])
def test_including_purchase_and_unknown_vat_codes_are_refused(
    session: Session, connection: ConnectionRow, code: str
) -> None:
    with pytest.raises(CannotMapError):
        choose(session, connection, MappingKind.TAX, code, "31")


def test_undo_puts_the_former_value_back(session: Session, connection: ConnectionRow) -> None:
    choose(session, connection, MappingKind.SERVICE, REVENUE, "21")
    choose(session, connection, MappingKind.SERVICE, OTHER_REVENUE, "21")
    undo(session, connection, MappingKind.SERVICE, "21")
    assert mapping_rules(session, connection).ledgers == {"21": REVENUE}
    undo(session, connection, MappingKind.SERVICE, "21")
    assert mapping_rules(session, connection).ledgers == {"21": OTHER_REVENUE}


def test_undo_of_a_first_mapping_unmaps(session: Session, connection: ConnectionRow) -> None:
    choose(session, connection, MappingKind.TAX, "2  ", "31")
    undo(session, connection, MappingKind.TAX, "31")
    assert not mapping_rules(session, connection).vat_codes


def test_the_default_ledger_is_changed_and_taken_back(session: Session, connection: ConnectionRow) -> None:
    connection.default_ledger = REVENUE
    session.commit()
    choose(session, connection, MappingKind.DEFAULT, OTHER_REVENUE, DEFAULT_LEDGER)
    assert mapping_rules(session, connection).default_ledger == OTHER_REVENUE
    undo(session, connection, MappingKind.DEFAULT, DEFAULT_LEDGER)
    assert connection.default_ledger == REVENUE
    choose(session, connection, MappingKind.DEFAULT, None, DEFAULT_LEDGER)
    assert connection.default_ledger is None
