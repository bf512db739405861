"""Sets the clock of every Python process of a test run ahead, or back: `make test-at AT="2027-01-01 00:10"`.

Python imports this by its name, before anything else, in whatever starts with this folder in PYTHONPATH.
"""

import os
import time

if ahead := os.environ.get("TEST_CLOCK_AHEAD"):
    import time_machine

    time_machine.travel(time.time() + float(ahead)).start()
