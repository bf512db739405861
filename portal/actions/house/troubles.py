"""What administrators are written to about: sign-ins in trouble, and work that has stood for a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actions.connections.renewal import cannot_renew
from portal.domain.connections.grant_health import GrantHealth
from portal.domain.connections.states import SignInCause
from portal.domain.here import day_here
from portal.domain.house.mailed import Mailed
from portal.domain.said import FOLLOWED, Said, listed, said
from portal.store.connections import ConnectionRow, ProductiveRow, live_connections
from portal.store.copies import CopyRow
from portal.store.grants import GrantRow

PATIENCE = timedelta(days=1)
APPS = "/settings/apps"
ACTIVITY = "/activity"
PAYMENTS = "/payments"
PRODUCTIVE = "/settings/productive"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble, known again by its key, and the page that mends it."""

    key: str
    subject: Said
    text: Said
    path: str
    subsidiaries: tuple[str, ...] | None


def find_troubles(session: Session, now: datetime) -> list[Trouble]:
    """Return what needs an administrator now."""
    # What follows from a lost sign-in is not said twice.
    served: dict[int, list[ConnectionRow]] = {}
    for row in live_connections(session):
        served.setdefault(row.grant_id or 0, []).append(row)

    troubles: list[Trouble] = list(_productive(session, now))
    for grant_id, rows in served.items():
        grant = session.get(GrantRow, grant_id)
        if grant and (health := grant.health(now)).warns:
            troubles.append(_of_grant(grant, health, rows))
            continue

        for row in rows:
            troubles += [*_copies(session, row, now), *_payments(row, now)]

    return troubles


def _of_grant(grant: GrantRow, health: GrantHealth, rows: Sequence[ConnectionRow]) -> Trouble:
    divisions = ", ".join(row.division_name for row in rows)
    text = listed([cannot_renew(grant).said, said(Mailed.SERVES, divisions=divisions)], FOLLOWED)

    if health.cause == SignInCause.LAPSES:
        renewed = day_here(grant.obtained_at)
        lapses = day_here(health.lapses_at)
        text = said(Mailed.LAPSES, renewed=renewed, lapses=lapses, divisions=divisions)

    lost = health.lost
    return Trouble(
        f"grant {grant.id} {health.cause}",
        said(Mailed.SIGN_IN_LOST if lost else Mailed.SIGN_IN_IN_DANGER, user=grant.user_name),
        text,
        APPS,
        tuple(row.subsidiary_id for row in rows),
    )


def _copies(session: Session, row: ConnectionRow, now: datetime) -> Iterator[Trouble]:
    """Name the copies that have been under way for more than a day."""
    # Refused ones were answered at once.
    stuck = select(func.count(CopyRow.id), func.max(CopyRow.trouble)).where(
        CopyRow.connection_id == row.id,
        CopyRow.in_flight.is_not(None),
        CopyRow.requested_at <= now - PATIENCE,
    )

    count, example = session.execute(stuck).one()
    if count:
        text = said(Mailed.COPIES_UNDER_WAY, division=row.division_name, count=count)
        if example:
            reason = said(Mailed.COPY_SAYS, example=example)
            text = listed([text, reason], FOLLOWED)

        subject = said(Mailed.COPIES_STAND, division=row.division_name)
        yield Trouble(f"copies {row.id}", subject, text, ACTIVITY, (row.subsidiary_id,))


def _payments(row: ConnectionRow, now: datetime) -> Iterator[Trouble]:
    last = row.payments.pulled_at or row.payments.since
    if row.payments.on and row.payments.trouble and last and last <= now - PATIENCE:
        text = said(Mailed.LAST_READ, moment=last, trouble=row.payments.trouble)
        subject = said(Mailed.NO_PAYMENTS, division=row.division_name)
        yield Trouble(f"payments {row.id}", subject, text, PAYMENTS, (row.subsidiary_id,))


def _productive(session: Session, now: datetime) -> Iterator[Trouble]:
    row = session.get(ProductiveRow, 1)
    last = row and (row.invoices_pulled_at or row.checked_at)
    if row and row.trouble and last and last <= now - PATIENCE:
        text = said(Mailed.LAST_READ, moment=last, trouble=row.trouble)
        yield Trouble("productive", said(Mailed.NO_INVOICES), text, PRODUCTIVE, None)
