"""Every address that names a row is no address to people of another subsidiary, whatever their role."""

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.actions.books.compare import compare_books
from portal.domain.said import as_written
from portal.store.customer_links import CustomerLinkRow
from portal.store.entries import AcceptedRow
from portal.store.gate import UnmatchedRow
from portal.store.payments import PaymentRow
from portal.store.reconciliation import ComparedRow
from portal.store.runs import RunItemRow, RunRow, RunSubsidiaryRow
from portal.store.sign_offs import SignOffRow
from portal.store.trials import TrialRow, TrialState
from tests.actions.payments.paying import D1, Till, a_till
from tests.conftest import SignedIn

# These belong to nobody's books.
OTHERS = {"user_id", "session_id", "filename", "month"}
KINDS = {"kind": "service", "slug": "design", "month": "2026-03"}


def some_rows(till: Till) -> dict[str, str]:
    """Make one row of every kind that an address names, all of one subsidiary."""
    entry = till.an_entry()
    till.ledger.receive(entry, 12100, D1)
    till.pull()
    payment = till.session.query(PaymentRow).one()
    copy_id = payment.copy_id
    now = till.now
    unmatched = UnmatchedRow(
        connection_id=till.connection_id,
        key=entry,
        number="1",
        reference="",
        why=as_written(""),
        found_at=now,
    )
    accepted = AcceptedRow(
        id="a",
        connection_id=till.connection_id,
        entry_id=entry,
        content="",
        accepted_by="Anna",
        accepted_at=now,
        what="",
        invoice_id="105",
    )
    trial = TrialRow(
        id="t",
        connection_id=till.connection_id,
        marker="ABCDEFGH",
        division=101,
        division_name="Test",
        started_by="Anna",
        started_at=now,
        state=TrialState.ENDED,
    )
    link = CustomerLinkRow(
        connection_id=till.connection_id, company_id="9", customer_id="c", linked_by="Anna", linked_at=now
    )
    signed = SignOffRow(
        subsidiary_id="1",
        month="2026-03",
        signed_by="Anna",
        signed_at=now,
        invoices=0,
        open=[],
        fingerprint="",
    )
    run = RunRow(id="r", requested_by="Anna", requested_at=now, total=1)
    till.session.add_all([unmatched, accepted, trial, link, signed, run])
    till.session.flush()
    till.session.add_all(
        [
            RunSubsidiaryRow(run_id="r", subsidiary_id="1"),
            RunItemRow(run_id="r", invoice_id="105", position=0, seen="", fingerprint="", copy_id=copy_id),
        ]
    )
    till.session.commit()
    compare_books(till.session, clock=lambda: now)
    assert till.session.get(ComparedRow, "i-105") is not None
    return KINDS | {
        "invoice_id": "105",
        "copy_id": copy_id,
        "payment_id": payment.id,
        "connection_id": str(till.connection_id),
        "unmatched_id": str(unmatched.id),
        "accepted_id": accepted.id,
        "run_id": run.id,
        "key": "i-105",
        "entry_id": entry,
        "trial_id": trial.id,
        "company_id": link.company_id,
        "sign_off_id": str(signed.id),
    }


def named_rows(app: Flask) -> list[Rule]:
    """Return the addresses that name a row."""
    return [rule for rule in app.url_map.iter_rules() if rule.arguments - OTHERS]


def test_no_address_of_a_row_answers_a_stranger(app: Flask, session: Session, signed_in: SignedIn) -> None:
    with Session(session.get_bind(), expire_on_commit=False) as own:
        rows = some_rows(a_till(own))
    stranger = signed_in("administrator", subsidiaries=["2"])
    for rule in named_rows(app):
        address = app.url_map.bind("localhost").build(rule.endpoint, rows, append_unknown=False)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = stranger.open(address, method=method)
            assert answer.status_code in (403, 404), (method, address, answer.status_code)
    assert len(named_rows(app)) > 30
