"""What the tests of Exact's client share."""

from collections.abc import Iterator

import pytest
import responses


@pytest.fixture
def wire() -> Iterator[None]:
    """Answer HTTP from recorded shapes; anything else is refused."""
    with responses.mock:
        yield
    responses.reset()
