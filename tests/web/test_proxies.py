"""Whose address a request has, with and without a proxy before the portal."""

from pathlib import Path

import msgspec
import pytest
from flask import request

from portal.factory import create_app
from tests.conftest import settings_in


@pytest.mark.parametrize(("proxies", "seen"), [(0, "10.0.0.1"), (1, "192.0.2.9"), (2, "192.0.2.8")])
def test_only_trusted_proxies_tell_the_address(tmp_path: Path, proxies: int, seen: str) -> None:
    app = create_app(msgspec.structs.replace(settings_in(tmp_path), trusted_proxies=proxies))
    addresses: list[str | None] = []
    app.before_request_funcs[None] = [lambda: addresses.append(request.remote_addr)]
    forwarded = {"X-Forwarded-For": "192.0.2.8, 192.0.2.9"}
    app.test_client().get("/healthz", headers=forwarded, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert addresses == [seen]
