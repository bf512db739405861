"""``python -m portal.sandbox.exact``: serves the sandbox on loopback until interrupted."""

from argparse import ArgumentParser
from pathlib import Path

from portal.sandbox.common.server import LOOPBACK, serve
from portal.sandbox.exact.app import DEMO_APP, create_exact_app


def main() -> None:
    """Read the options and serve."""
    parser = ArgumentParser(prog="portal.sandbox.exact", description="The Exact Online sandbox.")
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--state", type=Path, help="the file that keeps the data")
    parser.add_argument("--redirect-uri", action="append", help="may be given several times")
    parser.add_argument("--client-id", default=DEMO_APP.client_id)
    parser.add_argument("--client-secret", default=DEMO_APP.client_secret)
    parser.add_argument("--hooks-to", help="a server on loopback that stands in for the webhooks' https site")
    given = parser.parse_args()
    app = create_exact_app(
        state_path=given.state,
        client_id=given.client_id,
        client_secret=given.client_secret,
        redirect_uris=tuple(given.redirect_uri or DEMO_APP.redirect_uris),
        hooks_to=given.hooks_to,
    )

    serve(app, given.port, given.host)


main()
