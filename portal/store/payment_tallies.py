"""The kept counts of payments: by the view that lists them, to decide by month, and found by hour."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, null, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from portal.domain.payments.states import PaymentState, PaymentStep
from portal.store.connections import ConnectionRow
from portal.store.payments import PaymentRow
from portal.store.tallies import Tally, month_of


class hour_of(FunctionElement[str]):  # noqa: N801 it reads as a function
    """The hour of a moment in UTC as text: 2026-03-02 10."""

    type = String()
    inherit_cache = True


@compiles(hour_of, "sqlite")
def _hour_in_sqlite(element: hour_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 13)"


@compiles(hour_of, "postgresql")
def _hour_in_postgres(element: hour_of, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


def spell_hour(moment: datetime) -> str:
    """Spell the hour of a moment as the database does."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H}"


def is_to_decide() -> ColumnElement[bool]:
    """Choose the payments about which a person decides."""
    # What is held to be marked as sent first goes on by itself.
    return or_(
        PaymentRow.state == PaymentState.ASKED,
        and_(PaymentRow.state == PaymentState.HELD, PaymentRow.wanted != PaymentStep.MARK),
    )


# A payment to decide counts in the month in which it was paid, any other in none.
BY_VIEW = Tally(
    "payment",
    PaymentRow,
    keys={
        "connection_id": PaymentRow.connection_id,
        "view": PaymentRow.view,
        "decide_month": case((is_to_decide(), month_of(PaymentRow.paid_on)), else_=null()),
        "currency": PaymentRow.currency,
    },
    sums={"amount": PaymentRow.amount},
    indexes=[("decide_month",)],
)
FOUND = Tally(
    "payment_found",
    PaymentRow,
    keys={
        "connection_id": PaymentRow.connection_id,
        "hour": hour_of(PaymentRow.created_at),
        "currency": PaymentRow.currency,
    },
    sums={"amount": PaymentRow.amount},
    where=(PaymentRow.state != PaymentState.REMOVED,),
    indexes=[("hour",)],
)


def of_subsidiaries(tally: Tally, scope: Collection[str] | None) -> list[ColumnElement[bool]]:
    """Narrow a tally of payments to the connections that subsidiaries have, or had. None is all."""
    if scope is None:
        return []
    mine = select(ConnectionRow.id).where(ConnectionRow.subsidiary_id.in_(scope))
    return [tally.c.connection_id.in_(mine)]
