"""Rules: what is ready is copied by itself, once, and what is not is left to a person."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from portal.actions.copies.by_itself import (
    CannotSwitchError,
    Hand,
    copy_by_itself,
    save_rule,
    switch_off,
    switch_on,
)
from portal.actions.copies.ready import keep_ready
from portal.actions.copies.run_begin import begin_run
from portal.actions.copies.run_draft import plan_copies
from portal.actions.copies.run_stop import stop_run
from portal.actions.copies.run_wishes import make_wishes
from portal.actions.engine.gate import close_copying
from portal.domain.copies.rules import Terms
from portal.domain.copies.standing import Standing
from portal.domain.copies.states import CopyAction, CopyState, Ending
from portal.domain.ids import new_id
from portal.domain.said import as_written
from portal.store.copies import CopyRow
from portal.store.events import EventRow
from portal.store.holds import HoldRow
from portal.store.mappings import MappingRow
from portal.store.rules import RuleRow, covered, find_rule
from portal.store.runs import RunRow
from portal.store.summaries import summary_since
from tests.actions.office import Office, some_invoice

SINCE = date(2026, 3, 1)


def hand(office: Office) -> Hand:
    return Hand("Anna", office.now)


def look(office: Office) -> None:
    office.session.commit()
    keep_ready(office.session, clock=lambda: office.now)
    office.session.expire_all()


def save(office: Office, **changes: object) -> None:
    terms = {"since": SINCE, "most": None, "currency": "EUR", "companies": None} | changes
    office.session.commit()
    save_rule(office.session, office.connection_id, Terms(**terms), hand(office))  # type: ignore[arg-type]  # any terms


def rule_of(office: Office) -> RuleRow:
    rule = find_rule(office.session, office.connection_id)
    assert rule is not None
    return rule


def turn_on(office: Office) -> None:
    look(office)
    rule = rule_of(office)
    count = len(covered(office.session, office.connection(), rule.terms("EUR")))
    changed_at = rule.changed_at
    office.session.commit()
    switch_on(office.session, office.connection_id, seen=count, changed_at=changed_at, hand=hand(office))


def go(office: Office) -> int:
    """Let the job come, and carry out what it asked for."""
    office.session.commit()
    begun = copy_by_itself(office.session, office.nudge, marks=office.marks, clock=lambda: office.now)
    for run_id in office.session.scalars(select(RunRow.id).order_by(RunRow.requested_at)).all():
        office.session.commit()
        make_wishes(office.session, office.nudge, run_id, clock=lambda: office.now)
    under_way = select(CopyRow.id).where(CopyRow.in_flight.is_not(None), CopyRow.hold_id.is_(None))
    for copy_id in office.session.scalars(under_way).all():
        office.session.commit()
        office.perform(copy_id)
    look(office)
    return begun


def test_what_is_ready_is_copied_once_and_says_that_a_rule_asked(office: Office) -> None:
    save(office)
    turn_on(office)
    assert go(office) == 1
    assert office.row().standing is Standing.COPIED
    copy = office.session.scalars(select(CopyRow)).one()
    assert copy.requested_by == "Rule"
    run = office.session.get_one(RunRow, copy.run_id)
    assert run.rule_id == rule_of(office).id
    actors = office.session.scalars(select(EventRow.actor).where(EventRow.invoice_id == "105")).all()
    assert "Rule" in actors
    assert len(office.ledger.entries) == 1

    assert go(office) == 0
    assert len(office.ledger.entries) == 1

    found = summary_since(office.session, ["1"], office.now)
    assert (found.copied.count, dict(found.copied.amounts)) == (1, {"EUR": 12100})
    assert summary_since(office.session, ["2"], office.now).is_empty


def test_a_rule_is_off_until_it_is_switched_on_and_after_each_change(office: Office) -> None:
    save(office)
    look(office)
    assert go(office) == 0
    turn_on(office)
    save(office, most=1)
    assert not rule_of(office).on
    assert go(office) == 0


def test_two_workers_ask_once(office: Office) -> None:
    save(office)
    turn_on(office)
    first = copy_by_itself(office.session, office.nudge, marks=office.marks, clock=lambda: office.now)
    second = copy_by_itself(office.session, office.nudge, marks=office.marks, clock=lambda: office.now)
    assert (first, second) == (1, 0)


def not_ready(office: Office) -> None:
    office.session.scalars(select(MappingRow).where(MappingRow.kind == "tax")).one().target = None


def undone(office: Office) -> None:
    copy = office.copied()
    copy.count_no_more(Ending.DELETED)
    office.row().copy_state = copy.state


def refused(office: Office) -> None:
    copy = office.wish()
    copy.refuse("RefusedError", as_written("No."), None, office.now)
    office.row().copy_state = CopyState.REFUSED
    office.row().latest_copy_id = copy.id


def held(office: Office) -> None:
    office.session.add(
        HoldRow(
            id=new_id(),
            connection_id=office.connection_id,
            cause="RefusedError",
            words="No.",
            traits=["journal 70"],
            held_at=office.now,
        )
    )


def disconnected(office: Office) -> None:
    office.connection().disconnect(office.now)


def closed(office: Office) -> None:
    office.session.commit()
    close_copying(office.session, now=office.now)


def switched_off(office: Office) -> None:
    office.session.commit()
    switch_off(office.session, office.connection_id, hand(office))


def stopped_by_a_person(office: Office) -> None:
    look(office)
    today = office.now.date()
    (plan,) = plan_copies(office.session, [office.row()], now=office.now, today=today)
    seen = {plan.row.id: plan.seen}
    office.session.commit()
    run_id = begin_run(
        office.session, office.nudge, seen, requested_by="Anna", now=office.now, today=today
    ).run_id
    assert run_id
    stop_run(office.session, run_id, by="Anna", now=office.now)


LEFT_ALONE: dict[str, Callable[[Office], None]] = {
    "not ready": not_ready,
    "undone": undone,
    "refused": refused,
    "like three that failed": held,
    "of a connection that ended": disconnected,
    "in a restored database": closed,
    "switched off": switched_off,
    "stopped by a person": stopped_by_a_person,
}


@pytest.mark.parametrize("kind", LEFT_ALONE)
def test_what_is_not_for_a_rule_is_left_to_a_person(office: Office, kind: str) -> None:
    save(office)
    turn_on(office)
    LEFT_ALONE[kind](office)
    look(office)
    before = office.session.query(CopyRow).count()
    assert go(office) == 0
    assert office.session.query(CopyRow).count() == before


def test_a_restored_database_has_its_rules_off_for_good(office: Office) -> None:
    save(office)
    turn_on(office)
    closed(office)
    office.session.expire_all()
    rule = rule_of(office)
    assert not rule.on
    changed_at = rule.changed_at
    office.session.commit()
    with pytest.raises(CannotSwitchError):
        switch_on(office.session, office.connection_id, seen=1, changed_at=changed_at, hand=hand(office))


def test_a_rule_is_switched_on_as_it_was_shown_or_not_at_all(office: Office) -> None:
    save(office)
    look(office)
    changed_at = rule_of(office).changed_at
    office.session.commit()
    with pytest.raises(CannotSwitchError, match="1 invoice now, not 2"):
        switch_on(office.session, office.connection_id, seen=2, changed_at=changed_at, hand=hand(office))

    office.pass_time(1)
    save(office, most=5)
    with pytest.raises(CannotSwitchError, match="changed this rule"):
        switch_on(office.session, office.connection_id, seen=1, changed_at=changed_at, hand=hand(office))
    assert not rule_of(office).on


def test_a_run_that_a_person_stopped_is_not_begun_again_by_the_rule(office: Office) -> None:
    save(office)
    turn_on(office)
    assert copy_by_itself(office.session, office.nudge, marks=office.marks, clock=lambda: office.now) == 1
    run_id = office.session.scalars(select(RunRow.id)).one()
    office.session.commit()
    stop_run(office.session, run_id, by="Anna", now=office.now)
    assert go(office) == 0
    assert office.row().standing is Standing.READY
    assert office.ledger.entries == {}


def test_only_what_the_terms_cover_is_copied(office: Office) -> None:
    office.add(some_invoice(id="106", number="106", invoiced_on=date(2026, 2, 1)))
    office.add(some_invoice(id="107", number="107", company_id="8", company_name="Acme BV"))
    save(office, companies=("7",))
    turn_on(office)
    go(office)
    assert [office.row(each).copy_state == CopyState.COPIED for each in ("105", "106", "107")] == [
        True,
        False,
        False,
    ]
    assert office.session.scalars(select(CopyRow.action)).all() == [CopyAction.CREATE]
