"""Settings: where mail goes out."""

import pytest

from portal.settings import BadSettingsError, MailServer, read_mail_server, read_settings

SENDER = "Portal <portal@example.com>"
NEEDED = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "PUBLIC_URL"), "x")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.test", MailServer("mail.test", 587, SENDER)),
        ("smtp://u%40x:p%2Fw@mail.test:25", MailServer("mail.test", 25, SENDER, "u@x", "p/w")),
        ("smtps://u:p@mail.test", MailServer("mail.test", 465, SENDER, "u", "p", True)),
        ("mail.test:25", None),
        ("http://mail.test", None),
        ("smtp://", None),
        ("smtp://mail.test:many", None),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, expected: MailServer | None) -> None:
    assert read_mail_server(url, SENDER) == expected


@pytest.mark.parametrize("sender", ["", "portal"])
def test_mail_needs_a_sender(sender: str) -> None:
    assert read_mail_server("smtp://mail.test", sender) is None


def test_a_malformed_mail_server_is_named_and_its_password_is_not() -> None:
    with pytest.raises(BadSettingsError, match="SMTP_URL must look like") as bad:
        read_settings({**NEEDED, "SMTP_URL": "smtp:/u:mail-canary@x", "MAIL_FROM": SENDER})
    assert "canary" not in str(bad.value)
    assert read_settings(NEEDED).mail is None
    read = read_settings({**NEEDED, "SMTP_URL": "smtp://u:mail-canary@x", "MAIL_FROM": SENDER})
    assert "canary" not in repr(read) + repr(read.mail)


def test_the_page_of_vat_codes_is_exacts_start_until_it_is_set() -> None:
    assert read_settings(NEEDED).vat_page_of("NL", 101) == "https://start.exactonline.nl"
    known = read_settings({**NEEDED, "EXACT_VAT_PAGE": "{base}/vat-codes?division={division}"})
    assert known.vat_page_of("BE", 101) == "https://start.exactonline.be/vat-codes?division=101"


def test_each_country_is_a_site_of_its_own_unless_address_and_app_are_the_same() -> None:
    assert read_settings(NEEDED).site_of("NL") == ("NL",)
    one = {f"EXACT_{name}_URL": "http://localhost:8001" for name in ("BE", "NL", "DE")}
    app = {"EXACT_BE_CLIENT_ID": "a", "EXACT_NL_CLIENT_ID": "a", "EXACT_DE_CLIENT_ID": "b"}
    assert read_settings({**NEEDED, **one, **app}).site_of("NL") == ("BE", "NL")


def test_no_proxy_is_trusted_unless_it_is_said() -> None:
    assert read_settings(NEEDED).trusted_proxies == 0
    assert read_settings({**NEEDED, "TRUSTED_PROXIES": "2"}).trusted_proxies == 2
    with pytest.raises(BadSettingsError, match="TRUSTED_PROXIES must be the number"):
        read_settings({**NEEDED, "TRUSTED_PROXIES": "yes"})
