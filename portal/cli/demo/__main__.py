"""``python -m portal.cli.demo``, which ``make demo`` runs."""

import sys

from portal.cli.demo.run import DemoError, main

try:
    sys.exit(main(sys.argv[1:]))
except DemoError as problem:
    sys.exit(str(problem))
