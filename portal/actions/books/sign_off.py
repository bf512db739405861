"""Sign off a month: who, when, what was open, and what the month held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actions.engine.turn import transaction
from portal.domain.books.sign_off import LineKind, OpenItem, fingerprint
from portal.domain.events import EventKind
from portal.domain.happened import Happened
from portal.domain.periods import Period
from portal.domain.said import said
from portal.store.events import note_event
from portal.store.month_figures import read_month
from portal.store.months import lines_of
from portal.store.sign_offs import SignOffRow, add_sign_off, sign_off_of


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs off which month of which subsidiaries, and when."""

    subsidiaries: Sequence[str]
    period: Period
    by: str
    at: datetime


def sign_off(session: Session, signing: Signing) -> list[SignOffRow]:
    """Sign a month off for each subsidiary. A second click of the same person on the same month adds none."""
    with transaction(session):
        return [_sign_one(session, signing, subsidiary) for subsidiary in signing.subsidiaries]


def _sign_one(session: Session, signing: Signing, subsidiary_id: str) -> SignOffRow:
    period = signing.period
    lines = lines_of(session, subsidiary_id, period)
    still_open = [_spell(item) for item in read_month(session, (subsidiary_id,), period).open_items]
    mark = fingerprint(lines)

    last = sign_off_of(session, subsidiary_id, period.text)
    if last and (last.signed_by, last.fingerprint, last.open) == (signing.by, mark, still_open):
        return last

    row = SignOffRow(
        subsidiary_id=subsidiary_id,
        month=period.text,
        signed_by=signing.by,
        signed_at=signing.at,
        invoices=sum(line.kind is LineKind.INVOICE for line in lines),
        open=still_open,
        fingerprint=mark,
    )
    add_sign_off(session, row, lines)
    note_event(
        session,
        at=signing.at,
        actor=signing.by,
        kind=EventKind.SIGNED_OFF,
        said=said(Happened.SIGNED_OFF, month=period.text),
        subsidiary_id=subsidiary_id,
    )

    return row


def _spell(item: OpenItem) -> dict[str, object]:
    return {"kind": str(item.kind), "count": item.count, "amounts": dict(item.amounts)}
