"""PUT as widely used clients send it: the key in the body, whole models, collections never loaded.

The readings are those of the issues of picqer/exact-php-client that ``writing.read_changes`` names.
"""

from typing import Any

import pytest

from portal.sandbox.common.former_link import long_ago
from portal.sandbox.exact.entities import ENTITIES
from tests.furnishing.today import today
from tests.sandbox.exact.client import Exact, fault_of

OLD = long_ago(today())[0]

# Where PUT is taken: path, what finds a row, a field that a person would change, and its new value.
UPDATES: list[tuple[str, str, str, object]] = [
    ("crm/Accounts", "Name eq 'Fietsfabriek Noord B.V.'", "City", "Haren"),
    ("crm/BankAccounts", "Main eq true", "Description", "Rabo"),
    ("financial/GLAccounts", "Code eq '8000'", "Description", "Omzet hoog"),
    ("financial/Journals", "Code eq '70'", "Description", "Verkoop 2"),
    ("financial/ExchangeRates", "SourceCurrency eq 'USD'", "Rate", 1.5),
    ("vat/VATCodes", "Code eq '2'", "Description", "Hoog"),
    ("hrm/Costcenters", "Code eq 'NL01'", "Description", "Studio 2"),
    ("hrm/Costunits", "Code eq 'PRJ'", "Description", "Projecten 2"),
    ("salesentry/SalesEntries", f"YourRef eq '{OLD}'", "Description", "Anders"),
    ("salesentry/SalesEntryLines", "Description eq 'Los werk'", "Description", "Werk"),
    ("documents/Documents", "Subject eq 'Brief'", "Subject", "Andere brief"),
    ("cashflow/Receivables", f"YourRef eq '{OLD}'", "Description", "Anders"),
]
CODED = [each for each in UPDATES if "Code eq" in each[1]] + UPDATES[:1]


@pytest.fixture(autouse=True)
def _own_rows(exact: Exact) -> None:
    """One letter and one unpaid line: rows of the demo come in any order, and some of them are settled."""
    exact.call("POST", "documents/Documents", {"Subject": "Brief", "Type": 183})
    line = exact.draft()["SalesEntryLines"][0] | {"Description": "Los werk"}
    exact.post_entry(SalesEntryLines=[line])


def whole(exact: Exact, path: str, condition: str) -> dict[str, Any]:
    """A row as a client reads it: every field, collections deferred."""
    return exact.rows(path, filter=condition, select=",".join(ENTITIES[path].fields))[0]


def key_of(path: str, row: dict[str, Any]) -> tuple[str, str]:
    key = ENTITIES[path].key
    return key, str(row[key])


def test_every_entity_that_takes_put_is_tried() -> None:
    changeable = {path for path, entity in ENTITIES.items() if "PUT" in entity.methods}
    assert changeable == {each[0] for each in UPDATES}


@pytest.mark.parametrize(("path", "condition", "name", "value"), UPDATES, ids=[each[0] for each in UPDATES])
def test_an_update_may_carry_its_own_key_and_collections_never_loaded(
    exact: Exact, path: str, condition: str, name: str, value: object
) -> None:
    row = whole(exact, path, condition)
    key, id_ = key_of(path, row)
    deferred = {each: row[each] for each, field in ENTITIES[path].fields.items() if field.kind == "c"}
    body = {key: id_.upper(), name: value, **deferred}
    response = exact.call("PUT", f"{path}(guid'{id_}')", body)
    assert (response.status_code, response.text) == (204, "")
    assert whole(exact, path, f"{key} eq guid'{id_}'")[name] == value


@pytest.mark.parametrize(("path", "condition", "name", "value"), UPDATES, ids=[each[0] for each in UPDATES])
def test_a_whole_model_exists_already(
    exact: Exact, path: str, condition: str, name: str, value: object
) -> None:
    row = whole(exact, path, condition)
    _, id_ = key_of(path, row)
    response = exact.call("PUT", f"{path}(guid'{id_}')", row | {name: value})
    assert (response.status_code, fault_of(response)) == (500, "Gegeven bestaat reeds")


@pytest.mark.parametrize(("path", "condition", "name", "value"), UPDATES, ids=[each[0] for each in UPDATES])
def test_the_key_of_another_row_is_refused(
    exact: Exact, path: str, condition: str, name: str, value: object
) -> None:
    key, id_ = key_of(path, whole(exact, path, condition))
    for other in ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", None, "", 7):
        assert exact.call("PUT", f"{path}(guid'{id_}')", {key: other, name: value}).status_code == 500


@pytest.mark.parametrize(("path", "condition", "name", "value"), CODED, ids=[each[0] for each in CODED])
def test_a_code_that_is_in_use_is_refused_even_the_rows_own(
    exact: Exact, path: str, condition: str, name: str, value: object
) -> None:
    row = whole(exact, path, condition)
    field = "Name" if path == "crm/Accounts" else "Code"
    others = exact.rows(path, filter=f"{field} ne 'x'", select="Code")
    for code in (row["Code"], row["Code"].strip(), others[0]["Code"]):
        response = exact.call("PUT", f"{path}(guid'{row['ID']}')", {"Code": code, name: value})
        assert (response.status_code, fault_of(response)) == (500, "Gegeven bestaat reeds")


def test_a_free_code_is_taken(exact: Exact) -> None:
    key = exact.customer()
    assert exact.call("PUT", f"crm/Accounts(guid'{key}')", {"ID": key, "Code": "987"}).status_code == 204
    assert exact.only("crm/Accounts", filter="trim(Code) eq '987'", select="ID")["ID"] == key


@pytest.mark.parametrize("lines", [[], [{"AmountFC": 1}], {"results": []}])
def test_members_of_a_collection_are_a_binding(exact: Exact, lines: object) -> None:
    entry = exact.post_entry()["EntryID"]
    body = {"EntryID": entry, "Description": "x", "SalesEntryLines": lines}
    response = exact.call("PUT", f"salesentry/SalesEntries(guid'{entry}')", body)
    assert response.status_code == 400
    assert "Binding to new entities" in fault_of(response)


@pytest.mark.parametrize(
    ("path", "condition", "body"),
    [
        ("crm/Accounts", "Name eq 'Fietsfabriek Noord B.V.'", {"Name": None}),
        ("salesentry/SalesEntries", f"YourRef eq '{OLD}'", {"Customer": None}),
        ("financial/GLAccounts", "Code eq '8000'", {"Description": ""}),
        ("vat/VATCodes", "Code eq '2'", {"Code": None}),
    ],
)
def test_what_is_mandatory_cannot_be_cleared(
    exact: Exact, path: str, condition: str, body: dict[str, object]
) -> None:
    _, id_ = key_of(path, whole(exact, path, condition))
    response = exact.call("PUT", f"{path}(guid'{id_}')", body)
    assert response.status_code == 500
    assert fault_of(response).startswith("Verplicht")
