"""Exact's webhooks: only what was signed with a secret of ours, byte by byte, is a hint."""

import pytest

from portal.domain.connections.hints import ExactHint
from portal.exact.hooks import read_hook
from tests.hooks import EXACT_SECRET, an_exact_hook

SECRETS = {"BE": "another secret", "NL": EXACT_SECRET}


def test_a_genuine_webhook_says_where_to_look() -> None:
    assert read_hook(an_exact_hook(), SECRETS) == ExactHint(("NL",), 101, "BankEntries")
    assert read_hook(b"\n" + an_exact_hook() + b"\n", SECRETS) is not None
    same = {"NL": EXACT_SECRET, "DE": EXACT_SECRET}
    assert read_hook(an_exact_hook(), same) == ExactHint(("NL", "DE"), 101, "BankEntries")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        an_exact_hook(secret="wrong"),
        an_exact_hook().replace(b"101", b"102"),
        an_exact_hook().replace(b"  ", b" "),
        an_exact_hook()[:-10],
        an_exact_hook().replace(b'{"Content":', b'{ "Content":'),
        an_exact_hook().lower(),
        b'{"Content":' + an_exact_hook(),
        b'{"Content":{},"HashCode":"\xc3\xa4"}',
        b'\xff\xfe{"Content":',
    ],
)
def test_anything_else_is_none(body: bytes) -> None:
    assert read_hook(body, SECRETS) is None


@pytest.mark.parametrize("at", range(0, len(an_exact_hook()), 7))
def test_one_changed_byte_is_enough(at: int) -> None:
    body = bytearray(an_exact_hook())
    body[at] ^= 1
    assert read_hook(bytes(body), SECRETS) is None


@pytest.mark.parametrize("depth", [900, 1500, 100_000])
def test_a_signed_nest_without_a_bottom_is_none(depth: int) -> None:
    nest = '","Deep":' + "[" * depth + "]" * depth + ',"More":"'
    assert read_hook(an_exact_hook(topic=nest), SECRETS) in (None, ExactHint(("NL",), 101, ""))


def test_signed_nonsense_is_none() -> None:
    assert read_hook(an_exact_hook().replace(b"x", b"x"), {}) is None
    assert read_hook(an_exact_hook(topic='","Division":"no'), SECRETS) is None


@pytest.mark.parametrize("division", [-1, -(10**30), 10**30, 2**31])
def test_a_division_that_there_cannot_be_is_none(division: int) -> None:
    assert read_hook(an_exact_hook(division=division), SECRETS) is None
