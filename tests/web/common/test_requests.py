"""Each request leaves a line of who asked for what, refused ones too, and none of what was said."""

from structlog.testing import capture_logs

from tests.conftest import SignedIn
from tests.pages import CheckingClient


def test_who_is_refused_is_logged_with_the_address(signed_in: SignedIn) -> None:
    client = signed_in("viewer")
    with capture_logs() as lines:
        assert client.get("/settings/users?q=a-secret").status_code == 403

    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/settings/users", 403)
    assert isinstance(line["person"], int)
    assert "a-secret" not in str(lines)


def test_a_write_without_its_token_is_logged(signed_in: SignedIn) -> None:
    client = signed_in()
    client.sends_csrf = False
    with capture_logs() as lines:
        assert client.post("/subsidiary", data={"subsidiary": "a-secret"}).status_code == 403

    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["path"], line["status"]) == ("/subsidiary", 403)
    assert isinstance(line["person"], int)
    assert "a-secret" not in str(lines)


def test_a_stranger_is_logged_without_a_person(client: CheckingClient) -> None:
    client.sends_csrf = False
    with capture_logs() as lines:
        assert client.post("/hooks/productive", data=b"a-secret").status_code == 403

    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["path"], line["status"], line["person"]) == ("/hooks/productive", 403, None)
    assert "a-secret" not in str(lines)
