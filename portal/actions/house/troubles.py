"""What administrators are written to about: sign-ins in trouble, and work that has stood for a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actions.connections.renewal import cannot_renew
from portal.domain.connections.grant_health import GrantHealth
from portal.domain.connections.states import SignInCause
from portal.store.connections import ConnectionRow, ProductiveRow, live_connections
from portal.store.copies import CopyRow
from portal.store.grants import GrantRow

PATIENCE = timedelta(days=1)
APPS = "/settings/apps"
ACTIVITY = "/activity"
PAYMENTS = "/payments"
PRODUCTIVE = "/settings/productive"
WAITS = (
    "It serves {divisions}: copies wait and payments are not pulled. Nothing is lost; all goes on by itself."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble, known again by its key, and the page that mends it."""

    key: str
    subject: str
    text: str
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
    text = f"{cannot_renew(grant).text} {WAITS.format(divisions=divisions)}"

    if health.cause == SignInCause.LAPSES:
        text = (
            f"The sign-in was last renewed on {grant.obtained_at:%Y-%m-%d} and lapses on "
            f"{health.lapses_at:%Y-%m-%d}. It serves {divisions}. Try it in the portal, or sign in again."
        )

    what = "is lost" if health.lost else "is in danger"
    return Trouble(
        f"grant {grant.id} {health.cause}",
        f"The sign-in of {grant.user_name} at Exact {what}",
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
        text = f"Copies into {row.division_name} that have been under way for more than a day: {count}."
        reason = f" One of them says: {example}" if example else ""
        subject = f"Copies into {row.division_name} do not get through"
        yield Trouble(f"copies {row.id}", subject, text + reason, ACTIVITY, (row.subsidiary_id,))


def _payments(row: ConnectionRow, now: datetime) -> Iterator[Trouble]:
    last = row.payments.pulled_at or row.payments.since
    if row.payments.on and row.payments.trouble and last and last <= now - PATIENCE:
        text = f"It was last read on {last:%Y-%m-%d %H:%M} UTC. Since then: {row.payments.trouble}"
        subject = f"No payments of {row.division_name} came for a day"
        yield Trouble(f"payments {row.id}", subject, text, PAYMENTS, (row.subsidiary_id,))


def _productive(session: Session, now: datetime) -> Iterator[Trouble]:
    row = session.get(ProductiveRow, 1)
    last = row and (row.invoices_pulled_at or row.checked_at)
    if row and row.trouble and last and last <= now - PATIENCE:
        text = f"It was last read on {last:%Y-%m-%d %H:%M} UTC. Since then: {row.trouble}"
        yield Trouble("productive", "No invoices were read from Productive for a day", text, PRODUCTIVE, None)
