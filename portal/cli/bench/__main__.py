"""``python -m portal.cli.bench``, which ``make bench`` runs."""

from portal.cli.bench.run import main

main()
