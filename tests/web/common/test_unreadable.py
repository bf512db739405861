"""What cannot be read is shown where it concerns people, in their words, and only to those who may see it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.domain.unreadable import Fault, Kind, Reason, Unreadable
from portal.store.connections import ConnectionRow
from portal.store.unreadable import PRODUCTIVE, end_unreadable, note_unreadable
from portal.web.common.unreadable import FIELDS, NAMES, SENTENCES
from tests.conftest import NOW, SignedIn
from tests.furnishing.connections import add_productive
from tests.pages import read_page, seen
from tests.web.payments_story import a_connection

# A record, what its line says, and the page besides Activity that shows it.
SHOWN: list[tuple[Unreadable, str, str]] = [
    (
        Unreadable(Kind.INVOICE, "7", "2026-7", Fault(Reason.MISSING, "invoiced_on"), subsidiary="1"),
        "Invoice 2026-7 The invoice date is missing. Correct it in Productive.",
        "/invoices",
    ),
    (
        Unreadable(
            Kind.INVOICE,
            "8",
            "",
            Fault(Reason.NO_CENTS, "amount", "0.33", Kind.LINE, "Print"),
            subsidiary="1",
        ),
        "Invoice 8 Line “Print”: The net amount is “0.33”, which is no amount in whole cents.",
        "/invoices",
    ),
    (
        Unreadable(Kind.TERM, "a-term", "2026-7 26700001", Fault(Reason.TOO_LARGE, "AmountFC", "1E+40")),
        "Receivable term 2026-7 26700001 The amount is “1E+40”, which is larger than any real amount",
        "/payments",
    ),
    (
        Unreadable(Kind.VAT_CODE, "2", "2 High", Fault(Reason.NO_NUMBER, "Percentage", "NaN")),
        "VAT code 2 High The Percentage is “NaN”, which is no number. Correct it in Exact.",
        "/mappings",
    ),
    (
        Unreadable(Kind.SERVICE_TYPE, "5", "Design", Fault(Reason.TOO_LONG, "name", "xxx…")),
        "Service type Design The name is longer than can be kept: “xxx…”. Correct it in Productive.",
        "/mappings",
    ),
    (
        Unreadable(Kind.ENTRY, "an-entry", "26700002 2026-8", Fault(Reason.NO_KEY, "Customer", "nobody")),
        "Sales entry 26700002 2026-8 The Customer is “nobody”, which is no key. Correct it in Exact.",
        "/reconciliation",
    ),
    (
        Unreadable(Kind.CUSTOMER, "?0123456789ab", "", Fault(Reason.NO_RECORD)),
        "Customer without a number What was sent is no such record. Correct it in Exact.",
        "/activity",
    ),
]


def of_productive(record: Unreadable) -> bool:
    return record.kind in (Kind.INVOICE, Kind.SERVICE_TYPE)


@pytest.fixture
def connection(session: Session) -> ConnectionRow:
    add_productive(session, NOW)
    row = a_connection(session)
    session.commit()
    return row


def note(session: Session, connection: ConnectionRow, record: Unreadable) -> None:
    place = PRODUCTIVE if of_productive(record) else connection.id
    note_unreadable(session, place, [record], NOW)
    session.commit()


@pytest.mark.parametrize(("record", "line", "page"), SHOWN, ids=lambda each: str(each)[:40])
def test_a_record_is_shown_with_its_number_its_reason_and_what_to_do(
    session: Session, connection: ConnectionRow, signed_in: SignedIn, record: Unreadable, line: str, page: str
) -> None:
    client = signed_in("viewer")
    note(session, connection, record)
    activity = read_page(client.get("/activity").text)
    listed = activity.select_one("#activity-unreadable")
    assert listed
    assert "Cannot be read (1)" in listed.text
    assert line in " ".join(listed.text.split())
    assert "Nothing needs your attention." not in activity.text
    assert line in " ".join(seen(client.get(page)).text.split())


def test_what_reads_again_goes_from_the_pages(
    session: Session, connection: ConnectionRow, signed_in: SignedIn
) -> None:
    client = signed_in("viewer")
    record = SHOWN[0][0]
    note(session, connection, record)
    end_unreadable(session, PRODUCTIVE, record.kind, [record.id], NOW + timedelta(minutes=15))
    session.commit()
    assert "2026-7" not in client.get("/activity").text
    assert "2026-7" not in client.get("/invoices").text
    assert "Nothing needs your attention." in client.get("/activity").text


@pytest.mark.parametrize(("record", "line", "page"), SHOWN, ids=lambda each: str(each)[:40])
def test_people_of_another_subsidiary_see_nothing_of_it(
    session: Session, connection: ConnectionRow, signed_in: SignedIn, record: Unreadable, line: str, page: str
) -> None:
    note(session, connection, record)
    client = signed_in("viewer", subsidiaries=["2"])
    shown = " ".join(read_page(client.get("/activity").text).text.split())
    assert (line in shown) == (record.kind == Kind.SERVICE_TYPE)
    if record.kind != Kind.SERVICE_TYPE:
        assert line not in " ".join(seen(client.get(page)).text.split())


def test_every_kind_and_reason_has_its_words() -> None:
    assert set(NAMES) == set(Kind)
    assert set(SENTENCES) == set(Reason)
    assert all(str(each)[0].islower() or str(each)[:2].isupper() for each in FIELDS.values())
