"""From entries, lines and customers to the bodies and filters Exact wants."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from urllib.parse import quote

from portal.domain.booking.catalogue import NewCustomer
from portal.domain.booking.sales_entry import SalesEntry, SalesEntryLine
from portal.domain.ids import tag_of
from portal.domain.money import to_decimal
from portal.domain.text import width
from portal.exact.odata import all_of, quote_guid, quote_int64, quote_moment, quote_text, spell_date

# https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesEntrySalesEntries
MAX_DESCRIPTION = 50
MAX_LINE_TEXT = 60
MAX_YOUR_REF = 30
# Clients in use ask for 40 rows at once, and keep an address below 2,000 characters.
MOST_TERMS = 40
MOST_OF_ADDRESS = 1700
# A reference with letters may need a second term.
MOST_LETTERED = 20

Value = str | date | Decimal | None

_CHANGEABLE = {
    "customer_id": "Customer",
    "entry_date": "EntryDate",
    "due_date": "DueDate",
    "your_ref": "YourRef",
    "payment_reference": "PaymentReference",
    "description": "Description",
    "rate": "Rate",
}
_LIMITS = {"description": MAX_DESCRIPTION, "your_ref": MAX_YOUR_REF}


def spell_entry(entry: SalesEntry, marker: str) -> dict[str, object]:
    """Spell an entry to be created. Every line carries the marker."""
    _fits(entry.description, MAX_DESCRIPTION)
    _fits(entry.your_ref, MAX_YOUR_REF)
    body = {
        "Customer": entry.customer_id,
        "Journal": entry.journal,
        "EntryDate": spell_date(entry.entry_date),
        "DueDate": spell_date(entry.due_date) if entry.due_date else None,
        "YourRef": entry.your_ref,
        "PaymentReference": entry.payment_reference,
        "Description": entry.description,
        "Currency": entry.currency,
        "Rate": entry.rate,
        "Type": entry.type,
        "SalesEntryLines": [_given(_spell_line(line, marker)) for line in entry.lines],
    }

    return _given(body)


def spell_new_line(entry_id: str, line: SalesEntryLine, marker: str) -> dict[str, object]:
    """Spell a line to be added to an entry."""
    return {"EntryID": entry_id, **_given(_spell_line(line, marker))}


def spell_line_change(line: SalesEntryLine, marker: str) -> dict[str, object]:
    """Spell what a line shall be. A cost centre that went is cleared."""
    return _spell_line(line, marker)


def spell_entry_change(changes: Mapping[str, Value]) -> dict[str, object]:
    """Spell only what changes. Raise KeyError for what Exact does not let us change."""
    for name, limit in _LIMITS.items():
        _fits(str(changes.get(name) or ""), limit)
    return {
        _CHANGEABLE[name]: spell_date(value) if isinstance(value, date) else value
        for name, value in changes.items()
    }


def spell_customer(customer: NewCustomer) -> dict[str, object]:
    """Spell a customer to be created. Without a code Exact numbers it."""
    body = {
        "Name": customer.name,
        "Status": "C",
        "VATNumber": customer.vat_number,
        "ChamberOfCommerce": customer.chamber_of_commerce,
        "Email": customer.email,
        "Phone": customer.phone,
        "Website": customer.website,
        "AddressLine1": customer.address,
        "Postcode": customer.zipcode,
        "City": customer.city,
        "Country": customer.country,
        "Remarks": customer.remarks,
    }

    return {name: value for name, value in body.items() if value}


def filter_entries(your_ref: str, customer_id: str | None, journal: str | None) -> str:
    """Spell the search for entries by their reference."""
    return all_of(
        f"YourRef eq {quote_text(your_ref)}",
        f"Customer eq {quote_guid(customer_id)}" if customer_id else "",
        f"Journal eq {quote_text(journal)}" if journal else "",
    )


def each_reference_filter(numbers: Sequence[str]) -> Iterator[str]:
    """Spell the searches for entries by any of these references, as few as fit into addresses.

    Exact does not document whether it heeds the case of letters, so both are asked for where there is room.
    """
    chosen: list[str] = []
    for number in dict.fromkeys(numbers):
        full = len(chosen) >= (MOST_LETTERED if _cases(number) else MOST_TERMS)
        if chosen and (full or _length([*chosen, number]) > MOST_OF_ADDRESS):
            yield _spell_any(chosen)
            chosen = []

        chosen.append(number)

    if chosen:
        yield _spell_any(chosen)


def _spell_any(numbers: Sequence[str]) -> str:
    """Spell the search for any of these references, and for their other cases as far as there is room."""
    spelt = list(numbers)
    for other in dict.fromkeys(case for number in numbers for case in _cases(number)):
        if other not in spelt and _length([*spelt, other]) <= MOST_OF_ADDRESS:
            spelt.append(other)
    return " or ".join(f"YourRef eq {quote_text(one)}" for one in spelt)


def _cases(number: str) -> list[str]:
    """Return a reference in small letters and in capitals, without the case that it has."""
    return [case for case in (number.lower(), number.upper()) if case != number and len(case) == len(number)]


def _length(numbers: Sequence[str]) -> int:
    """Return what a search for these takes of an address."""
    return sum(len(quote(f"YourRef eq {quote_text(number)} or ")) for number in numbers)


def filter_booked(first: date, last: date) -> str:
    """Spell the search for the entries of some days, both included."""
    from_, to = (quote_moment(datetime.combine(day, time.min)) for day in (first, last))
    return all_of(f"EntryDate ge {from_}", f"EntryDate le {to}")


def filter_modified(since: datetime) -> str:
    """Spell the search for the entries changed at a moment of Exact's clock or later."""
    return f"Modified ge {quote_moment(since)}"


def filter_entry(entry_id: str) -> str:
    """Spell the search for one entry, or for its lines."""
    return f"EntryID eq {quote_guid(entry_id)}"


def filter_line(line_id: str) -> str:
    """Spell the search for one line, or for anything else whose key is its ID."""
    return f"ID eq {quote_guid(line_id)}"


def filter_ids(ids: Sequence[str]) -> str:
    """Spell the search for several rows whose key is their ID."""
    return " or ".join(f"ID eq {quote_guid(one)}" for one in ids)


def filter_terms(entry_id: str) -> str:
    """Spell the search for an entry's receivable terms."""
    return f"TransactionEntryID eq {quote_guid(entry_id)}"


def filter_open_terms() -> str:
    """Spell the search for every term that is not matched: open, or on its way by direct debit."""
    return "Status eq 20 or Status eq 30 or Status eq 40"


def filter_name(name: str) -> str:
    """Spell the search for accounts of exactly this name."""
    return f"Name eq {quote_text(name)}"


def filter_since(timestamp: int) -> str:
    """Spell the search for what changed after a timestamp. A feed begins at 1."""
    return f"Timestamp gt {quote_int64(max(timestamp, 1))}"


def _spell_line(line: SalesEntryLine, marker: str) -> dict[str, object]:
    _fits(line.description, MAX_LINE_TEXT)
    return {
        "GLAccount": line.ledger_id,
        "AmountFC": to_decimal(line.amount),
        "VATCode": line.vat_code,
        "VATAmountFC": to_decimal(line.vat_amount),
        "Description": line.description,
        "Quantity": line.quantity,
        "CostCenter": line.cost_center,
        "Notes": tag_of(marker),
    }


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value is not None}


def _fits(text: str, limit: int) -> None:
    """Refuse a text that the domain should have cut or reported."""
    if width(text) > limit:
        raise ValueError(f"a text of {width(text)} characters is longer than {limit}")
