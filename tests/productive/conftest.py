"""A wire without a network, and a client on it."""

from collections.abc import Iterator

import pytest
import responses

from portal.productive.client import ProductiveClient
from tests.productive.bodies import BASE, TOKEN, a_lane


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def client() -> ProductiveClient:
    return ProductiveClient(BASE + "/", TOKEN, "703", lane=a_lane())
