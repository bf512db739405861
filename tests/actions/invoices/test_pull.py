"""Pulling from Productive: what changed, what vanished, and what another link has copied."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.invoices.pull import pull_invoices, pull_one
from portal.domain.booking.invoice import ServiceType
from portal.domain.copies.states import CopyAction, CopyState
from portal.remote.errors import UnreachableError
from portal.store.connections import ProductiveRow, SubsidiaryRow
from portal.store.invoices import ELSEWHERE, NOT_COPIED, InvoiceRow
from portal.store.mappings import ServiceTypeRow, TaxRateRow
from tests.actions.office import Office, an_office, some_invoice, two_lines
from tests.furnishing.connections import add_productive
from tests.furnishing.said import quote


@pytest.fixture
def office(session_factory: sessionmaker[Session]) -> Iterator[Office]:
    with session_factory() as session:
        made = an_office(session)
        add_productive(session, made.now)
        session.commit()
        yield made


def pull(office: Office) -> int:
    return pull_invoices(office.session, office.billing, now=office.now)


def later(office: Office, **changes: object) -> None:
    """Change the invoice in Productive, which moves its last activity."""
    invoice = office.billing.invoices["105"]
    moved = invoice.last_activity_at + timedelta(days=1)
    office.billing.invoices["105"] = replace(invoice, last_activity_at=moved, **changes)  # type: ignore[arg-type]


def test_before_productive_is_set_up_nothing_is_pulled(office: Office) -> None:
    office.session.query(ProductiveRow).delete()
    assert pull(office) == 0
    assert office.billing.calls == []


def test_only_what_changed_is_read_with_its_lines(office: Office) -> None:
    office.billing.invoices["106"] = some_invoice(id="106", number="2026-0043")
    assert pull(office) == 1
    assert office.row("106").invoice().lines
    assert pull(office) == 0
    later(office, subject="Anew")
    assert pull(office) == 1
    assert office.row().subject == "Anew"


def test_many_changes_are_read_in_batches_of_fifty(office: Office) -> None:
    for at in range(120):
        office.billing.invoices[f"n{at}"] = some_invoice(id=f"n{at}", number=f"N{at}")
    assert pull(office) == 120
    assert office.billing.count("read_invoices") == 3


def test_drafts_are_not_pulled(office: Office) -> None:
    office.billing.invoices["106"] = some_invoice(id="106", finalized_on=None)
    pull(office)
    assert office.session.get(InvoiceRow, "106") is None


def test_the_next_pull_begins_a_day_before_the_last(office: Office) -> None:
    pull(office)
    assert office.session.get_one(ProductiveRow, 1).invoices_pulled_to == date(2026, 3, 9)


def test_a_pull_that_broke_off_says_why_and_begins_again(office: Office) -> None:
    office.billing.invoices["106"] = some_invoice(id="106")
    office.billing.fail("read_invoices", UnreachableError("Productive is away."))
    with pytest.raises(UnreachableError):
        pull(office)
    productive = office.session.get_one(ProductiveRow, 1)
    assert (productive.trouble, productive.invoices_pulled_to) == (quote("Productive is away."), None)
    assert pull(office) == 1
    assert productive.trouble is None


def test_service_types_that_vanished_are_kept_as_archived(office: Office) -> None:
    pull(office)
    office.billing.service_types = [ServiceType("21", "Design work", False)]
    pull(office)
    types = {row.id: (row.name, row.archived) for row in office.session.query(ServiceTypeRow)}
    assert types["21"] == ("Design work", False)
    assert types["22"] == ("Development", True)
    assert office.session.get_one(TaxRateRow, "31").percentage == "21"
    assert office.session.get_one(SubsidiaryRow, "11").name == "Bright Studio BV"


def test_an_invoice_exported_by_another_link_is_copied_elsewhere(office: Office) -> None:
    later(office, exported=True, export_id="other")
    pull(office)
    assert office.row().copy_state == ELSEWHERE
    later(office, exported=False, export_id=None)
    pull(office)
    assert office.row().copy_state == NOT_COPIED


def test_our_own_mark_leaves_a_copied_invoice_copied(office: Office) -> None:
    office.copied()
    later(office)
    pull(office)
    assert office.row().copy_state == CopyState.COPIED


def test_what_would_be_booked_otherwise_is_changed_since_copied(office: Office) -> None:
    office.copied()
    later(office, number="other", sent_on=date(2026, 3, 9), amount_paid=5)
    pull(office)
    assert not office.row().changed_since_copied
    later(office, lines=two_lines())
    pull(office)
    assert office.row().changed_since_copied


def test_a_change_that_a_refused_update_found_is_kept(office: Office) -> None:
    office.copied()
    copy = office.wish(action=CopyAction.UPDATE)
    later(office, lines=two_lines())
    assert office.perform(copy.id).cause == "invoice changed"
    assert office.row().changed_since_copied


def test_one_invoice_is_read_afresh(office: Office) -> None:
    office.billing.invoices["105"] = some_invoice(subject="Anew")
    row = pull_one(office.session, office.billing, "105", now=office.now)
    assert row is not None
    assert row.subject == "Anew"


def test_an_invoice_that_vanished_is_deleted_here_too(office: Office) -> None:
    office.billing.invoices.clear()
    assert pull_one(office.session, office.billing, "105", now=office.now) is None
    assert office.row().deleted
    assert office.row().invoice().deleted
    assert pull_one(office.session, office.billing, "unknown", now=office.now) is None
