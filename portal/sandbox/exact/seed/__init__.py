"""The demo data: two divisions with believable books."""

from portal.sandbox.exact.documents import fill_document_types
from portal.sandbox.exact.seed.catalogue import fill_catalogue
from portal.sandbox.exact.seed.customers import fill_customers
from portal.sandbox.exact.seed.entries import fill_entries
from portal.sandbox.exact.seed.former import fill_former
from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.store import Row, guid_of

_DIVISIONS: tuple[Row, ...] = (
    {
        "Code": 1001,
        "HID": 1,
        "Hid": 1,
        "Description": "Kade & Co B.V.",
        "Country": "NL",
        "Currency": "EUR",
        "City": "Rotterdam",
        "VATNumber": "NL812345678B01",
        "ChamberOfCommerceNumber": "24123456",
        "Legislation": "1",
        "Main": True,
        "IsMainDivision": True,
    },
    {
        "Code": 1002,
        "HID": 2,
        "Hid": 2,
        "Description": "Atelier Noord BV",
        "Country": "BE",
        "Currency": "EUR",
        "City": "Antwerpen",
        "VATNumber": "BE0403170701",
        "ChamberOfCommerceNumber": "0403170701",
        "Legislation": "2",
        "Main": False,
        "IsMainDivision": False,
    },
)


def seed_demo(state: ExactState) -> None:
    """Fill an empty state."""
    for facts in _DIVISIONS:
        code = facts["Code"]
        books = state.open_books(
            {
                **facts,
                "Status": 0,
                "BlockingStatus": 0,
                "Customer": guid_of(code, "owner"),
                "CustomerCode": "                 1",
                "CustomerName": facts["Description"],
                "_PaymentCondition": "30",
            }
        )

        fill_catalogue(books)
        fill_document_types(books)
        fill_customers(books)
        fill_entries(books)

    fill_former(state.books[1001])
