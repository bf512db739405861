"""The real clients on a wire into the sandboxes, and a consent over sockets."""

from urllib.parse import parse_qs, urlsplit

import requests

from portal.exact.client import ExactClient
from portal.productive.client import ProductiveClient
from portal.remote.pace import Lane
from portal.wiring import Wiring
from tests.furnishing.sandboxes import DIVISION, EXACT, PRODUCTIVE, TOKEN
from tests.furnishing.wires import OpenLane, StillClock, Wire, transport_on


def a_ledger(wire: Wire, clock: StillClock, division: int = DIVISION) -> ExactClient:
    """Return the real client of Exact on a wire."""
    transport = transport_on(wire, EXACT, clock)
    return ExactClient(EXACT, division, access=lambda: TOKEN, lane=OpenLane(), transport=transport)


def a_billing(wire: Wire, clock: StillClock, lane: Lane | None = None) -> ProductiveClient:
    """Return the real client of Productive on a wire."""
    transport = transport_on(wire, PRODUCTIVE, clock)
    return ProductiveClient(
        f"{PRODUCTIVE}/api/v2", "demo-token", "703", transport=transport, lane=lane or OpenLane()
    )


def consent(wiring: Wiring, locale: str = "NL", user: str = "") -> str:
    """Say Allow at a sandbox that is served, and return the code."""
    page = wiring.sign_in(locale).authorization_url("state") + (f"&user={user}" if user else "")
    answer = requests.post(page, allow_redirects=False, timeout=30)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
