"""``python -m portal.sandbox.productive --port 8002 --state instance/productive.json``."""

from argparse import ArgumentParser
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal

from portal.sandbox.common.server import serve
from portal.sandbox.productive.app import create_productive_app


def main() -> None:
    """Serve until interrupted."""
    parser = ArgumentParser(
        prog="python -m portal.sandbox.productive", description="A sandbox of Productive."
    )
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--state", type=Path, help="the JSON file that keeps the data over restarts")
    parser.add_argument("--hooks-to", help="a server on loopback that stands in for the webhooks' https site")
    asked = parser.parse_args()
    # A supervisor's goodbye ends as Ctrl-C does, so that the state is written.
    signal(SIGTERM, default_int_handler)
    serve(create_productive_app(state_path=asked.state, hooks_to=asked.hooks_to), asked.port)


if __name__ == "__main__":
    main()
