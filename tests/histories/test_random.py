"""A sample of random histories, short ones; ``make histories`` runs 10,000 longer ones."""

import pytest

from tests.histories.machine import run_histories

SHARDS = 3
EACH = 100
STEPS = 6


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_after_the_last_pull_both_sides_agree_or_a_person_is_told(shard: int) -> None:
    tally = run_histories(shard, EACH, steps=STEPS)
    assert tally.histories >= EACH
    assert tally.with_faults
    assert (tally.unequal, tally.false_removals) == (0, 0)
