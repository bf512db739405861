"""Cut-over: what another link copied is linked, and what shall not be copied is set aside."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portal.actions.copies.cut_over import (
    CutOverError,
    cut_over_of,
    exclude_invoice,
    find_existing,
    include_invoice,
    link_existing,
)
from portal.domain.booking.sales_entry import BookedEntry
from portal.domain.connections.states import NumberSource
from portal.domain.copies.states import CopyAction, CopyState
from portal.store.copies import CopyRow
from portal.store.invoices import ELSEWHERE, EXCLUDED, NOT_COPIED
from tests.actions.office import Office, some_invoice, two_lines
from tests.domain.builders import a_booking
from tests.furnishing.events import events_of
from tests.telling import told

GUID = "9d5a3d6e-8ab3-4a52-b5e7-1c1f0a6f4a11"


def booked_elsewhere(office: Office, **changes: Any) -> BookedEntry:
    """Let another link have booked the invoice."""
    customer = next(iter(office.ledger.customers))
    entry = a_booking(**{"id": GUID, "customer_id": customer, "journal": "70", **changes})
    office.ledger.entries[entry.id] = entry
    office.add(some_invoice(exported=True, export_id="other-link"))
    office.row().copy_state = ELSEWHERE
    office.session.commit()
    return entry


def link(office: Office, entry_id: str = GUID) -> CopyRow:
    return link_existing(office.session, office.ledger, "105", entry_id, actor="Anna", now=office.now)


def exclude(office: Office, reason: str = "Booked by hand") -> None:
    exclude_invoice(office.session, "105", reason=reason, actor="Anna", now=office.now)


def test_an_excluded_invoice_cannot_be_copied_until_it_is_taken_back(office: Office) -> None:
    exclude(office)
    assert (office.row().copy_state, office.row().exclude_reason) == (EXCLUDED, "Booked by hand")
    [problem] = office.wish()
    assert problem.code == "excluded"
    include_invoice(office.session, "105", actor="Anna", now=office.now)
    assert office.row().copy_state == NOT_COPIED
    assert [event.kind for event in events_of(office.session, "105")] == ["may be copied", "do not copy"]
    assert office.copied().state == CopyState.COPIED


def test_excluding_needs_a_reason(office: Office) -> None:
    with pytest.raises(CutOverError, match="Say why"):
        exclude(office, "  ")


def test_a_reason_has_a_length(office: Office) -> None:
    with pytest.raises(CutOverError, match="200 characters at most"):
        exclude(office, "x" * 201)
    assert office.row().copy_state == NOT_COPIED
    exclude(office, f" {'x' * 200} ")
    assert office.row().exclude_reason == "x" * 200


def test_what_is_copied_or_being_copied_cannot_be_set_aside(office: Office) -> None:
    copy = office.wish()
    with pytest.raises(CutOverError, match="being copied now"):
        exclude(office)
    office.perform(copy.id)
    with pytest.raises(CutOverError, match="copied already"):
        exclude(office)
    assert office.row().copy_state == CopyState.COPIED


def test_what_another_link_exported_stays_so_when_taken_back(office: Office) -> None:
    booked_elsewhere(office)
    exclude(office)
    include_invoice(office.session, "105", actor="Anna", now=office.now)
    assert office.row().copy_state == ELSEWHERE


def test_what_another_link_copied_is_not_copied_again(office: Office) -> None:
    booked_elsewhere(office)
    [problem] = office.wish()
    assert problem.code == "copied-elsewhere"


def test_an_entry_is_found_by_number_or_by_what_productive_names(office: Office) -> None:
    entry = booked_elsewhere(office)
    assert find_existing(office.session, office.ledger, "105") == [entry]
    office.ledger.entries[GUID] = replace(entry, your_ref="older number")
    assert find_existing(office.session, office.ledger, "105") == []
    office.add(some_invoice(exported=True, export_id=GUID))
    assert [found.id for found in find_existing(office.session, office.ledger, "105")] == [GUID]
    assert link(office).entry_id == GUID


def test_a_linked_entry_is_the_invoices_copy(office: Office) -> None:
    entry = booked_elsewhere(office)
    copy = link(office)
    assert (copy.action, copy.state, copy.entry_number) == (
        CopyAction.ADOPT,
        CopyState.COPIED,
        str(entry.invoice_number),
    )
    assert (office.row().copy_state, office.row().latest_copy_id) == (CopyState.COPIED, copy.id)
    assert (office.ledger.count("create_entry"), copy.mark_due) == (0, False)


def test_a_linked_entry_marks_an_invoice_that_nobody_marked(office: Office) -> None:
    booked_elsewhere(office)
    office.add(some_invoice())
    copy = office.perform(link(office).id)
    assert (copy.mark_due, office.billing.invoices["105"].export_id) == (False, GUID)


def test_linking_never_changes_a_number(office: Office) -> None:
    booked_elsewhere(office)
    office.connection().number_source = NumberSource.EXACT
    office.add(some_invoice())
    office.perform(link(office).id)
    assert office.billing.invoices["105"].number == "2026-0042"


@pytest.mark.parametrize("changes", [{"gross": 12000}, {"currency": "USD"}])
def test_a_linked_entry_that_differs_says_by_how_much(office: Office, changes: dict[str, Any]) -> None:
    booked_elsewhere(office, **changes)
    copy = link(office)
    assert (copy.state, copy.cause) == (CopyState.DIFFERENT, "difference")
    assert "the invoice is 121.00 EUR" in told(copy.trouble)


def test_a_linked_entry_is_updated_like_any_copy(office: Office) -> None:
    booked_elsewhere(office)
    link(office)
    office.add(some_invoice(exported=True, export_id="other-link", lines=two_lines()))
    copy = office.copied(action=CopyAction.UPDATE)
    assert (copy.state, copy.entry_id, copy.gross_booked) == (CopyState.COPIED, GUID, 18150)
    assert office.ledger.entries[GUID].your_ref == "2026-0042"


def test_an_entry_that_is_gone_or_of_another_invoice_is_not_linked(office: Office) -> None:
    with pytest.raises(CutOverError, match="no longer in Exact"):
        link(office, "nowhere")
    booked_elsewhere(office, your_ref="2026-0099")
    with pytest.raises(CutOverError, match="another reference: 2026-0099"):
        link(office)


def test_an_entry_belongs_to_one_invoice(office: Office) -> None:
    booked_elsewhere(office)
    link(office)
    office.add(some_invoice(id="106"))
    with pytest.raises(CutOverError, match="belongs to another copy"):
        link_existing(office.session, office.ledger, "106", GUID, actor="Anna", now=office.now)


def test_a_copy_that_began_while_exact_was_asked_wins(office: Office) -> None:
    booked_elsewhere(office)
    office.add(some_invoice())
    office.row().copy_state = NOT_COPIED
    office.session.commit()

    def begin(name: str) -> None:
        if name == "read_entry":
            office.wish()

    office.ledger.on_call = begin
    with pytest.raises(CutOverError, match="being copied now"):
        link(office)


def test_a_link_that_appeared_unseen_is_not_booked_beside(office: Office) -> None:
    copy = office.wish()
    booked_elsewhere(office)
    copy = office.perform(copy.id)
    assert (copy.state, copy.cause, office.ledger.count("create_entry")) == ("refused", "entry_stranger", 0)


def test_the_cut_over_is_a_day_of_the_connection(office: Office) -> None:
    connection = office.connection()
    row = office.row()
    assert cut_over_of(None, row) is None
    assert cut_over_of(connection, row) is None
    connection.copy_from = date(2026, 3, 2)
    assert cut_over_of(connection, row) is None
    connection.copy_from = date(2026, 3, 3)
    assert cut_over_of(connection, row) == date(2026, 3, 3)
