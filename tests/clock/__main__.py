"""Prints how many seconds the clock of a test run must be set ahead for a moment: `make test-at`."""

import sys
import time
from datetime import UTC, datetime


def main() -> None:
    """Read the moment that was asked for, in UTC."""
    text = " ".join(sys.argv[1:]).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SystemExit(
            f'"{text}" is no moment. Write it like this, in UTC: make test-at AT="2027-01-01 00:10"'
        ) from None

    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    sys.stdout.write(f"{moment.timestamp() - time.time():.0f}\n")


main()
