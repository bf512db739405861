"""Jobs on payments."""

from portal.actions.payments.control import control_payments as control_one
from portal.actions.payments.control import request_controls
from portal.actions.payments.synchronize import pay_due, request_pulls, synchronize_payments
from portal.wiring import current


def pull_payments() -> None:
    """Ask for a pull of every connection that synchronises payments."""
    wiring = current()
    with wiring.sessions() as session:
        request_pulls(session, wiring.nudge)


def pull_connection(connection_id: str) -> None:
    """Pull, compare and pay for one connection."""
    wiring = current()
    with wiring.sessions() as session:
        synchronize_payments(session, wiring.desk(pull=True), int(connection_id))


def pay_connection(connection_id: str) -> None:
    """Go on with the payments of one connection that wait for another try."""
    wiring = current()
    with wiring.sessions() as session:
        pay_due(session, wiring.desk(pull=True), int(connection_id))


def control_payments() -> None:
    """Ask for the nightly control of every connection that is due."""
    wiring = current()
    with wiring.sessions() as session:
        request_controls(session, wiring.nudge, now=wiring.clock())


def control_connection(connection_id: str) -> None:
    """Control the mirror of one connection against Exact's open receivables."""
    wiring = current()
    with wiring.sessions() as session:
        control_one(session, wiring.desk(pull=True), int(connection_id))
