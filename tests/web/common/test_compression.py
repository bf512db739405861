"""Pages are compressed where another site cannot put guesses beside what is secret in them."""

import brotli
import pytest
from flask.testing import FlaskClient

from portal.web.common.compression import may_compress
from tests.pages import CheckingClient

CODINGS = {"Accept-Encoding": "gzip, deflate, br, zstd"}

# Who asked, what for, with words in the address, may be compressed.
KINDS = [
    ("same-origin", "document", "", True),
    ("none", "document", "", True),
    ("same-origin", "empty", "", True),
    (None, None, "", True),
    ("cross-site", "document", "", False),
    ("same-site", "document", "", False),
    ("odd", "document", "", False),
    ("same-origin", "document", "q=gent", True),
    ("none", "document", "q=gent", True),
    ("cross-site", "document", "q=gent", False),
    ("same-site", "document", "q=gent", False),
    ("cross-site", "iframe", "q=gent", False),
    ("same-origin", "empty", "q=gent", False),
    ("same-origin", "iframe", "q=gent", False),
    (None, "document", "q=gent", False),
    (None, None, "q=gent", False),
]


@pytest.fixture
def browser(client: CheckingClient) -> FlaskClient:
    """Return a client that does not read what it gets."""
    return FlaskClient(client.application)


@pytest.mark.parametrize(("asked_by", "wanted", "words", "safe"), KINDS)
def test_only_who_asks_from_here_gets_a_compressed_page(
    browser: FlaskClient, asked_by: str | None, wanted: str | None, words: str, safe: bool
) -> None:
    said = {"Sec-Fetch-Site": asked_by, "Sec-Fetch-Dest": wanted}
    headers = {name: value for name, value in said.items() if value}
    plain = browser.get(f"/sign-in?{words}").text
    answer = browser.get(f"/sign-in?{words}", headers=headers | CODINGS)
    assert may_compress(asked_by, is_page=wanted == "document", is_asked_with_words=bool(words)) is safe
    assert ("Content-Encoding" in answer.headers) is safe

    if safe:
        assert answer.headers["Content-Encoding"] == "br"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert len(brotli.decompress(answer.data)) == len(plain.encode())
        assert len(answer.data) < len(plain) / 2


def test_a_browser_that_cannot_unpack_gets_the_page_as_it_is(browser: FlaskClient) -> None:
    answer = browser.get("/sign-in", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert "csrf-token" in answer.text


def test_a_compressed_page_is_kept_by_nobody(browser: FlaskClient) -> None:
    answer = browser.get("/sign-in", headers=CODINGS)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
