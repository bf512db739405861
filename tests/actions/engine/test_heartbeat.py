"""Leases of copies and payments: who slept past the end of one sends only if nobody took over."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.turn import hold_copy
from portal.actions.engine import heartbeat
from portal.actions.engine.lanes import hold_lane
from portal.domain.payments.states import PaymentState
from portal.remote.errors import HeldBackError
from portal.remote.lease import check_lease
from portal.store.copies import CopyRow
from portal.store.leases import check_held
from portal.store.payments import PaymentRow
from tests.actions.office import Office, an_office
from tests.actions.payments.paying import D1, a_till

Hold = Callable[[Session, Office, CopyRow], AbstractContextManager[object]]


def hold_a_copy(session: Session, office: Office, copy: CopyRow) -> AbstractContextManager[object]:
    return hold_copy(session, office.desk, copy.id)


def hold_the_payments(session: Session, office: Office, _copy: CopyRow) -> AbstractContextManager[object]:
    return hold_lane(session, "payments:1", lambda: office.now)


@pytest.mark.parametrize("hold", [hold_a_copy, hold_the_payments])
def test_who_slept_past_the_end_of_a_lease_sends_only_if_nobody_took_over(
    session_factory: sessionmaker[Session], hold: Hold
) -> None:
    with session_factory() as session, session_factory() as another:
        office = an_office(session)
        copy = office.wish()
        with hold(session, office, copy):
            check_lease()
            office.pass_time(21)
            check_lease()
            with hold(another, office, copy) as second:
                assert not second
            office.pass_time(21)
            with hold(another, office, copy) as second:
                assert second
            with pytest.raises(HeldBackError):
                check_lease()
        check_lease()


def test_a_database_that_is_busy_when_the_lease_is_over_lets_nothing_leave(
    session_factory: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_more: object) -> bool:
        raise OperationalError("UPDATE", None, Exception("database is locked"))

    with session_factory() as session:
        office = an_office(session)
        monkeypatch.setattr(heartbeat, "keep", fail)
        with hold_lane(session, "payments:1", lambda: office.now):
            check_lease()
            office.pass_time(21)
            with pytest.raises(HeldBackError):
                check_lease()


def test_what_another_worker_made_of_a_payment_meanwhile_stays(
    session_factory: sessionmaker[Session],
) -> None:
    with session_factory(expire_on_commit=False) as session:
        till = a_till(session)
        till.ledger.receive(till.an_entry(), 12100, D1)

        def take_over(name: str) -> None:
            if name == "create_payment":
                with session_factory() as another:
                    another.execute(
                        update(PaymentRow).values(
                            state=PaymentState.MADE,
                            next_try_at=None,
                            productive_id="9",
                            lease_owner=None,
                            lease_until=None,
                        )
                    )
                    another.commit()

        till.billing.on_call = take_over
        till.billing.fail("create_payment", HeldBackError("Another worker took this over."))
        till.pull()
        row = till.one()
        assert (row.state, row.productive_id, row.tries, row.next_try_at) == (PaymentState.MADE, "9", 0, None)


def test_who_held_a_second_lane_for_a_while_still_asks_for_the_first(
    session_factory: sessionmaker[Session],
) -> None:
    with session_factory() as session, session_factory() as another:
        office = an_office(session)
        with hold_lane(session, "first", lambda: office.now):
            with hold_lane(session, "second", lambda: office.now) as second:
                assert second
            check_held(session)
            session.commit()
            office.pass_time(21)
            with hold_lane(another, "first", lambda: office.now) as taken:
                assert taken
                with pytest.raises(HeldBackError):
                    check_held(session)
                session.rollback()
        check_held(session)
