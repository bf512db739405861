"""Copy by itself what is ready, as the rules of connections say."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actions.copies.run_begin import begin_run
from portal.actions.copies.run_draft import plan_copies
from portal.actions.engine.desk import Clock
from portal.actions.engine.gate import find_closed, may_write
from portal.actions.engine.lanes import hold_lane
from portal.actions.engine.ports import Marks, Nudge
from portal.actions.engine.turn import transaction
from portal.domain.copies.rules import RULE, Terms
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.here import day_here
from portal.domain.refused import Refused
from portal.domain.said import Said, said
from portal.sentences.refusal import Refusal
from portal.store.connections import ConnectionRow
from portal.store.events import note_event
from portal.store.holds import holds_of
from portal.store.invoices import InvoiceRow
from portal.store.rules import RuleRow, covered, find_rule, rules_at_work

LANE = "rules"
# As many as one run copies. What is left comes in the next one.
AT_ONCE = 200


class CannotSwitchError(Refusal):
    """The rule cannot be switched on as it was shown."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes a rule, and when."""

    by: str
    at: datetime


def save_rule(session: Session, connection_id: int, terms: Terms, hand: Hand) -> None:
    """Keep what a rule copies. It is off until it is switched on."""
    with transaction(session):
        connection = session.get_one(ConnectionRow, connection_id, with_for_update=True)
        rule = find_rule(session, connection_id)
        if rule is None:
            rule = RuleRow(
                connection_id=connection_id, since=terms.since, changed_by=hand.by, changed_at=hand.at
            )
            session.add(rule)

        rule.change(terms, by=hand.by, at=hand.at)
        _note(session, connection, hand, said(Happened.RULE_CHANGED))


def switch_on(session: Session, connection_id: int, *, seen: int, changed_at: datetime, hand: Hand) -> None:
    """Switch a rule on that somebody saw, with as many invoices as it would copy now."""
    with transaction(session):
        rule = find_rule(session, connection_id, lock=True)
        if rule is None or rule.changed_at != changed_at:
            raise CannotSwitchError(said(Refused.RULE_CHANGED))
        if find_closed(session):
            raise CannotSwitchError(said(Refused.RULE_CLOSED))

        connection = session.get_one(ConnectionRow, connection_id)
        count = len(covered(session, connection, rule.terms(connection.division_currency)))
        if count != seen:
            raise CannotSwitchError(said(Refused.RULE_COVERS_OTHERS, count=count, seen=seen))

        rule.switch(True, by=hand.by, at=hand.at)
        _note(session, connection, hand, said(Happened.RULE_ON, count=count))


def switch_off(session: Session, connection_id: int, hand: Hand) -> None:
    """Switch a rule off. What it asked for already goes on."""
    with transaction(session):
        rule = find_rule(session, connection_id, lock=True)
        if rule is None or not rule.on:
            return

        rule.switch(False, by=hand.by, at=hand.at)
        connection = session.get_one(ConnectionRow, connection_id)
        _note(session, connection, hand, said(Happened.RULE_OFF))


def _note(session: Session, connection: ConnectionRow, hand: Hand, happened: Said) -> None:
    note_event(
        session,
        at=hand.at,
        actor=hand.by,
        kind=EventKind.RULE,
        said=happened,
        subsidiary_id=connection.subsidiary_id,
    )


def any_rule_at_work(session: Session) -> bool:
    """Say whether anything is copied by itself."""
    with transaction(session):
        return bool(rules_at_work(session))


def copy_by_itself(session: Session, nudge: Nudge, *, marks: Marks, clock: Clock) -> int:
    """Begin a run for each rule that has something to copy. Returns how many runs that were."""
    if not any_rule_at_work(session):
        return 0

    # A database that turns out to be restored is closed here, and all its rules are off.
    if not may_write(session, marks, now=clock()):
        return 0

    begun = 0
    with hold_lane(session, LANE, clock) as held:
        with transaction(session):
            rule_ids = [rule.id for rule in rules_at_work(session)] if held else []

        for rule_id in rule_ids:
            begun += _apply(session, nudge, rule_id, clock())

    return begun


def _apply(session: Session, nudge: Nudge, rule_id: int, now: datetime) -> bool:
    """Begin a run of what one rule copies. False where there is nothing, or something is in the way."""
    with transaction(session):
        rule = session.get_one(RuleRow, rule_id, populate_existing=True)
        connection = session.get_one(ConnectionRow, rule.connection_id)
        # Others like these failed alike, so a person looks first.
        is_stopped = not rule.on or not connection.is_live or bool(holds_of(session, connection.id))
        terms = rule.terms(connection.division_currency)
        wanted = [] if is_stopped else covered(session, connection, terms)[:AT_ONCE]
        ids = [each.invoice_id for each in wanted]
        rows = session.scalars(select(InvoiceRow).where(InvoiceRow.id.in_(ids))).all()
        plans = plan_copies(session, rows, now=now, today=day_here(now))

    seen = {plan.row.id: plan.seen for plan in plans if plan.is_ready}
    if not seen:
        return False

    run = begin_run(session, nudge, seen, requested_by=RULE, now=now, today=day_here(now), rule_id=rule_id)
    return run.run_id is not None
