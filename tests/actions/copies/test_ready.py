"""What is known beforehand about copying an invoice, by a job that makes no call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.actions.copies.cut_over import exclude_invoice, include_invoice
from portal.actions.copies.ready import keep_ready
from portal.domain.booking.mapping import MappingKind
from portal.domain.copies.standing import Standing
from portal.domain.said import as_written
from portal.store.connections import ConnectionRow
from portal.store.copies import CopyRow
from portal.store.customer_links import CustomerLinkRow
from portal.store.invoices import InvoiceRow
from portal.store.mappings import MappingRow
from portal.store.needs import NeedRow, group_needs, needs_of_invoice
from portal.store.standings import Tally, count_standings
from portal.store.unready import UnreadyRow
from tests.actions.office import Office, some_invoice


def look(office: Office) -> tuple[Standing, list[tuple[str, str]]]:
    """Let the job look, and return where the invoice stands and what it needs."""
    office.session.commit()
    assert not keep_ready(office.session, clock=lambda: office.now)
    office.session.expire_all()
    needs = [(each.code, each.subject) for each in needs_of_invoice(office.session, "105")]
    standing = office.row().standing
    office.session.commit()
    return standing, needs


def unmap(kind: MappingKind) -> Callable[[Office], None]:
    def change(office: Office) -> None:
        office.session.scalars(select(MappingRow).where(MappingRow.kind == kind)).one().target = None

    return change


def unlink(office: Office) -> None:
    office.session.delete(office.session.scalars(select(CustomerLinkRow)).one())


def setting(name: str, value: object) -> Callable[[Office], None]:
    return lambda office: setattr(office.session.scalars(select(ConnectionRow)).one(), name, value)


def invoice(**changes: object) -> Callable[[Office], None]:
    return lambda office: void(office.add(replace(some_invoice(), **changes)))  # type: ignore[arg-type]  # any field


def void(_row: object) -> None:
    """Answer nothing."""


CHANGES: dict[str, tuple[Callable[[Office], None], Standing, list[tuple[str, str]]]] = {
    "a tax rate is unmapped": (unmap(MappingKind.TAX), Standing.NEEDS_YOU, [("vat_unmapped", "tax:high")]),
    "a service type is unmapped": (
        unmap(MappingKind.SERVICE),
        Standing.NEEDS_YOU,
        [("ledger_unmapped", "service:design")],
    ),
    "the company is no longer linked": (unlink, Standing.NEEDS_YOU, [("customer_missing", "company:7")]),
    "the default journal is gone": (
        setting("default_journal", None),
        Standing.NEEDS_YOU,
        [("journal_missing", "")],
    ),
    "the books are closed": (
        setting("books_closed_until", date(2026, 3, 31)),
        Standing.NEEDS_YOU,
        [("books_closed", "")],
    ),
    "copying begins later": (setting("copy_from", date(2026, 4, 1)), Standing.EARLIER, []),
    "the connection ends": (
        lambda office: office.connection().disconnect(office.now),
        Standing.UNCONNECTED,
        [],
    ),
    "the number grows too long": (
        invoice(number="N" * 31),
        Standing.NEEDS_YOU,
        [("number_too_long", "")],
    ),
    "the invoice is a draft again": (invoice(finalized_on=None), Standing.NEEDS_YOU, [("not_finalized", "")]),
}


def test_an_invoice_is_unsure_until_it_was_looked_at(office: Office) -> None:
    assert office.row().standing is Standing.UNSURE
    assert look(office) == (Standing.READY, [])


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_looked_at(office: Office, what: str) -> None:
    change, standing, needs = CHANGES[what]
    assert look(office)[0] is Standing.READY
    change(office)
    assert look(office) == (standing, needs)


def test_a_look_that_finds_nothing_new_writes_nothing(office: Office) -> None:
    look(office)
    assert office.session.scalars(select(UnreadyRow)).all() == []
    office.session.commit()
    assert not keep_ready(office.session, clock=lambda: office.now)


def test_a_copied_invoice_is_ready_no_more_and_an_excluded_one_becomes_so_again(office: Office) -> None:
    look(office)
    exclude_invoice(office.session, "105", reason="Booked by hand", actor="Anna", now=office.now)
    assert look(office) == (Standing.EXCLUDED, [])
    include_invoice(office.session, "105", actor="Anna", now=office.now)
    assert office.row().standing is Standing.UNSURE
    office.session.commit()
    assert look(office) == (Standing.READY, [])

    copy = office.wish()
    assert office.row().standing is Standing.COPYING
    office.perform(copy.id)
    assert office.row().standing is Standing.COPIED
    assert look(office) == (Standing.COPIED, [])


def test_needs_are_grouped_by_what_one_fix_serves(office: Office) -> None:
    office.add(some_invoice(id="106", number="106"))
    office.add(some_invoice(id="107", number="N" * 31, invoiced_on=date(2026, 3, 3)))
    unmap(MappingKind.TAX)(office)
    look(office)

    found = group_needs(office.session, ["1"])
    assert [(group.code, group.subject, group.count, group.newest) for group in found] == [
        ("vat_unmapped", "tax:high", 3, ("107", "106", "105")),
        ("number_too_long", "", 1, ("107",)),
    ]
    assert found[0].amounts == {"EUR": 3 * 12100}
    assert set(found[0].values) == {"rate"}
    assert group_needs(office.session, ["2"]) == []
    assert group_needs(office.session, None, until=date(2026, 3, 1)) == []


def test_standings_are_counted_by_one_query(office: Office) -> None:
    office.add(some_invoice(id="106", number="106"))
    office.add(some_invoice(id="107", number="N" * 31))
    office.copied()
    look(office)

    counted = count_standings(office.session, ["1"])
    assert set(counted) == set(Standing)
    assert counted[Standing.READY] == Tally(1, {"EUR": 12100})
    assert counted[Standing.NEEDS_YOU] == Tally(1, {"EUR": 12100})
    assert counted[Standing.COPIED] == Tally(1, {"EUR": 12100})
    assert counted[Standing.REFUSED] == Tally()


def test_a_change_during_the_look_is_looked_at_again(
    office: Office, session_factory: sessionmaker[Session]
) -> None:
    look(office)
    office.session.add(UnreadyRow(kind="invoice", subject="105"))
    office.session.commit()

    def clock_during_the_look() -> object:
        with session_factory() as other:
            if other.scalars(select(MappingRow).where(MappingRow.kind == "tax")).one().target:
                row = other.scalars(select(MappingRow).where(MappingRow.kind == "tax")).one()
                row.target = None
                other.commit()
        return office.now

    keep_ready(office.session, clock=clock_during_the_look)  # type: ignore[arg-type]  # a moment, as a clock's
    office.session.expire_all()
    assert office.row().standing is Standing.NEEDS_YOU
    assert office.row().need == "vat_unmapped"


def test_what_another_link_exported_and_a_refusal_stand_apart(office: Office) -> None:
    copy = office.wish()
    row = office.session.get_one(CopyRow, copy.id)
    row.refuse("period closed", as_written("Closed."), None, office.now)
    office.row().copy_state = row.state
    office.row().latest_copy_id = row.id
    assert look(office) == (Standing.REFUSED, [("period closed", "")])
    assert office.session.get_one(InvoiceRow, "105").need == "period closed"
    assert office.session.scalars(select(NeedRow.fix)).all() == ["activity"]
