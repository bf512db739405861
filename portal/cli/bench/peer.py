"""The portal's invoice list as one of the peers of a benchmark that measures such lists side by side."""

import sys
from pathlib import Path
from typing import Any

# A benchmark runs this file by its path, from wherever it was started.
ROOT = Path(__file__).resolve().parents[3]


def build(db_path: str, variant: str) -> Any:
    """Return a client with ``get(path)`` and ``paths(ctx)``, for a portal with the rows of a benchmark."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))

    from portal.cli.bench.peer_list import build_peer

    return build_peer(Path(db_path), variant)
