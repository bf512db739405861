"""JSON of others: nested deeper than any reader goes, it is still read."""

import json

import pytest

from portal.remote.bodies import MOST_DEPTH, read_json, shallow
from portal.remote.odd import fingerprint, show


def nest(depth: int) -> str:
    return '{"a":[' * (depth // 2) + "1" + "]}" * (depth // 2)


@pytest.mark.parametrize("depth", [1000, 4000, 200_000])
@pytest.mark.parametrize("text", ["x", '\\"', "}]", "\\\\", "[{"])
def test_what_stands_beside_a_deep_nest_is_read(depth: int, text: str) -> None:
    read = read_json(f'{{"before": "{text}", "deep": {nest(depth)}, "after": ["{text}", 0.1]}}')
    assert isinstance(read, dict)
    plain = json.loads(f'"{text}"')
    assert (read["before"], read["after"][0], str(read["after"][1])) == (plain, plain, "0.1")
    assert isinstance(read["deep"], dict)


@pytest.mark.parametrize("body", ["[" * 5000, '{"a":' * 5000, "]" * 5000, nest(5000) + "]", "[" * 5000 + '"'])
def test_a_nest_that_never_ends_is_no_json(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever says so
        read_json(body)


def test_nothing_that_is_real_is_cut_away() -> None:
    text = nest(MOST_DEPTH)
    assert shallow(text) == text


def test_a_deep_value_is_shown_and_its_record_has_a_name() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    assert show(deep) == "[…]"
    assert fingerprint({"a": deep, "b": 1}) != fingerprint({"a": deep, "b": 2})
