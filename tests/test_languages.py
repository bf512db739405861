"""Which language somebody reads."""

import pytest
from sqlalchemy.orm import Session

from portal import languages
from tests.conftest import SignedIn, new_client
from tests.pages import read_page

ALL = ("en", "nl", "fr", "de")


@pytest.mark.parametrize(
    ("stored", "complete", "tag"),
    [
        ("en", ("en",), "en-GB"),
        ("en-NL", ("en",), "en-NL"),
        ("nl", ("en",), "en-NL"),
        ("nl-BE", ("en",), "en-BE"),
        ("fr", ("en",), "en-BE"),
        ("de", ("en",), "en-DE"),
        ("nl", ALL, "nl-NL"),
        ("nl-BE", ALL, "nl-BE"),
        ("fr", ALL, "fr-BE"),
        ("de-DE", ("en", "de"), "de-DE"),
        ("de-DE", ("en", "nl"), "en-DE"),
        ("xx", ALL, "en-GB"),
        ("", ALL, "en-GB"),
    ],
)
def test_a_setting_is_read_in_a_language_that_is_offered(
    monkeypatch: pytest.MonkeyPatch, stored: str, complete: tuple[str, ...], tag: str
) -> None:
    monkeypatch.setattr(languages, "COMPLETE", complete)
    assert languages.tag_for(stored) == tag


@pytest.mark.parametrize(
    ("wishes", "complete", "tag"),
    [
        ([], ALL, "en-GB"),
        (["nl-BE", "en"], ALL, "nl-BE"),
        (["nl"], ALL, "nl-NL"),
        (["NL-be"], ALL, "nl-BE"),
        (["fr-FR"], ALL, "fr-BE"),
        (["de-AT", "de"], ALL, "de-DE"),
        (["es", "fr"], ALL, "fr-BE"),
        (["nl-BE", "de"], ("en", "de"), "de-DE"),
        (["nl", "fr"], ("en",), "en-GB"),
        (["en-US"], ALL, "en-GB"),
        (["*"], ALL, "en-GB"),
        (["", "-", "é"], ALL, "en-GB"),
    ],
)
def test_a_browser_gets_the_first_wish_that_is_offered(
    monkeypatch: pytest.MonkeyPatch, wishes: list[str], complete: tuple[str, ...], tag: str
) -> None:
    monkeypatch.setattr(languages, "COMPLETE", complete)
    assert languages.tag_wished(wishes) == tag


def test_the_sign_in_page_follows_the_browser_and_keeps_a_choice(
    signed_in: SignedIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "COMPLETE", ALL)
    client = new_client(signed_in("viewer").application, session)
    german = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    page = read_page(client.get("/sign-in", headers=german).text)
    assert page.html is not None
    assert page.html["lang"] == "de-DE"
    names = [button.get_text(strip=True) for button in page.select(".languages button")]
    assert names == list(languages.NAMES.values())
    assert [button["lang"] for button in page.select(".languages [aria-pressed]")] == ["de"]

    kept = client.post("/sign-in/language", data={"language": "fr", "next": "/sign-in?next=/payments"})
    assert kept.status_code == 302
    assert kept.headers["Location"] == "/sign-in?next=/payments"
    page = read_page(client.get("/sign-in", headers=german).text)
    assert page.html is not None
    assert page.html["lang"] == "fr-BE"


@pytest.mark.parametrize("odd", ["xx", "", "../../etc", "nl\r\nSet-Cookie: a=b"])
def test_a_language_that_is_none_is_kept_by_no_browser(
    signed_in: SignedIn, session: Session, odd: str
) -> None:
    client = new_client(signed_in("viewer").application, session)
    answer = client.post("/sign-in/language", data={"language": odd, "next": "https://elsewhere.example"})
    assert answer.headers["Location"] == "/sign-in"
    cookie = client.get_cookie("portal_language")
    assert cookie is not None
    assert cookie.value == languages.DEFAULT


def test_one_language_alone_offers_no_choice(signed_in: SignedIn, session: Session) -> None:
    client = new_client(signed_in("viewer").application, session)
    shown = read_page(client.get("/sign-in").text).select(".languages button")
    assert bool(shown) is (len(languages.COMPLETE) > 1)
