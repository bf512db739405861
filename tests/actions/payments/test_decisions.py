"""What a person decides about a payment takes it out of the hands of a worker that is at it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from portal.actions.payments.on_request import (
    leave_by_hand,
    mark_sent_and_pay,
    record_anyway,
    restore_payment,
    retry_payment,
)
from portal.domain.payments.states import PaymentCause, PaymentState
from portal.store.leases import holds, take
from portal.store.payments import PaymentRow
from tests.actions.payments.paying import D1, Till

DECISIONS: dict[str, tuple[dict[str, object], Callable[..., None]]] = {
    "record it anyway": ({"state": PaymentState.ASKED}, record_anyway),
    "it is recorded by hand": ({"state": PaymentState.ASKED}, leave_by_hand),
    "mark as sent and pay": ({"state": PaymentState.HELD, "productive_id": None}, mark_sent_and_pay),
    "retry": ({"state": PaymentState.REFUSED}, retry_payment),
    "restore": ({"state": PaymentState.REFUSED, "cause": PaymentCause.REMOVED_BY_HAND}, restore_payment),
}


@pytest.mark.parametrize("what", DECISIONS)
def test_a_decision_ends_the_work_of_whoever_holds_the_payment(till: Till, what: str) -> None:
    before, decide = DECISIONS[what]
    till.ledger.receive(till.an_entry(), 12100, D1)
    till.pull()
    row = till.one()
    change: Any = update(PaymentRow).values(**before)
    till.session.execute(change)
    lease = take(till.session, PaymentRow, row.id, now=till.now, lasting=timedelta(minutes=2))
    till.session.commit()
    assert lease is not None
    assert holds(till.session, lease)
    till.session.commit()

    decide(till.session, row.id, actor="anna@example.com", now=till.now)

    assert not holds(till.session, lease)
    till.session.commit()
