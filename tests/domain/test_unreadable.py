"""What of a catalogue cannot be read is a problem that says so, and never a record that is not there."""

from dataclasses import replace

import pytest

from portal.domain.booking.catalogue import Catalogue
from portal.domain.unreadable import Fault, Kind, Reason, Unreadable, readable, unreadable
from tests.domain.builders import CATALOGUE, a_draft, an_invoice, codes_of

FAULT = Fault(Reason.MISSING, "Type")


def without(catalogue: Catalogue, name: str, kind: Kind, *, key: str | None = None) -> Catalogue:
    """Let the first record of a list be one that cannot be read. Without a key nobody knows which it is."""
    first, *others = getattr(catalogue, name)
    known = str(getattr(first, "id", "") or getattr(first, "code", first))
    hidden = Unreadable(kind, known.lower() if key is None else key, "", FAULT)
    return replace(catalogue, **{name: tuple(others)}, unreadable=(hidden,))


def test_lists_are_parted_into_what_could_be_read_and_what_could_not() -> None:
    odd = Unreadable(Kind.TERM, "1", "", FAULT)
    assert readable(["a", odd, "b"]) == ["a", "b"]
    assert unreadable(["a", odd, "b"]) == [odd]


@pytest.mark.parametrize("key", [None, "?0123456789ab", "@17"])
def test_a_catalogue_hides_what_it_could_not_read(key: str | None) -> None:
    catalogue = CATALOGUE
    code = catalogue.vat_codes[0].code
    hidden = without(catalogue, "vat_codes", Kind.VAT_CODE, key=key)
    assert hidden.hides(Kind.VAT_CODE, code)
    assert hidden.hides(Kind.VAT_CODE, "another") == (key is not None)
    assert not hidden.hides(Kind.LEDGER, code)
    assert not catalogue.hides(Kind.VAT_CODE, code)


def test_mapped_records_that_cannot_be_read_are_problems_that_say_so() -> None:
    hidden = tuple(
        Unreadable(kind, "?1", "", FAULT)
        for kind in (Kind.VAT_CODE, Kind.LEDGER, Kind.JOURNAL, Kind.PERIOD, Kind.CURRENCY)
    )
    bare = replace(
        CATALOGUE, vat_codes=(), accounts=(), journals=(), periods=(), currencies=(), unreadable=hidden
    )
    draft = a_draft(an_invoice(currency="USD"), catalogue=bare)
    codes = set(codes_of(draft))
    expected = {"vat_unreadable", "ledger_unreadable", "journal_unreadable", "period_unreadable"}
    assert expected | {"currency_unreadable"} <= codes
    assert not codes & {"vat_unknown", "ledger_unknown", "journal_unknown", "period_missing", "no_vat_codes"}
