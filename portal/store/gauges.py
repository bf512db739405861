"""What an operator measures, read from kept counts and from indexes that hold only what is under way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.connections.states import ConnectionState, GrantState
from portal.domain.copies.states import IN_FLIGHT, CopyState
from portal.domain.house.sessions import LONGEST
from portal.remote.pace import Pace
from portal.store.connections import ConnectionRow, ProductiveRow
from portal.store.copies import CopyRow
from portal.store.feeds import PaymentFeedRow
from portal.store.grants import GrantRow
from portal.store.invoice_tallies import BY_STANDING
from portal.store.lanes import read_all_paces
from portal.store.sessions import SessionRow
from portal.store.tallies import add_up


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The copies of one state: how many, and when the oldest was asked for."""

    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A sign-in at Exact, and since when its tokens are what they are."""

    id: int
    locale: str
    state: GrantState
    obtained_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Gauges:
    """All that is measured in the database at one moment."""

    under_way: Mapping[CopyState, UnderWay]
    held: int
    invoices: Mapping[str, int]
    invoices_pulled_at: datetime | None
    # By connection that is in use, where its payments are on.
    payments_pulled_at: Mapping[int, datetime | None]
    grants: Sequence[Grant]
    paces: Mapping[str, Pace]
    sessions: int


def read_gauges(session: Session, *, idle: timedelta, now: datetime) -> Gauges:
    """Read what is measured, by eight statements whose cost does not grow with the invoices."""
    copies = session.execute(
        select(CopyRow.state, func.count(), func.min(CopyRow.requested_at))
        .where(CopyRow.state.in_(IN_FLIGHT))
        .group_by(CopyRow.state)
    )
    kept = session.execute(
        select(BY_STANDING.c.standing, add_up(BY_STANDING.c.rows)).group_by(BY_STANDING.c.standing)
    )
    pulls = session.execute(
        select(PaymentFeedRow.connection_id, PaymentFeedRow.pulled_at)
        .join(ConnectionRow, ConnectionRow.id == PaymentFeedRow.connection_id)
        .where(PaymentFeedRow.on, ConnectionRow.state == ConnectionState.LIVE)
    )
    grants = session.execute(
        select(GrantRow.id, GrantRow.locale, GrantRow.state, GrantRow.obtained_at, GrantRow.expires_at)
    )
    signed_in = select(func.count()).where(
        SessionRow.began_at > now - LONGEST, SessionRow.seen_at > now - idle
    )

    return Gauges(
        under_way={state: UnderWay(count, oldest) for state, count, oldest in copies},
        held=session.scalar(select(func.count()).where(CopyRow.hold_id.is_not(None))) or 0,
        invoices={standing: count for standing, count in kept if count},
        invoices_pulled_at=session.scalar(select(ProductiveRow.invoices_pulled_at)),
        payments_pulled_at=dict(pulls.all()),
        grants=[Grant(*row) for row in grants],
        paces=read_all_paces(session),
        sessions=session.scalar(signed_in) or 0,
    )
