"""Productive's webhooks: signed over the moment and the raw body with the token of one of them."""

import pytest

from portal.productive.hooks import is_genuine
from tests.hooks import TOKEN, a_productive_hook

BODY, HEADER = a_productive_hook()


@pytest.mark.parametrize("between", [", ", ","])
def test_a_genuine_webhook_is_known_by_any_of_our_tokens(between: str) -> None:
    body, header = a_productive_hook(between=between)
    assert is_genuine(body, header, ("another", TOKEN))


@pytest.mark.parametrize(
    ("body", "header", "tokens"),
    [
        (BODY, HEADER, ()),
        (BODY, HEADER, ("another",)),
        (BODY + b" ", HEADER, (TOKEN,)),
        (BODY, HEADER.replace("t=1", "t=2"), (TOKEN,)),
        (BODY, HEADER[:-1] + ("0" if HEADER[-1] != "0" else "1"), (TOKEN,)),
        (BODY, HEADER.upper(), (TOKEN,)),
        (BODY, "", (TOKEN,)),
        (BODY, "t=1764100000", (TOKEN,)),
        (b"", HEADER, (TOKEN,)),
    ],
)
def test_anything_else_is_not(body: bytes, header: str, tokens: tuple[str, ...]) -> None:
    assert not is_genuine(body, header, tokens)
