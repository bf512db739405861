"""Connect a subsidiary to a division: draft, consent, division, choices, live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actions.connections.disconnect import drop_tokens_if_unused, release_draft, retire
from portal.actions.engine.ports import Ledger
from portal.actions.engine.turn import let_go, transaction
from portal.domain.booking.catalogue import Catalogue, takes_revenue, takes_sales
from portal.domain.connections.states import ConnectionState, NumberSource, PaymentsMode
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.refused import Refused
from portal.domain.said import Said, said
from portal.sentences.refusal import Refusal
from portal.store.baseline import begin_baseline
from portal.store.catalogue import read_stored_catalogue
from portal.store.connections import (
    ConnectionRow,
    SubsidiaryRow,
    division_key,
    find_draft,
    find_live_connection,
)
from portal.store.events import note_event
from portal.store.grants import GrantRow, locale_of_sign_in
from portal.store.payments import PaymentRow, look_again


class CannotConnectError(Refusal):
    """A choice of the named field cannot be kept. What is said tells what to do."""

    def __init__(self, field: str, told: Said | str) -> None:
        super().__init__(told)
        self.field = field


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a person chooses about a connection besides its division and its mappings."""

    number_source: NumberSource
    default_journal: str | None
    credit_journal: str | None
    copy_from: date
    payments_on: bool
    payments_mode: PaymentsMode = PaymentsMode.FROM_NOW
    books_closed_until: date | None = None
    send_credit_type: bool = False
    write_off_differences: bool = True
    mark_sent_by_itself: bool = False


def start_connection(session: Session, subsidiary_id: str, locale: str, *, now: datetime) -> ConnectionRow:
    """Begin a set-up, or go on with the one of this locale."""
    if session.get(SubsidiaryRow, subsidiary_id) is None:
        raise CannotConnectError("subsidiary", said(Refused.CHOOSE_SUBSIDIARY))
    if find_live_connection(session, subsidiary_id):
        raise CannotConnectError("subsidiary", said(Refused.SUBSIDIARY_TAKEN))

    with transaction(session):
        draft = find_draft(session, subsidiary_id)
        if draft and draft.locale != locale:
            release_draft(session, draft)
            draft = None

        if draft is None:
            draft = ConnectionRow(subsidiary_id=subsidiary_id, locale=locale, created_at=now)
            session.add(draft)
    return draft


def reuse_grant(
    session: Session,
    ledger_of: Callable[[int], Ledger],
    connection_id: int,
    grant_id: int,
    *,
    site: Sequence[str] = (),
) -> None:
    """Go on with a sign-in that works already at the site, by default the connection's country alone."""
    row = session.get_one(ConnectionRow, connection_id)
    grant = session.get(GrantRow, grant_id)
    if grant is None or grant.locale not in (site or (row.locale,)) or grant.refresh_sealed is None:
        raise CannotConnectError("grant", said(Refused.SIGN_IN_GONE))

    name = grant.user_name
    let_go(session)
    visible = {division.code for division in ledger_of(grant_id).find_divisions()}

    with transaction(session):
        row = session.get_one(ConnectionRow, connection_id, with_for_update=True)
        former_id = row.grant_id
        if not row.use_grant(grant_id, visible):
            lacks = said(Refused.CANNOT_OPEN, user=name, division=row.division_name)
            raise CannotConnectError("division", lacks)

        session.flush()
        if former_id != grant_id:
            drop_tokens_if_unused(session, former_id)


def save_set_up(session: Session, connection_id: int, chosen: SetUp, *, actor: str, now: datetime) -> None:
    """Keep the choices of the second step, or raise CannotConnectError."""
    with transaction(session):
        row = session.get_one(ConnectionRow, connection_id, with_for_update=True)
        if row.division is None:
            raise CannotConnectError("division", said(Refused.DIVISION_FIRST))

        _check_journals(read_stored_catalogue(session, connection_id), chosen)
        if chosen.mark_sent_by_itself and not row.payments.mark_sent_by_itself:
            look_again(session, PaymentRow.connection_id == row.id, now=now)

        _keep_choices(row, chosen)
        _switch_payments(session, row, chosen, now)

        if row.is_live:
            note_event(
                session,
                at=now,
                actor=actor,
                kind=EventKind.EDITED,
                said=said(Happened.CONNECTION_CHANGED, division=row.division_name),
                subsidiary_id=row.subsidiary_id,
            )


def finish_connection(
    session: Session, connection_id: int, default_ledger: str | None, *, actor: str, now: datetime
) -> None:
    """Keep the default ledger and go live."""
    # A former division of the subsidiary becomes history.
    try:
        with transaction(session):
            row = session.get_one(ConnectionRow, connection_id, with_for_update=True)
            _check_ledger(read_stored_catalogue(session, connection_id), default_ledger)
            row.default_ledger = default_ledger
            if not row.is_live:
                _go_live(session, row, actor, now)
    except IntegrityError as error:
        raise CannotConnectError("division", said(Refused.DIVISION_TAKEN_MEANWHILE)) from error


def _check_ledger(catalogue: Catalogue, ledger: str | None) -> None:
    if ledger and not any(one.id == ledger and takes_revenue(one) for one in catalogue.accounts):
        raise CannotConnectError("default_ledger", said(Refused.LEDGER_NOT_OFFERED))


def _go_live(session: Session, row: ConnectionRow, actor: str, now: datetime) -> None:
    if row.division is None or row.copy_from is None or row.grant_id is None:
        raise CannotConnectError("division", said(Refused.NOT_COMPLETE))

    if former := find_live_connection(session, row.subsidiary_id):
        retire(session, former, now)

    row.go_live(division_key(locale_of_sign_in(session, row), row.division), now)
    note_event(
        session,
        at=now,
        actor=actor,
        kind=EventKind.CONNECTED,
        said=said(Happened.CONNECTED, division=row.division_name),
        subsidiary_id=row.subsidiary_id,
    )


def _check_journals(catalogue: Catalogue, chosen: SetUp) -> None:
    offered = {journal.code for journal in catalogue.journals if takes_sales(journal)}
    for name in ("default_journal", "credit_journal"):
        code = getattr(chosen, name)
        if code and code not in offered:
            raise CannotConnectError(name, said(Refused.JOURNAL_NOT_OFFERED))


def _keep_choices(row: ConnectionRow, chosen: SetUp) -> None:
    row.number_source = chosen.number_source
    row.default_journal = chosen.default_journal
    row.credit_journal = chosen.credit_journal
    row.copy_from = chosen.copy_from
    row.books_closed_until = chosen.books_closed_until
    row.send_credit_type = chosen.send_credit_type
    row.payments.write_off_differences = chosen.write_off_differences
    row.payments.mark_sent_by_itself = chosen.mark_sent_by_itself


def _switch_payments(session: Session, row: ConnectionRow, chosen: SetUp, now: datetime) -> None:
    """Stop the pulls, or begin them from where the person says."""
    if chosen.payments_on and (not row.payments.on or row.state == ConnectionState.DRAFT):
        row.payments.begin(chosen.payments_mode, now)
        begin_baseline(session, row)

    row.payments.on = chosen.payments_on
