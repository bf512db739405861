"""What must be allowed in Exact."""

from typing import Any

import pytest
import responses

from portal.exact.rights import RIGHTS
from portal.remote.errors import TemporaryError
from tests.exact.wire import a_client, a_list, answer, query

pytestmark = pytest.mark.usefixtures("wire")
SCOPE = "Forbidden - Application Scope Violated. Cannot read 'organization.administration' scope."


def some_answers(**refused: dict[str, Any]) -> None:
    for right in RIGHTS:
        last = right.path.rsplit("/", 1)[-1]
        answer("GET", right.path, **refused.get(last, {"body": a_list()}))


def test_nothing_is_missing_where_everything_is_allowed() -> None:
    some_answers()
    assert a_client().find_missing_rights() == []
    assert len(responses.calls) == len(RIGHTS)
    for at in range(len(RIGHTS)):
        assert query(at).get("$top") == "1" or query(at)["$filter"].startswith("Timestamp gt 9")
        assert query(at)["$select"]


def test_what_is_missing_is_named_with_exacts_words() -> None:
    some_answers(Deleted={"status": 403, "body": SCOPE}, Costcenters={"status": 404})
    costs, deleted = a_client().find_missing_rights()
    assert costs == "Financial costcenters (Read), for cost centres: the licence has no such module."
    assert deleted.startswith("Organization administration (Read), for deleted records.")
    assert SCOPE in deleted


def test_a_failure_is_not_a_missing_right() -> None:
    some_answers(Journals={"status": 500})
    with pytest.raises(TemporaryError):
        a_client().find_missing_rights()
